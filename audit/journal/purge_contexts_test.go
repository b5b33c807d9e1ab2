package journal

import (
	"testing"

	"postern/audit"
)

// TestContextInUseStays: one that a record comes to repeat after it was found
// idle stays, and so does that of purged records, whether there are any or not.
func TestContextInUseStays(t *testing.T) {
	j := open(t, config(t.TempDir()))
	special := func() audit.Record {
		r := admission(j.cfg.Now(), audit.NewSubjectID())
		r.App = "seldom"
		return r
	}
	first := appendOne(t, j, special())
	appendOne(t, j, settle(j.cfg.Now(), &first, "accepted"))
	if err := j.Erase(t.Context(), purge(j, first.Seq)); err != nil {
		t.Fatal(err)
	}
	seldom := number(t, j, "SELECT id FROM contexts WHERE app = 'seldom' AND kind = 'admission'")
	idle := map[int64]bool{seldom: true}
	next, err := j.withoutUsed(t.Context(), idle)
	if err != nil || !idle[seldom] || next != j.Head().Size {
		t.Fatalf("looked below %d of %d: %v, %v", next, j.Head().Size, idle, err)
	}
	late := appendOne(t, j, special())
	if err := j.alone(t.Context(), func() error { return j.dropContexts(idle, next) }); err != nil {
		t.Fatal(err)
	}
	if got, err := j.Record(t.Context(), late.ID); err != nil || got.App != "seldom" {
		t.Errorf("the context of a record is gone: %+v (%v)", got, err)
	}
	if err := j.DropContexts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := number(t, j, "SELECT count(*) FROM contexts WHERE kind = 'purged'"); n != 1 {
		t.Errorf("%d contexts of purged records", n)
	}
	if report := verify(t, j.path); !report.OK() {
		t.Error(report.Findings)
	}
}

// TestContextsByRange: what only a record behind the first range repeats stays.
func TestContextsByRange(t *testing.T) {
	j := filled(t, contextRange+10)
	r := admission(j.cfg.Now(), audit.NewSubjectID())
	r.App = "behind"
	appendOne(t, j, r)
	before := contextsOf(t, j)
	if err := j.DropContexts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := contextsOf(t, j); after != before {
		t.Errorf("%d contexts of %d are left, of which all are in use", after, before)
	}
}
