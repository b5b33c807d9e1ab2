package boot

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
)

// KeystorePath is the file of the keys.
func (c *Config) KeystorePath() string { return filepath.Join(c.Data, "keystore.json") }

// JournalPath is the file of the journal.
func (c *Config) JournalPath() string { return filepath.Join(c.Data, "journal.db") }

// Store is the open journal with its keys. The chain bears the keystore's name.
type Store struct {
	Journal *journal.Journal
	Keys    *keyring.Keyring
}

// StoreConfig is what the store takes from the process it runs in.
type StoreConfig struct {
	Now     func() time.Time
	OnError func(error)              // hears what no caller waits for
	Fault   func(journal.Step) error // see journal.Config.Hook
}

// OpenStore opens journal and keystore, and makes both if there is neither. A
// journal without its keystore, or the other way round, is refused: something
// was lost, and going on would hide it.
func OpenStore(ctx context.Context, c *Config, in StoreConfig) (*Store, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	keys, err := OpenKeys(c, in.Now)
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(ctx, journal.Config{
		Path: c.JournalPath(), Chain: keys.Name(), Now: in.Now, OnError: in.OnError, Hook: in.Fault,
		QueueSize: c.Limits.Queue, MaxBytes: c.Limits.JournalMaxBytes, MinFree: minFree(c.Limits.MinFreeBytes),
	})
	if err != nil {
		keys.Close()
		return nil, err
	}
	return &Store{Journal: j, Keys: keys}, nil
}

// minFree maps "no limit" of the file to the journal's.
func minFree(n int64) int64 {
	if n == 0 {
		return -1
	}
	return n
}

// OpenKeys opens the keystore alone, and makes it where no journal is either.
func OpenKeys(c *Config, now func() time.Time) (*keyring.Keyring, error) {
	keys, err := keyring.Open(c.KeystorePath(), keyring.Config{Now: now})
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if _, err := os.Stat(c.JournalPath()); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open keystore: %s is missing beside a journal; restore it from the backup, without it the journal cannot be read", c.KeystorePath())
	}
	name, err := newName(c.PublicURL)
	if err != nil {
		return nil, err
	}
	return keyring.Create(c.KeystorePath(), keyring.Config{Name: name, Now: now})
}

// newName makes a chain name that no other gateway has: the public host and
// eight random digits (C2SP checkpoints ask for a URL without scheme).
func newName(publicURL string) (string, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return "", fmt.Errorf("name the chain: %w", err)
	}
	host := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' {
			return c
		}
		return '_'
	}, u.Hostname())
	var tail [4]byte
	rand.Read(tail[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return host[:min(len(host), 80)] + "/" + hex.EncodeToString(tail[:]), nil
}

// Close closes the journal, then forgets the keys.
func (s *Store) Close() error {
	err := s.Journal.Close()
	s.Keys.Close()
	return err
}
