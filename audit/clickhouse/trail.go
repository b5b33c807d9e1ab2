package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"postern/audit"
)

// Trail is the trail as ClickHouse has it, for Verify: leaves are made
// again of leaf_input and held against the table of leaves, every column
// against leaf_input, parts in the clear against their hashes. Sealed parts
// are not here and not proved here.
type Trail struct {
	Store *Store
	Chain string

	// Confirmed is how far it must reach: the follower's cursor.
	Confirmed func(context.Context) (uint64, error)

	// Size is how many records the journal has; a row from there on is none.
	Size func(context.Context) (uint64, error)

	// Checkpoints are signed notes, of the journal's. Those beyond Confirmed
	// prove nothing here yet and are left out.
	Checkpoints [][]byte
}

var _ audit.Source = (*Trail)(nil)

// Head implements audit.Source.
func (t *Trail) Head(ctx context.Context) (audit.Head, error) {
	size, err := t.Confirmed(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	return audit.Head{Chain: t.Chain, Records: size, Checkpoints: notBeyond(t.Checkpoints, size)}, nil
}

// notBeyond keeps the checkpoints of at most that size, and what is none.
func notBeyond(notes [][]byte, size uint64) (out [][]byte) {
	for _, note := range notes {
		c, err := audit.UnverifiedCheckpoint(note)
		if err != nil || c.Size <= size {
			out = append(out, note)
		}
	}
	return out
}

// Records implements audit.Source.
func (t *Trail) Records(ctx context.Context, from, until uint64, fn func(*audit.Record) error) error {
	of, err := t.Store.ofStore(ctx, t.Chain)
	if errors.Is(err, ErrLineage) { // the record that does not say it is read with the rest, and named
		of, err = t.Store.ofAll(ctx, t.Chain)
	}
	for ; err == nil && from < until; from += readAhead {
		err = t.some(ctx, between(of), from, min(until, from+readAhead), fn)
	}
	return err
}

// some reads at most readAhead records.
func (t *Trail) some(ctx context.Context, where string, from, until uint64, fn func(*audit.Record) error) error {
	a := ask{params: rangeOf(t.Chain, from, until), settings: t.Store.consistent()}
	leaves, err := t.leaves(ctx, where, a)
	if err != nil {
		return err
	}
	records, err := t.purged(ctx, where, a)
	if err != nil {
		return err
	}
	err = t.rows(ctx, where, a, func(r audit.Record) { records = append(records, r) })
	if err != nil {
		return err
	}
	slices.SortStableFunc(records, func(a, b audit.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := range records {
		records[i].Leaf = leaves[records[i].Seq]
		if err := fn(&records[i]); err != nil {
			return err
		}
	}
	return nil
}

// readAhead bounds the records in memory at once.
const readAhead = 1 << 14

// between is the condition of a range; of is ofStore's.
func between(of string) string {
	return " WHERE " + of + " AND seq >= {from:Int64} AND seq < {until:Int64}"
}

// leaves are the hashes in the table that nothing is ever purged from. Of two
// that contradict each other none counts.
func (t *Trail) leaves(ctx context.Context, where string, a ask) (map[uint64][32]byte, error) {
	out := make(map[uint64][32]byte)
	err := t.Store.query(ctx, "read leaves", "SELECT seq, leaf FROM "+t.Store.table("leaves")+where, a, func(scan func(...any) error) error {
		var seq int64
		var leaf string
		if err := scan(&seq, &leaf); err != nil {
			return err
		}
		var hash [32]byte
		copy(hash[:], leaf)
		if _, twice := out[uint64(seq)]; twice { //nolint:gosec // not negative, as asked
			hash = [32]byte{}
		}
		out[uint64(seq)] = hash //nolint:gosec // see above
		return nil
	})
	return out, err
}

// purged are the places of records that are gone, unless their row is there.
func (t *Trail) purged(ctx context.Context, where string, a ask) ([]audit.Record, error) {
	var out []audit.Record
	rows := "SELECT seq FROM " + t.Store.table("records") + where + " UNION ALL SELECT seq FROM " + t.Store.table("held") + where
	err := t.Store.query(ctx, "read purged records", "SELECT DISTINCT seq, id, prev FROM "+t.Store.table("purged")+where+" AND seq NOT IN ("+rows+")", a,
		func(scan func(...any) error) error {
			var seq int64
			var id, prev string
			if err := scan(&seq, &id, &prev); err != nil {
				return err
			}
			r := audit.Record{Version: audit.Version, Seq: uint64(seq), Kind: audit.KindPurged, Purged: true} //nolint:gosec // see leaves
			copy(r.ID[:], id)
			copy(r.Prev[:], prev)
			out = append(out, r)
			return nil
		})
	return out, err
}

// rows reads the records that are there.
func (t *Trail) rows(ctx context.Context, where string, a ask, fn func(audit.Record)) error {
	names := ""
	for i := range fields {
		if i > 0 {
			names += ", "
		}
		names += fields[i].name
	}
	from := func(table string) string { return "SELECT " + names + " FROM " + t.Store.table(table) + where }
	v := newValues()
	return t.Store.query(ctx, "read records", from("records")+" UNION ALL "+from("held"), a, func(scan func(...any) error) error {
		if err := scan(v.dest...); err != nil {
			return err
		}
		fn(v.record())
		return nil
	})
}

// values is one row as the server has it, by the order of fields.
type values struct {
	text   []string
	number []int64
	bit    []uint8
	dest   []any
}

func newValues() *values {
	n := len(fields)
	v := &values{text: make([]string, n), number: make([]int64, n), bit: make([]uint8, n)}
	for i, f := range fields {
		switch {
		case f.word != nil || f.bytes != nil:
			v.dest = append(v.dest, &v.text[i])
		case f.number != nil:
			v.dest = append(v.dest, &v.number[i])
		default:
			v.dest = append(v.dest, &v.bit[i])
		}
	}
	return v
}

func (v *values) textOf(name string) string {
	for i := range fields {
		if fields[i].name == name {
			return v.text[i]
		}
	}
	panic("no column " + name) // a column of ours, see fields
}

// record makes the record of the row again. One whose columns are not those of
// its leaf gets a version that has no leaf, so that Verify names it.
func (v *values) record() audit.Record {
	r, err := audit.DecodeLeaf([]byte(v.textOf("leaf_input")))
	seq := uint64(v.number[1]) //nolint:gosec // see leaves
	if err != nil {
		return audit.Record{Seq: seq}
	}
	agrees := r.Seq == seq && v.agrees(&row{Record: &r, leaf: []byte(v.textOf("leaf_input"))})
	had := make(map[string]bool)
	for i := range r.Parts {
		v.fill(&r.Parts[i])
		had[r.Parts[i].Name] = true
	}
	for _, name := range clearParts {
		agrees = agrees && (had[name] || v.textOf(name) == "")
	}
	for i, f := range fields {
		if f.name == "erased" && v.bit[i] == 0 && (&row{Record: &r}).erased() {
			agrees = false // a part is gone and the row does not say so
		}
	}
	if !agrees {
		r.Version, r.Seq = 0, seq
	}
	return r
}

// agrees holds every column that the leaf decides against it.
func (v *values) agrees(r *row) bool {
	for i, f := range fields {
		switch {
		case f.part:
		case (f.word != nil || f.bytes != nil) && f.text(r) != v.text[i], f.number != nil && f.number(r) != v.number[i],
			f.bit != nil && f.bit(r) != (v.bit[i] == 1):
			return false
		}
	}
	return true
}

// fill gives a part of a decoded leaf what the row has of it.
func (v *values) fill(p *audit.Part) {
	p.Erased = false
	for _, name := range clearParts {
		if p.Name != name {
			continue
		}
		salt := v.textOf(name + "_salt")
		p.Body = []byte(v.textOf(name))
		p.Erased = salt == "" && len(p.Body) == 0
		copy(p.Salt[:], salt)
		return
	}
	p.Elsewhere = true
}
