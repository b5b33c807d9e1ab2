package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
)

// Reindex moves the blind indexes of people to the active epoch, through their
// sealed identifiers. Somebody is found under one epoch or the other at every
// moment. lost are those whose row changed meanwhile: they need another turn;
// stuck are those whose identifiers can not be opened any more.
func (d *Directory) Reindex(ctx context.Context, people []journal.Subject) (moved, lost, stuck int, err error) {
	var changes []journal.Reindexed
	for _, row := range people {
		now, err := d.moveIndex(ctx, row)
		switch {
		case errors.Is(err, errStuck):
			stuck++
		case err != nil:
			return 0, 0, stuck, err
		case now != nil:
			changes = append(changes, journal.Reindexed{Subject: row, Now: now})
		}
	}
	err = d.cfg.Journal.ReplaceIndexes(ctx, changes, func(done []journal.Reindexed) {
		moved += len(done)
		d.exchange(done)
	})
	return moved, len(changes) - moved, stuck, err
}

var errStuck = errors.New("identifiers do not open")

// moveIndex is the row's index under the active epoch; nil if it is there.
func (d *Directory) moveIndex(ctx context.Context, row journal.Subject) ([]journal.IndexEntry, error) {
	active, err := d.cfg.Keys.ActiveVersion(keyring.Index)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(row.Index, func(e journal.IndexEntry) bool { return e.Epoch != active }) {
		return nil, nil
	}
	renamed, err := d.renamed(ctx, row)
	if err != nil {
		return nil, err
	}
	var out []journal.IndexEntry
	for _, e := range row.Index {
		if e.Epoch != active {
			to, known := renamed[e.Hash]
			if !known {
				return nil, errStuck
			}
			e.Epoch, e.Hash = to.Version, hash(to.Sum[:16])
		}
		twice := func(o journal.IndexEntry) bool { return o.Hash == e.Hash && o.Kind == e.Kind && o.Until == e.Until }
		if !slices.ContainsFunc(out, twice) {
			out = append(out, e)
		}
	}
	return out, nil
}

// renamed says for each older hash of the person's identifiers what the active
// epoch has instead.
func (d *Directory) renamed(ctx context.Context, row journal.Subject) (map[hash]keyring.VersionedMAC, error) {
	ids, err := d.identifiersOf(ctx, row)
	if err != nil {
		return nil, err
	}
	out := map[hash]keyring.VersionedMAC{}
	add := func(kind, value string) {
		sums, failed := d.sums(row.Tenant, kind, value)
		if failed != nil {
			err = failed
			return
		}
		for _, old := range sums[1:] {
			out[hash(old.Sum[:16])] = sums[0]
		}
	}
	if ids.Former != nil {
		ids.Numbers, ids.UserIDs = append(ids.Numbers, ids.Former.Numbers...), append(ids.UserIDs, ids.Former.UserIDs...)
	}
	for _, n := range ids.Numbers {
		add(kindNumber, n)
		add(kindFamily, facts.Key(n))
	}
	for _, u := range ids.UserIDs {
		add(kindUserID, u)
	}
	return out, err
}

// identifiersOf opens a row without keeping its data key in memory: the walk
// passes everybody once. errStuck means that it can not be opened for good.
func (d *Directory) identifiersOf(ctx context.Context, row journal.Subject) (Identifiers, error) {
	month := Month(time.UnixMicro(row.Created))
	key, err := d.cfg.Journal.DataKey(ctx, row.ID, ClassSubject, month)
	if errors.Is(err, journal.ErrNotFound) {
		return Identifiers{}, errStuck
	}
	if err != nil {
		return Identifiers{}, fmt.Errorf("read data key: %w", err)
	}
	sealer, err := d.cfg.Keys.DataKey(key.Wrapped, keyName{row.ID, ClassSubject, month}.scope())
	if err != nil {
		return Identifiers{}, stuckOr(err)
	}
	ids, err := unsealIdentifiers(sealer, row)
	return ids, stuckOr(err)
}

func stuckOr(err error) error {
	if errors.Is(err, keyring.ErrOpen) || errors.Is(err, keyring.ErrDestroyed) {
		return errStuck
	}
	return err
}

// exchange takes new indexes into memory. It runs in the journal's writer.
func (d *Directory) exchange(done []journal.Reindexed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range done {
		p.Subject.Index = p.Now
		d.remember(p.Subject)
	}
	for _, p := range done {
		for _, e := range p.Index {
			if !slices.ContainsFunc(p.Now, func(n journal.IndexEntry) bool { return n.Hash == e.Hash }) {
				d.forget(p.ID, e)
			}
		}
	}
}

// forget drops one index entry. It is called with mu held.
func (d *Directory) forget(id audit.SubjectID, e journal.IndexEntry) {
	if e.Kind != kindFamily {
		if d.index[e.Hash] == id {
			delete(d.index, e.Hash)
		}
		return
	}
	others := slices.DeleteFunc(slices.Collect(d.holders(e.Hash)), func(o audit.SubjectID) bool { return o == id })
	delete(d.family, e.Hash)
	delete(d.cousins, e.Hash)
	if len(others) > 0 {
		d.family[e.Hash] = others[0]
	}
	if len(others) > 1 {
		d.cousins[e.Hash] = others[1:]
	}
}

// Pending counts what only memory has yet: data keys wrapped by a version of
// the key-encryption key, and people with entries of an epoch of the index.
func (d *Directory) Pending(p keyring.Purpose, version uint32) int {
	n := 0
	switch p {
	case keyring.KEK:
		d.keys.mu.Lock()
		defer d.keys.mu.Unlock()
		for _, w := range d.keys.unstored {
			if v, err := keyring.EnvelopeVersion(keyring.KEK, w); err != nil || v == version {
				n++
			}
		}
	case keyring.Index:
		d.mu.RLock()
		defer d.mu.RUnlock()
		for _, row := range d.unstored {
			if slices.ContainsFunc(row.Index, func(e journal.IndexEntry) bool { return e.Epoch == version }) {
				n++
			}
		}
	default:
	}
	return n
}
