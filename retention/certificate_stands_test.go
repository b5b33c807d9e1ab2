package retention

import (
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// TestHowItStandsInTheStore: only what was looked for and not found is called gone.
func TestHowItStandsInTheStore(t *testing.T) {
	went := Gone{Erasures: []audit.Erasure{{Version: 1}}}
	for name, c := range map[string]struct {
		left  journal.Remains
		salts int
		state string
		how   string
	}{
		"searched":        {left: journal.Remains{Secure: true}, salts: 1, state: StateGone, how: "were searched for salts"},
		"not searched":    {left: journal.Remains{Secure: true}, state: StateGone, how: "the pages were not searched"},
		"found":           {left: journal.Remains{Secure: true, Found: 1}, salts: 1, state: StatePending, how: "still in the store's files"},
		"not overwritten": {salts: 1, state: StateUnknown, how: "does not overwrite"},
	} {
		if p := stands(c.left, went, c.salts); p.Name != "journal" || p.State != c.state || !strings.Contains(p.How, c.how) || p.Facts["salts"] != int64(c.salts) || p.Facts["found"] != int64(c.left.Found) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestWhatIsLeftOfAPerson: a content, a data key or a row alone keeps an erasure
// from being called gone.
func TestWhatIsLeftOfAPerson(t *testing.T) {
	for left, change := range map[string]func(*journal.Erase, *journal.Batch){
		"parts_left": func(e *journal.Erase, _ *journal.Batch) { e.Parts = []string{audit.PartOriginal} },
		"keys_left":  func(e *journal.Erase, _ *journal.Batch) { e.Keys = nil },
		"rows_left": func(e *journal.Erase, b *journal.Batch) {
			b.Facts = []journal.Fact{{Tenant: "bank", Subject: e.Subjects[0], Kind: "timezone", Key: "tz", Value: []byte("{}"), Time: 1}}
		},
	} {
		s := newPurging(t, ActionErase)
		adm := s.send(t, []byte("BACHSTELZE at the brook"))
		of := []audit.SubjectID{s.subject}
		keys, err := s.j.KeysOf(t.Context(), s.subject)
		check(t, err)
		rec := s.runner().record(audit.KindErasure, "")
		rec.Ref = adm.ID
		e, b := journal.Erase{Record: rec, Reason: "request", Parts: contentParts, Seqs: []uint64{adm.Seq}, Keys: keys, Subjects: of}, journal.Batch{}
		change(&e, &b)
		check(t, s.j.Erase(t.Context(), e))
		if len(b.Facts) > 0 {
			check(t, s.j.Append(t.Context(), b))
		}
		id, err := s.runner().CertifySubject(t.Context(), SubjectErasure{Record: adm.ID, Actor: "ann", Reason: "request", Subjects: of})
		check(t, err)
		f, err := ExportCertificate(t.Context(), s.j, id)
		check(t, err)
		c, err := f.Unchecked()
		check(t, err)
		for what, n := range map[string]int64{"parts_left": 0, "keys_left": 0, "rows_left": 0} {
			if got := c.Place[0].Facts[what]; (got > n) != (what == left) {
				t.Errorf("%s: %d %s", left, got, what)
			}
		}
		if c.Place[0].State != StatePending {
			t.Errorf("%s: %+v", left, c.Place[0])
		}
	}
}
