package journal

import (
	"encoding/binary"
	"slices"

	"postern/audit"
)

// each runs one statement for every item.
func each[T any](c *conn, items []T, text string, values func(T) []any) error {
	for _, it := range items {
		if _, err := c.exec(text, values(it)...); err != nil {
			return err
		}
	}
	return nil
}

// putSubject keeps the wider of two rows: a person's identifiers are only ever
// added to, and of two batches made at once the wider one may come first.
const putSubject = `INSERT INTO subjects VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
	alias = coalesce(excluded.alias, alias),
	idx = iif(length(excluded.idx) < length(idx), idx, excluded.idx),
	identifiers = iif(length(excluded.idx) < length(idx), identifiers, excluded.identifiers)`

func putSubjects(c *conn, b *Batch) error {
	return each(c, b.Subjects, putSubject, func(s Subject) []any {
		return []any{s.ID[:], s.Tenant, idOrNull(s.Alias), s.Created, orNull(packIndex(s.Index)), orNull(s.Identifiers)}
	})
}

// indexKinds are the kinds of index entries by the byte that stands for them;
// seal refuses others.
var indexKinds = []string{1: "number", 2: "user_id", 3: "family"}

const indexWidth = 4 + 16 + 1 + 8 + 8

// packIndex is the stored form of a subject's blind indexes, fixed width each.
func packIndex(entries []IndexEntry) []byte {
	out := make([]byte, 0, len(entries)*indexWidth)
	for _, e := range entries {
		kind := byte(slices.Index(indexKinds, e.Kind)) //nolint:gosec // seal has checked it
		out = binary.BigEndian.AppendUint32(out, e.Epoch)
		out = append(append(out, e.Hash[:]...), kind)
		out = binary.BigEndian.AppendUint64(out, uint64(e.From))  //nolint:gosec // read back the same way
		out = binary.BigEndian.AppendUint64(out, uint64(e.Until)) //nolint:gosec // read back the same way
	}
	return out
}

func unpackIndex(b []byte) []IndexEntry {
	out := make([]IndexEntry, 0, len(b)/indexWidth)
	for ; len(b) >= indexWidth; b = b[indexWidth:] {
		e := IndexEntry{
			Epoch: binary.BigEndian.Uint32(b), Kind: indexKinds[min(int(b[20]), len(indexKinds)-1)],
			From:  int64(binary.BigEndian.Uint64(b[21:])), //nolint:gosec // written the same way
			Until: int64(binary.BigEndian.Uint64(b[29:])), //nolint:gosec // written the same way
		}
		copy(e.Hash[:], b[4:])
		out = append(out, e)
	}
	return out
}

// putDataKeys keeps a key that is there: a scope never gets two, and a batch may
// carry one whose wrapping was exchanged since.
func putDataKeys(c *conn, b *Batch) error {
	return each(c, b.DataKeys, "INSERT OR IGNORE INTO data_keys VALUES (?, ?, ?, ?)", func(k DataKey) []any {
		return []any{k.Subject[:], k.Class, k.Month, notNull(k.Wrapped)}
	})
}

// putFacts never lets an older fact replace a newer one: two batches may be
// committed in another order than the one in which their facts came about.
func putFacts(c *conn, b *Batch) error {
	for _, f := range b.Facts {
		text, values := "DELETE FROM facts WHERE subject = ? AND kind = ? AND key = ? AND tenant = ?",
			[]any{f.Subject[:], f.Kind, f.Key, f.Tenant}
		if f.Value != nil {
			text = `INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
				value = excluded.value, time = excluded.time, until = excluded.until, record = excluded.record
				WHERE excluded.time >= facts.time`
			values = append(values, f.Value, f.Time, f.Until, idOrNull(f.Record))
		}
		if _, err := c.exec(text, values...); err != nil {
			return err
		}
	}
	return nil
}

func putDeliveries(c *conn, b *Batch) error {
	for i := range b.Deliveries {
		d := &b.Deliveries[i]
		seq, err := c.integer(`INSERT INTO deliveries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) RETURNING seq`,
			d.ID[:], d.App, d.Tenant, idOrNull(d.Subject), d.Number, d.Dialect, d.Month, d.NotAfter, d.NextAt,
			int64(d.Attempts), int64(d.State), d.LastCode, d.Created, orNull(d.Body))
		if err != nil {
			return err
		}
		d.Seq = seq
	}
	return nil
}

// putOutcomes notes when a delivery ended, for housekeeping; now is in microseconds.
func putOutcomes(c *conn, b *Batch, now int64) error {
	return each(c, b.Outcomes, `UPDATE deliveries SET state = ?3, next_at = ?4, attempts = ?5, last_code = ?6,
		not_after = iif(?7 = 0, not_after, ?7), ended = iif(?3 = 0, 0, ?8) WHERE id = ?1 AND app = ?2`, func(o Outcome) []any {
		return []any{o.ID[:], o.App, int64(o.State), o.NextAt, int64(o.Attempts), o.LastCode, o.NotAfter, now}
	})
}

func putMessageIDs(c *conn, b *Batch) error {
	return each(c, b.MessageIDs, "INSERT OR REPLACE INTO message_ids VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", func(m MessageID) []any {
		return []any{m.Admission[:], m.Tenant, m.Number, idOrNull(m.Subject), m.Hash[:], orNull(m.Upstream), m.Month, m.Time, classOrNull(m.Class)}
	})
}

// classOrNull leaves out the class that nearly all have.
func classOrNull(class string) any {
	if class == audit.ClassMessages {
		return nil
	}
	return textOrNull(class)
}

func putIdempotency(c *conn, b *Batch) error {
	for _, k := range b.Idempotency {
		text, values := "DELETE FROM idempotency WHERE key = ? AND app = ? AND number = ?", []any{k.Key[:], k.App, k.Number}
		if !k.Free {
			text = "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
			values = append(values, k.Body[:], idOrNull(k.Admission), idOrNull(k.Subject), k.Month, orNull(k.Answer), k.Time)
		}
		if _, err := c.exec(text, values...); err != nil {
			return err
		}
	}
	return nil
}

func putSeen(c *conn, b *Batch) error {
	return each(c, b.Seen, "INSERT OR IGNORE INTO seen VALUES (?, ?)", func(s Seen) []any { return []any{s.Hash[:], s.Time} })
}

func putSettings(c *conn, b *Batch) error {
	for _, s := range b.Settings {
		text, values := "DELETE FROM settings WHERE scope = ? AND key = ?", []any{s.Scope, s.Key}
		if s.Value != nil {
			text, values = "INSERT OR REPLACE INTO settings VALUES (?, ?, ?, ?)", append(values, s.Value, s.Time)
		}
		if _, err := c.exec(text, values...); err != nil {
			return err
		}
	}
	return nil
}

func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
