package clickhouse

import (
	"fmt"
	"time"

	"postern/audit"
)

// batch is a range of records, packed, on its way.
type batch struct {
	chain       string
	from, until uint64
	inserts     []insert   // in their order; none is empty
	erasures    []recorded // in it, to be carried out once it is there
}

// recorded is an erasure and the record that says it.
type recorded struct {
	record audit.ID
	audit.Erasure
}

// there is what the tables have of a batch already.
type there struct {
	seqs map[uint64]bool // in records, held or purged
	ends ends
}

// batchBytes bounds a batch, so that records with large parts make shorter
// batches and not a larger process.
const batchBytes = 32 << 20

// builder makes batches of records that pass. One goroutine uses it at a time.
type builder struct {
	packer  *packer
	records *block
	purged  *block
	leaves  *block
	counts  *block
	counted map[countKey]int64

	batch batch
	have  *there // nil: nothing of it
	named bool   // a record has said what the chain is called
	bytes int
	leaf  []byte
}

// countKey is what daily counts are by.
type countKey struct {
	day                          int64 // since 1970
	tenant, kind, effect, reason string
}

func newBuilder(s *Store) *builder {
	records := &block{table: "records"}
	for i := range fields {
		records.columns = append(records.columns, column{name: fields[i].name, kind: fields[i].kind, width: fields[i].width})
	}
	return &builder{
		packer: s.packer(), records: records,
		leaves: &block{table: "leaves", columns: []column{wordColumn("chain"), numberColumn("seq"), fixedColumn("leaf", 32)}},
		purged: &block{table: "purged", columns: []column{
			wordColumn("chain"), numberColumn("seq"), fixedColumn("id", 16), fixedColumn("prev", 32), fixedColumn("leaf", 32),
		}},
		counts: &block{table: "counts", columns: []column{
			wordColumn("chain"), wordColumn("day"), wordColumn("tenant"), wordColumn("kind"),
			wordColumn("effect"), wordColumn("reason"), numberColumn("until"), numberColumn("n"),
		}},
	}
}

// begin starts a batch at a record; chain is its name while no record has said
// one. What have has of it is left out.
func (b *builder) begin(chain string, from uint64, have *there) {
	for _, k := range []*block{b.records, b.purged, b.leaves, b.counts} {
		k.reset()
	}
	b.batch, b.have, b.named, b.bytes, b.counted = batch{chain: chain, from: from, until: from}, have, false, 0, make(map[countKey]int64)
}

// add takes the next record, and says whether the batch is as large as it may
// be. Where the records go on under another chain name, or such a one begins
// after records that name none, it is, too, and that one is not taken. It refuses
// a record that is not what its leaf says: such a trail is to be verified, not to
// be spread.
func (b *builder) add(r *audit.Record) (enough bool, err error) {
	if r.Purged {
		b.addPurged(r)
	} else if b.named && r.Chain != b.batch.chain || !b.named && b.batch.until > b.batch.from && audit.BeginsChain(r) {
		return true, nil
	} else if err := b.addRow(r); err != nil {
		return true, err
	}
	if b.have == nil || r.Seq >= b.have.ends.leaves {
		b.leaves.rows++
		b.leaves.columns[1].addNumber(int64(r.Seq)) //nolint:gosec // below 2^63
		b.leaves.columns[2].data = append(b.leaves.columns[2].data, r.Leaf[:]...)
	}
	b.batch.until = r.Seq + 1
	return b.bytes >= batchBytes, nil
}

func (b *builder) has(r *audit.Record) bool { return b.have != nil && b.have.seqs[r.Seq] }

func (b *builder) addPurged(r *audit.Record) {
	if b.has(r) {
		return
	}
	c := b.purged.columns
	b.purged.rows++
	c[1].addNumber(int64(r.Seq)) //nolint:gosec // below 2^63
	for i, v := range [][]byte{r.ID[:], r.Prev[:], r.Leaf[:]} {
		c[2+i].data = append(c[2+i].data, v...)
	}
}

func (b *builder) addRow(r *audit.Record) error {
	b.batch.chain, b.named = r.Chain, true
	var err error
	if b.leaf, err = audit.AppendLeaf(b.leaf[:0], r); err != nil || audit.LeafHash(b.leaf) != r.Leaf {
		return fmt.Errorf("record %d is not what its leaf hash says: run postern audit verify", r.Seq)
	}
	if e, ok := erasureOf(r); ok {
		b.batch.erasures = append(b.batch.erasures, recorded{r.ID, e})
	}
	if b.have == nil || r.Seq >= b.have.ends.counts {
		b.counted[countKey{r.Time / int64(24*time.Hour/time.Microsecond), r.Tenant, string(r.Kind), string(r.Effect), first(r.Reasons)}]++
	}
	if b.has(r) {
		return nil
	}
	one := row{Record: r, leaf: b.leaf}
	for i := range fields {
		fields[i].add(&b.records.columns[i], &one)
	}
	b.records.rows++
	b.bytes += rowBytes + len(b.leaf)
	for i := range r.Parts {
		b.bytes += len(r.Parts[i].Body)
	}
	return nil
}

// rowBytes is about what a row takes beside its leaf and its parts.
const rowBytes = 256

// done packs what was added.
func (b *builder) done() (*batch, error) {
	for key, n := range b.counted {
		b.count(key, n)
	}
	out := b.batch
	for _, k := range []*block{b.records, b.purged, b.leaves, b.counts} {
		if k.rows == 0 {
			continue
		}
		if k != b.records {
			for range k.rows {
				k.columns[0].words.add(out.chain)
			}
		}
		packed, err := b.packer.pack(k)
		if err != nil {
			return nil, err
		}
		out.inserts = append(out.inserts, packed)
	}
	return &out, nil
}

// count adds a row of counts; they are by batch.
func (b *builder) count(key countKey, n int64) {
	c := b.counts.columns
	b.counts.rows++
	day := time.Unix(key.day*24*60*60, 0).UTC().Format(time.DateOnly)
	for i, v := range []string{day, key.tenant, key.kind, key.effect, key.reason} {
		c[1+i].words.add(v)
	}
	c[6].addNumber(int64(b.batch.until)) //nolint:gosec // below 2^63
	c[7].addNumber(n)
}

// erasureOf is what an erasure record covers. One that cannot be read covers
// nothing, as in verification.
func erasureOf(r *audit.Record) (audit.Erasure, bool) {
	if r.Kind != audit.KindErasure {
		return audit.Erasure{}, false
	}
	for i := range r.Parts {
		if p := &r.Parts[i]; p.Name == audit.PartDetail && !p.Erased {
			e, err := audit.DecodeErasure(p.Body)
			return e, err == nil && e.Ranges[len(e.Ranges)-1].Last < r.Seq
		}
	}
	return audit.Erasure{}, false
}
