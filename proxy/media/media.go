// Package media keeps the files that apps upload and people send: each sealed
// under a data key of its own subject or of the person, in the store of
// audit/blob, with a row in the journal that says whose it is.
//
// # How it fails
//
// A file is taken whole or not at all: what is cut off, too large or of another
// type than it claims leaves nothing behind. Without room it is refused before a
// byte is read. While the bucket that files lie in is away nothing can be kept;
// what policy has handed on and not kept needs no bucket. What has no row, or a row without content, is cleaned up by
// [Store.Clean]; content never outlives its row.
package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
	"postern/proxy/person"
)

// Class is the retention class of the data keys that seal files and their ids.
const Class = "media"

// Lives of ids (Meta, Cloud API, Media): from an upload, and from a webhook.
const (
	UploadLife  = 30 * 24 * time.Hour
	InboundLife = 7 * 24 * time.Hour
	// BriefLife is that of both where nothing of a number rests at upstream (No
	// Storage). An upload may ask for up to UploadLife.
	BriefLife = time.Hour
)

// Errors a caller branches on.
var (
	ErrTooLarge = errors.New("file is larger than WhatsApp takes")
	ErrType     = errors.New("file is not of the type it claims")
	ErrEmpty    = errors.New("file is empty")
	ErrFull     = blob.ErrFull
	ErrUnknown  = errors.New("no such media")
	// ErrStore: the file could not be stored; its sender did nothing wrong.
	ErrStore = errors.New("media store fails")
)

// Config is what a Store stands on.
type Config struct {
	Journal *journal.Journal
	Keys    *keyring.Keyring
	People  *person.Directory
	Blobs   *blob.Store
	Now     func() time.Time
	// PublicURL is what links to files begin with.
	PublicURL string
	// Brief says that upstream keeps the files of a number for BriefLife alone.
	// Nil says it of none.
	Brief func(tenant, number string) bool
}

// Store keeps files. It is safe for concurrent use.
type Store struct {
	cfg Config

	mu       sync.Mutex
	searched time.Time // when a bucket was last searched for contents without a row; guarded by mu
}

// New returns a Store.
func New(cfg Config) *Store { return &Store{cfg: cfg} }

// Brief says whether upstream keeps the files of a number for BriefLife alone.
func (s *Store) Brief(tenant, number string) bool {
	return s.cfg.Brief != nil && s.cfg.Brief(tenant, number)
}

// Away reports whether the bucket that files lie in cannot be used now.
func (s *Store) Away() bool { return s.cfg.Blobs.Away() }

// Hash is the keyed hash by which upstream's id is found.
func (s *Store) Hash(upstream string) ([16]byte, error) {
	_, sum, err := s.cfg.Keys.MAC(keyring.Original, []byte("media-id"), []byte(upstream))
	if err != nil {
		return [16]byte{}, fmt.Errorf("hash media id: %w", err)
	}
	return [16]byte(sum[:16]), nil
}

// ByID finds a file by our id.
func (s *Store) ByID(ctx context.Context, id audit.ID) (journal.Media, error) {
	return s.known(s.cfg.Journal.Media(ctx, id))
}

// Find finds a file by the id that an app knows: one of ours in the old
// dialects, where an id of upstream's counts, too.
func (s *Store) Find(ctx context.Context, d dialect.Dialect, id string) (journal.Media, error) {
	if own, ok := dialect.ParseMediaID(id); ok && d.Flat() {
		return s.ByID(ctx, own)
	}
	return s.ByUpstream(ctx, id)
}

// ByUpstream finds a file by upstream's id, under any hash key in use.
func (s *Store) ByUpstream(ctx context.Context, id string) (journal.Media, error) {
	sums, err := s.cfg.Keys.MACs(keyring.Original, []byte("media-id"), []byte(id))
	if err != nil {
		return journal.Media{}, fmt.Errorf("hash media id: %w", err)
	}
	for _, v := range sums {
		row, err := s.known(s.cfg.Journal.MediaByHash(ctx, [16]byte(v.Sum[:16])))
		if err == nil || !errors.Is(err, ErrUnknown) {
			return row, err
		}
	}
	return journal.Media{}, ErrUnknown
}

