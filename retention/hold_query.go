package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// maxRanges bounds what a query may match: runs of records that follow each
// other. More would make the stored hold larger than the journal takes well.
const maxRanges = 50_000

// queryTime bounds one asking of a hold's query.
const queryTime = 5 * time.Minute

// matches asks a hold's query and gives the records it names as runs.
func matches(ctx context.Context, j *journal.Journal, query string) ([]audit.SeqRange, error) {
	text := "SELECT min(seq), max(seq) FROM (SELECT seq, seq - row_number() OVER (ORDER BY seq) AS run FROM (SELECT DISTINCT seq FROM (\n" +
		bare(query) + "\n))) GROUP BY run ORDER BY 1"
	t, err := j.Reader().Query(ctx, text, journal.QueryOptions{MaxRows: maxRanges, Timeout: queryTime})
	switch {
	case errors.Is(err, journal.ErrQuery):
		return nil, fmt.Errorf("%w: its query: %w; write a SELECT over the view audit with a column seq, such as SELECT seq FROM audit WHERE type = 'text'", ErrScope, err)
	case err != nil:
		return nil, fmt.Errorf("%w: its query: %w", ErrScope, err)
	case t.More:
		return nil, fmt.Errorf("%w: its query matches more than %d runs of records; hold by number, app or time instead", ErrScope, maxRanges)
	}
	out := make([]audit.SeqRange, 0, len(t.Rows))
	for _, row := range t.Rows {
		first, ok := row[0].(int64)
		last, fine := row[1].(int64)
		if !ok || !fine || first < 0 || last < first {
			return nil, fmt.Errorf("%w: its query's column seq does not hold places of records", ErrScope)
		}
		out = append(out, audit.SeqRange{First: uint64(first), Last: uint64(last)})
	}
	return out, nil
}

// joined is the union of two lists of runs, and whether b added to a.
func joined(a, b []audit.SeqRange) ([]audit.SeqRange, bool) {
	out := audit.JoinRanges(slices.Concat(a, b))
	return out, !slices.Equal(out, a)
}

// bare is a query without what ends a statement.
func bare(query string) string { return strings.TrimRight(query, "; \t\r\n") }
