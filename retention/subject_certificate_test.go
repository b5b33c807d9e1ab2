package retention

import (
	"strings"
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
	if c := certificate(); c.Place[0].State != StateGone || len(c.Gone) != 1 || c.Gone[0].Class != audit.ClassMessages || c.Gone[0].Count != 1 ||
		c.Place[0].Facts["salts"] != int64(len(traces)) || !strings.Contains(c.Place[0].How, "searched for salts and seals") {
		t.Errorf("everything went: %+v", c)
	}
	e.Traces = nil
	if c := certificate(); c.Place[0].State != StateGone || !strings.Contains(c.Place[0].How, "were not searched") {
		t.Errorf("a restart came between: %+v", c)
	}
	if e.Partly = true; certificate().Complete {
		t.Error("clauses keep a rest, and it is certified as complete")
	}
}

// TestTracesOfAPerson: what identifiers and data keys are sealed with is looked for.
func TestTracesOfAPerson(t *testing.T) {
	s := newPurging(t, ActionErase)
	s.send(t, []byte("BACHSTELZE at the brook"))
	const seal = "-0123456789abcdef"
	full := []byte("WRAPPED-DATA-KEY-AND-MORE" + seal)
	check(t, s.j.Append(t.Context(), journal.Batch{
		Subjects: []journal.Subject{{ID: s.subject, Tenant: "bank", Created: 1, Identifiers: []byte("SEALED-IDENTIFIERS-" + seal)}},
		DataKeys: []journal.DataKey{{Subject: s.subject, Class: "media", Month: "2026-11", Wrapped: full}},
	}))
	traces, err := TracesOfPerson(t.Context(), s.j, s.subject)
	check(t, err)
	found := 0
	for _, x := range traces {
		if string(x) == seal[1:] {
			found++
		}
	}
	if found != 2 {
		t.Errorf("%d of 2 seals are looked for among %d", found, len(traces))
	}
}

// TestSubjectFilesCompleted: a person's files that the cleaning had not taken are
// asked for again, of that person alone.
func TestSubjectFilesCompleted(t *testing.T) {
	s := newPurging(t, ActionErase)
	adm := s.send(t, []byte("BACHSTELZE at the brook"))
	own, foreign := s.file(s.subject), s.file(audit.NewSubjectID())
	check(t, s.j.Append(t.Context(), journal.Batch{Media: []journal.Media{own, foreign}}))
	rec := s.runner().record(audit.KindErasure, "")
	rec.Ref = adm.ID
	seqs, err := s.j.SeqsOf(t.Context(), s.subject)
	check(t, err)
	keys, err := s.j.KeysOf(t.Context(), s.subject)
	check(t, err)
	e := SubjectErasure{Record: adm.ID, Actor: "ann", Reason: "request", Subjects: []audit.SubjectID{s.subject}}
	check(t, s.j.Erase(t.Context(), journal.Erase{Record: rec, Reason: "request", Parts: contentParts, Seqs: seqs, Keys: keys, Subjects: e.Subjects}))
	_, err = s.runner().CertifySubject(t.Context(), e)
	check(t, err)
	last := func() Certificate {
		t.Helper()
		all, err := Certificates(t.Context(), s.j)
		check(t, err)
		f, err := ExportCertificate(t.Context(), s.j, all[0].ID)
		check(t, err)
		c, err := f.Unchecked()
		check(t, err)
		return c
	}
	complete := func(want int) {
		t.Helper()
		s.forward(askLater)
		if n, err := s.runner().Complete(t.Context()); err != nil || n != want {
			t.Errorf("%d certificates, want %d: %v", n, want, err)
		}
	}
	if p := last().Place[1]; p.Name != placeMedia || p.State != StatePending || p.Facts["files"] != 1 {
		t.Errorf("the file is there still: %+v", p)
	}
	complete(0)
	check(t, s.j.Append(t.Context(), journal.Batch{GoneMedia: []audit.ID{own.ID}}))
	complete(1)
	if c := last(); c.Of != ofSubject || c.Completes.IsZero() || c.Place[1].Name != placeMedia || c.Place[1].State != StateGone {
		t.Errorf("the file is gone: %+v", c)
	}
	complete(0)
}

// file is the row of a file that is about a person.
func (s *purging) file(of audit.SubjectID) journal.Media {
	id := audit.NewID(s.now())
	return journal.Media{
		ID: id, Tenant: "bank", Number: "1", App: "loans", Subject: of, Month: "2026-01", Hash: [16]byte(id), Upstream: []byte("SEALED-UPSTREAM-ID"),
		Kind: "image", Mime: "image/png", Stored: true, Created: s.now().UnixMicro(), Until: s.now().AddDate(1, 0, 0).UnixMicro(),
	}
}
