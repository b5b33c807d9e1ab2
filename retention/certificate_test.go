package retention

import (
	"context"
	"errors"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// TestCountsWhatIsGone: a step that was recorded and cut off before it acted
// counts by what is gone: once where the run took it later, not at all where a
// hold keeps it since.
func TestCountsWhatIsGone(t *testing.T) {
	s := newPurging(t, ActionPurge)
	kept := s.send(t, []byte("KOLIBRI held since"))
	s.settle(t, kept.ID)
	scope := Scope{Subjects: []audit.SubjectID{s.subject}}
	s.subject = audit.NewSubjectID()
	s.fillDays(t, 1, 1)
	s.faults["begun"] = 0
	if _, err := s.runner().Start(t.Context(), "ann"); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	run, _, err := unfinished(t.Context(), s.j)
	check(t, err)
	var seqs []uint64
	day := ""
	check(t, s.j.Records(t.Context(), 0, func(r *audit.Record) error {
		if r.Kind == audit.KindAdmission {
			seqs, day = append(seqs, r.Seq), time.UnixMicro(r.Time).UTC().Format(time.DateOnly)
		}
		return nil
	}))
	if len(seqs) != 2 {
		t.Fatalf("%d admissions", len(seqs))
	}
	detail, err := audit.NewErasure("retention", []string{audit.PartRecord}, seqs).Encode()
	check(t, err)
	check(t, s.j.Append(t.Context(), journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro(), Actor: "system", Ref: run.ID,
		Labels: []string{"store:" + string(StoreRecords), "class:" + audit.ClassMessages, "action:" + string(ActionPurge), "day:" + day},
		Parts:  []audit.Part{audit.NewPart(audit.PartDetail, detail)},
	}}}))
	s.hold(t, scope)
	c := s.run(t)
	if n := counted(&c, audit.ClassMessages); n != 2 {
		t.Errorf("%d counted; one admission and its outcome went: %+v", n, c.Gone)
	}
	if r, err := s.j.Record(t.Context(), kept.ID); err != nil || r.Purged {
		t.Errorf("what is held is gone (%v)", err)
	}
}

// TestCompleted: a place that had something left is asked again when its time
// has come, and a later certificate says that nothing is.
func TestCompleted(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 1, 2)
	asked, state := 0, Place{Name: "far", State: StatePending, How: "wait"}
	var failing error
	s.cfg.Elsewhere = []func(context.Context, Gone) (Place, error){
		func(_ context.Context, g Gone) (Place, error) {
			asked++
			if len(g.Erasures) != 1 || g.Erasures[0].Parts[0] != audit.PartRecord || g.Last == 0 || asked > 1 && g.Was("far").Name != "far" {
				t.Errorf("asked for %+v", g)
			}
			return state, failing
		},
		func(context.Context, Gone) (Place, error) { return Place{}, nil }, // there is none
		func(context.Context, Gone) (Place, error) { return Place{Name: "copies", State: StateUnknown}, nil },
	}
	state.By = s.now().Add(time.Hour).UnixMicro()
	r := s.runner()
	first, err := r.Start(t.Context(), "ann")
	check(t, err)
	complete := func(later time.Duration, want, questions int) {
		t.Helper()
		s.forward(later)
		was := asked
		if n, err := r.Complete(t.Context()); err != nil || n != want || asked-was != questions {
			t.Errorf("%s later: %d certificates after %d questions (%v)", later, n, asked-was, err)
		}
	}
	complete(time.Minute, 0, 0) // too early
	complete(time.Hour, 0, 1)   // its time has come, and it stands as before
	complete(time.Minute, 0, 0)
	failing = errors.New("away")
	complete(askLater, 1, 1) // the state is another: unknown
	failing, state = nil, Place{Name: "far", State: StateGone, How: "looked"}
	r = s.runner()
	complete(askLater, 1, 1)
	complete(24*time.Hour, 0, 0)
	all, err := Certificates(t.Context(), s.j)
	check(t, err)
	if len(all) != 3 {
		t.Fatalf("%d certificates", len(all))
	}
	f, err := ExportCertificate(t.Context(), s.j, all[0].ID)
	check(t, err)
	got, err := VerifyCertificate(encoded(t, f), s.pinned)
	check(t, err)
	c := got.Certificate
	if c.Run != first.Run || c.Completes != all[1].ID || c.Looked == 0 || c.Ended != first.Ended || counted(&c, audit.ClassMessages) != counted(&first, audit.ClassMessages) {
		t.Errorf("completed: %+v", c)
	}
	states := map[string]string{}
	for _, p := range c.Place {
		states[p.Name] = p.State
	}
	if states["far"] != StateGone || states["journal"] != StateGone || states["copies"] != StateUnknown || len(states) != 4 {
		t.Errorf("places: %v", states)
	}
	s.sound(t)
}

// TestFilesCompleted: files that the cleaning had not taken when the run ended are
// asked for again.
func TestFilesCompleted(t *testing.T) {
	s := newPurging(t, ActionPurge)
	id := audit.NewID(s.now())
	s.putBeside(t, id)
	s.fillDays(t, 1, 1)
	s.cfg.Sweep = func(context.Context) error { return nil }
	r := s.runner()
	c, err := r.Start(t.Context(), "ann")
	check(t, err)
	if p := c.Place[1]; p.Name != placeMedia || p.State != StatePending {
		t.Fatalf("%+v", p)
	}
	complete := func(want int) {
		t.Helper()
		s.forward(askLater)
		if n, err := r.Complete(t.Context()); err != nil || n != want {
			t.Errorf("%d certificates, want %d: %v", n, want, err)
		}
	}
	complete(0)
	check(t, s.j.Append(t.Context(), journal.Batch{GoneMedia: []audit.ID{id}}))
	complete(1)
	complete(0)
	all, err := Certificates(t.Context(), s.j)
	check(t, err)
	f, err := ExportCertificate(t.Context(), s.j, all[0].ID)
	check(t, err)
	last, err := f.Unchecked()
	check(t, err)
	if p := last.Place[1]; len(all) != 2 || last.Completes != all[1].ID || p.Name != placeMedia || p.State != StateGone {
		t.Errorf("%d certificates, the last says %+v", len(all), p)
	}
}

// TestRestsWhileSendsWait: the next step waits for a crowd, not for ever, and
// not past the end.
func TestRestsWhileSendsWait(t *testing.T) {
	looks := 0
	check(t, restWhile(func() int { looks++; return crowded * (3 - min(looks, 3)) })(t.Context(), 0))
	if looks != 3 {
		t.Errorf("looked %d times at a crowd that was gone at the third", looks)
	}
	looks = 0
	check(t, restWhile(func() int { looks++; return crowded })(t.Context(), 0))
	if looks < 10 || looks > 100 {
		t.Errorf("gave way %d times to a crowd that stays", looks)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := restWhile(func() int { return crowded })(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
