package person

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy/message"
)

// Errors of Attach and Detach.
var (
	ErrAttached = errors.New("it is this person's already")
	ErrTaken    = errors.New("it is another person's here")
	ErrDetached = errors.New("it is none of this person's")
	ErrLastName = errors.New("it is all that the person is found by")
)

// Taken is an ErrTaken with whose the identifier is, and until when; 0: still.
type Taken struct {
	By    audit.SubjectID
	Until int64
}

func (t *Taken) Error() string        { return ErrTaken.Error() }
func (t *Taken) Is(target error) bool { return target == ErrTaken }

// Attach makes a number or a user id one of a person's from a moment on, and
// commits the batch, which says so, with it. Nobody else may have had it since
// then. It waits for what uses people now.
func (d *Directory) Attach(ctx context.Context, tenant string, id audit.SubjectID, p message.Party, since time.Time, b journal.Batch) error {
	d.rectifying.Lock()
	defer d.rectifying.Unlock()
	if err := d.formerly(ctx, tenant, id, p, since); err != nil {
		return err
	}
	return d.rectify(ctx, tenant, p, b, func(h hashes, rows *Rows) ([]journal.Subject, error) {
		for _, versions := range h.lookup {
			other, taken := d.named(versions)
			switch {
			case taken && d.root(other) == d.root(id):
				return nil, ErrAttached
			case taken:
				return nil, &Taken{By: d.root(other)}
			}
		}
		row, ids, err := d.opened(ctx, d.root(id))
		if err != nil {
			return nil, err
		}
		ids.add(p)
		row.Index = h.addTo(slices.Clone(row.Index), since)
		if err := d.sealRow(ctx, &row, ids, rows); err != nil {
			return nil, err
		}
		d.places.locate(row.ID, p)
		return []journal.Subject{row}, d.suppress(tenant, row.ID, p)
	})
}

// Detach ends a number or a user id as one of a person's, at a moment, and
// commits the batch, which says so, with it. What was recorded stays as it is;
// whoever writes from there next begins as somebody new. What the person was found
// by stays sealed in the row. It waits for what uses people now.
func (d *Directory) Detach(ctx context.Context, tenant string, id audit.SubjectID, p message.Party, until time.Time, b journal.Batch) error {
	d.rectifying.Lock()
	defer d.rectifying.Unlock()
	return d.rectify(ctx, tenant, p, b, func(h hashes, rows *Rows) ([]journal.Subject, error) {
		var changed []journal.Subject
		left := 0
		for _, one := range d.same(d.root(id)) {
			row, ids, err := d.opened(ctx, one)
			if err != nil {
				return nil, err
			}
			if ids.end(p) {
				if row.Index, err = h.end(row.Index, ids, until); err != nil {
					return nil, err
				}
				if err := d.sealRow(ctx, &row, ids, rows); err != nil {
					return nil, err
				}
				changed = append(changed, row)
			}
			left += len(ids.Numbers) + len(ids.UserIDs)
		}
		switch {
		case len(changed) == 0:
			return nil, ErrDetached
		case left == 0:
			return nil, ErrLastName
		}
		return changed, nil
	})
}

// rectify commits the rows that change gives, and takes them into memory once
// they are durable. Nobody is looked up meanwhile, so that no batch under way
// carries a row as it was.
func (d *Directory) rectify(ctx context.Context, tenant string, p message.Party, b journal.Batch, change func(hashes, *Rows) ([]journal.Subject, error)) error {
	d.using.Lock()
	defer d.using.Unlock()
	h, err := d.hashes(tenant, p)
	if err != nil {
		return err
	}
	rows := &Rows{dir: d}
	d.mu.Lock()
	changed, err := change(h, rows)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	for i := range changed {
		rows.subjects = append(rows.subjects, &changed[i])
	}
	rows.AddTo(&b)
	// Not with mu held: what is committed before it wants to note that it is.
	if err := d.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("record what is put right: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, row := range changed {
		for _, e := range row.Index {
			if e.Until != 0 && !slices.ContainsFunc(row.Index, func(o journal.IndexEntry) bool { return o.Until == 0 && o.Hash == e.Hash }) {
				d.forget(row.ID, e)
			}
		}
		d.remember(row)
		delete(d.unstored, row.ID)
		delete(d.refused, row.ID)
	}
	return nil
}

// opened is a subject's row with what is sealed in it. It is called with mu held.
func (d *Directory) opened(ctx context.Context, id audit.SubjectID) (row journal.Subject, ids Identifiers, err error) {
	if row, err = d.row(ctx, id); err != nil {
		return row, ids, err
	}
	ids, err = d.openRow(ctx, row)
	return row, ids, err
}

// formerly refuses what was another person's until after a moment. It reads the
// rows of everybody: in memory is only what still is somebody's.
func (d *Directory) formerly(ctx context.Context, tenant string, id audit.SubjectID, p message.Party, since time.Time) error {
	h, err := d.hashes(tenant, p)
	if err != nil {
		return err
	}
	all, root := slices.Concat(h.lookup...), d.Root(id)
	return d.cfg.Journal.Subjects(ctx, func(s journal.Subject) error {
		for _, e := range s.Index {
			if e.Until > since.UnixMicro() && slices.Contains(all, hash(e.Hash)) && d.Root(s.ID) != root {
				return &Taken{By: s.ID, Until: e.Until}
			}
		}
		return nil
	})
}

// end takes an identifier out of those there are, and keeps it among the former.
func (i *Identifiers) end(p message.Party) (there bool) {
	if i.Former == nil {
		i.Former = &Identifiers{}
	}
	was := len(i.Numbers) + len(i.UserIDs)
	i.Numbers = slices.DeleteFunc(i.Numbers, func(n string) bool { return n == p.Number })
	i.UserIDs = slices.DeleteFunc(i.UserIDs, func(u string) bool { return u == p.UserID })
	if there = len(i.Numbers)+len(i.UserIDs) < was; there {
		i.Former.add(p)
	}
	return there
}

// end ends the entries of the party, but for that of a normal form which another
// of the person's numbers has.
func (h hashes) end(entries []journal.IndexEntry, left Identifiers, until time.Time) ([]journal.IndexEntry, error) {
	ends := slices.Concat(h.lookup...)
	if len(h.families) > 0 && !slices.ContainsFunc(left.Numbers, func(n string) bool { return facts.Key(n) == h.normal }) {
		ends = append(ends, h.families...)
	}
	out := slices.Clone(entries)
	for i := range out {
		e := &out[i]
		if e.Until != 0 || !slices.Contains(ends, hash(e.Hash)) {
			continue
		}
		if e.Until = until.UnixMicro(); e.Until <= e.From {
			return nil, fmt.Errorf("%w before %s", ErrDetached, time.UnixMicro(e.From).UTC().Format(time.RFC3339))
		}
	}
	return out, nil
}
