package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/audit"
)

// ErrNotBegun: nothing can be said of a restored trail whose first record under
// its new chain name is not here: where its earlier chains end is not known.
var ErrNotBegun = errors.New("ClickHouse has nothing of the trail since it was restored: ask again once that is shipped")

// ofStore is the condition that a row is of the store whose chain is named. A
// store that was restored goes on under another chain name: of its earlier
// chains those records count that its backup had. What they have beyond that was
// lost in the store, see Lost.
func (s *Store) ofStore(ctx context.Context, chain string) (string, error) {
	all, err := s.family(ctx, chain)
	if err != nil {
		return "", err
	}
	parts := []string{"chain = " + text(chain)}
	for _, c := range all {
		if c.name != chain && c.end > 0 {
			parts = append(parts, fmt.Sprintf("chain = %s AND seq < %d", text(c.name), c.end))
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// member is a chain of one store.
type member struct {
	name string
	end  uint64 // the first of its records that the store does not have any more
}

// family are the chains here that are of the same store, sorted. How a chain
// goes on from another is said by the first record under its name.
func (s *Store) family(ctx context.Context, chain string) ([]member, error) {
	names, begins, err := s.chains(ctx)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(other string) bool { return !audit.SameStore(other, chain) })
	if len(names) == 0 || len(names) == 1 && names[0] == chain {
		return []member{{chain, math.MaxInt64}}, nil
	}
	ends, err := s.lineage(ctx, chain, begins)
	out := make([]member, len(names))
	for i, name := range names {
		out[i] = member{name, ends[name]}
	}
	return out, err
}

// lineage goes back from a chain to those that it goes on from.
func (s *Store) lineage(ctx context.Context, chain string, begins map[string]uint64) (map[string]uint64, error) {
	ends := map[string]uint64{chain: math.MaxInt64}
	for at := chain; audit.IsRestoredChain(at); {
		begin, known := begins[at]
		if !known {
			return nil, ErrNotBegun
		}
		from, err := s.goesOnFrom(ctx, at, begin)
		if err != nil {
			return nil, err
		}
		if _, again := ends[from]; again {
			return nil, fmt.Errorf("%w: chain %s goes on from itself", ErrLineage, from)
		}
		ends[from] = min(begin, ends[at])
		at = from
	}
	return ends, nil
}

// ErrLineage: where the earlier chains of a restored trail end cannot be said,
// since what is here as the first record under its name was altered.
var ErrLineage = errors.New("what ClickHouse has is not the first record of the restored chain as it was shipped: run postern audit verify --store clickhouse")

// ofAll is the condition that a row may be of the store: ofStore's where the
// first record of the restored chain is not what it was. More rows fit it than
// the store has, none less.
func (s *Store) ofAll(ctx context.Context, chain string) (string, error) {
	names, begins, err := s.chains(ctx)
	of := "(chain = " + text(chain)
	for _, name := range names {
		if name != chain && audit.SameStore(name, chain) {
			of += fmt.Sprintf(" OR chain = %s AND seq < %d", text(name), begins[chain])
		}
	}
	return of + ")", err
}

// goesOnFrom is the chain before, as the first record of a restored one says.
func (s *Store) goesOnFrom(ctx context.Context, chain string, begin uint64) (string, error) {
	detail := ""
	where := fmt.Sprintf(" WHERE chain = %s AND seq = %d AND kind = 'life' AND type = %s", text(chain), begin, text(audit.TypeRestored))
	err := s.query(ctx, "look where a chain begins", "SELECT detail FROM "+s.table("records")+where+" UNION ALL SELECT detail FROM "+s.table("held")+where,
		ask{settings: s.consistent()}, func(scan func(...any) error) error { return scan(&detail) })
	if err != nil {
		return "", err
	}
	r, err := audit.ClaimedRestoration([]byte(detail))
	if err != nil || r.Size != begin || !audit.SameStore(r.From, chain) {
		return "", fmt.Errorf("%w (chain %s, record %d)", ErrLineage, chain, begin)
	}
	return r.From, nil
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
