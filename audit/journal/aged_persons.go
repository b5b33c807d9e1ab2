package journal

import (
	"context"
	"database/sql/driver"
	"fmt"

	"postern/audit"
)

// agedPersonsPage is how many persons are held at once.
const agedPersonsPage = 1000

// nothingBeside is that no fact, no data key but that of the identifiers and no
// file of a person is there; what waits to be delivered lies under such a key.
const nothingBeside = `NOT EXISTS (SELECT 1 FROM facts WHERE subject = s.id) AND NOT EXISTS (SELECT 1 FROM data_keys WHERE subject = s.id AND class <> 'subject')
	AND NOT EXISTS (SELECT 1 FROM media WHERE subject = s.id)`

// AgedPersons calls fn for each person made before a time (microseconds) who is
// found by something and of whom nothing rests beside the trail.
func (r *Reader) AgedPersons(ctx context.Context, before int64, fn func(audit.SubjectID) error) error {
	var last audit.SubjectID
	for {
		var page []audit.SubjectID
		err := r.view(ctx, func(c *conn) error {
			return c.query("SELECT id FROM subjects s WHERE created < ? AND id > ? AND idx IS NOT NULL AND "+nothingBeside+" ORDER BY id LIMIT ?", func(row []driver.Value) error {
				var id audit.SubjectID
				copyExact(id[:], row[0])
				page = append(page, id)
				return ctx.Err()
			}, before, last[:], int64(agedPersonsPage))
		})
		if err != nil {
			return fmt.Errorf("read persons: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		last = page[len(page)-1]
		for _, id := range page {
			if err := fn(id); err != nil {
				return err
			}
		}
	}
}

// maxBare bounds the records of one person that Bare reads.
const maxBare = 2000

// Bare is a person of whom no more is left than records without content, in
// order; found is false where more is, or the person is not found by anything.
func (r *Reader) Bare(ctx context.Context, id audit.SubjectID) (s Subject, records []Aged, found bool, err error) {
	err = r.view(ctx, func(c *conn) error {
		err := c.query("SELECT tenant, created FROM subjects s WHERE id = ? AND idx IS NOT NULL AND "+nothingBeside, func(row []driver.Value) error {
			s, found = Subject{ID: id, Tenant: asString(row[0]), Created: asInt(row[1])}, true
			return nil
		}, id[:])
		if err != nil || !found {
			return err
		}
		contexts := newReader(c)
		err = c.query(bareRecords, func(row []driver.Value) error {
			records = append(records, Aged{})
			a := &records[len(records)-1]
			if err := contexts.aged(row, a); err != nil {
				return err
			}
			if a.Content || a.Detail && a.Record.Kind == audit.KindConsent {
				found = false
			}
			return ctx.Err()
		}, id[:], int64(maxBare))
		found = found && len(records) < maxBare
		return err
	})
	if err != nil {
		return s, nil, false, fmt.Errorf("read what is left of a person: %w", err)
	}
	return s, records, found, nil
}

const bareRecords = `SELECT r.seq, r.context, r.id, r.time, r.subject, NULL, NULL, NULL, NULL,
		x'01' IN (substr(r.body, 1, 1), substr(r.input, 1, 1), substr(r.answer, 1, 1), substr(r.original, 1, 1), substr(r.sent, 1, 1)),
		substr(r.detail, 1, 1) = x'01'
	FROM records r WHERE r.subject = ? AND r.ref IS NULL AND r.seq >= 0 ORDER BY r.seq LIMIT ?`
