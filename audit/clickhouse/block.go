package clickhouse

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/clickhouse-go/v2"
)

// block is the columns of one insert, all of one length.
type block struct {
	table   string
	columns []column
	rows    int
}

func (b *block) reset() {
	b.rows = 0
	for i := range b.columns {
		b.columns[i].reset()
	}
}

// append appends the block in the Native format.
func (b *block) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(b.columns)))
	dst = binary.AppendUvarint(dst, uint64(b.rows)) //nolint:gosec // a count
	for i := range b.columns {
		dst = b.columns[i].append(dst)
	}
	return dst
}

func (b *block) size() int {
	n := 64
	for i := range b.columns {
		n += b.columns[i].size() + 128
	}
	return n
}

// statement is the INSERT for table, which is a full name.
func (b *block) statement(table string) string {
	names := make([]string, len(b.columns))
	for i := range b.columns {
		names[i] = b.columns[i].name
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ")"
}

// insert is a block ready to be sent: as a body over HTTP, as values over the
// native protocol, where the driver packs them. It shares nothing with its block.
type insert struct {
	table, text string
	rows        int
	body        []byte
	columns     []clickhouse.ColumnNameAndType
	values      []any
}

// packer makes inserts of blocks. One goroutine uses it at a time.
type packer struct {
	store *Store
	frame *compress.Writer // nil: as it is
	plain []byte           // before it is compressed
}

func (s *Store) packer() *packer {
	p := &packer{store: s}
	switch s.cfg.Compression {
	case "lz4":
		p.frame = compress.NewWriter(compress.LevelZero, compress.LZ4)
	case "zstd":
		p.frame = compress.NewWriter(compress.LevelZero, compress.ZSTD)
	}
	return p
}

func (p *packer) pack(b *block) (insert, error) {
	out := insert{table: b.table, text: b.statement(p.store.table(b.table)), rows: b.rows}
	switch {
	case p.store.cfg.Native:
		for i := range b.columns {
			c := &b.columns[i]
			kind := strings.Replace(c.typeName(), kindWord, kindText, 1) // the driver is slow with dictionaries, the server is not
			out.columns = append(out.columns, clickhouse.ColumnNameAndType{Name: c.name, Type: kind})
			out.values = append(out.values, c.values())
		}
	case p.frame == nil:
		out.body = b.append(make([]byte, 0, b.size()))
	default:
		p.plain = b.append(p.plain[:0])
		out.body = make([]byte, 0, len(p.plain)/2)
		for rest := p.plain; len(rest) > 0; {
			n := min(len(rest), frameSize)
			if err := p.frame.Compress(rest[:n]); err != nil {
				return out, fmt.Errorf("compress an insert: %w", err)
			}
			out.body, rest = append(out.body, p.frame.Data...), rest[n:]
		}
	}
	return out, nil
}

// frameSize is how much is compressed at once, as ClickHouse itself does it.
const frameSize = 1 << 20
