package audit_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"postern/audit"
)

const testChain = "postern.example/gw1"

// trail is a Source in memory, built the way a journal builds one.
type trail struct {
	records     []audit.Record // by Seq; gaps allowed
	checkpoints [][]byte
	chain       string
	tree        audit.Tree
	head        [32]byte
	buf         []byte
	onHead      func(*trail) // runs at each call of Head
}

func (m *trail) Head(context.Context) (audit.Head, error) {
	if m.onHead != nil {
		m.onHead(m)
	}
	h := audit.Head{Chain: m.chain, Checkpoints: m.checkpoints}
	for i := range m.records {
		h.Records = max(h.Records, m.records[i].Seq+1)
	}
	return h, nil
}

func (m *trail) Records(_ context.Context, from, until uint64, fn func(*audit.Record) error) error {
	i, _ := slices.BinarySearchFunc(m.records, from, func(r audit.Record, seq uint64) int {
		if r.Seq < seq {
			return -1
		}
		return 1
	})
	for ; i < len(m.records) && m.records[i].Seq < until; i++ {
		r := m.records[i]
		if err := fn(&r); err != nil {
			return err
		}
	}
	return nil
}

// append gives r its place as the journal does.
func (m *trail) append(tb testing.TB, r audit.Record) {
	tb.Helper()
	r.Version, r.Chain, r.Seq, r.Prev = audit.Version, m.chain, m.tree.Size(), m.head
	for i := range r.Parts {
		r.Parts[i].Hash = audit.PartHash(r.Parts[i].Salt, r.Parts[i].Body)
	}
	var err error
	if m.buf, err = audit.AppendLeaf(m.buf[:0], &r); err != nil {
		tb.Fatal(err)
	}
	r.Leaf = audit.LeafHash(m.buf)
	m.tree.Append(r.Leaf)
	m.head = r.Leaf
	m.records = append(m.records, r)
}

func (m *trail) checkpoint(tb testing.TB, s audit.Signer) []byte {
	tb.Helper()
	c := audit.Checkpoint{Origin: m.chain, Size: m.tree.Size(), Root: m.tree.Root(), Time: int64(m.tree.Size()) * 1e6, Head: m.head} //nolint:gosec // small
	msg, err := c.Sign(s)
	if err != nil {
		tb.Fatal(err)
	}
	return msg
}

// clone copies deeply enough to be tampered with.
func (m *trail) clone() *trail {
	c := *m
	c.records = slices.Clone(m.records)
	for i := range c.records {
		r := &c.records[i]
		r.Reasons, r.Observed, r.Labels = slices.Clone(r.Reasons), slices.Clone(r.Observed), slices.Clone(r.Labels)
		r.Mac, r.MessageID = bytes.Clone(r.Mac), bytes.Clone(r.MessageID)
		r.Parts = slices.Clone(r.Parts)
		for j := range r.Parts {
			r.Parts[j].Body = bytes.Clone(r.Parts[j].Body)
		}
	}
	c.checkpoints = slices.Clone(m.checkpoints)
	return &c
}

// erase overwrites a part, without a record of it.
func (m *trail) erase(seq uint64, part string) {
	for i := range m.records {
		for j := range m.records[i].Parts {
			if p := &m.records[i].Parts[j]; m.records[i].Seq == seq && p.Name == part {
				*p = audit.Part{Name: part, Hash: p.Hash, Erased: true}
			}
		}
	}
}

// record is a typical admission with everything set, about 700 bytes.
func record(i int) audit.Record {
	r := audit.Record{
		Kind: audit.KindAdmission, Time: 1763712000000000 + int64(i), Tenant: "bank", App: "alerts",
		Number: "106540352242922", Actor: "app:alerts", Country: "DE", Direction: "outbound", Dialect: "cloud",
		Type: "template", Category: "utility", Template: "balance/en_US", Effect: audit.EffectAllow,
		Reasons: []string{"template_approved", "consent_utility"}, Observed: []string{"quiet_hours"},
		Revision: "sha256-3f9a", Facts: `{"consent":{"scope":"utility","source":"web"}}`, Findings: "EMAIL:1",
		Changed: true, Mac: bytes.Repeat([]byte{0xab}, 32), MacKey: 3, MessageID: bytes.Repeat([]byte{0xcd}, 16),
		Result: "accepted", Code: 200, Retention: "standard", Labels: []string{"account"},
		Parts: []audit.Part{
			{Name: audit.PartOriginal, Body: bytes.Repeat([]byte("sealed bytes "), 16)},
			{Name: audit.PartBody, Body: fmt.Appendf(nil, "Your balance changed, reference %d, write to [EMAIL]", i)},
		},
	}
	binary.BigEndian.PutUint64(r.ID[8:], uint64(i)+1)      //nolint:gosec // small
	binary.BigEndian.PutUint64(r.Ref[8:], uint64(i)+7)     //nolint:gosec // small
	binary.BigEndian.PutUint64(r.Subject[8:], uint64(i)+9) //nolint:gosec // small
	for j := range r.Parts {
		binary.BigEndian.PutUint64(r.Parts[j].Salt[:], uint64(i)<<8|uint64(j)|1<<60) //nolint:gosec // small
	}
	return r
}

// erasureRecord covers the given parts and records.
func erasureRecord(tb testing.TB, i int, parts []string, seqs ...uint64) audit.Record {
	tb.Helper()
	detail, err := audit.NewErasure("request", parts, seqs).Encode()
	if err != nil {
		tb.Fatal(err)
	}
	r := audit.Record{Kind: audit.KindErasure, Time: int64(i), Actor: "system", Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)}}
	binary.BigEndian.PutUint64(r.ID[:], uint64(i)+1) //nolint:gosec // small
	return r
}

func newTrail(tb testing.TB, n int) *trail {
	tb.Helper()
	m := &trail{chain: testChain}
	for i := range n {
		m.append(tb, record(i))
	}
	return m
}

// testKey returns the signer and verifier of a fixed key.
func testKey(tb testing.TB, seed byte) (audit.Signer, audit.Verifier) {
	tb.Helper()
	priv := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	pub := priv.Public().(ed25519.PublicKey)
	sign := func(msg []byte) ([]byte, error) { return ed25519.Sign(priv, msg), nil }
	s, err := audit.NewSigner("postern.example/keys", pub, sign)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := audit.NewVerifier("postern.example/keys", pub)
	if err != nil {
		tb.Fatal(err)
	}
	return s, v
}
