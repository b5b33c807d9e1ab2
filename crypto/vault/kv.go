package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/vault/api"
)

// Secret is one secret of KV v2: its current version and the one before, for
// as long as both have to be taken. It prints without its values.
type Secret struct {
	Version int       // of Vault, from 1
	Created time.Time // when Vault took this version

	path              string
	current, previous map[string]string // previous is nil where there is none
}

// String names path and version.
func (s *Secret) String() string { return fmt.Sprintf("%s version %d", s.path, s.Version) }

// GoString is String: no verb prints values.
func (s *Secret) GoString() string { return s.String() }

// Field is a field's value in the current version.
func (s *Secret) Field(name string) (string, error) {
	v := s.current[name]
	if v == "" {
		return "", fmt.Errorf("read %s: %w: version %d has no text in field %s", s.path, ErrRefused, s.Version, name)
	}
	return v, nil
}

// Before is a field's value in the version before; empty if there is none, or
// if the value is the same.
func (s *Secret) Before(name string) string {
	if v := s.previous[name]; v != s.current[name] {
		return v
	}
	return ""
}

// Version is the number of a secret's current version with when Vault took it,
// and whether the one before can be read, too. A secret that was removed and
// written anew begins with version 1 again: the time tells. A current version
// that was deleted is refused.
func (c *Client) Version(ctx context.Context, path string) (current int, created time.Time, older bool, err error) {
	return c.metadata(ctx, path)
}

// Secret reads a secret's current version and the one before, if that still
// exists. Both are read by their number: what is written meanwhile is another
// version.
func (c *Client) Secret(ctx context.Context, path string) (*Secret, error) {
	n, at, older, err := c.metadata(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Secret{Version: n, Created: at, path: path}
	if s.current, err = c.read(ctx, path, n); err != nil {
		return nil, err
	}
	if older {
		s.previous, err = c.read(ctx, path, n-1)
	}
	return s, err
}

// metadata tells whether the version before the current one can be read, too.
func (c *Client) metadata(ctx context.Context, path string) (current int, since time.Time, older bool, err error) {
	what := "look at " + path
	s, err := c.call(ctx, what, func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return found(a.Logical().ReadWithContext(ctx, c.cfg.KV+"/metadata/"+path))
	})
	if err != nil {
		return 0, time.Time{}, false, err
	}
	versions, _ := s.Data["versions"].(map[string]any)
	number, _ := s.Data["current_version"].(json.Number)
	n, convErr := strconv.Atoi(number.String())
	if convErr != nil {
		return 0, time.Time{}, false, fmt.Errorf("%s: %w: the answer names no version; check that %s is a KV engine of version 2", what, ErrAway, c.cfg.KV)
	}
	if !readable(versions, n) {
		return 0, time.Time{}, false, fmt.Errorf("%s: %w: its current version was deleted", what, ErrRefused)
	}
	v, _ := versions[strconv.Itoa(n)].(map[string]any)
	created, _ := v["created_time"].(string)
	since, err = time.Parse(time.RFC3339Nano, created)
	if err != nil {
		return 0, time.Time{}, false, fmt.Errorf("%s: %w: the answer names no time", what, ErrAway)
	}
	return n, since, readable(versions, n-1), nil
}

// readable is whether a version is there and not deleted.
func readable(versions map[string]any, n int) bool {
	v, ok := versions[strconv.Itoa(n)].(map[string]any)
	deleted, _ := v["deletion_time"].(string)
	destroyed, _ := v["destroyed"].(bool)
	return ok && deleted == "" && !destroyed
}

func (c *Client) read(ctx context.Context, path string, version int) (map[string]string, error) {
	what := fmt.Sprintf("read %s version %d", path, version)
	s, err := c.call(ctx, what, func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return found(a.Logical().ReadWithDataWithContext(ctx, c.cfg.KV+"/data/"+path, map[string][]string{"version": {strconv.Itoa(version)}}))
	})
	if err != nil {
		return nil, err
	}
	data, ok := s.Data["data"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: %w: it was deleted", what, ErrRefused)
	}
	out := map[string]string{}
	for name, v := range data {
		if value, ok := v.(string); ok {
			out[name] = value
		}
	}
	return out, nil
}

// found makes the library's "nothing there" the answer it was.
func found(s *api.Secret, err error) (*api.Secret, error) {
	if err == nil && s == nil {
		return nil, &api.ResponseError{StatusCode: 404}
	}
	return s, err
}

// Overlapped is whether the version before was read, too.
func (s *Secret) Overlapped() bool { return s.previous != nil }
