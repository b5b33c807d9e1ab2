package boot

import (
	"path/filepath"
	"strings"
	"time"

	"postern/audit/blob"
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

// Open opens the place. current gives the configuration in force.
func (b Backup) Open(now func() time.Time, current func() Backup) (blob.Bucket, error) {
	if b.Dir != "" {
		return blob.OpenFolder(b.Dir)
	}
	return b.S3.Open(now, func() S3 { return current().S3 })
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
