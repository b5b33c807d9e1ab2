package clickhouse

import (
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"postern/audit"
)

// block is one insert: columns of one table, all of one length.
type block struct {
	table   string
	names   []string
	kinds   []string
	columns []any // []string, []int64 or []uint8
	rows    int
}

// types are the columns as they are sent. Words travel as plain text: the
// server puts them into its dictionaries.
func (b *block) types() []clickhouse.ColumnNameAndType {
	out := make([]clickhouse.ColumnNameAndType, len(b.names))
	for i, name := range b.names {
		out[i] = clickhouse.ColumnNameAndType{Name: name, Type: b.kinds[i]}
	}
	return out
}

func (b *block) insert(table string) string {
	return "INSERT INTO " + table + " (" + strings.Join(b.names, ", ") + ")"
}

// fill hands the columns over.
func (b *block) fill(batch driver.Batch) error {
	for i, c := range b.columns {
		if err := batch.Column(i).Append(c); err != nil {
			return fmt.Errorf("column %s: its values do not fit", b.names[i])
		}
	}
	return nil
}

// recordBlock makes the block of the rows; rows were checked by encode.
func recordBlock(rows []row) *block {
	b := &block{table: "records", rows: len(rows)}
	for _, f := range fields {
		b.names, b.kinds = append(b.names, f.name), append(b.kinds, f.kind)
		b.columns = append(b.columns, f.column(rows))
	}
	return b
}

func (f *field) column(rows []row) any {
	switch {
	case f.text != nil:
		out := make([]string, len(rows))
		for i := range rows {
			out[i] = f.text(&rows[i])
		}
		return out
	case f.number != nil:
		out := make([]int64, len(rows))
		for i := range rows {
			out[i] = f.number(&rows[i])
		}
		return out
	default:
		out := make([]uint8, len(rows))
		for i := range rows {
			if f.bit(&rows[i]) {
				out[i] = 1
			}
		}
		return out
	}
}

// leafBlock holds the leaf of every record, of purged ones, too.
func leafBlock(chain string, records []audit.Record) *block {
	chains, seqs, leaves := make([]string, len(records)), make([]int64, len(records)), make([]string, len(records))
	for i := range records {
		r := &records[i]
		chains[i], seqs[i], leaves[i] = chain, int64(r.Seq), string(r.Leaf[:]) //nolint:gosec // below 2^63
	}
	return &block{
		table: "leaves", names: []string{"chain", "seq", "leaf"}, kinds: []string{"String", "Int64", "FixedString(32)"},
		columns: []any{chains, seqs, leaves}, rows: len(records),
	}
}

// purgedBlock holds what stays of the purged records among those given.
func purgedBlock(chain string, records []audit.Record) *block {
	var chains, ids, prevs, leaves []string
	var seqs []int64
	for i := range records {
		r := &records[i]
		if r.Purged {
			chains, seqs, ids = append(chains, chain), append(seqs, int64(r.Seq)), append(ids, string(r.ID[:])) //nolint:gosec // below 2^63
			prevs, leaves = append(prevs, string(r.Prev[:])), append(leaves, string(r.Leaf[:]))
		}
	}
	return &block{
		table: "purged", names: []string{"chain", "seq", "id", "prev", "leaf"},
		kinds:   []string{"String", "Int64", "FixedString(16)", "FixedString(32)", "FixedString(32)"},
		columns: []any{chains, seqs, ids, prevs, leaves}, rows: len(seqs),
	}
}

// countKey is what daily counts are by.
type countKey struct{ day, tenant, kind, effect, reason string }

// countBlock counts the rows by day; until is the record after them.
func countBlock(chain string, until uint64, rows []row) *block {
	counts := make(map[countKey]int64)
	for i := range rows {
		r := &rows[i]
		counts[countKey{time.UnixMicro(r.Time).UTC().Format(time.DateOnly), r.Tenant, string(r.Kind), string(r.Effect), first(r.Reasons)}]++
	}
	var text [6][]string
	var untils, ns []int64
	for k, n := range counts {
		for i, v := range []string{chain, k.day, k.tenant, k.kind, k.effect, k.reason} {
			text[i] = append(text[i], v)
		}
		untils, ns = append(untils, int64(until)), append(ns, n) //nolint:gosec // below 2^63
	}
	return &block{
		table: "counts", names: []string{"chain", "day", "tenant", "kind", "effect", "reason", "until", "n"},
		kinds:   []string{"String", "String", "String", "String", "String", "String", "Int64", "Int64"},
		columns: []any{text[0], text[1], text[2], text[3], text[4], text[5], untils, ns}, rows: len(ns),
	}
}
