package journal

import (
	"context"
	"errors"
	"testing"

	"postern/audit"
)

// shows appends a record of a person that shows a token.
func shows(t *testing.T, j *Journal, cfg Config, person audit.SubjectID, hash byte) audit.Record {
	t.Helper()
	r := admission(cfg.Now(), person)
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("{}")), audit.NewPart(audit.PartInput, []byte("{}"))}
	b := Batch{Records: []audit.Record{r}, Tokens: []Token{{
		Hash: [10]byte{hash}, Record: r.ID, Subject: person, Class: "messages", Month: "2026-11", Time: r.Time, Sealed: []byte("sealed"),
	}}}
	if err := j.Append(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	return b.Records[0]
}

// A token's row goes with what shows it: the body, the record, the person.
func TestTokens(t *testing.T) {
	ctx, cfg := context.Background(), config(t.TempDir())
	j := open(t, cfg)
	anna, ben := audit.NewSubjectID(), audit.NewSubjectID()
	first, second, third, bens := shows(t, j, cfg, anna, 1), shows(t, j, cfg, anna, 1), shows(t, j, cfg, anna, 2), shows(t, j, cfg, ben, 1)
	rows, err := j.Tokens(ctx, [10]byte{1}, 10)
	if err != nil || len(rows) != 3 || string(rows[0].Sealed) != "sealed" || rows[0].Class != "messages" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if row, err := j.Token(ctx, [10]byte{1}, bens.ID); err != nil || row.Subject != ben || row.Month != "2026-11" {
		t.Errorf("%+v %v", row.Record, err)
	}
	gone := func(what string, r audit.Record, hash byte, want bool) {
		t.Helper()
		if _, err := j.Token(ctx, [10]byte{hash}, r.ID); errors.Is(err, ErrNotFound) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	erase := func(e Erase) {
		t.Helper()
		e.Reason, e.Record = "request", audit.Record{Version: audit.Version, ID: audit.NewID(cfg.Now()), Kind: audit.KindErasure, Time: cfg.Now().UnixMicro()}
		if len(e.Seqs) == 0 {
			e.Record.Kind = audit.KindRequest
		}
		if err := j.Erase(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	erase(Erase{Parts: []string{audit.PartInput}, Seqs: []uint64{first.Seq}})
	gone("another part than what shows it", first, 1, false)
	erase(Erase{Parts: []string{audit.PartBody}, Seqs: []uint64{first.Seq}})
	gone("its record's body", first, 1, true)
	gone("another record of the person", second, 1, false)
	for _, r := range []audit.Record{first, second, third, bens} {
		if err := j.Append(ctx, Batch{Records: []audit.Record{settle(cfg.Now(), &r, "sent")}}); err != nil {
			t.Fatal(err)
		}
	}
	erase(Erase{Subjects: []audit.SubjectID{anna}})
	gone("the person", second, 1, true)
	gone("the person", third, 2, true)
	gone("somebody else", bens, 1, false)
	erase(Erase{Parts: []string{audit.PartRecord}, Seqs: []uint64{bens.Seq}})
	gone("its record", bens, 1, true)
}

// TestTokensOfRevisions: what a revision shows still stays under the first record,
// and goes with the revision's body.
func TestTokensOfRevisions(t *testing.T) {
	ctx, cfg := context.Background(), config(t.TempDir())
	j := open(t, cfg)
	anna := audit.NewSubjectID()
	r := admission(cfg.Now(), anna)
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("{}"))}
	b := Batch{Records: []audit.Record{r}}
	for hash := range byte(3) {
		b.Tokens = append(b.Tokens, Token{Hash: [10]byte{hash + 1}, Record: r.ID, Subject: anna, Class: "messages", Month: "2026-11", Time: r.Time, Sealed: []byte("sealed")})
	}
	if err := j.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	first := b.Records[0]
	rev := appendOne(t, j, audit.NewRevision(&first, cfg.Now(), []byte("{}")))
	left := func(of *audit.Record, want ...byte) {
		t.Helper()
		rows, err := j.TokensOf(ctx, of)
		if err != nil || len(rows) != len(want) {
			t.Fatalf("%d tokens, want %v: %v", len(rows), want, err)
		}
		for i := range want {
			if rows[i].Hash != [10]byte{want[i]} {
				t.Errorf("token %d: %x", i, rows[i].Hash)
			}
		}
	}
	erase := func(of audit.Record, shown ...[10]byte) {
		t.Helper()
		e := Erase{Reason: "redaction", Parts: []string{audit.PartBody}, Seqs: []uint64{of.Seq}, Shown: map[uint64][][10]byte{of.Seq: shown}}
		e.Record = audit.Record{Version: audit.Version, ID: audit.NewID(cfg.Now()), Kind: audit.KindErasure, Time: cfg.Now().UnixMicro()}
		if err := j.Erase(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	left(&rev, 1, 2, 3)
	erase(first, [10]byte{1}, [10]byte{3})
	left(&first, 1, 3)
	erase(rev, [10]byte{3})
	left(&rev, 3)
	erase(rev)
	left(&first)
}
