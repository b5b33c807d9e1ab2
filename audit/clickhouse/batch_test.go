package clickhouse

import (
	"bufio"
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"postern/audit"
)

// aside is a store that nothing is asked of.
func aside(t *testing.T, compression string, native bool) *Store {
	t.Helper()
	s, err := Open(Config{Endpoints: []string{"127.0.0.1:1"}, Database: "d", Compression: compression, Native: native, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // it was never connected
	return s
}

// placed is a message at its place in a chain, as the journal gives it.
func placed(t *testing.T, chain string, seq uint64) audit.Record {
	t.Helper()
	r := message(int(seq)) //nolint:gosec // small
	r.Chain, r.Seq = chain, seq
	leaf, err := audit.AppendLeaf(nil, &r)
	if err != nil {
		t.Fatal(err)
	}
	r.Leaf = audit.LeafHash(leaf)
	return r
}

// TestBatchOfOneChain: a batch ends where the chain's name changes.
func TestBatchOfOneChain(t *testing.T) {
	const renamed = "test-chain/r0badcafe"
	records := []audit.Record{{Purged: true, Seq: 4}, placed(t, "test-chain", 5), {Purged: true, Seq: 6}, placed(t, renamed, 7)}
	for _, tt := range []struct {
		from        int
		chain       string
		until       uint64
		inserts     int
		stoppedHere bool
	}{{0, "test-chain", 7, 4, true}, {3, renamed, 8, 3, false}} {
		b := newBuilder(aside(t, "", false))
		b.begin("other", uint64(4+tt.from), nil) //nolint:gosec // small
		stopped := false
		for i := range records[tt.from:] {
			enough, err := b.add(&records[tt.from+i])
			if err != nil {
				t.Fatal(err)
			}
			if stopped = enough; stopped {
				break
			}
		}
		got, err := b.done()
		if err != nil || got.chain != tt.chain || got.until != tt.until || len(got.inserts) != tt.inserts || stopped != tt.stoppedHere {
			t.Errorf("from record %d: chain %s until %d in %d inserts, stopped %v, %v", 4+tt.from, got.chain, got.until, len(got.inserts), stopped, err)
		}
	}
}

// TestBatchRefuses a record that is not what its leaf says.
func TestBatchRefuses(t *testing.T) {
	r := placed(t, "test-chain", 5)
	r.Result = "refused"
	b := newBuilder(aside(t, "", false))
	b.begin("test-chain", 5, nil)
	if _, err := b.add(&r); err == nil {
		t.Error("a changed record was taken")
	}
}

// TestBatchLeavesOut what the server has.
func TestBatchLeavesOut(t *testing.T) {
	b := newBuilder(aside(t, "", false))
	b.begin("test-chain", 0, &there{seqs: map[uint64]bool{0: true, 2: true}, ends: ends{leaves: 3, counts: 4}})
	for seq := range uint64(4) {
		r := placed(t, "test-chain", seq)
		if _, err := b.add(&r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.done()
	if err != nil || len(got.inserts) != 2 || got.inserts[0].rows != 2 || got.inserts[1].table != "leaves" || got.inserts[1].rows != 1 {
		t.Errorf("%+v, %v", got.inserts, err)
	}
}

// TestNativeProtocol: the driver gets the values that the body over HTTP holds.
func TestNativeProtocol(t *testing.T) {
	var wants [][]any
	for _, native := range []bool{false, true} {
		b := newBuilder(aside(t, "", native))
		b.begin("test-chain", 0, nil)
		for seq := range uint64(300) { // so many that words take two bytes
			r := placed(t, "test-chain", seq)
			r.Template = fmt.Sprintf("template_%d/en", seq)
			r.Parts[0].Body = bytes.Repeat([]byte("x"), int(seq)) //nolint:gosec // small
			r.Parts[0].Hash = audit.PartHash(r.Parts[0].Salt, r.Parts[0].Body)
			leaf, err := audit.AppendLeaf(nil, &r)
			if err != nil {
				t.Fatal(err)
			}
			r.Leaf, r.ID, r.Subject = audit.LeafHash(leaf), audit.ID{1}, audit.SubjectID{2}
			if leaf, err = audit.AppendLeaf(nil, &r); err != nil {
				t.Fatal(err)
			}
			r.Leaf = audit.LeafHash(leaf)
			if _, err := b.add(&r); err != nil {
				t.Fatal(err)
			}
		}
		got, err := b.done()
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range got.inserts[:2] {
			if !native {
				wants = append(wants, decoded(t, k.body))
				continue
			}
			for n, want := range wants[i] {
				name := k.columns[n].Name
				switch {
				case name == "leaf_input" || name == "leaf" || name == "body_salt" || name == "input_salt": // of random salts
				case !reflect.DeepEqual(k.values[n], want):
					t.Errorf("%s.%s: %.80v, in the body %.80v", k.table, name, k.values[n], want)
				}
			}
		}
	}
}

// TestWords: the driver reads what is written, however many words there are.
func TestWords(t *testing.T) {
	for _, n := range []int{1, 255, 256, 65_535, 65_536} {
		b := &block{table: "t", columns: []column{wordColumn("w"), numberColumn("n"), {name: "b", kind: kindBit}}}
		var want []string
		for i := range n + 3 {
			w := fmt.Sprint(i % (n + 1))
			if i%(n+1) == 0 {
				w = ""
			}
			want = append(want, w)
			b.columns[0].words.add(w)
			b.columns[1].addNumber(-int64(i))
			b.columns[2].addBit(i%2 == 1)
			b.rows++
		}
		got := decoded(t, b.append(nil))
		if !reflect.DeepEqual(got[0], any(want)) || got[1].([]int64)[2] != -2 || got[2].([]uint8)[1] != 1 || !reflect.DeepEqual(b.columns[0].values(), any(want)) {
			t.Errorf("%d words are not what was written", n)
		}
		if size := len(b.append(nil)); size > b.size() {
			t.Errorf("%d words take %d bytes, foretold %d", n, size, b.size())
		}
	}
}

// decoded are the columns of a block as the driver reads them.
func decoded(t *testing.T, body []byte) []any {
	t.Helper()
	b := proto.Block{ServerContext: &chcolumn.ServerContext{Timezone: time.UTC}}
	if err := b.Decode(chproto.NewReader(bufio.NewReader(bytes.NewReader(body))), 0); err != nil {
		t.Fatal(err)
	}
	var out []any
	for _, c := range b.Columns {
		var texts []string
		var numbers []int64
		var bits []uint8
		for i := range c.Rows() {
			switch v := c.Row(i, false).(type) {
			case string:
				texts = append(texts, v)
			case int64:
				numbers = append(numbers, v)
			case uint8:
				bits = append(bits, v)
			default:
				t.Fatalf("column %s has a %T", c.Name(), v)
			}
		}
		switch {
		case texts != nil:
			out = append(out, texts)
		case numbers != nil:
			out = append(out, numbers)
		default:
			out = append(out, bits)
		}
	}
	return out
}