// Named finds a file by an id that stood in a message, ours or upstream's, though
// the id may be over by now.
func (s *Store) Named(ctx context.Context, id string) (journal.Media, error) {
	if own, ok := dialect.ParseMediaID(id); ok {
		if row, err := s.cfg.Journal.Media(ctx, own); !errors.Is(err, journal.ErrNotFound) {
			return row, err
		}
	}
	sums, err := s.cfg.Keys.MACs(keyring.Original, []byte("media-id"), []byte(id))
	if err != nil {
		return journal.Media{}, fmt.Errorf("hash media id: %w", err)
	}
	for _, v := range sums {
		if row, err := s.cfg.Journal.MediaByHash(ctx, [16]byte(v.Sum[:16])); !errors.Is(err, journal.ErrNotFound) {
			return row, err
		}
	}
	return journal.Media{}, ErrUnknown
}

// known takes a row whose id is over or gone for none, though its content may be
// kept on.
func (s *Store) known(row journal.Media, err error) (journal.Media, error) {
	if errors.Is(err, journal.ErrNotFound) || err == nil && (row.Upstream == nil || row.Until <= s.cfg.Now().UnixMicro()) {
		return journal.Media{}, ErrUnknown
	}
	return row, err
}

// Upstream opens upstream's id of a row.
func (s *Store) Upstream(ctx context.Context, row journal.Media) (string, error) {
	key, err := s.cfg.People.Opener(ctx, row.Subject, Class, row.Month)
	if err != nil {
		return "", fmt.Errorf("open media id: %w", err)
	}
	id, err := key.Unseal(bound(row.ID, "upstream"), row.Upstream)
	if err != nil {
		return "", fmt.Errorf("open media id: %w", err)
	}
	return string(id), nil
}

// bound ties what is sealed to its file and place.
func bound(id audit.ID, place string) []byte { return append(id[:], "media/"+place...) }

// Name puts upstream's id into a row, sealed and hashed.
func (s *Store) Name(ctx context.Context, row *journal.Media, upstream string, rows *person.Rows) error {
	key, err := s.cfg.People.Sealer(ctx, row.Subject, Class, row.Month, rows)
	if err != nil {
		return fmt.Errorf("seal media id: %w", err)
	}
	if row.Upstream, err = key.Seal(bound(row.ID, "upstream"), []byte(upstream)); err != nil {
		return fmt.Errorf("seal media id: %w", err)
	}
	row.Hash, err = s.Hash(upstream)
	return err
}

// Content reads a file that is kept.
func (s *Store) Content(ctx context.Context, row journal.Media) (io.ReadCloser, error) {
	if !row.Stored {
		return nil, ErrUnknown
	}
	key, err := s.cfg.People.Opener(ctx, row.Subject, Class, row.Month)
	if err != nil {
		return nil, fmt.Errorf("open media: %w", err)
	}
	f, _, err := s.cfg.Blobs.Open(ctx, blob.Name(row.ID))
	if errors.Is(err, blob.ErrNotFound) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return content{key.UnsealStream(bound(row.ID, "content"), f), f}, nil
}

type content struct {
	io.Reader
	io.Closer
}

// Row makes the row of a file that a person sent; its content is not kept yet.
func (s *Store) Row(ctx context.Context, m journal.Media, upstream string, rows *person.Rows) (journal.Media, error) {
	now := s.cfg.Now()
	m.ID, m.Month, m.Created, m.Until = audit.NewID(now), person.Month(now), now.UnixMicro(), now.Add(InboundLife).UnixMicro()
	m.Inbound = true
	return m, s.Name(ctx, &m, upstream, rows)
}
