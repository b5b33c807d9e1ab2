package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/person"
)

// Claim is what is said of a file before it is read.
type Claim struct {
	Tenant, Number, App string
	Mime                string // as the sender says
	Length              int64  // -1 if not known
	Most                int64  // bound of an unknown length, where there is one
	Later               bool   // Mime stands behind the file: Draft.Claim says it
}

// Draft is a file that was taken and is not kept yet. Its owner calls Hold where
// its content is to stay, Keep where it is known by its id, and in any case Discard.
type Draft struct {
	Row    journal.Media // without upstream's id
	SHA256 [sha256.Size]byte
	Rows   *person.Rows // its data key, for the batch that keeps it

	Life time.Duration // that upstream is told; 0 tells nothing

	store *Store
	head  []byte
	file  *blob.Draft
	key   *keyring.Sealer
	held  bool
	kept  bool
}

// Take reads a file whole, sealed, into the folder. It stays for good only once it
// is held and kept and its row is in the journal.
func (s *Store) Take(ctx context.Context, r io.Reader, c Claim) (*Draft, error) {
	most := limitOf(c.Mime)
	if c.Later {
		most = maxDocument
	}
	if c.Length > most {
		return nil, ErrTooLarge
	}
	size := c.Length
	if size < 0 {
		size = most
		if c.Most > 0 {
			size = min(size, c.Most)
		}
	}
	now, life := s.cfg.Now(), UploadLife
	if s.Brief(c.Tenant, c.Number) {
		life = BriefLife
	}
	d := &Draft{store: s, Rows: &person.Rows{}, Row: journal.Media{
		ID: audit.NewID(now), Tenant: c.Tenant, Number: c.Number, App: c.App, Subject: audit.NewSubjectID(), Month: person.Month(now),
		Kind: KindOf(c.Mime), Mime: c.Mime, Created: now.UnixMicro(), Until: now.Add(life).UnixMicro(),
	}}
	var err error
	if d.key, err = s.cfg.People.Sealer(ctx, d.Row.Subject, Class, d.Row.Month, d.Rows); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	if d.file, err = s.cfg.Blobs.Begin(blob.Name(d.Row.ID), keyring.SealedStream(size)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStore, err)
	}
	if err := d.fill(r, size, c); err != nil {
		return nil, errors.Join(err, d.Discard(ctx))
	}
	return d, nil
}

// fill seals what it reads.
func (d *Draft) fill(r io.Reader, size int64, c Claim) error {
	head, err := io.ReadAll(io.LimitReader(r, sniffed))
	if err != nil {
		return fmt.Errorf("read media: %w", err)
	}
	if len(head) == 0 {
		return ErrEmpty
	}
	if err := check(head, c.Mime); err != nil && !c.Later {
		return err
	}
	d.head = head
	sum := sha256.New()
	sealed := d.key.SealStream(bound(d.Row.ID, "content"), storing{d.file})
	n, err := copyAtMost(io.MultiWriter(sealed, sum), io.MultiReader(bytes.NewReader(head), r), size)
	if err != nil {
		return err
	}
	if c.Length >= 0 && n != c.Length {
		return fmt.Errorf("read media: %w", io.ErrUnexpectedEOF)
	}
	d.Row.Bytes = n
	d.seal(sum)
	return sealed.Close()
}

// storing tells a failure of the store from one of the sender.
type storing struct{ w io.Writer }

// Write implements io.Writer.
func (s storing) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrStore, err)
	}
	return n, err
}

func (d *Draft) seal(sum hash.Hash) { sum.Sum(d.SHA256[:0]) }

// copyAtMost copies to the end, and fails where there is more than size.
func copyAtMost(dst io.Writer, src io.Reader, size int64) (int64, error) {
	n, err := io.Copy(dst, io.LimitReader(src, size+1))
	switch {
	case err != nil:
		return n, fmt.Errorf("read media: %w", err)
	case n > size:
		return n, ErrTooLarge
	}
	return n, nil
}

// Claim says of a file that was taken of which type it is.
func (d *Draft) Claim(kind string) error {
	if err := check(d.head, kind); err != nil {
		return err
	}
	if d.Row.Bytes > limitOf(kind) {
		return ErrTooLarge
	}
	d.Row.Mime, d.Row.Kind = kind, KindOf(kind)
	return nil
}

// Live gives the file another life than the usual one.
func (d *Draft) Live(life time.Duration) {
	d.Life, d.Row.Until = life, d.Row.Created+life.Microseconds()
}

// Open reads the file as it was taken.
func (d *Draft) Open(ctx context.Context) (io.ReadCloser, error) {
	f, err := d.file.Open(ctx)
	if err != nil {
		return nil, err
	}
	return content{d.key.UnsealStream(bound(d.Row.ID, "content"), f), f}, nil
}

// Hold makes the content durable, with the bucket where files lie in one: its name
// alone finds nothing until a row has it.
func (d *Draft) Hold(ctx context.Context) error {
	if err := d.file.Commit(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	d.held = true
	return nil
}

// Keep gives the rows that make the file known under upstream's id. What is held
// stays; of what is not only the id does.
func (d *Draft) Keep(ctx context.Context, upstream string) (journal.Batch, error) {
	var b journal.Batch
	d.Row.Stored = d.held
	if err := d.store.Name(ctx, &d.Row, upstream, d.Rows); err != nil {
		return b, err
	}
	d.Rows.AddTo(&b)
	b.Media = []journal.Media{d.Row}
	d.kept = d.held
	return b, nil
}

// Discard takes the content away unless it is kept, even where the caller's time
// is over.
func (d *Draft) Discard(ctx context.Context) error {
	err := d.file.Discard()
	if d.kept || !d.held {
		return err
	}
	return errors.Join(err, d.store.cfg.Blobs.Remove(context.WithoutCancel(ctx), blob.Name(d.Row.ID)))
}
