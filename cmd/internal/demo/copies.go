package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

func (t *talk) get(ctx context.Context, url string) (string, error) {
	a, err := exchange(ctx, t.client, http.MethodGet, url, nil)
	return a.body, err
}

// auditCopies tampers with copies of the journal, which the stopped gateway
// left complete, and expects verification to say what was done.
func (t *talk) auditCopies(ctx context.Context) error {
	return t.tell(ctx, []scene{
		{"On a copy, one byte of a record's stored body is changed.", func(ctx context.Context) (string, error) {
			return t.found(ctx, flip, "part body")
		}},
		{"On another copy, the tail is cut off.", func(ctx context.Context) (string, error) {
			return t.found(ctx, cut, "not in the store")
		}},
	})
}

// found tampers with a copy and returns what verification says of it.
func (t *talk) found(ctx context.Context, tamper func(t *talk, file string) error, words string) (string, error) {
	dir, err := os.MkdirTemp(t.Dir, "copy-")
	if err != nil {
		return "", fmt.Errorf("make folder of copy: %w", err)
	}
	file := filepath.Join(dir, "journal.db")
	raw, err := os.ReadFile(t.path("data", "journal.db"))
	if err != nil {
		return "", fmt.Errorf("read journal: %w", err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return "", fmt.Errorf("write copy: %w", err)
	}
	if err := tamper(t, file); err != nil {
		return "", err
	}
	out, code, err := t.postern(ctx, "audit", "verify", "--file", file, "--against", t.path("checkpoints"))
	if err != nil {
		return "", err
	}
	if code != 3 || !strings.Contains(strings.ToLower(out), words) {
		return "", errNot("verification to find it (exit 3)", fmt.Sprintf("exit %d: %s", code, out))
	}
	return strings.TrimSpace(out), nil
}

// flip changes one byte of the body in which the conversation's marker stands.
func flip(_ *talk, file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read copy: %w", err)
	}
	at := bytes.Index(raw, []byte(marker))
	if at < 0 {
		return errNot("a recorded body", "none")
	}
	raw[at] ^= 0x01
	return os.WriteFile(file, raw, 0o600)
}

// snapshot keeps the journal as it is now, log included, for a later scene.
func (t *talk) snapshot() error {
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(t.path("data", "journal.db"+suffix))
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		if err := os.WriteFile(t.path("earlier.db"+suffix), raw, 0o600); err != nil {
			return fmt.Errorf("write copy: %w", err)
		}
	}
	return nil
}

// cut puts the journal as it was some steps ago in the place of the copy.
func cut(t *talk, file string) error {
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(t.path("earlier.db" + suffix))
		if err != nil {
			return fmt.Errorf("read earlier journal: %w", err)
		}
		if err := os.WriteFile(file+suffix, raw, 0o600); err != nil {
			return fmt.Errorf("write copy: %w", err)
		}
	}
	return nil
}
