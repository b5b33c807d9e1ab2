package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
)

const monthForm = "2006-01"

// SealedUnder names the data key that a record's parts are sealed under: its
// class, and its month, which may be one of two.
func (j *Journal) SealedUnder(r *audit.Record) (class string, months []string) {
	at := time.UnixMicro(r.Time).UTC()
	if r.Seq >= j.ownKeys.Load() {
		return audit.KeyClass(r.Kind, r.Retention), []string{at.Format(monthForm)}
	}
	// An older record of the last moment of a month may have been sealed in the next.
	return audit.ClassMessages, slices.Compact([]string{at.Format(monthForm), at.Add(time.Minute).Format(monthForm)})
}

// IdleKeys returns, of at most limit data keys that come after the given one,
// those that nothing needs any more, and the last key looked at; the zero value
// ends. Only keys of months that ended two days before now are looked at, since
// answers to repeated requests live a day.
func (j *Journal) IdleKeys(ctx context.Context, after DataKey, now time.Time, limit int) (idle []DataKey, last DataKey, err error) {
	keys, err := j.DataKeysAfter(ctx, after, limit)
	if err != nil || len(keys) == 0 {
		return nil, DataKey{}, err
	}
	last = keys[len(keys)-1]
	idle, err = j.idle(ctx, keys, &Erase{}, now)
	return idle, last, err
}

// IdleKeysOf is IdleKeys for the keys of one person, as if e were carried out and
// took all parts of its records.
func (j *Journal) IdleKeysOf(ctx context.Context, s audit.SubjectID, e Erase, now time.Time) ([]DataKey, error) {
	keys, err := j.KeysOf(ctx, s)
	if err != nil {
		return nil, err
	}
	return j.idle(ctx, keys, &e, now)
}

// idle is what of the keys, which are in order, nothing needs.
func (j *Journal) idle(ctx context.Context, keys []DataKey, e *Erase, now time.Time) ([]DataKey, error) {
	keys = slices.DeleteFunc(keys, func(k DataKey) bool {
		month, err := time.Parse(monthForm, k.Month)
		return err != nil || k.Class == "subject" || now.Before(month.AddDate(0, 1, 2))
	})
	if len(keys) == 0 {
		return nil, nil
	}
	queued, err := j.queuedUnder(ctx, keys[0].Subject, keys[len(keys)-1].Subject, e)
	if err != nil {
		return nil, err
	}
	var idle []DataKey
	for len(keys) > 0 {
		n := slices.IndexFunc(keys, func(k DataKey) bool { return k.Subject != keys[0].Subject })
		if n < 0 {
			n = len(keys)
		}
		some, err := j.idleOf(ctx, keys[:n], queued, e)
		if err != nil {
			return nil, fmt.Errorf("look what needs a key: %w", err)
		}
		idle, keys = append(idle, some...), keys[n:]
	}
	return idle, nil
}

// keyName names a data key without its wrapped value.
type keyName struct {
	subject      audit.SubjectID
	class, month string
}

// idleOf is idle for the keys of one person.
func (j *Journal) idleOf(ctx context.Context, keys []DataKey, queued map[keyName]bool, e *Erase) ([]DataKey, error) {
	free := make(map[keyName]bool, len(keys))
	for _, k := range keys {
		if name := (keyName{k.Subject, k.Class, k.Month}); !queued[name] {
			free[name] = true
		}
	}
	needs := []func(context.Context, audit.SubjectID, *Erase, map[keyName]bool) error{j.neededByMedia, j.neededByIDs, j.neededByTokens, j.neededByParts}
	for _, need := range needs {
		if len(free) == 0 {
			return nil, nil
		}
		if err := need(ctx, keys[0].Subject, e, free); err != nil {
			return nil, err
		}
	}
	var out []DataKey
	for _, k := range keys {
		if free[keyName{k.Subject, k.Class, k.Month}] {
			out = append(out, DataKey{Subject: k.Subject, Class: k.Class, Month: k.Month})
		}
	}
	return out, nil
}

