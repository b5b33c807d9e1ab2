package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/audit"
)

// ErrNotBegun: nothing can be said of a restored trail whose first record under
// its new chain name is not here: where its earlier chains end is not known.
var ErrNotBegun = errors.New("ClickHouse has nothing of the trail since it was restored: ask again once that is shipped")

// ofStore is the condition that a row is of the store whose chain is named. A
// store that was restored goes on under another chain name: of its earlier
// chains those records count that come before the first of this one. What they
// have beyond that was lost in the store, and stays here as it is.
func (s *Store) ofStore(ctx context.Context, chain string) (string, error) {
	names, begins, err := s.chains(ctx)
	if err != nil {
		return "", err
	}
	begin, known := begins[chain]
	parts := []string{"chain = " + text(chain)}
	for _, other := range names {
		if other == chain || !audit.SameStore(other, chain) {
			continue
		}
		if !known {
			return "", ErrNotBegun
		}
		parts = append(parts, fmt.Sprintf("chain = %s AND seq < %d", text(other), begin))
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// chains are those that are here, sorted, and the first record of each. Each is
// looked up at its place in the index of leaves: the table is not read through.
func (s *Store) chains(ctx context.Context) (names []string, begins map[string]uint64, err error) {
	begins = make(map[string]uint64)
	for found, last := true, ""; found && err == nil; {
		found = false
		err = s.query(ctx, "look at chains", "SELECT chain, toUInt64(seq) FROM "+s.table("leaves")+" WHERE chain > {last:String} ORDER BY chain, seq LIMIT 1",
			ask{params: map[string]string{"last": last}, settings: s.consistent()}, func(scan func(...any) error) error {
				var seq uint64
				if err := scan(&last, &seq); err != nil {
					return err
				}
				names, begins[last], found = append(names, last), seq, true
				return nil
			})
	}
	return names, begins, err
}
