package journal

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"strings"

	"postern/audit"
)

// partNames are the columns of parts, in the order of the table.
var partNames = [...]string{
	audit.PartBody, audit.PartDetail, audit.PartInput, audit.PartAnswer, audit.PartOriginal, audit.PartSent,
}

// First byte of a stored part.
const (
	partKept   = 0x01 // then hash, salt, body
	partErased = 0x02 // then hash
)

const (
	recordHead = `seq, context, id, time, ref, subject, country, template, findings, changed,
		mac, mac_key, message_id, code, prev, leaf, facts`
	recordColumns = recordHead + ", body, detail, input, answer, original, sent"
	headColumns   = recordHead + ", NULL, NULL, NULL, NULL, NULL, NULL" // without parts
	recordWidth   = 23
	partColumn    = 17 // index of the first part in recordColumns
)

// packPart is the stored form of a part.
func packPart(p *audit.Part) []byte {
	b := make([]byte, 0, 1+len(p.Hash)+len(p.Salt)+len(p.Body))
	if p.Erased {
		return append(append(b, partErased), p.Hash[:]...)
	}
	b = append(append(b, partKept), p.Hash[:]...)
	return append(append(b, p.Salt[:]...), p.Body...)
}

// unpackPart reads what it can; what makes no sense becomes a part that
// Verify refuses. Body points into b.
func unpackPart(name string, b []byte) audit.Part {
	p := audit.Part{Name: name}
	switch {
	case len(b) == 33 && b[0] == partErased:
		p.Erased = true
		copy(p.Hash[:], b[1:])
	case len(b) >= 49 && b[0] == partKept:
		copy(p.Hash[:], b[1:])
		copy(p.Salt[:], b[33:])
		p.Body = b[49:]
	default:
		p.Hash, p.Body = [32]byte{0xff}, b
	}
	return p
}

// appendRow appends the values of one record in the order of recordColumns.
func appendRow(row []any, r *audit.Record, context int64) []any {
	row = append(row, int64(r.Seq), context, r.ID[:], r.Time, idOrNull(r.Ref), idOrNull(r.Subject), //nolint:gosec // far below 2^63
		textOrNull(r.Country), textOrNull(r.Template), textOrNull(r.Findings), nil,
		orNull(r.Mac), intOrNull(int64(r.MacKey)), orNull(r.MessageID), intOrNull(r.Code),
		r.Prev[:], r.Leaf[:], textOrNull(r.Facts))
	if r.Changed {
		row[len(row)-8] = int64(1)
	}
	for _, name := range partNames {
		var packed any
		for i := range r.Parts {
			if r.Parts[i].Name == name {
				packed = packPart(&r.Parts[i])
			}
		}
		row = append(row, packed)
	}
	return row
}

// reader turns rows of recordColumns into records. The record is reused.
type reader struct {
	c        *conn
	contexts map[int64]*audit.Record
	parts    [len(partNames)]audit.Part
	r        audit.Record
}

func newReader(c *conn) *reader {
	return &reader{c: c, contexts: make(map[int64]*audit.Record)}
}

func (d *reader) record(row []driver.Value) (*audit.Record, error) {
	ctx, err := d.context(asInt(row[1]))
	if err != nil {
		return nil, err
	}
	d.r = *ctx
	r := &d.r
	r.Seq, r.Time = asUint(row[0]), asInt(row[3])
	copyExact(r.ID[:], row[2])
	copyExact(r.Ref[:], row[4])
	copyExact(r.Subject[:], row[5])
	r.Country, r.Template, r.Findings = asString(row[6]), asString(row[7]), asString(row[8])
	r.Changed = asInt(row[9]) == 1
	r.Mac, r.MacKey, r.MessageID, r.Code = asBytes(row[10]), uint32(asInt(row[11])), asBytes(row[12]), asInt(row[13]) //nolint:gosec // stored from a uint32
	copyExact(r.Prev[:], row[14])
	copyExact(r.Leaf[:], row[15])
	r.Facts = asString(row[16])
	r.Parts = d.parts[:0]
	for i, name := range partNames {
		if v := row[partColumn+i]; v != nil {
			r.Parts = append(r.Parts, unpackPart(name, asBytes(v)))
		}
	}
	switch {
	case r.Kind == audit.KindPurged && bare(row):
		r.Purged, r.Parts = true, nil
	case !canonical(row, r):
		r.Version = 0 // has no leaf: Verify names it
	}
	return r, nil
}

// bare tells whether the row is what purging leaves: place, id and hashes.
func bare(row []driver.Value) bool {
	for i, v := range row {
		switch i {
		case 0, 1, 2, 14, 15: // seq, context, id, prev, leaf
			if v == nil {
				return false
			}
		case 3:
			if n, ok := v.(int64); !ok || n != 0 {
				return false
			}
		default:
			if v != nil {
				return false
			}
		}
	}
	return true
}

// columnTypes are those of recordColumns up to the parts: an integer that is
// always there (i) or never zero (I), a blob that is always there (b) or never
// empty (B), a text that is never empty (T).
const columnTypes = "iibiBBTTTIBIBIbbT"

// canonical tells whether the row is one that appendRow could have written. A
// value that reads the same but is stored otherwise is a change too: SQL would
// show it.
func canonical(row []driver.Value, r *audit.Record) bool {
	for i, t := range []byte(columnTypes) {
		ok := row[i] == nil && t < 'a'
		switch v := row[i].(type) {
		case int64:
			ok = t == 'i' || t == 'I' && v != 0
		case []byte:
			ok = (t == 'b' || t == 'B') && len(v) > 0
		case string:
			ok = t == 'T' && v != ""
		}
		if !ok {
			return false
		}
	}
	return (row[9] == nil || r.Changed) && (row[4] == nil || !r.Ref.IsZero()) &&
		(row[5] == nil || !r.Subject.IsZero()) && asInt(row[11]) == int64(r.MacKey)
}

// context returns the shared fields.
func (d *reader) context(id int64) (*audit.Record, error) {
	if r, ok := d.contexts[id]; ok {
		return r, nil
	}
	r, err := readContext(d.c, id)
	if err != nil {
		return nil, err
	}
	if len(d.contexts) > maxContexts {
		clear(d.contexts)
	}
	d.contexts[id] = r
	return r, nil
}

// copyExact copies a blob of exactly the length of dst. Another length marks
// dst so that it cannot agree with its leaf.
func copyExact(dst []byte, v driver.Value) {
	b := asBytes(v)
	if len(b) == len(dst) {
		copy(dst, b)
	} else if v != nil {
		for i := range dst {
			dst[i] = 0xff
		}
	}
}

// clone is a copy that the next row does not change.
func clone(r *audit.Record) audit.Record {
	out := *r
	out.Parts = append([]audit.Part(nil), r.Parts...)
	for i := range out.Parts {
		out.Parts[i].Body = bytes.Clone(out.Parts[i].Body)
	}
	return out
}

// insertRecords is the statement for n rows.
func insertRecords(n int) string {
	one := "(?" + strings.Repeat(",?", recordWidth-1) + ")"
	return fmt.Sprintf("INSERT INTO records (%s) VALUES %s%s", recordColumns, one, strings.Repeat(","+one, n-1))
}
