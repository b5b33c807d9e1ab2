package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Related answers, oldest first and in SearchColumns, the records at these
// places with what refers to them: outcomes, and deliveries of those. The caller
// bounds how many places it asks for at once.
func (r *Reader) Related(ctx context.Context, seqs []uint64) (Table, error) {
	out := Table{Columns: SearchColumns()}
	places := make([]string, len(seqs))
	for i, seq := range seqs {
		places[i] = strconv.FormatUint(seq, 10)
	}
	question := `WITH said(seq, id) AS (SELECT seq, id FROM records WHERE seq IN (` + strings.Join(places, ",") + `)),
		outcome(seq, id) AS (SELECT r.seq, r.id FROM said s JOIN records r ON r.ref = s.id),
		delivered(seq) AS (SELECT r.seq FROM outcome o JOIN records r ON r.ref = o.id)
		SELECT ` + strings.Join(out.Columns, ", ") + ` FROM audit
		WHERE seq IN (SELECT seq FROM said UNION SELECT seq FROM outcome UNION SELECT seq FROM delivered) ORDER BY seq`
	err := r.view(ctx, func(c *conn) error {
		return c.query(question, func(row []driver.Value) error {
			out.Rows = append(out.Rows, asAny(row))
			return ctx.Err()
		})
	})
	if err != nil {
		return Table{}, fmt.Errorf("read a conversation: %w", err)
	}
	return out, nil
}

func asAny(row []driver.Value) []any {
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = v
	}
	return out
}
