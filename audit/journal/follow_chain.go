package journal

import (
	"context"
	"database/sql/driver"
	"fmt"

	"postern/audit"
)

// ChainOf is the chain that a purged record was of, which names none itself: it
// is that of the next record that names one, or the one which that goes on from.
func (f *Follower) ChainOf(ctx context.Context, seq uint64) (chain string, err error) {
	if chain = f.Chain(); !audit.IsRestoredChain(chain) {
		return chain, nil
	}
	const next = "SELECT ifnull(min(seq), -1) FROM (SELECT seq FROM records WHERE seq >= ? AND context NOT IN (SELECT id FROM contexts WHERE kind = '" +
		string(audit.KindPurged) + "') ORDER BY seq LIMIT 1)"
	at, err := one(ctx, f.j, next, func(row []driver.Value) int64 { return asInt(row[0]) }, int64(seq)) //nolint:gosec // far below 2^63
	if err != nil {
		return "", fmt.Errorf("look for the chain of a record: %w", err)
	}
	if at < 0 {
		return chain, nil
	}
	err = f.Each(ctx, uint64(at), 1, 0, func(r *audit.Record) (bool, error) {
		chain = r.Chain
		if audit.BeginsChain(r) {
			from, err := audit.ClaimedRestoration(detailOf(r))
			chain = from.From
			return true, err
		}
		return true, nil
	})
	return chain, err
}

func detailOf(r *audit.Record) []byte {
	for i := range r.Parts {
		if r.Parts[i].Name == audit.PartDetail {
			return r.Parts[i].Body
		}
	}
	return nil
}
