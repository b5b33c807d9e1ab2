package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/audit"
)

// ofStore is the condition that a row is of the store whose chain is named. A
// store that was restored goes on under another chain name: of its earlier
// chains those records count that come before the first of this one. What they
// have beyond that was lost in the store, and stays here as it is.
func (s *Store) ofStore(ctx context.Context, chain string) (string, error) {
	begins := make(map[string]uint64)
	err := s.query(ctx, "look at chains", "SELECT chain, toUInt64(min(seq)) FROM "+s.table("leaves")+" GROUP BY chain", ask{settings: s.consistent()},
		func(scan func(...any) error) error {
			var name string
			var seq uint64
			err := scan(&name, &seq)
			begins[name] = seq
			return err
		})
	if err != nil {
		return "", err
	}
	parts := []string{"chain = " + text(chain)}
	for _, other := range slices.Sorted(maps.Keys(begins)) {
		if begin, known := begins[chain]; known && other != chain && audit.SameStore(other, chain) {
			parts = append(parts, fmt.Sprintf("chain = %s AND seq < %d", text(other), begin))
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}