// queuedUnder are the keys of queued webhooks of people between two.
func (j *Journal) queuedUnder(ctx context.Context, from, until audit.SubjectID, e *Erase) (map[keyName]bool, error) {
	out := map[keyName]bool{}
	const queued = "SELECT subject, month, id, app FROM deliveries WHERE body IS NOT NULL AND subject BETWEEN ? AND ?"
	err := j.scan(ctx, queued, func(row []driver.Value) error {
		name, of := keyName{class: audit.ClassDeliveries, month: asString(row[1])}, Outcome{App: asString(row[3])}
		copy(name.subject[:], asBytes(row[0]))
		copy(of.ID[:], asBytes(row[2]))
		if !slices.Contains(e.Dead, of) {
			out[name] = true
		}
		return nil
	}, from[:], until[:])
	return out, err
}

// neededByMedia takes out of free what seals files of a person or their ids.
func (j *Journal) neededByMedia(ctx context.Context, s audit.SubjectID, e *Erase, free map[keyName]bool) error {
	return j.scan(ctx, "SELECT month, id FROM media WHERE subject = ?", func(row []driver.Value) error {
		var id audit.ID
		if copy(id[:], asBytes(row[1])); !slices.Contains(e.Media, id) {
			delete(free, keyName{s, audit.ClassMedia, asString(row[0])})
		}
		return nil
	}, s[:])
}

// neededByIDs takes out of free what seals upstream's ids of a person's messages.
func (j *Journal) neededByIDs(ctx context.Context, s audit.SubjectID, e *Erase, free map[keyName]bool) error {
	const ids = `SELECT coalesce(m.class, 'messages'), m.month, r.seq FROM records r JOIN message_ids m ON m.admission = r.id
		WHERE r.subject = ? AND r.ref IS NULL AND m.upstream IS NOT NULL`
	return j.scan(ctx, ids, func(row []driver.Value) error {
		if _, goes := slices.BinarySearch(e.Seqs, asUint(row[2])); !goes || !e.MessageIDs {
			delete(free, keyName{s, asString(row[0]), asString(row[1])})
		}
		return nil
	}, s[:])
}

// sealedParts are the records of a person with a part that is sealed, without
// those that refer to others and with them.
const sealedParts = `SELECT r.seq, r.time, c.kind, c.retention FROM records r JOIN contexts c ON c.id = r.context
		WHERE r.subject = ?1 AND r.ref IS NULL AND x'01' IN (substr(r.original, 1, 1), substr(r.sent, 1, 1), substr(r.answer, 1, 1))
	UNION ALL SELECT r.seq, r.time, c.kind, c.retention FROM records r JOIN contexts c ON c.id = r.context
		WHERE r.subject = ?1 AND r.ref IS NOT NULL AND r.subject IS NOT NULL
		AND (r.original IS NOT NULL OR r.sent IS NOT NULL OR r.answer IS NOT NULL)
		AND x'01' IN (substr(r.original, 1, 1), substr(r.sent, 1, 1), substr(r.answer, 1, 1))`

// neededByParts takes out of free what seals parts of records about a person.
func (j *Journal) neededByParts(ctx context.Context, s audit.SubjectID, e *Erase, free map[keyName]bool) error {
	err := j.scan(ctx, sealedParts, func(row []driver.Value) error {
		r := audit.Record{Seq: asUint(row[0]), Time: asInt(row[1]), Kind: audit.Kind(asString(row[2])), Retention: asString(row[3])}
		if _, goes := slices.BinarySearch(e.Seqs, r.Seq); goes {
			return nil
		}
		class, months := j.SealedUnder(&r)
		for _, month := range months {
			delete(free, keyName{s, class, month})
		}
		if len(free) == 0 {
			return errEnough
		}
		return nil
	}, s[:])
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
