package audit_test

import (
	"context"
	"testing"

	"postern/audit"
)

func BenchmarkAppendLeaf(b *testing.B) {
	r := newTrail(b, 1).records[0]
	b.Run("hashes known", func(b *testing.B) { benchLeaf(b, r) })
	for i := range r.Parts {
		r.Parts[i].Hash = [32]byte{}
	}
	b.Run("parts hashed", func(b *testing.B) { benchLeaf(b, r) })
}

func benchLeaf(b *testing.B, r audit.Record) {
	b.ReportAllocs()
	buf := make([]byte, 0, 4096)
	for b.Loop() {
		leaf, err := audit.AppendLeaf(buf, &r)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(leaf)))
	}
}

func BenchmarkLeafHash(b *testing.B) {
	leaf := make([]byte, 1200)
	b.ReportAllocs()
	b.SetBytes(int64(len(leaf)))
	for b.Loop() {
		audit.LeafHash(leaf)
	}
}

func BenchmarkTreeAppend(b *testing.B) {
	var t audit.Tree
	b.ReportAllocs()
	for b.Loop() {
		t.Append([32]byte{1})
	}
}

// BenchmarkVerify reports records/s over a store in memory: what hashing
// alone allows, before a disk and a database take their share.
func BenchmarkVerify(b *testing.B) {
	m := newTrail(b, 50_000)
	b.ReportAllocs()
	for b.Loop() {
		r, err := audit.Verify(context.Background(), m, audit.VerifyOptions{})
		if err != nil || !r.OK() {
			b.Fatal(err, r.Findings)
		}
	}
	b.ReportMetric(float64(b.N)*50_000/b.Elapsed().Seconds(), "records/s")
}
