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
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/crypto/vault"
	"postern/retention/backup"
)

// KeystorePath is the file of the keys.
func (c *Config) KeystorePath() string { return filepath.Join(c.Data, "keystore.json") }

// MediaDir is the folder of files beside the journal.
func (c *Config) MediaDir() string { return filepath.Join(c.Data, "media") }

// BackupTemp is where a copy of the store lies while a backup is made.
func (c *Config) BackupTemp() string { return filepath.Join(c.Data, "backup.tmp") }

// VerifyTemp is where a backup lies opened while it is verified.
func (c *Config) VerifyTemp() string { return filepath.Join(c.Data, "backup.verify") }

// JournalPath is the file of the journal.
func (c *Config) JournalPath() string { return filepath.Join(c.Data, "journal.db") }

// Store is the open journal with its keys. The chain bears the keystore's name.
type Store struct {
	Journal  *journal.Journal
	Keys     *keyring.Keyring
	Erasures *backup.Log // beside the checkpoints

	now      func() time.Time
	noting   sync.Mutex    // held while the journal is told of the keystore
	changed  chan struct{} // holds one: the keystore changed
	stop     chan struct{} // closed by Close
	end      sync.Once     // closes stop
	leave    func()        // lets go of Vault
	followed chan struct{} // closed once nothing follows the keystore any more
}

// StoreConfig is what the store takes from the process it runs in.
type StoreConfig struct {
	Now     func() time.Time
	OnError func(error)              // hears what no caller waits for
	Fault   func(journal.Step) error // see journal.Config.Hook
	Record  func(*audit.Record)      // see journal.Config.Recorded
	Vault   *vault.Client            // to unwrap the keystore with; nil logs in where that is needed
}

// OpenStore opens journal and keystore, and makes both if there is neither. A
// journal without its keystore, or the other way round, is refused: something
// was lost, and going on would hide it. So is a keystore that is another one,
// or older, than the journal was written with.
func OpenStore(ctx context.Context, c *Config, in StoreConfig) (*Store, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	s := &Store{now: in.Now, changed: make(chan struct{}, 1), stop: make(chan struct{}), followed: make(chan struct{})}
	wrapper, leave, err := keystoreWrapper(ctx, c, in.Vault, in.Now)
	if err != nil {
		return nil, err
	}
	s.leave = leave
	if s.Keys, err = openKeys(c, in.Now, wrapper, s.keysChanged); err != nil {
		leave()
		return nil, err
	}
	if err := s.openJournal(ctx, c, in); err != nil {
		s.Keys.Close()
		leave()
		return nil, err
	}
	go s.followKeys(context.WithoutCancel(ctx), in.OnError)
	return s, nil
}

func (s *Store) openJournal(ctx context.Context, c *Config, in StoreConfig) (err error) {
	s.Journal, err = journal.Open(ctx, journal.Config{
		Path: c.JournalPath(), Chain: s.Keys.Name(), Now: in.Now, OnError: in.OnError, Hook: in.Fault, Recorded: in.Record,
		Erased:    func(r audit.Record, e journal.Erase) error { return s.Erasures.Append(r, e) },
		QueueSize: c.Limits.Queue, MaxBytes: c.Limits.JournalMaxBytes, MinFree: minFree(c.Limits.MinFreeBytes),
	})
	if errors.Is(err, journal.ErrForeign) {
		return fmt.Errorf("%s is another keystore than this journal's: restore the one that was beside it: %w", c.KeystorePath(), err)
	}
	if err != nil {
		return err
	}
	// Under the journal's lock, so that nobody else has the log, nor a copy under way.
	s.Erasures, err = backup.OpenLog(c.Checkpoints.Dir, s.Keys.ID(), in.Now().UnixMicro())
	if err == nil {
		err = s.Erasures.GoOn(ctx, s.Journal, in.Now().UnixMicro())
	}
	if err = errors.Join(err, backup.Sweep(c.BackupTemp()), backup.Sweep(c.VerifyTemp()), backup.SweepRestorations(c.Data)); err != nil {
		return errors.Join(err, s.Journal.Close())
	}
	if err := s.NoteKeys(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", c.KeystorePath(), err), s.Journal.Close())
	}
	return nil
}

// OpenJournal opens the journal alone, for who has opened the keystore of this
// name. The error is journal.ErrInUse while a gateway or a command holds it.
func OpenJournal(ctx context.Context, c *Config, name string, now func() time.Time) (*journal.Journal, error) {
	return journal.Open(ctx, journal.Config{Path: c.JournalPath(), Chain: name, Now: now, MinFree: minFree(c.Limits.MinFreeBytes)})
}

// keysChanged is told by the keyring, which must not wait.
func (s *Store) keysChanged() {
	select {
	case s.changed <- struct{}{}:
	default: // an earlier change is to be noted yet, and this one with it
	}
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
	wrapper, leave, err := keystoreWrapper(context.Background(), c, nil, now)
	if err != nil {
		return nil, err
	}
	defer leave()
	return openKeys(c, now, wrapper, nil)
}

func openKeys(c *Config, now func() time.Time, wrapper keyring.Wrapper, changed func()) (*keyring.Keyring, error) {
	if err := backup.CheckFinished(c.Data); err != nil {
		return nil, err
	}
	cfg := keyring.Config{Now: now, Passphrase: c.Keystore.Passphrase.reader(), Wrapper: wrapper, Changed: changed, LockMemory: c.Keystore.LockMemory}
	keys, err := keyring.Open(c.KeystorePath(), cfg)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if _, err := os.Stat(c.JournalPath()); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open keystore: %s is missing beside a journal; restore it from the backup, without it the journal cannot be read", c.KeystorePath())
	}
	if cfg.Name, err = newName(c.PublicURL); err != nil {
		return nil, err
	}
	return keyring.Create(c.KeystorePath(), cfg)
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

// Close notes the keystore a last time, closes the journal, then forgets the
// keys. It may be called twice.
func (s *Store) Close() error {
	s.end.Do(func() { close(s.stop) })
	<-s.followed
	var noted error
	select {
	case <-s.changed:
		noted = s.noteSoon(context.Background())
	default:
	}
	err := errors.Join(noted, s.Journal.Close())
	s.Keys.Close()
	s.leave()
	return err
}
