package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/vault/api"
)

// Login is how the gateway proves who it is: exactly one of the three.
type Login struct {
	TokenFile  string // a token that something else keeps fresh, read again when it dies
	AppRole    *AppRole
	Kubernetes *Kubernetes
}

// AppRole logs in with a role id and a secret id.
type AppRole struct {
	Mount    string // "approle" unless it was mounted elsewhere
	RoleID   string
	SecretID string // file of the secret id, or of the token that wraps it
	Wrapped  bool   // the file holds a wrapping token, good for one use
}

// Kubernetes logs in with the service account of the pod.
type Kubernetes struct {
	Mount     string // "kubernetes" unless it was mounted elsewhere
	Role      string
	TokenFile string // of the service account
}

// login replaces the token, unless somebody else did since it was dead.
func (c *Client) login(ctx context.Context, dead string) error {
	select {
	case c.logins <- struct{}{}:
		defer func() { <-c.logins }()
	case <-ctx.Done():
		return fmt.Errorf("log in to Vault: %w: no answer in time", ErrAway)
	}
	if t := c.held(); t.value != dead {
		return nil
	}
	t, err := c.prove(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = t
	return nil
}

func (c *Client) prove(ctx context.Context) (token, error) {
	switch l := c.cfg.Login; {
	case l.AppRole != nil:
		return c.appRole(ctx, l.AppRole)
	case l.Kubernetes != nil:
		jwt, err := readPrivate(l.Kubernetes.TokenFile, false)
		if err != nil {
			return token{}, fmt.Errorf("log in to Vault: service account: %w", err)
		}
		return c.enter(ctx, l.Kubernetes.Mount, "kubernetes", map[string]any{"role": l.Kubernetes.Role, "jwt": jwt})
	case l.TokenFile != "":
		return c.tokenFile(ctx, l.TokenFile)
	}
	return token{}, errors.New("log in to Vault: no way to log in is configured")
}

func (c *Client) enter(ctx context.Context, mount, usual string, with map[string]any) (token, error) {
	if mount == "" {
		mount = usual
	}
	s, err := c.once(ctx, "", "log in to Vault", func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return a.Logical().WriteWithContext(ctx, "auth/"+mount+"/login", with)
	})
	if err != nil {
		return token{}, err
	}
	if s == nil || s.Auth == nil || s.Auth.ClientToken == "" {
		return token{}, fmt.Errorf("log in to Vault: %w: the answer holds no token", ErrAway)
	}
	return c.leased(s.Auth.ClientToken, s.Auth.LeaseDuration, s.Auth.Renewable), nil
}

func (c *Client) leased(value string, seconds int, renewable bool) token {
	lease := time.Duration(seconds) * time.Second
	return token{value: value, lease: lease, full: lease, renewable: renewable, at: c.cfg.Now()}
}

// tokenFile takes the file's token after asking Vault how long it lives.
func (c *Client) tokenFile(ctx context.Context, name string) (token, error) {
	value, err := readPrivate(name, true)
	if err != nil {
		return token{}, fmt.Errorf("log in to Vault: token file: %w", err)
	}
	s, err := c.once(ctx, value, "log in to Vault with the token file", lookup)
	if err != nil {
		return token{}, err
	}
	ttl, err := s.TokenTTL()
	if err != nil {
		return token{}, fmt.Errorf("log in to Vault: %w: the token's lease is not told", ErrAway)
	}
	renewable, err := s.TokenIsRenewable()
	if err != nil {
		return token{}, fmt.Errorf("log in to Vault: %w: the token's lease is not told", ErrAway)
	}
	return c.leased(value, int(ttl/time.Second), renewable), nil
}

// appRole opens the wrapped secret id once and keeps it in memory for later
// logins; a file with another wrapping token is opened anew.
func (c *Client) appRole(ctx context.Context, l *AppRole) (token, error) {
	secret, err := readPrivate(l.SecretID, true)
	switch {
	case err != nil && c.secret == "":
		return token{}, fmt.Errorf("log in to Vault: secret id: %w", err)
	case err == nil && !l.Wrapped:
		c.secret = secret
	case err == nil && secret != c.opened:
		if c.secret, err = c.unwrap(ctx, l, secret); err != nil {
			return token{}, err
		}
		c.opened = secret
	}
	return c.enter(ctx, l.Mount, "approle", map[string]any{"role_id": l.RoleID, "secret_id": c.secret})
}

// unwrap opens a wrapped secret id, after a look at where the wrapping was
// made: something else wrapped by somebody else is not taken.
func (c *Client) unwrap(ctx context.Context, l *AppRole, wrapping string) (string, error) {
	const hint = "it was opened before, by this gateway or by somebody else, or is too old: find out which, and write a new one"
	s, err := c.once(ctx, "", "look at the wrapped secret id", func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return a.Logical().WriteWithContext(ctx, "sys/wrapping/lookup", map[string]any{"token": wrapping})
	})
	if errors.Is(err, ErrRefused) {
		return "", fmt.Errorf("%w; %s", err, hint)
	}
	if err != nil {
		return "", err
	}
	mount := l.Mount
	if mount == "" {
		mount = "approle"
	}
	if ok, _ := path.Match("auth/"+mount+"/role/*/secret-id", text(s, "creation_path")); !ok { //nolint:errcheck // the pattern is well formed, or matches nothing
		return "", fmt.Errorf("look at the wrapped secret id: %w: it wraps something else than a secret id of auth/%s; somebody may have replaced it", ErrRefused, mount)
	}
	s, err = c.once(ctx, wrapping, "open the wrapped secret id", func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return a.Logical().UnwrapWithContext(ctx, "")
	})
	if errors.Is(err, ErrRefused) {
		return "", fmt.Errorf("%w; %s", err, hint)
	}
	if err == nil && text(s, "secret_id") == "" {
		err = fmt.Errorf("open the wrapped secret id: %w: it holds none", ErrRefused)
	}
	return text(s, "secret_id"), err
}

// text is a member of an answer; empty if it is not there or no text.
func text(s *api.Secret, name string) string {
	if s == nil {
		return ""
	}
	v, _ := s.Data[name].(string)
	return v
}

// readPrivate reads a small file. Private ones must be closed to others;
// Kubernetes mounts its own with wider modes.
func readPrivate(name string, private bool) (string, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the path is the operator's own configuration
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // opened for reading only
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file", name)
	}
	if private && info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s has mode %04o and others can read it; chmod 600 it", name, info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	value := strings.TrimSpace(string(data))
	if value == "" {
		return "", fmt.Errorf("%s is empty", name)
	}
	return value, nil
}
