package person

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
)

// ErrErased means that a person's data was destroyed: nothing is sealed for the
// subject any more, and nothing opens.
var ErrErased = errors.New("the person was erased")

// ErrUnreadable means that a refusal could not be kept, since the identifiers
// that it would be found by do not open.
var ErrUnreadable = errors.New("the person refused messages and the identifiers do not open: the refusal could not be kept")

// scopeErasing is the settings scope of erasures that are not finished: key is
// the subject, value the Forgotten.
const scopeErasing = "erasing"

// Forgotten is a person whose data is being destroyed. Nobody is found under
// its subjects any more: the same number begins as somebody new.
type Forgotten struct {
	Tenant   string            `json:"tenant"`
	Subjects []audit.SubjectID `json:"subjects"` // all that are this person; the first stands for it
	Record   audit.ID          `json:"record"`   // says that it was asked for
	Reason   string            `json:"reason"`   // short token
	Actor    string            `json:"actor"`
	Kept     int               `json:"kept"` // entries of the suppression list that stay
}

// Use keeps erasures from beginning until done is called: what was looked up of
// a person is then still true when it is committed. It must not be nested.
func (d *Directory) Use() (done func()) {
	d.using.RLock()
	return d.using.RUnlock
}

// Erased reports whether the subject's data was destroyed, or is about to be.
func (d *Directory) Erased(id audit.SubjectID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.erased[id]
}

// Forget takes a person out of use, for good: it commits the batch, which says
// so, together with what keeps a refusal in force and a mark by which Unfinished
// finds it, and from then on nobody is found under its subjects. It waits for
// what uses people now. Finish destroys the data.
func (d *Directory) Forget(ctx context.Context, id audit.SubjectID, f Forgotten, b journal.Batch) (Forgotten, error) {
	d.using.Lock()
	defer d.using.Unlock()
	kept, err := d.leave(ctx, id, &f)
	if err != nil {
		return f, err
	}
	value, err := json.Marshal(f)
	if err != nil {
		return f, fmt.Errorf("encode erasure: %w", err)
	}
	mark := journal.Setting{Scope: scopeErasing, Key: f.Subjects[0].String(), Value: value, Time: d.cfg.Now().UnixMicro()}
	b.Settings = append(append(b.Settings, kept...), mark)
	// Not with mu held: what is committed before it wants to note that it is.
	if err := d.cfg.Journal.Append(ctx, b); err != nil {
		return f, fmt.Errorf("record that a person is erased: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listRefusals(kept)
	return f, d.drop(ctx, f.Subjects)
}

// leave finds all subjects of the person, and what stays of them.
func (d *Directory) leave(ctx context.Context, id audit.SubjectID, f *Forgotten) ([]journal.Setting, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f.Subjects = d.same(d.root(id))
	if d.erased[f.Subjects[0]] {
		return nil, ErrErased
	}
	kept, n, err := d.keepRefusals(ctx, *f)
	f.Kept = n
	return kept, err
}

// same are all subjects that proved to be one with root, root first. It is
// called with mu held.
func (d *Directory) same(root audit.SubjectID) []audit.SubjectID {
	out := []audit.SubjectID{root}
	for id := range d.alias {
		if id != root && d.root(id) == root {
			out = append(out, id)
		}
	}
	return out
}

// drop forgets subjects. It is called with mu held.
func (d *Directory) drop(ctx context.Context, subjects []audit.SubjectID) error {
	var errs []error
	for _, id := range subjects {
		d.erased[id] = true // what an index entry names still, is passed over from here on
		row, err := d.row(ctx, id)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			errs = append(errs, err)
		}
		for _, e := range row.Index {
			d.forget(id, e)
		}
		delete(d.unstored, id)
		delete(d.refused, id)
		delete(d.places.of, id)
	}
	d.keys.drop(subjects)
	return errors.Join(errs...)
}

func (k *dataKeys) drop(subjects []audit.SubjectID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, names := range []map[keyName][]byte{k.stored, k.unstored} {
		for name := range names {
			if slices.Contains(subjects, name.subject) {
				delete(names, name)
			}
		}
	}
}

// Unfinished are the erasures that were begun and not finished.
func (d *Directory) Unfinished(ctx context.Context) ([]Forgotten, error) {
	rows, err := d.cfg.Journal.Settings(ctx, scopeErasing)
	if err != nil {
		return nil, fmt.Errorf("look up erasures: %w", err)
	}
	out := make([]Forgotten, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Value, &out[i]); err != nil {
			return nil, fmt.Errorf("read erasure: %w", err)
		}
		if len(out[i].Subjects) == 0 {
			return nil, errors.New("read erasure: it names nobody")
		}
	}
	return out, nil
}
