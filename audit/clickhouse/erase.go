package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"postern/audit"
)

// maxRanges bounds the ranges that one statement names.
const maxRanges = 1500

// carryOut does here what the erasures did in the journal. It may be repeated:
// what is gone stays gone.
func (s *Store) carryOut(ctx context.Context, chain string, erasures []audit.Erasure) error {
	if len(erasures) == 0 {
		return nil
	}
	of, err := s.ofStore(ctx, chain)
	if err != nil {
		return err
	}
	return s.carryOutIn(ctx, of, erasures)
}

// carryOutIn is carryOut among the rows of a condition.
func (s *Store) carryOutIn(ctx context.Context, of string, erasures []audit.Erasure) error {
	for key, ranges := range byParts(erasures) {
		parts := strings.Split(key, ",")
		do := func(ctx context.Context, table string, some []audit.SeqRange) error {
			return s.blank(ctx, table, of, parts, some)
		}
		whole := slices.Contains(parts, audit.PartRecord)
		if whole {
			do = func(ctx context.Context, table string, some []audit.SeqRange) error {
				return s.remember(ctx, table, within(of, some))
			}
		}
		for _, table := range []string{"records", "held"} {
			for some := range slices.Chunk(ranges, maxRanges) {
				if err := do(ctx, table, some); err != nil {
					return err
				}
			}
			if whole {
				if err := s.purge(ctx, table, of, ranges); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// byParts joins the ranges of erasures of the same parts, so that a purge in
// many steps is one here.
func byParts(erasures []audit.Erasure) map[string][]audit.SeqRange {
	out := make(map[string][]audit.SeqRange)
	for _, e := range erasures {
		key := strings.Join(e.Parts, ",")
		out[key] = append(out[key], e.Ranges...)
	}
	for key, ranges := range out {
		out[key] = audit.JoinRanges(ranges)
	}
	return out
}

// within is the condition that a row is one of the ranges; of is ofStore's.
func within(of string, ranges []audit.SeqRange) string {
	var b strings.Builder
	b.WriteString(of + " AND seq >= " + fmt.Sprint(ranges[0].First) + " AND seq <= " + fmt.Sprint(ranges[len(ranges)-1].Last) + " AND (")
	for i, r := range ranges {
		if i > 0 {
			b.WriteString(" OR ")
		}
		if r.First == r.Last {
			fmt.Fprintf(&b, "seq = %d", r.First)
		} else {
			fmt.Fprintf(&b, "seq BETWEEN %d AND %d", r.First, r.Last)
		}
	}
	return b.String() + ")"
}

// blank overwrites parts. A row that never had one of them is not erased.
func (s *Store) blank(ctx context.Context, table, of string, parts []string, ranges []audit.SeqRange) error {
	set, had, left := []string{"erased = 1"}, make([]string, 0, len(parts)), []string{"erased = 0"}
	for _, p := range parts {
		had = append(had, "JSONHas(leaf_input, 'parts', "+text(p)+")")
		if slices.Contains(clearParts, p) {
			set = append(set, p+" = '', "+p+"_salt = ''")
			left = append(left, p+"_salt != ''")
		}
	}
	where := within(of, ranges) + " AND (" + strings.Join(had, " OR ") + ") AND (" + strings.Join(left, " OR ") + ")"
	n, err := s.count(ctx, table, where)
	if err != nil || n == 0 {
		return err
	}
	return s.mutate(ctx, "erase parts", table, "UPDATE "+strings.Join(set, ", ")+" WHERE "+where)
}

// count is how many rows of the table a condition has.
func (s *Store) count(ctx context.Context, table, where string) (uint64, error) {
	var n uint64
	err := s.one(ctx, "count rows", "SELECT count() FROM "+s.table(table)+" WHERE "+where, ask{settings: s.consistent()}, &n)
	return n, err
}

// mutate rewrites the parts that hold such rows and returns once every replica
// has done so.
func (s *Store) mutate(ctx context.Context, what, table, change string) error {
	return s.exec(ctx, what, "ALTER TABLE "+s.local(table)+s.onCluster()+" "+change, ask{settings: map[string]any{"mutations_sync": 2, "allow_nondeterministic_mutations": 1}})
}
