package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// AgedFact is a fact that may be too old, with the number and app of the record
// that proves it; both empty where that does not say, or is gone.
type AgedFact struct {
	Fact
	App, Number string
}

const agedFacts = `SELECT f.subject, f.kind, f.key, f.tenant, f.value, f.time, f.until, f.record, coalesce(c.app, ''), coalesce(c.number, '')
	FROM facts f LEFT JOIN records r ON r.id = f.record AND r.seq >= 0 LEFT JOIN contexts c ON c.id = r.context
	WHERE f.time < ? AND (f.subject, f.kind, f.key, f.tenant) > (?, ?, ?, ?) ORDER BY f.subject, f.kind, f.key, f.tenant LIMIT ?`

// AgedFacts is Aged for facts about persons, by their own time: when they end is
// the caller's to know.
func (r *Reader) AgedFacts(ctx context.Context, before int64, fn func(*AgedFact) error) error {
	var last Fact
	for {
		page, err := r.agedFactsAfter(ctx, before, &last)
		if err != nil {
			return fmt.Errorf("read old facts: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		last = page[len(page)-1].Fact
		for i := range page {
			if page[i].Subject.IsZero() {
				continue
			}
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
	}
}

func (r *Reader) agedFactsAfter(ctx context.Context, before int64, last *Fact) (page []AgedFact, err error) {
	err = r.view(ctx, func(c *conn) error {
		return c.query(agedFacts, func(row []driver.Value) error {
			page = append(page, AgedFact{Fact: factOf(row), App: asString(row[8]), Number: asString(row[9])})
			return ctx.Err()
		}, before, last.Subject[:], last.Kind, last.Key, last.Tenant, int64(agedRowsPage))
	})
	return page, err
}

// dropFacts deletes facts that are as they were read, and counts them.
func (j *Journal) dropFacts(ctx context.Context, e Erase) error {
	err := inSteps(ctx, j, e.Facts, func(some []Fact) error {
		var went []Fact
		err := j.inTransaction(func() (err error) {
			if went, err = j.dropUnchanged(some); err != nil {
				return err
			}
			return j.addTally(e.tally(" facts"), int64(len(went)), e.Record.Time)
		})
		if err == nil && e.Dropped != nil {
			e.Dropped(went)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("erase facts: %w", err)
	}
	return nil
}

// dropUnchanged returns which of the facts were still so, and went.
func (j *Journal) dropUnchanged(some []Fact) (went []Fact, err error) {
	const drop = "DELETE FROM facts WHERE subject = ? AND kind = ? AND key = ? AND tenant = ? AND time = ? AND until = ? AND value = ?"
	for _, f := range some {
		n, err := j.w.exec(drop, f.Subject[:], f.Kind, f.Key, f.Tenant, f.Time, f.Until, f.Value)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			went = append(went, f)
		}
	}
	return went, nil
}
