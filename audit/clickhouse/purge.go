package clickhouse

import (
	"context"
	"errors"
	"fmt"

	"postern/audit"
)

// ErrHeld: rows that were to be kept did not all reach the table of held ones.
var ErrHeld = errors.New("rows that stay are not all in the table of held rows, so the partition was not dropped: compare held and records by seq")

// purge takes whole records away that remember has noted. Where that is most
// of a partition, the rows that stay are kept in held and the partition is
// dropped; else rows are deleted.
func (s *Store) purge(ctx context.Context, table, of string, ranges []audit.SeqRange) error {
	span := fmt.Sprintf("%s AND seq BETWEEN %d AND %d", of, ranges[0].First, ranges[len(ranges)-1].Last)
	where := span + " AND (chain, seq) IN (SELECT chain, seq FROM " + s.table("purged") + " WHERE " + span + ")"
	n, err := s.count(ctx, table, where)
	if err != nil || n == 0 {
		return err
	}
	if table == "records" {
		partitions, err := s.partitions(ctx, of, where)
		if err != nil {
			return err
		}
		for _, p := range partitions {
			if !p.droppable() {
				continue
			}
			if err := s.drop(ctx, p, where); err != nil {
				return err
			}
			n -= p.covered
		}
	}
	if n == 0 {
		return nil
	}
	return s.mutate(ctx, "purge records", table, "DELETE WHERE "+where)
}

// remember keeps of the rows what stays of a purged record.
func (s *Store) remember(ctx context.Context, table, where string) error {
	return s.exec(ctx, "keep places of purged records", "INSERT INTO "+s.table("purged")+" (chain, seq, id, prev, leaf) SELECT chain, seq, id,"+
		" toFixedString(unhex(JSONExtractString(leaf_input, 'prev')), 32), SHA256(concat('\\0', leaf_input)) FROM "+s.table(table)+
		" WHERE "+where+" AND (chain, seq) NOT IN (SELECT chain, seq FROM "+s.table("purged")+" WHERE "+where+")",
		ask{settings: map[string]any{"insert_deduplicate": 0, "async_insert": 0, "distributed_foreground_insert": 1, "distributed_product_mode": "global"}})
}

// partition is one of records with rows to purge.
type partition struct {
	class         string
	month         uint32
	rows, covered uint64
	foreign       uint64 // rows of other chains
}

// droppable: most of it goes, and nobody else writes to it.
func (p *partition) droppable() bool { return p.foreign == 0 && p.covered*2 > p.rows }

func (s *Store) partitions(ctx context.Context, of, where string) ([]partition, error) {
	var out []partition
	err := s.query(ctx, "look at partitions", "SELECT class, toYYYYMM(fromUnixTimestamp64Micro(time, 'UTC')) AS month, count(), countIf("+where+") AS covered,"+
		" countIf(NOT "+of+") FROM "+s.table("records")+
		" WHERE (class, month) IN (SELECT DISTINCT class, toYYYYMM(fromUnixTimestamp64Micro(time, 'UTC')) FROM "+s.table("records")+" WHERE "+where+")"+
		" GROUP BY class, month HAVING covered > 0 ORDER BY class, month",
		ask{settings: map[string]any{"distributed_product_mode": "global"}}, func(scan func(...any) error) error {
			var p partition
			if err := scan(&p.class, &p.month, &p.rows, &p.covered, &p.foreign); err != nil {
				return err
			}
			out = append(out, p)
			return nil
		})
	return out, err
}

// drop keeps the rows of a partition that stay and drops it.
func (s *Store) drop(ctx context.Context, p partition, where string) error {
	inside := fmt.Sprintf("class = %s AND toYYYYMM(fromUnixTimestamp64Micro(time, 'UTC')) = %d", text(p.class), p.month)
	stays := inside + " AND NOT (" + where + ")"
	if p.covered < p.rows {
		err := s.exec(ctx, "keep rows that stay", "INSERT INTO "+s.table("held")+" SELECT * FROM "+s.table("records")+" WHERE "+stays+
			" AND (chain, seq) NOT IN (SELECT chain, seq FROM "+s.table("held")+" WHERE "+inside+")",
			ask{settings: map[string]any{"insert_deduplicate": 0, "async_insert": 0, "distributed_foreground_insert": 1, "distributed_product_mode": "global"}})
		if err != nil {
			return err
		}
	}
	if err := s.kept(ctx, p, inside, stays); err != nil {
		return err
	}
	return s.exec(ctx, "drop partition", "ALTER TABLE "+s.local("records")+s.onCluster()+
		fmt.Sprintf(" DROP PARTITION (%s, %d)", text(p.class), p.month), ask{settings: map[string]any{"alter_sync": 2}})
}

// kept holds the rows that stay against those in held, and the partition
// against what it was: a row that came meanwhile is not dropped with it.
func (s *Store) kept(ctx context.Context, p partition, inside, stays string) error {
	var rows, want, same uint64
	err := s.one(ctx, "compare held rows", "SELECT count(), countIf("+stays+"), countIf("+stays+
		" AND (chain, seq, leaf_input, body, detail, input) IN (SELECT chain, seq, leaf_input, body, detail, input FROM "+s.table("held")+" WHERE "+inside+"))"+
		" FROM "+s.table("records")+" WHERE "+inside, ask{settings: map[string]any{"distributed_product_mode": "global"}}, &rows, &want, &same)
	if err != nil {
		return err
	}
	if rows != p.rows || want != same || rows != p.covered+same {
		return ErrHeld
	}
	return nil
}
