package clickhouse

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// column collects the values of one column as ClickHouse's Native format has
// them: https://clickhouse.com/docs/interfaces/formats/Native
type column struct {
	name  string
	kind  string
	width int    // bytes of a value of kindFixed
	data  []byte // of all kinds but kindWord
	words words
}

// Types as they are sent.
const (
	kindWord   = "LowCardinality(String)" // few different values; sent once each
	kindText   = "String"
	kindNumber = "Int64"
	kindBit    = "UInt8"
	kindFixed  = "FixedString"
)

func wordColumn(name string) column   { return column{name: name, kind: kindWord} }
func numberColumn(name string) column { return column{name: name, kind: kindNumber} }
func fixedColumn(name string, width int) column {
	return column{name: name, kind: kindFixed, width: width}
}

// typeName is the column's type in full.
func (c *column) typeName() string {
	if c.kind == kindFixed {
		return c.kind + "(" + strconv.Itoa(c.width) + ")"
	}
	return c.kind
}

func (c *column) addText(v []byte) {
	c.data = append(binary.AppendUvarint(c.data, uint64(len(v))), v...)
}

func (c *column) addNumber(n int64) {
	c.data = binary.LittleEndian.AppendUint64(c.data, uint64(n)) //nolint:gosec // its two's complement is sent
}

func (c *column) addBit(on bool) {
	b := byte(0)
	if on {
		b = 1
	}
	c.data = append(c.data, b)
}

// reset makes it empty and keeps its room.
func (c *column) reset() {
	c.data = c.data[:0]
	c.words.reset()
}

// size is about how many bytes append adds.
func (c *column) size() int { return len(c.data) + c.words.size() }

// append appends the column with its head.
func (c *column) append(dst []byte) []byte {
	for _, s := range []string{c.name, c.typeName()} {
		dst = append(binary.AppendUvarint(dst, uint64(len(s))), s...)
	}
	if c.kind == kindWord {
		return c.words.append(dst)
	}
	return append(dst, c.data...)
}

// values are those of the column, []string, []int64 or []uint8, as the driver
// takes them where it speaks the native protocol.
func (c *column) values() any {
	switch c.kind {
	case kindWord:
		return c.words.values()
	case kindText:
		var out []string
		for rest := c.data; len(rest) > 0; {
			n, head := binary.Uvarint(rest)
			end := head + int(n) //nolint:gosec // of addText
			out, rest = append(out, string(rest[head:end])), rest[end:]
		}
		return out
	case kindNumber:
		var out []int64
		for rest := c.data; len(rest) > 0; rest = rest[8:] {
			out = append(out, int64(binary.LittleEndian.Uint64(rest))) //nolint:gosec // see addNumber
		}
		return out
	case kindFixed:
		out := make([]string, 0, len(c.data)/c.width)
		for value := range slices.Chunk(c.data, c.width) {
			out = append(out, string(value))
		}
		return out
	}
	return slices.Clone(c.data) // of kindBit
}

// words are values with a dictionary. Its entry 0 is the empty word.
type words struct {
	keys   map[string]uint32
	list   []string
	rows   []uint32
	bytes  int // of list
	recent [8]struct {
		word string
		key  uint32
	}
}

// add takes most words from those that came last: a look at them is a third of
// one into the dictionary.
func (w *words) add(s string) {
	if s == "" {
		w.rows = append(w.rows, 0)
		return
	}
	r := &w.recent[(len(s)+int(s[len(s)-1]))%len(w.recent)]
	if r.word != s {
		r.word, r.key = s, w.key(s)
	}
	w.rows = append(w.rows, r.key)
}

func (w *words) key(s string) uint32 {
	if w.keys == nil {
		w.keys = make(map[string]uint32)
	}
	key, known := w.keys[s]
	if !known {
		w.list = append(w.list, s)
		w.bytes += len(s) + 1
		key = uint32(len(w.list)) //nolint:gosec // at most one for each row
		w.keys[s] = key
	}
	return key
}

func (w *words) reset() {
	clear(w.keys)
	clear(w.list)
	*w = words{keys: w.keys, list: w.list[:0], rows: w.rows[:0]}
}

func (w *words) size() int { return w.bytes + len(w.rows)*w.width() }

// width is how many bytes a row takes.
func (w *words) width() int {
	switch n := len(w.list); {
	case n < 1<<8:
		return 1
	case n < 1<<16:
		return 2
	}
	return 4
}

// Of the Native format of words: its version, and that the dictionary is the
// block's own.
const (
	wordsVersion  = 1
	ownDictionary = 1<<9 | 1<<10
)

func (w *words) append(dst []byte) []byte {
	width := w.width()
	dst = binary.LittleEndian.AppendUint64(dst, wordsVersion)
	dst = binary.LittleEndian.AppendUint64(dst, ownDictionary|uint64(width/2)) // 0, 1, 2 for 1, 2, 4 bytes
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(w.list)+1))
	dst = append(dst, 0)
	for _, s := range w.list {
		dst = append(binary.AppendUvarint(dst, uint64(len(s))), s...)
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(w.rows)))
	for _, key := range w.rows {
		switch width {
		case 1:
			dst = append(dst, byte(key))
		case 2:
			dst = binary.LittleEndian.AppendUint16(dst, uint16(key)) //nolint:gosec // see width
		default:
			dst = binary.LittleEndian.AppendUint32(dst, key)
		}
	}
	return dst
}

func (w *words) values() []string {
	out := make([]string, len(w.rows))
	for i, key := range w.rows {
		if key > 0 {
			out[i] = w.list[key-1]
		}
	}
	return out
}
