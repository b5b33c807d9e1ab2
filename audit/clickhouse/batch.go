package clickhouse

import (
	"fmt"

	"postern/audit"
)

// batch is a range of records, encoded, on its way.
type batch struct {
	chain       string
	from, until uint64
	records     []audit.Record
	rows        []row      // of records that were not purged
	whole       []*block   // all of it, made while the batch before is on its way
	erasures    []recorded // in it, to be carried out once it is there
}

// recorded is an erasure and the record that says it.
type recorded struct {
	record audit.ID
	audit.Erasure
}

// newBatch encodes records that follow each other, up to where they go on under
// another chain name; chain is that of purged ones, which name none. It refuses
// a record that is not what its leaf says: such a trail is to be verified, not
// to be spread.
func newBatch(chain string, records []audit.Record) (*batch, error) {
	chain, records = ofOneChain(chain, records)
	b := &batch{chain: chain, from: records[0].Seq, until: records[0].Seq + uint64(len(records)), records: records}
	b.rows = make([]row, 0, len(records))
	var buf []byte
	for i := range records {
		r := &records[i]
		if r.Purged {
			continue
		}
		var err error
		if buf, err = audit.AppendLeaf(buf[:0], r); err != nil || audit.LeafHash(buf) != r.Leaf {
			return nil, fmt.Errorf("record %d is not what its leaf hash says: run postern audit verify", r.Seq)
		}
		b.rows = append(b.rows, row{Record: r, leaf: string(buf)})
		if e, ok := erasureOf(r); ok {
			b.erasures = append(b.erasures, recorded{r.ID, e})
		}
	}
	b.whole = b.blocks(b.rows, b.records, b.records, b.rows)
	return b, nil
}

func ofOneChain(chain string, records []audit.Record) (string, []audit.Record) {
	named := false
	for i := range records {
		switch {
		case records[i].Purged:
		case !named:
			chain, named = records[i].Chain, true
		case records[i].Chain != chain:
			return chain, records[:i]
		}
	}
	return chain, records
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
