package retention

import (
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// TestSubjectCertificateLooks: what is still there is never called gone.
func TestSubjectCertificateLooks(t *testing.T) {
	s := newPurging(t, ActionErase)
	adm := s.send(t, []byte("BACHSTELZE at the brook"))
	seqs, err := s.j.SeqsOf(t.Context(), s.subject)
	check(t, err)
	traces, err := TracesOf(t.Context(), s.j, seqs, contentParts)
	check(t, err)
	if len(traces) == 0 {
		t.Fatal("nothing to look for")
	}
	e := SubjectErasure{Record: adm.ID, Actor: "ann", Reason: "request", Subjects: []audit.SubjectID{s.subject}, Traces: traces}
	certificate := func() Certificate {
		t.Helper()
		id, err := s.runner().CertifySubject(t.Context(), e)
		check(t, err)
		f, err := ExportCertificate(t.Context(), s.j, id)
		check(t, err)
		c, err := f.Unchecked()
		check(t, err)
		return c
	}
	if c := certificate(); c.Place[0].State != StatePending || len(c.Gone) != 0 || c.Place[0].Facts["parts_left"] == 0 || c.Place[0].Facts["keys_left"] == 0 {
		t.Errorf("nothing went: %+v", c)
	}
	keys, err := s.j.KeysOf(t.Context(), s.subject)
	check(t, err)
	rec := s.runner().record(audit.KindErasure, "")
	rec.Ref = adm.ID
	check(t, s.j.Erase(t.Context(), journal.Erase{Record: rec, Reason: "request", Parts: contentParts, Seqs: seqs, Keys: keys, Subjects: e.Subjects}))
	if c := certificate(); c.Place[0].State != StateGone || len(c.Gone) != 1 || c.Gone[0].Class != audit.ClassMessages || c.Gone[0].Count != 1 {
		t.Errorf("everything went: %+v", c)
	}
}
