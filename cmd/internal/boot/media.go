package boot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"postern/audit/blob"
)

// Media says where files lie. The zero value is data/media.
type Media struct {
	S3     S3     `json:"s3"`     // a bucket for them
	Region string `json:"region"` // label of where that is; "" for none
}

// What an app waits for is tried less often, and given up sooner, than what
// nobody waits for.
const (
	mediaIdle  = 15 * time.Second
	mediaTries = 2
)

func (r *reader) media(s *section) Media {
	defer s.done()
	if s.node == nil {
		return Media{}
	}
	if s.values["s3"] == nil {
		s.missing("s3", "write the bucket that files lie in, or leave section media out for data/media")
	}
	m := Media{S3: r.s3(s.sub("s3"), false), Region: s.text("region", "", writeRegion)}
	r.expect(m.S3.Lock == "", "media.s3.lock", "would keep files that have to go", "leave lock and lock_days out, and take a bucket without a default retention")
	return m
}

// place names where files lie, for the note beside the journal.
func (m Media) place() string {
	if m.S3.Bucket == "" {
		return ""
	}
	return "s3://" + m.S3.Bucket + "/" + m.S3.Prefix + " at " + strings.TrimSuffix(m.S3.Endpoint, "/")
}

// mediaNote is the file that says in which bucket files lie, so that no other
// configuration loses them.
func (c *Config) mediaNote() string { return filepath.Join(c.Data, "media.place") }

// OpenMedia opens where files lie; the bucket is not asked yet. current gives the
// configuration in force. A store whose files lie in another bucket is refused.
func (s *Store) OpenMedia(c *Config, current func() *Config) (*blob.Store, error) {
	if err := c.noteMedia(); err != nil {
		return nil, err
	}
	cfg := blob.Config{Dir: c.MediaDir(), Quota: c.Limits.MediaMaxBytes, MinFree: c.Limits.MinFreeBytes}
	if c.Media.S3.Bucket == "" {
		return blob.Open(cfg)
	}
	at, err := c.Media.S3.config(s.now, func() S3 { return current().Media.S3 })
	if err != nil {
		return nil, fmt.Errorf("media.s3: %w", err)
	}
	at.Idle, at.Tries = mediaIdle, mediaTries
	if cfg.Bucket, err = blob.NewS3(at); err != nil {
		return nil, fmt.Errorf("media.s3: %w", err)
	}
	cfg.Prefix = "files/" + s.Keys.ID() + "/"
	return blob.Open(cfg)
}

func (c *Config) noteMedia() error {
	path, place := c.mediaNote(), c.Media.place()
	raw, err := os.ReadFile(path)
	was := strings.TrimSpace(string(raw))
	switch {
	case err == nil && was != place:
		return fmt.Errorf("files of this store lie in %s, and the configuration names another place: write it into media.s3 again; or copy what is below files/ there to the new place (as it is, into %s or below files/ of the other bucket), empty it there, and remove %s", was, c.MediaDir(), path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read where files lie: %w", err)
	case err == nil || place == "":
		return nil
	}
	if err := os.WriteFile(path, []byte(place+"\n"), 0o600); err != nil {
		return fmt.Errorf("note where files lie: %w", err)
	}
	return nil
}
