package person

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
)

// maxCached bounds the wrapped data keys held in memory; at the bound half of
// them are forgotten and read again when needed.
const maxCached = 1 << 15

// Rows are the rows about people that a batch must carry.
type Rows struct {
	dir      *Directory
	subjects []*journal.Subject
	keys     []keyName
}

// AddTo puts the rows into the batch and marks them durable once it is.
func (r *Rows) AddTo(b *journal.Batch) {
	if r == nil || len(r.subjects)+len(r.keys) == 0 {
		return
	}
	r.dir.mu.RLock()
	for _, s := range r.subjects {
		b.Subjects = append(b.Subjects, *s)
		b.Facts = append(b.Facts, r.dir.refused[s.ID]...)
	}
	r.dir.mu.RUnlock()
	for _, k := range r.keys {
		b.DataKeys = append(b.DataKeys, r.dir.keys.row(k))
	}
	b.OnCommit(r.durable)
}

func (r *Rows) durable() {
	r.dir.mu.Lock()
	for _, s := range r.subjects {
		if r.dir.unstored[s.ID] == s {
			delete(r.dir.unstored, s.ID)
			delete(r.dir.refused, s.ID)
		}
	}
	r.dir.mu.Unlock()
	r.dir.keys.durable(r.keys)
}

type keyName struct {
	subject      audit.SubjectID
	class, month string
}

func (k keyName) scope() keyring.Scope {
	return keyring.Scope{Subject: k.subject, Class: k.class, Month: k.month}
}

// dataKeys caches wrapped data keys. Those not yet durable are kept apart and
// are never forgotten.
type dataKeys struct {
	cfg Config

	mu       sync.Mutex
	stored   map[keyName][]byte
	unstored map[keyName][]byte
}

func newDataKeys(cfg Config) *dataKeys {
	return &dataKeys{cfg: cfg, stored: map[keyName][]byte{}, unstored: map[keyName][]byte{}}
}

// Month is the month of a data key for what happens at t.
func Month(t time.Time) string { return t.UTC().Format("2006-01") }

// Sealer returns the data key of subject, class and month, made now if there
// is none; rows then carries it into the next batch.
func (d *Directory) Sealer(ctx context.Context, id audit.SubjectID, class, month string, rows *Rows) (*keyring.Sealer, error) {
	if d.Erased(id) {
		return nil, ErrErased
	}
	if rows.dir == nil {
		rows.dir = d
	}
	return d.keys.sealer(ctx, id, class, month, rows)
}

// Opener returns an existing data key. The error is journal's if the key was
// destroyed or never existed.
func (d *Directory) Opener(ctx context.Context, id audit.SubjectID, class, month string) (*keyring.Sealer, error) {
	name := keyName{id, class, month}
	wrapped, _, err := d.keys.find(ctx, name)
	if err != nil {
		return nil, err
	}
	if wrapped == nil {
		return nil, fmt.Errorf("data key of %s %s: %w", class, month, errNoDataKey)
	}
	return d.keys.unwrap(ctx, name, wrapped)
}

var errNoDataKey = errors.New("no data key: it was destroyed or never made")

func (k *dataKeys) sealer(ctx context.Context, id audit.SubjectID, class, month string, rows *Rows) (*keyring.Sealer, error) {
	name := keyName{id, class, month}
	wrapped, pending, err := k.find(ctx, name)
	if err != nil {
		return nil, err
	}
	if wrapped == nil {
		if wrapped, err = k.make(name); err != nil {
			return nil, err
		}
		pending = true
	}
	if pending {
		rows.keys = append(rows.keys, name)
	}
	return k.unwrap(ctx, name, wrapped)
}

// unwrap reads a key again whose wrapping in memory is of a version that was
// destroyed: the store has it under a newer one.
func (k *dataKeys) unwrap(ctx context.Context, name keyName, wrapped []byte) (*keyring.Sealer, error) {
	sealer, err := k.cfg.Keys.DataKey(wrapped, name.scope())
	if !errors.Is(err, keyring.ErrDestroyed) {
		return sealer, err
	}
	k.mu.Lock()
	delete(k.stored, name)
	k.mu.Unlock()
	if wrapped, _, err = k.find(ctx, name); err != nil {
		return nil, err
	}
	if wrapped == nil {
		return nil, fmt.Errorf("data key of %s %s: %w", name.class, name.month, errNoDataKey)
	}
	return k.cfg.Keys.DataKey(wrapped, name.scope())
}

func (k *dataKeys) find(ctx context.Context, name keyName) (wrapped []byte, pending bool, err error) {
	k.mu.Lock()
	wrapped = k.stored[name]
	if wrapped == nil {
		wrapped = k.unstored[name]
		pending = wrapped != nil
	}
	k.mu.Unlock()
	if wrapped != nil {
		return wrapped, pending, nil
	}
	row, err := k.cfg.Journal.DataKey(ctx, name.subject, name.class, name.month)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read data key: %w", err)
	}
	k.mu.Lock()
	k.remember(name, row.Wrapped)
	k.mu.Unlock()
	return row.Wrapped, false, nil
}

// remember is called with mu held.
func (k *dataKeys) remember(name keyName, wrapped []byte) {
	if len(k.stored) >= maxCached {
		for n := range k.stored {
			if len(k.stored) <= maxCached/2 {
				break
			}
			delete(k.stored, n)
		}
	}
	k.stored[name] = wrapped
}

// make returns the key another caller made in the meantime, if any: a scope
// never gets two.
func (k *dataKeys) make(name keyName) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if w := k.unstored[name]; w != nil {
		return w, nil
	}
	if w := k.stored[name]; w != nil {
		return w, nil
	}
	w, err := k.cfg.Keys.NewDataKey(name.scope())
	if err != nil {
		return nil, fmt.Errorf("make data key: %w", err)
	}
	k.unstored[name] = w
	return w, nil
}

func (k *dataKeys) row(name keyName) journal.DataKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	w := k.unstored[name]
	if w == nil {
		w = k.stored[name]
	}
	return journal.DataKey{Subject: name.subject, Class: name.class, Month: name.month, Wrapped: w}
}

// pending adds the subject's own key to rows while it is not durable.
func (k *dataKeys) pending(id audit.SubjectID, class string, rows *Rows) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name := range k.unstored {
		if name.subject == id && name.class == class {
			rows.keys = append(rows.keys, name)
		}
	}
}

func (k *dataKeys) durable(names []keyName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if w := k.unstored[name]; w != nil {
			delete(k.unstored, name)
			k.remember(name, w)
		}
	}
}

// row is a known subject's row. It is called with the directory's mu held.
func (d *Directory) row(ctx context.Context, id audit.SubjectID) (journal.Subject, error) {
	if row := d.unstored[id]; row != nil {
		return *row, nil
	}
	row, err := d.cfg.Journal.Subject(ctx, id)
	if err != nil {
		return row, fmt.Errorf("read subject: %w", err)
	}
	return row, nil
}

// Destroyed hears of data keys that the store no longer has: they are not used
// from memory any more.
func (d *Directory) Destroyed(keys []journal.DataKey) {
	d.keys.mu.Lock()
	defer d.keys.mu.Unlock()
	for _, k := range keys {
		delete(d.keys.stored, keyName{k.Subject, k.Class, k.Month})
	}
}
