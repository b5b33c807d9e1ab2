package boot

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/crypto/keyring"
	"postern/retention"
	"postern/retention/backup"
)

// Backup says where copies of the store go and how long they are kept. The zero
// value makes none.
type Backup struct {
	Dir      string        `json:"dir"` // a folder, or
	S3       S3            `json:"s3"`
	Every    time.Duration `json:"every"`
	KeepDays int           `json:"keep_days"`
	KeysDays int           `json:"keys_days"` // of the wrapped data keys
	KeepLast int           `json:"keep_last"` // 0: as many as KeepDays leaves
	Region   string        `json:"region"`    // label of where it is; "" for none
}

// IsSet reports whether there is a place for backups.
func (b Backup) IsSet() bool { return b.Dir != "" || b.S3.Bucket != "" }

// Place is where backups go, without secrets.
func (b Backup) Place() string {
	if b.Dir != "" {
		return b.Dir
	}
	return "s3://" + b.S3.Bucket + "/" + b.S3.Prefix
}

// Policy is how long they are kept.
func (b Backup) Policy() backup.Policy {
	return backup.Policy{Days: b.KeepDays, KeyDays: b.KeysDays, Last: b.KeepLast}
}

// Often is how often one is due: as the configuration says, or the retention
// policy where that asks for more.
func (b Backup) Often(p retention.Policy) time.Duration {
	if p.BackupEvery > 0 {
		return min(b.Every, p.BackupEvery)
	}
	return b.Every
}

// Open opens the place. current gives the configuration in force.
func (b Backup) Open(now func() time.Time, current func() Backup) (blob.Bucket, error) {
	if b.Dir != "" {
		return blob.OpenFolder(b.Dir)
	}
	return b.S3.Open(now, func() S3 { return current().S3 })
}

// Backups makes backups of an open store, with the files beside it; current gives
// the configuration in force. Nil where the configuration names no place.
func (s *Store) Backups(c *Config, current func() *Config, media *blob.Store) (*backup.Service, error) {
	if !c.Backup.IsSet() {
		return nil, nil //nolint:nilnil // there are none to make
	}
	place, err := c.Backup.Open(s.now, func() Backup { return current().Backup })
	if err != nil {
		return nil, fmt.Errorf("place of backups: %w", err)
	}
	return backup.New(backup.Config{
		To: place, Policy: c.Backup.Policy(), Journal: s.Journal, Keys: s.Keys, Log: s.Erasures, Media: media, Temp: c.BackupTemp(), Now: s.now,
		Signer: func() (audit.Signer, error) { return CheckpointSigner(s.Keys) },
	}), nil
}

// OpenCopy opens a copy of the keystore with the passphrase, or the help of Vault,
// that the configuration names for the keystore.
func OpenCopy(ctx context.Context, c *Config, path string, now func() time.Time) (*keyring.Keyring, error) {
	wrapper, leave, err := keystoreWrapper(ctx, c, nil, now)
	if err != nil {
		return nil, err
	}
	defer leave()
	return keyring.Open(path, keyring.Config{Now: now, Passphrase: c.Keystore.Passphrase.reader(), Wrapper: wrapper, LockMemory: c.Keystore.LockMemory})
}

func (b Backup) withoutSecrets() Backup {
	b.S3 = b.S3.withoutSecrets()
	return b
}

func (r *reader) backup(s *section) Backup {
	defer s.done()
	if s.node == nil {
		return Backup{}
	}
	return Backup{
		Dir:      s.file("dir", "", "write a folder outside data, best on another machine's disk"),
		S3:       r.s3(s.sub("s3"), false),
		Every:    s.duration("every", 6*time.Hour, time.Minute, 31*24*time.Hour),
		KeepDays: s.whole("keep_days", 90, 1, 36500),
		KeysDays: s.whole("keys_days", 35, 1, 36500),
		KeepLast: s.whole("keep_last", 30, 0, 100000),
		Region:   s.text("region", "", writeRegion),
	}
}

func (r *reader) checkBackup(c *Config) {
	b := c.Backup
	if r.nodes["backup"] == nil || b.Every == 0 {
		return
	}
	r.expect((b.Dir != "") != (b.S3.Bucket != ""), "backup", "has no place, or two", "write either dir or s3")
	inside := c.Data != "" && (b.Dir == c.Data || strings.HasPrefix(b.Dir, c.Data+string(filepath.Separator)))
	r.expect(!inside, "backup.dir", "lies inside data", "write a folder outside the store, best on another machine's disk")
	r.expect(b.KeysDays <= b.KeepDays, "backup.keys_days", "is more than keep_days", "write at most keep_days: keys of a backup that is gone open nothing")
	r.expect(b.S3.LockDays <= b.KeepDays, "backup.s3.lock_days", "is more than keep_days", "write at most keep_days: a backup has to be gone by its end")
}
