package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/disk"
	"postern/crypto/keyring"
)

// Classes of the data keys that seal the parts of a backup, each backup under
// keys of its own.
const (
	classJournal = "backup"
	classKeys    = "backup_keys"
)

func scope(id audit.ID, class string, taken time.Time) keyring.Scope {
	return keyring.Scope{Subject: id, Class: class, Month: taken.UTC().Format("2006-01")}
}

// bound ties a sealed part to its backup.
func bound(at place, part string) []byte {
	return []byte("postern backup\n" + at.store + "\n" + at.name + "\n" + part)
}

// hashing hashes and counts what is read through it.
type hashing struct {
	from io.Reader
	sum  hash.Hash
	n    int64
	hear func(n int)
}

func newHashing(from io.Reader, hear func(n int)) *hashing {
	return &hashing{from: from, sum: sha256.New(), hear: hear}
}

func (h *hashing) Read(p []byte) (int, error) {
	n, err := h.from.Read(p)
	h.sum.Write(p[:n])
	h.n += int64(n)
	if h.hear != nil {
		h.hear(n)
	}
	return n, err
}

func (h *hashing) part() Part { return Part{Bytes: h.n, SHA256: hex.EncodeToString(h.sum.Sum(nil))} }

// put stores bytes as they are.
func (s *Service) put(ctx context.Context, key string, content []byte, brief bool) (Part, error) {
	from := newHashing(bytes.NewReader(content), nil)
	err := s.cfg.To.Put(ctx, blob.Written{Key: key, Size: int64(len(content)), Content: from, Brief: brief})
	return from.part(), err
}

// putFile stores what a file holds.
func (s *Service) putFile(ctx context.Context, key string, f *os.File) (Part, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return Part{}, err
	}
	from := newHashing(f, nil)
	err = s.cfg.To.Put(ctx, blob.Written{Key: key, Size: size, Content: from})
	return from.part(), err
}

// sealBuffer is handed over at a time: sealing and hashing go side by side.
const sealBuffer = 1 << 20

// seal stores a file sealed under a key of its own, which lies beside it,
// wrapped: who destroys that has destroyed what it seals.
func (s *Service) seal(ctx context.Context, at place, id audit.ID, part, class, path string, taken time.Time, brief bool) (_ Part, err error) {
	wrapped, err := s.cfg.Keys.NewDataKey(scope(id, class, taken))
	if err != nil {
		return Part{}, err
	}
	sealer, err := s.cfg.Keys.DataKey(wrapped, scope(id, class, taken))
	if err != nil {
		return Part{}, err
	}
	if _, err := s.put(ctx, at.part(part+".key"), wrapped, true); err != nil {
		return Part{}, err
	}
	f, err := os.Open(path) //nolint:gosec // a file of ours
	if err != nil {
		return Part{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return Part{}, err
	}
	sealed, w := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(w, sealBuffer)
		err := sealFile(sealer.SealStream(bound(at, part), buffered), f)
		if err == nil {
			err = buffered.Flush()
		}
		w.CloseWithError(err) //nolint:errcheck // never fails
	}()
	from := newHashing(sealed, s.sent)
	err = s.cfg.To.Put(ctx, blob.Written{Key: at.part(part), Size: keyring.SealedStream(info.Size()), Content: from, Brief: brief})
	sealed.CloseWithError(errors.New("upload ended")) //nolint:errcheck // ends the sealing where it goes on
	return from.part(), err
}

// sealFile seals a copy that is read this once: past the kernel's cache.
func sealFile(to io.WriteCloser, f *os.File) error {
	from, err := disk.NewReader(f)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Close()
	}
	return errors.Join(err, from.Close())
}

// readPart gives an object's bytes to fn and holds them against the manifest.
func readPart(ctx context.Context, from blob.Bucket, key string, want Part, fn func(io.Reader) error) error {
	r, size, err := from.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return fmt.Errorf("%w: an object is missing", ErrAltered)
	}
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it was only read
	if size != want.Bytes {
		return fmt.Errorf("%w: an object has %d bytes, it was written with %d", ErrAltered, size, want.Bytes)
	}
	in := newHashing(r, nil)
	if err := fn(in); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	if got := in.part(); got.SHA256 != want.SHA256 || got.Bytes != want.Bytes {
		return fmt.Errorf("%w: an object's content has another hash than the manifest says", ErrAltered)
	}
	return nil
}

// get reads a small object whole.
func get(ctx context.Context, from blob.Bucket, key string) ([]byte, error) {
	r, size, err := from.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	const most = 1 << 20
	if size > most {
		return nil, fmt.Errorf("%w: an object is too large", ErrAltered)
	}
	return io.ReadAll(io.LimitReader(r, most))
}

// unseal reads a sealed part. What seals it is fetched first.
func unseal(ctx context.Context, from blob.Bucket, keys *keyring.Keyring, at place, m *Manifest, part, class string, want Part, fn func(io.Reader) error) error {
	wrapped, err := get(ctx, from, at.part(part+".key"))
	if err != nil {
		return fmt.Errorf("read the key of part %s: %w", part, err)
	}
	sealer, err := keys.DataKey(wrapped, scope(m.ID, class, m.Taken))
	if err != nil {
		return fmt.Errorf("open the key of part %s: %w; it needs the keystore of that time, with the keys it had", part, err)
	}
	return readPart(ctx, from, at.part(part), want, func(r io.Reader) error {
		err := fn(sealer.UnsealStream(bound(at, part), r))
		if errors.Is(err, keyring.ErrOpen) {
			return fmt.Errorf("%w: part %s does not open", ErrAltered, part)
		}
		return err
	})
}
