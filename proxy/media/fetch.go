package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/person"
)

// ErrContent says that a file is not what upstream said of it.
var ErrContent = errors.New("the file is not what its hash says")

// Found is a file at upstream.
type Found struct {
	Mime   string
	Length int64  // -1 if not known
	SHA256 []byte // nil if not known
	Body   io.Reader
}

// Due are files of people whose content is to be fetched now.
func (s *Store) Due(ctx context.Context, limit int) ([]journal.Media, error) {
	return s.cfg.Journal.MediaDue(ctx, s.cfg.Now().UnixMicro(), limit)
}

// Hold keeps the content of a row that is known already, sealed under the
// person's key. Of somebody who was erased meanwhile it keeps nothing.
func (s *Store) Hold(ctx context.Context, row journal.Media, f Found) error {
	key, err := s.cfg.People.Opener(ctx, row.Subject, Class, row.Month)
	if err != nil {
		return fmt.Errorf("keep media: %w", err)
	}
	size := f.Length
	if size < 0 {
		size = maxDocument
	}
	file, err := s.cfg.Blobs.Create(blob.Name(row.ID), keyring.SealedStream(size))
	if err != nil {
		return err
	}
	if row.Bytes, err = seal(key.SealStream(bound(row.ID, "content"), file), f, size); err == nil {
		err = file.Commit(ctx)
	}
	if err = errors.Join(err, file.Discard()); err != nil {
		return err
	}
	row.Mime, row.Stored, row.FetchAt = f.Mime, true, 0
	if err := s.change(ctx, row); err != nil {
		return errors.Join(err, s.Remove(ctx, row))
	}
	return nil
}

func seal(w io.WriteCloser, f Found, size int64) (int64, error) {
	sum := sha256.New()
	n, err := copyAtMost(io.MultiWriter(w, sum), f.Body, size)
	switch {
	case err != nil:
		return n, err
	case f.Length >= 0 && n != f.Length:
		return n, io.ErrUnexpectedEOF
	case f.SHA256 != nil && !bytes.Equal(sum.Sum(nil), f.SHA256):
		return n, ErrContent
	}
	return n, w.Close()
}

// Plan has the content of a new row fetched: at once, and before all others
// where upstream keeps it for an hour only.
func (s *Store) Plan(row journal.Media) journal.Media {
	row.FetchAt = row.Created
	if s.Brief(row.Tenant, row.Number) {
		row.FetchAt = 1
	}
	return row
}

// Pauses between attempts to fetch a file, in microseconds: as long as the file
// is old, from firstPause on, and where upstream keeps it for an hour only at
// most briefPause.
const (
	firstPause = int64(10 * time.Second / time.Microsecond)
	briefPause = int64(5 * time.Minute / time.Microsecond)
)

// Later puts a fetch off, and never past the end that the file has at upstream:
// then it is given up.
func (s *Store) Later(ctx context.Context, row journal.Media) (givenUp bool, err error) {
	now, end := s.cfg.Now().UnixMicro(), row.Until
	pause := max(now-row.Created, firstPause)
	if s.Brief(row.Tenant, row.Number) {
		end, pause = min(end, row.Created+BriefLife.Microseconds()), min(pause, briefPause)
	}
	row.FetchAt = now + pause
	if row.FetchAt > end {
		row.FetchAt = 0
	}
	return row.FetchAt == 0, s.change(ctx, row)
}

// GiveUp ends the attempts to fetch a file.
func (s *Store) GiveUp(ctx context.Context, row journal.Media) error {
	row.FetchAt = 0
	return s.change(ctx, row)
}

// change writes a row, unless its person was erased meanwhile: what the erasure
// emptied would come back.
func (s *Store) change(ctx context.Context, row journal.Media) error {
	defer s.cfg.People.Use()()
	if s.cfg.People.Erased(row.Subject) {
		return fmt.Errorf("note media: %w", person.ErrErased)
	}
	if err := s.cfg.Journal.Append(ctx, journal.Batch{ChangedMedia: []journal.Media{row}}); err != nil {
		return fmt.Errorf("note media: %w", err)
	}
	return nil
}
