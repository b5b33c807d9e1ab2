// Package person turns numbers and business-scoped user ids into subjects: the
// random ids that stand for people everywhere in the trail, and the data keys
// that belong to them.
//
// Look-ups go through keyed blind indexes held in memory, so that no number
// rests anywhere in the clear. A person never seen before gets a subject at
// once; its rows travel in the same batch as the first record about it, and in
// every later batch until one of them is durable. It fails closed: without a
// keyed hash or a data key there is no person and hence no record.
package person

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy/message"
)

// Kinds of blind index entries.
const (
	kindNumber = "number"  // one exact number form
	kindFamily = "family"  // normal form shared by the forms of one number (whatsapp.md 7.4)
	kindUserID = "user_id" // business-scoped user id
)

// ClassSubject is the class of the data key that seals identifiers.
const ClassSubject = "subject"

// ErrNobody means that an event or message names no person.
var ErrNobody = errors.New("neither number nor user id")

// Person is a resolved party.
type Person struct {
	Subject audit.SubjectID
	Family  []audit.SubjectID // other subjects that hold a form of the same number
	Country string            // ISO 3166-1 alpha-2, "" if unknown
	Zones   []string          // candidate time zones of the number
}

// Config is what a Directory needs.
type Config struct {
	Journal *journal.Journal
	Keys    *keyring.Keyring
	Now     func() time.Time
	// Linked hears of subjects that are one person (proven) or whose numbers
	// share a normal form, so that the stricter facts win.
	Linked func(tenant string, a, b audit.SubjectID, proven bool)
	// Refused hears what somebody who comes back after an erasure refused
	// before it, ahead of the first decision about them. Nil hears nothing.
	Refused func(facts.Row)
}

type hash [16]byte

// Directory knows every subject by its blind indexes. It is safe for
// concurrent use.
type Directory struct {
	cfg  Config
	keys *dataKeys

	using sync.RWMutex // held for reading while people are used, for writing while one is taken out

	rectifying sync.Mutex // held while an identifier is attached or detached

	mu       sync.RWMutex
	index    map[hash]audit.SubjectID
	family   map[hash]audit.SubjectID   // first that holds a form of a number
	cousins  map[hash][]audit.SubjectID // the others: few numbers have any
	alias    map[audit.SubjectID]audit.SubjectID
	unstored map[audit.SubjectID]*journal.Subject
	places   places
	erased   map[audit.SubjectID]bool
	refusals map[string]refusal                 // the suppression list, by its keys
	refused  map[audit.SubjectID][]journal.Fact // of who came back, until the subject's row is durable
}

