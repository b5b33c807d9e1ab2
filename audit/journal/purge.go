package journal

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
)

// Errors of a purge that a caller branches on.
var (
	// ErrStillOpen: an admission at or below a record to purge has no outcome yet.
	ErrStillOpen = errors.New("an admission at or below it has no outcome yet; purge it once that is settled")
	// ErrPermanent: the proof of other records rests on the record.
	ErrPermanent = errors.New("the proof of other records rests on it; leave it out")
)

// purges reports whether the records themselves go.
func (e *Erase) purges() bool { return len(e.Parts) == 1 && e.Parts[0] == audit.PartRecord }

// erasable refuses to take what must stay. Before records go their counts are
// written: afterwards nobody could count them.
func (j *Journal) erasable(ctx context.Context, e Erase) error {
	if !e.purges() && !slices.Contains(e.Parts, audit.PartDetail) {
		return nil
	}
	for _, r := range audit.NewErasure(e.Reason, e.Parts, e.Seqs).Ranges {
		if err := j.expendable(ctx, r); err != nil {
			return err
		}
	}
	if !e.purges() {
		return nil
	}
	if slices.Max(e.Seqs) >= j.LowestOpen() {
		return ErrStillOpen
	}
	return j.alone(ctx, func() error { j.counted = time.Time{}; return nil })
}

// LowestOpen is the lowest admission without outcome, or the size of the chain:
// records from it on cannot be purged.
func (j *Journal) LowestOpen() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	low := j.head.Size
	for _, o := range j.open {
		low = min(low, o.Seq)
	}
	return low
}

// expendable refuses a range that holds a permanent record.
func (j *Journal) expendable(ctx context.Context, r audit.SeqRange) error {
	kinds, err := rows(ctx, j, `SELECT DISTINCT c.kind, c.type FROM records r JOIN contexts c ON c.id = r.context WHERE r.seq BETWEEN ? AND ?`,
		func(row []driver.Value) [2]string { return [2]string{asString(row[0]), asString(row[1])} },
		int64(min(r.First, 1<<62)), int64(min(r.Last, 1<<62))) //nolint:gosec // bounded
	for _, k := range kinds {
		if audit.Permanent(audit.Kind(k[0]), k[1]) {
			return fmt.Errorf("%w: a record of kind %s between %d and %d", ErrPermanent, k[0], r.First, r.Last)
		}
	}
	return err
}

// placesOf are the records of a list of places, as JSON.
const placesOf = "(SELECT value FROM json_each(?))"

// purgeRows leaves of records what the chain and the tree need, and their ids, by
// which they are recognised where somebody wrote them down.
const purgeRows = `UPDATE records SET context = ?, time = 0, ref = NULL, subject = NULL, country = NULL, template = NULL,
	findings = NULL, changed = NULL, mac = NULL, mac_key = NULL, message_id = NULL, code = NULL, facts = NULL,
	body = NULL, detail = NULL, input = NULL, answer = NULL, original = NULL, sent = NULL WHERE seq IN ` + placesOf

const idsOf = "(SELECT id FROM records WHERE seq IN " + placesOf + ")"

// beside is what rests beside the trail under records' ids and goes with them.
// The keyed hash of a message id stays its 60 days, so that a late status is
// not taken for one of a message that went round the gate.
var beside = []string{
	"DELETE FROM deliveries WHERE state <> 0 AND id IN " + idsOf,
	"UPDATE message_ids SET upstream = NULL, subject = NULL WHERE admission IN " + idsOf,
	"DELETE FROM tokens WHERE record IN " + idsOf,
}

// overwriteRecords empties the rows of records. secure_delete makes SQLite zero
// the room they give up, in the indexes too.
func (j *Journal) overwriteRecords(seqs []uint64) error {
	list, err := json.Marshal(seqs)
	if err != nil {
		return fmt.Errorf("name records: %w", err)
	}
	err = j.inTransaction(func() error { return j.empty(string(list)) })
	if err != nil {
		j.contexts.rolledBack()
		return err
	}
	j.contexts.committed()
	return nil
}

// empty takes a list of places.
func (j *Journal) empty(list string) error {
	purged, err := j.contexts.id(j.w, &audit.Record{Version: audit.Version, Kind: audit.KindPurged})
	if err != nil {
		return err
	}
	for _, text := range beside {
		if _, err := j.w.exec(text, list); err != nil {
			return err
		}
	}
	_, err = j.w.exec(purgeRows, purged, list)
	return err
}
