package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
)

// ofPerson are the places of the records about a person (?1), of those that
// refer to one of them, and of revisions of those.
const ofPerson = `SELECT seq, context FROM records WHERE subject = ?1 AND ref IS NULL AND seq >= 0
	UNION SELECT f.seq, f.context FROM records r JOIN records f ON f.ref = r.id WHERE r.subject = ?1 AND r.ref IS NULL
	UNION SELECT v.seq, v.context FROM records r JOIN records f ON f.ref = r.id JOIN records v ON v.ref = f.id
		WHERE r.subject = ?1 AND r.ref IS NULL AND v.context IN (` + revisionContexts + `)`

// SeqsOf returns the records about a person, also those that refer to one of
// them: what an erasure request covers. Kinds leave out all others.
func (j *Journal) SeqsOf(ctx context.Context, s audit.SubjectID, kinds ...audit.Kind) ([]uint64, error) {
	type about struct {
		seq  uint64
		kind audit.Kind
	}
	all, err := rows(ctx, j, "SELECT a.seq, c.kind FROM ("+ofPerson+") a JOIN contexts c ON c.id = a.context ORDER BY 1", func(row []driver.Value) about {
		return about{asUint(row[0]), audit.Kind(asString(row[1]))}
	}, s[:])
	var out []uint64
	for _, a := range all {
		if len(kinds) == 0 || slices.Contains(kinds, a.kind) {
			out = append(out, a.seq)
		}
	}
	return out, err
}

// About calls fn for every record that SeqsOf counts, in order, without its
// parts. The record is reused; fn must not keep it.
func (j *Journal) About(ctx context.Context, s audit.SubjectID, fn func(*audit.Record) error) error {
	text := "SELECT " + headColumns + " FROM records WHERE seq IN (SELECT seq FROM (" + ofPerson + ")) ORDER BY seq"
	err := j.view(ctx, func(c *conn) error {
		d := newReader(c)
		return c.query(text, func(row []driver.Value) error {
			r, err := d.record(row)
			if err == nil {
				err = fn(r)
			}
			return errors.Join(err, ctx.Err())
		}, s[:])
	})
	if err != nil {
		return fmt.Errorf("read records about a person: %w", err)
	}
	return nil
}

// KeysOf returns the data keys of a person, without their wrapped value.
func (j *Journal) KeysOf(ctx context.Context, s audit.SubjectID) ([]DataKey, error) {
	return rows(ctx, j, "SELECT class, month FROM data_keys WHERE subject = ?", func(row []driver.Value) DataKey {
		return DataKey{Subject: s, Class: asString(row[0]), Month: asString(row[1])}
	}, s[:])
}

// FactsOf returns what is known of a person.
func (j *Journal) FactsOf(ctx context.Context, s audit.SubjectID) ([]Fact, error) {
	return rows(ctx, j, "SELECT subject, kind, key, tenant, value, time, until, record FROM facts WHERE subject = ?", factOf, s[:])
}

// FactsOfKind returns what is known of one kind, of everybody.
func (j *Journal) FactsOfKind(ctx context.Context, kind string) ([]Fact, error) {
	return rows(ctx, j, "SELECT subject, kind, key, tenant, value, time, until, record FROM facts WHERE kind = ?", factOf, kind)
}

// DeliveriesOf counts what is queued under a person and not over: pending and
// dead letters.
func (j *Journal) DeliveriesOf(ctx context.Context, s audit.SubjectID) (int64, error) {
	return one(ctx, j, "SELECT count(*) FROM deliveries WHERE state <> 1 AND subject = ?", func(row []driver.Value) int64 { return asInt(row[0]) }, s[:])
}

// DeadOf returns the webhooks of a person that were given up, without what they say.
func (j *Journal) DeadOf(ctx context.Context, s audit.SubjectID) ([]Delivery, error) {
	return rows(ctx, j, "SELECT id, app, created FROM deliveries WHERE state = 2 AND subject = ? ORDER BY seq", func(row []driver.Value) Delivery {
		d := Delivery{Subject: s, App: asString(row[1]), State: DeliveryDead, Created: asInt(row[2])}
		copy(d.ID[:], asBytes(row[0]))
		return d
	}, s[:])
}

// resting are the rows under a person beside the trail: how they are found, and
// what becomes of each. An answer goes and its row stays, so that a repeat is
// not sent again; a message id goes and its keyed hash stays, so that a late
// status is not taken for one of a message that went round the gate. Media are
// over at once: their content goes with the row.
var resting = []struct{ find, drop string }{
	{"SELECT seq FROM deliveries WHERE subject = ?", "DELETE FROM deliveries WHERE seq = ?"},
	{"SELECT key, app, number FROM idempotency WHERE subject = ? AND answer IS NOT NULL",
		"UPDATE idempotency SET answer = NULL WHERE key = ? AND app = ? AND number = ?"},
	{`SELECT m.admission FROM records r JOIN message_ids m ON m.admission = r.id
		WHERE r.subject = ? AND r.ref IS NULL AND m.upstream IS NOT NULL`, "UPDATE message_ids SET upstream = NULL WHERE admission = ?"},
	{"SELECT id FROM media WHERE subject = ?", "UPDATE media SET upstream = NULL, until = 0, fetch_at = 0 WHERE id = ?"},
	{"SELECT hash, record FROM tokens WHERE subject = ?", "DELETE FROM tokens WHERE hash = ? AND record = ?"},
	{"SELECT subject, kind, key, tenant FROM facts WHERE subject = ?",
		"DELETE FROM facts WHERE subject = ? AND kind = ? AND key = ? AND tenant = ?"},
	{"SELECT id FROM subjects WHERE id = ?", "UPDATE subjects SET idx = NULL, identifiers = NULL WHERE id = ?"},
}

// forget empties a person's rows. They are looked for beside the writer, so
// that sends do not wait for it: nothing may be added meanwhile.
func (j *Journal) forget(ctx context.Context, s audit.SubjectID) error {
	for _, r := range resting {
		found, err := rows(ctx, j, r.find, func(row []driver.Value) []any {
			out := make([]any, len(row))
			for i, v := range row {
				out[i] = v
			}
			return out
		}, s[:])
		if err != nil {
			return err
		}
		err = inSteps(ctx, j, found, func(some [][]any) error {
			return j.inTransaction(func() error { return each(j.w, some, r.drop, func(key []any) []any { return key }) })
		})
		if err != nil {
			return fmt.Errorf("overwrite rows: %w", err)
		}
	}
	return nil
}