// Load reads the index of every subject.
func Load(ctx context.Context, cfg Config) (*Directory, error) {
	d := &Directory{
		cfg: cfg, keys: newDataKeys(cfg),
		index: map[hash]audit.SubjectID{}, family: map[hash]audit.SubjectID{}, cousins: map[hash][]audit.SubjectID{},
		alias:    map[audit.SubjectID]audit.SubjectID{},
		unstored: map[audit.SubjectID]*journal.Subject{}, places: newPlaces(),
		erased: map[audit.SubjectID]bool{}, refusals: map[string]refusal{}, refused: map[audit.SubjectID][]journal.Fact{},
	}
	err := cfg.Journal.Subjects(ctx, func(s journal.Subject) error {
		d.remember(s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load subjects: %w", err)
	}
	left, err := d.Unfinished(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range left {
		for _, id := range f.Subjects {
			d.erased[id] = true
		}
	}
	return d, d.loadRefusals(ctx)
}

// remember is called with mu held, or before the directory is shared. A row
// without index entries is all that is left of somebody who was erased.
func (d *Directory) remember(s journal.Subject) {
	if len(s.Index) == 0 {
		d.erased[s.ID] = true
	}
	for _, e := range s.Index {
		if e.Until != 0 {
			continue
		}
		if e.Kind == kindFamily {
			d.join(s.Tenant, s.ID, e.Hash)
			continue
		}
		d.index[e.Hash] = s.ID
	}
	if !s.Alias.IsZero() {
		d.alias[s.ID] = s.Alias
		d.cfg.Linked(s.Tenant, s.ID, s.Alias, true)
	}
}

// join adds a subject to those whose numbers share a normal form.
func (d *Directory) join(tenant string, id audit.SubjectID, h hash) {
	if first, known := d.family[h]; !known || d.erased[first] && len(d.cousins[h]) == 0 {
		d.family[h] = id
		return
	}
	others := slices.Collect(d.holders(h))
	if slices.Contains(others, id) {
		return
	}
	for _, other := range others {
		d.cfg.Linked(tenant, id, other, false)
	}
	d.cousins[h] = append(d.cousins[h], id)
}

// holders are the subjects that hold a form of a number. It is called with mu
// held.
func (d *Directory) holders(h hash) iter.Seq[audit.SubjectID] {
	return func(yield func(audit.SubjectID) bool) {
		first, known := d.family[h]
		if !known || !d.erased[first] && !yield(first) {
			return
		}
		for _, id := range d.cousins[h] {
			if !d.erased[id] && !yield(id) {
				return
			}
		}
	}
}

// Find returns the person if it is known.
func (d *Directory) Find(tenant string, p message.Party) (Person, bool) {
	hashes, err := d.hashes(tenant, p)
	if err != nil {
		return Person{}, false
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	id, known := d.first(hashes.lookup)
	if !known {
		return Person{}, false
	}
	return d.person(tenant, id, hashes), true
}

// Resolve returns the person, new if need be, and the rows that must be
// committed together with the first record about it.
func (d *Directory) Resolve(ctx context.Context, tenant string, p message.Party) (Person, *Rows, error) {
	hashes, err := d.hashes(tenant, p)
	if err != nil {
		return Person{}, nil, err
	}
	rows := &Rows{dir: d}
	d.mu.RLock()
	id, known := d.first(hashes.lookup)
	complete := known && d.linked(hashes.lookup, id)
	stored := d.unstored[id] == nil
	found := d.person(tenant, id, hashes)
	placed := d.places.placed(d.root(id), p)
	d.mu.RUnlock()
	if complete && stored && placed {
		return found, rows, nil
	}
	return d.add(ctx, tenant, p, hashes, rows)
}

// first is called with mu held.
func (d *Directory) first(identifiers [][]hash) (audit.SubjectID, bool) {
	for _, versions := range identifiers {
		if id, ok := d.named(versions); ok {
			return id, true
		}
	}
	return audit.SubjectID{}, false
}

// named is whom an identifier names under any epoch. It is called with mu held.
func (d *Directory) named(versions []hash) (audit.SubjectID, bool) {
	for _, h := range versions {
		if id, ok := d.index[h]; ok && !d.erased[id] {
			return id, true
		}
	}
	return audit.SubjectID{}, false
}

// linked reports whether every identifier already names id or an alias of it.
// It is called with mu held.
func (d *Directory) linked(identifiers [][]hash, id audit.SubjectID) bool {
	for _, versions := range identifiers {
		other, ok := d.named(versions)
		if !ok || d.root(other) != d.root(id) {
			return false
		}
	}
	return true
}

// Root is the subject that stands for the person: itself, or the one it was
// linked to.
func (d *Directory) Root(id audit.SubjectID) audit.SubjectID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.root(id)
}

// Same are all subjects that are this person, the one that stands for it first.
func (d *Directory) Same(id audit.SubjectID) []audit.SubjectID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.same(d.root(id))
}

// root follows aliases to the subject that stands for the person. It is
// called with mu held.
func (d *Directory) root(id audit.SubjectID) audit.SubjectID {
	for range 8 {
		next, ok := d.alias[id]
		if !ok {
			return id
		}
		id = next
	}
	return id
}

// person is called with mu held.
func (d *Directory) person(tenant string, id audit.SubjectID, h hashes) Person {
	id = d.root(id)
	pl := d.places.get(id)
	out := Person{Subject: id, Country: pl.Country, Zones: pl.Zones}
	for _, family := range h.families {
		for other := range d.holders(family) {
			if other = d.root(other); other == id || slices.Contains(out.Family, other) {
				continue
			}
			out.Family = append(out.Family, other)
			if len(h.families) > 1 && !id.IsZero() { // while the index moves, cousins may stand under different epochs
				d.cfg.Linked(tenant, id, other, false)
			}
		}
	}
	return out
}

// add creates or completes the subject under the write lock.
func (d *Directory) add(ctx context.Context, tenant string, p message.Party, h hashes, rows *Rows) (Person, *Rows, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// The key may have been rotated since, and the index moved: what is written
	// is written under the epoch that is active now.
	if active, err := d.cfg.Keys.ActiveVersion(keyring.Index); err != nil || active != h.epoch {
		if h, err = d.hashes(tenant, p); err != nil {
			return Person{}, nil, err
		}
	}
	id, known := d.first(h.lookup)
	if !known {
		id = audit.NewSubjectID()
	}
	id = d.root(id)
	d.places.locate(id, p)
	if row := d.unstored[id]; row != nil {
		rows.subjects = append(rows.subjects, row)
	}
	if known && d.linked(h.lookup, id) {
		d.keys.pending(id, ClassSubject, rows)
		return d.person(tenant, id, h), rows, nil
	}
	if err := d.write(ctx, tenant, id, known, p, h, rows); err != nil {
		return Person{}, nil, err
	}
	return d.person(tenant, id, h), rows, nil
}

// Link records that number is another form of the party's own number, as
// upstream's answer proves: both are one person from here on.
func (d *Directory) Link(ctx context.Context, tenant string, p message.Party, number string) (Person, *Rows, error) {
	known, rows, err := d.Resolve(ctx, tenant, p)
	if err != nil {
		return Person{}, nil, err
	}
	other := message.Party{Number: number}
	h, err := d.hashes(tenant, other)
	if err != nil {
		return Person{}, nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.root(known.Subject)
	if d.linked(h.lookup, id) {
		return known, rows, nil
	}
	return known, rows, d.write(ctx, tenant, id, true, other, h, rows)
}

// write makes the row for a new subject, or the wider row of a known one to
// which an identifier is added. It is called with mu held.
func (d *Directory) write(ctx context.Context, tenant string, id audit.SubjectID, known bool, p message.Party, h hashes, rows *Rows) error {
	now := d.cfg.Now()
	row := journal.Subject{ID: id, Tenant: tenant, Created: now.UnixMicro()}
	var ids Identifiers
	if known {
		var err error
		if row, err = d.row(ctx, id); err != nil {
			return err
		}
		if ids, err = d.openRow(ctx, row); err != nil {
			return err
		}
	}
	ids.add(p)
	row.Index = h.addTo(slices.Clone(row.Index), now)
	if err := d.sealRow(ctx, &row, ids, rows); err != nil {
		return err
	}
	if err := d.merge(ctx, id, h, rows); err != nil {
		return err
	}
	if err := d.suppress(tenant, id, p); err != nil {
		return err
	}
	d.keep(row, rows)
	return nil
}

// keep takes a row into memory and into the next batches. It is called with mu held.
func (d *Directory) keep(row journal.Subject, rows *Rows) {
	d.remember(row)
	d.unstored[row.ID] = &row
	rows.subjects = append(rows.subjects, &row)
}

// merge links other subjects that hold one of the identifiers to id: two that
// prove to be one. It is called with mu held.
func (d *Directory) merge(ctx context.Context, id audit.SubjectID, h hashes, rows *Rows) error {
	for _, versions := range h.lookup {
		other, ok := d.named(versions)
		if !ok || d.root(other) == id {
			continue
		}
		row, err := d.row(ctx, d.root(other))
		if err != nil {
			return err
		}
		row.Alias = id
		d.keep(row, rows)
	}
	return nil
}
