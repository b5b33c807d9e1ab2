package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// asker does operations: the running gateway, or the store opened here.
type asker interface {
	Do(ctx context.Context, key, name string, in []byte) ([]byte, error)
	Hand(ctx context.Context, key, name string, in []byte, begin func(answer []byte) (io.Writer, error)) error
}

// session is a way to ask, as one operator.
type session struct {
	asker
	config *boot.Config
	key    string
	close  func() error
}

// connect opens the store, or turns to the gateway that holds it. fresh allows
// a store to be made where none is.
func (p *program) connect(ctx context.Context, fresh bool) (*session, error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	key, err := p.key(c)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.JournalPath()); errors.Is(err, fs.ErrNotExist) && !fresh {
		return nil, fmt.Errorf("there is no journal at %s yet; begin with: postern operator add NAME --role approve", c.JournalPath())
	}
	direct, err := admin.Open(ctx, c, p.now)
	if errors.Is(err, journal.ErrInUse) {
		return &session{admin.NewClient(c.Listeners.Admin), c, key, func() error { return nil }}, nil
	}
	if err != nil {
		return nil, err
	}
	return &session{direct, c, key, direct.Close}, nil
}

// key is the operator's: from the file named, the environment, or the
// configuration's default.
func (p *program) key(c *boot.Config) (string, error) {
	if p.operatorKey == "" {
		if key := os.Getenv("POSTERN_OPERATOR_KEY"); key != "" {
			return key, nil
		}
		return c.OperatorKey.Value(), nil
	}
	s, err := boot.ReadSecret(p.operatorKey)
	if err != nil {
		return "", fmt.Errorf("read operator key: %w", err)
	}
	return s.Value(), nil
}

// do performs one operation of a session.
func do[Out any](ctx context.Context, s *session, name string, in any) (Out, error) {
	var out Out
	// Bytes that are no UTF-8 travel as U+FFFD: an import then names their line.
	raw, err := json.Marshal(in, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return out, fmt.Errorf("encode request: %w", err)
	}
	answer, err := s.Do(ctx, s.key, name, raw)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return out, errors.New("the gateway's answer does not fit; use the command line of the same version")
	}
	return out, nil
}

// ask connects, performs one operation and closes.
func ask[Out any](ctx context.Context, p *program, name string, in any) (Out, error) {
	s, err := p.connect(ctx, name == "operator.add")
	if err != nil {
		var none Out
		return none, err
	}
	out, err := do[Out](ctx, s, name, in)
	return out, errors.Join(err, s.close())
}

// handed is ask for an operation whose answer a file follows.
func handed[Out any](ctx context.Context, p *program, name string, in any, begin func(Out) (io.Writer, error)) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	s, err := p.connect(ctx, false)
	if err != nil {
		return err
	}
	err = s.Hand(ctx, s.key, name, raw, func(answer []byte) (io.Writer, error) {
		var out Out
		if err := json.Unmarshal(answer, &out); err != nil {
			return nil, errors.New("the gateway's answer does not fit; use the command line of the same version")
		}
		return begin(out)
	})
	return errors.Join(err, s.close())
}
