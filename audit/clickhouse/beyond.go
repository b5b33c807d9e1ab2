package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/audit"
)

// maxBeyond bounds the rows that are named one by one.
const maxBeyond = 100

// Verify is audit.Verify of what is there, and names rows that no record of the
// journal stands behind: a walk from the first record to the last confirmed one
// does not pass them, and the views show them all the same.
func (t *Trail) Verify(ctx context.Context, opt audit.VerifyOptions) (audit.Report, error) {
	report, err := audit.Verify(ctx, t, opt)
	if err != nil {
		return audit.Report{}, err
	}
	extra, err := t.beyond(ctx)
	report.Findings = append(report.Findings, extra...)
	return report, err
}

// beyond finds rows of the trail before its first record or after the journal's
// end. What lies between the cursor and that end is on its way, and the end is
// asked for twice, since the trail goes on meanwhile.
func (t *Trail) beyond(ctx context.Context) ([]audit.Finding, error) {
	size, err := t.Size(ctx)
	if err != nil {
		return nil, err
	}
	of, err := t.Store.ofStore(ctx, t.Chain)
	if errors.Is(err, ErrLineage) || errors.Is(err, ErrNotBegun) {
		of, err = "chain = "+text(t.Chain), nil
	}
	if err != nil {
		return nil, err
	}
	var rows []string
	for _, table := range []string{"records", "held", "purged", "leaves"} {
		from := "SELECT seq FROM " + t.Store.table(table) + " WHERE "
		rows = append(rows, from+of+" AND seq < 0", from+fmt.Sprintf("chain = %s AND seq >= %d", text(t.Chain), size))
	}
	var found []uint64
	err = t.Store.query(ctx, "look for rows that are no records", "SELECT DISTINCT toUInt64(seq) AS n FROM ("+strings.Join(rows, " UNION ALL ")+
		fmt.Sprintf(") ORDER BY n DESC LIMIT %d", maxBeyond), ask{settings: t.Store.consistent()}, func(scan func(...any) error) error {
		var n uint64
		err := scan(&n)
		found = append(found, n)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if size, err = t.Size(ctx); err != nil {
		return nil, err
	}
	var out []audit.Finding
	for _, n := range found {
		if n >= size { // a number below zero is a very large one here
			out = append(out, audit.Finding{Fault: audit.FaultSequence, Seq: n, Last: n, Note: "a row in ClickHouse that is no record of the journal"})
		}
	}
	return out, nil
}
