package reveal

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestTwoPeople: with a second person nothing is shown before another one has
// approved, and then once.
func TestTwoPeople(t *testing.T) {
	h := newHouse(t, rig.Options{})
	sent := h.send(t, "Your advisor is "+address)
	h.set(t, "second_person: true, expires: 2h, per_hour: 3")
	for _, c := range []struct {
		name string
		do   func(*testing.T, *house, audit.ID)
	}{
		{"approved and shown once", shownOnce}, {"a crash in between", crashed}, {"a commit nobody heard of", unsure}, {"many at once", together},
		{"erased meanwhile", erasedMeanwhile}, {"expiry", expires},
		{"revoked meanwhile", revoked}, {"as many as allowed", asMany},
	} {
		t.Run(c.name, func(t *testing.T) { c.do(t, h, sent) })
	}
	h.hidden(t)
}

// request files one and gives its id.
func (h *house) request(t *testing.T, name string, sent audit.ID) audit.ID {
	t.Helper()
	out, err := h.reveal(t, name, admin.Reveal{ID: sent, Parts: []string{"original"}, Reason: because})
	check(t, err)
	if out.Waits == nil || len(out.Parts) > 0 || out.Waits.ID != out.Record {
		t.Fatalf("no request was filed: %d parts", len(out.Parts))
	}
	return out.Waits.ID
}

func (h *house) approve(t *testing.T, name string, id audit.ID) error {
	t.Helper()
	_, err := as[admin.RevealRequest](t, h, name, "reveal.approve", admin.RevealApprove{Request: id})
	return err
}

func wantCode(t *testing.T, what string, err error, code admin.Code) {
	t.Helper()
	var e *admin.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func (h *house) waiting(t *testing.T) []admin.RevealRequest {
	t.Helper()
	all, err := as[[]admin.RevealRequest](t, h, "reader", "reveal.requests", admin.None{})
	check(t, err)
	return all
}

func shownOnce(t *testing.T, h *house, sent audit.ID) {
	id := h.request(t, "rita", sent)
	in := admin.Reveal{ID: sent, Request: &id}
	h.refused(t, "rita", in, admin.Conflict, "waits for another operator")
	wantCode(t, "approving for oneself", h.approve(t, "rita", id), admin.Forbidden)
	wantCode(t, "approving with role approve", h.approve(t, "ann", id), admin.Forbidden)
	wantCode(t, "approving what is not there", h.approve(t, "ralf", audit.ID{9}), admin.NotFound)
	if all := h.waiting(t); len(all) != 1 || all[0].ID != id || all[0].Record != sent || all[0].Operator != "rita" || all[0].Approver != "" {
		t.Errorf("waiting: %+v", all)
	}
	check(t, h.approve(t, "ralf", id))
	wantCode(t, "approving twice", h.approve(t, "rosa", id), admin.Conflict)
	h.refused(t, "ralf", in, admin.Forbidden, "another operator's")
	h.refused(t, "rita", admin.Reveal{ID: sent, Request: &id, Parts: []string{"person"}}, admin.Invalid, "leave out the others")
	h.refused(t, "rita", admin.Reveal{ID: id, Request: &id}, admin.Invalid, "leave out the others")
	if out := h.shown(t, "rita", in); len(out) != 1 || out["original"] == "" {
		t.Errorf("%d parts are shown", len(out))
	}
	h.refused(t, "rita", in, admin.NotFound, "no such request waits")
	request, want := "request:"+id.String(), [][]string{
		{"reveal_request", "rita", "requested", sent.String(), "reason:CASE-123,part:original", "1", "demo"},
		{"reveal_approve", "ralf", "approved", id.String(), "reason:CASE-123,part:original,request:" + id.String() + ",approved_by:ralf", "1", "demo"},
		{"reveal", "rita", "shown", sent.String(), "reason:CASE-123,part:original,request:" + id.String() + ",approved_by:ralf", "1", "demo"},
	}
	if rows := h.opened(t); !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("records of %s:\n%v\nwant\n%v", request, rows, want)
	}
	if len(h.waiting(t)) != 0 {
		t.Error("what was opened still waits")
	}
}

func expires(t *testing.T, h *house, sent audit.ID) {
	early, late := h.request(t, "rita", sent), h.request(t, "rita", sent)
	check(t, h.approve(t, "ralf", late))
	h.Clock.Forward(2 * time.Hour)
	wantCode(t, "approving what expired", h.approve(t, "ralf", early), admin.NotFound)
	h.refused(t, "rita", admin.Reveal{ID: sent, Request: &late}, admin.NotFound, "it expired")
	if len(h.waiting(t)) != 0 {
		t.Error("what expired still waits")
	}
}

func revoked(t *testing.T, h *house, sent audit.ID) {
	first, second := h.request(t, "rosa", sent), h.request(t, "rita", sent)
	check(t, h.approve(t, "ralf", first))
	check(t, h.approve(t, "rosa", second))
	h.Admin(t, "operator.revoke", admin.Name{Name: "rosa"}, nil)
	in := admin.Reveal{ID: sent, Request: &first}
	h.refused(t, "rosa", in, admin.Unauthenticated, "revoked")
	h.hire(t, "rosa", admin.RoleReveal)
	h.refused(t, "rosa", in, admin.NotFound, "was revoked")
	in.Request = &second
	h.refused(t, "rita", in, admin.NotFound, "was revoked")
	if len(h.waiting(t)) != 0 {
		t.Error("what a revoked operator asked or approved still waits")
	}
}

func asMany(t *testing.T, h *house, sent audit.ID) {
	h.set(t, "second_person: true, expires: 2h, per_hour: 3")
	for range 3 {
		h.request(t, "ralf", sent)
	}
	h.refused(t, "ralf", admin.Reveal{ID: sent, Parts: []string{"original"}, Reason: because}, admin.Conflict, "open requests")
	h.refused(t, "rita", admin.Reveal{ID: sent, Parts: []string{"delivery"}, Reason: because}, admin.NotFound, "not kept")
	h.Clock.Forward(2 * time.Hour)
	h.request(t, "ralf", sent)
}

// together: an approved request that is opened by many at once is shown to one,
// and no more than are allowed are opened.
func together(t *testing.T, h *house, sent audit.ID) {
	h.set(t, "second_person: true, expires: 2h, per_hour: 20")
	id := h.request(t, "rita", sent)
	check(t, h.approve(t, "ralf", id))
	if n := h.parallel(t, "rita", admin.Reveal{ID: sent, Request: &id}); n != 1 {
		t.Errorf("a request was opened %d times", n)
	}
	h.set(t, "per_hour: 3") // nobody else's word is needed for a moment
	if n := h.parallel(t, "rosa", admin.Reveal{ID: sent, Parts: []string{"answer"}, Reason: because}); n != 3 {
		t.Errorf("%d openings in an hour that allows 3", n)
	}
	h.set(t, "second_person: true, expires: 2h, per_hour: 20")
}

// parallel asks eight times at once and counts what was shown.
func (h *house) parallel(t *testing.T, name string, in admin.Reveal) int64 {
	t.Helper()
	before := len(h.opened(t))
	var shown atomic.Int64
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if out, err := h.reveal(t, name, in); err == nil && len(out.Parts) == 1 {
				shown.Add(1)
			}
		})
	}
	wait.Wait()
	if n := int64(len(h.opened(t)) - before); n != shown.Load() {
		t.Errorf("%d were shown, %d are on record", shown.Load(), n)
	}
	return shown.Load()
}

// erasedMeanwhile: an approval opens nothing of a person who was erased since.
func erasedMeanwhile(t *testing.T, h *house, _ audit.ID) {
	heard := h.hear(t, "write to "+address)
	out, err := h.reveal(t, "rita", admin.Reveal{ID: heard, Parts: []string{"original", "person"}, Reason: because})
	check(t, err)
	check(t, h.approve(t, "ralf", out.Waits.ID))
	var gone admin.Erasure
	h.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + writer}, Reason: "request", Confirm: "erase"}, &gone)
	h.refused(t, "rita", admin.Reveal{ID: heard, Request: &out.Waits.ID}, admin.NotFound, "original is erased: record ")
	list, err := as[admin.Sealed](t, h, "rita", "record.sealed", admin.Record{ID: heard})
	check(t, err)
	by := h.SQL(t, "SELECT id FROM audit WHERE kind = 'erasure' ORDER BY seq DESC LIMIT 1")[0][0]
	for _, p := range list.Parts {
		named := p.State == "erased" && strings.Contains(p.Note, by)
		if p.State == "sealed" || (p.Name == "original" || p.Name == "person") && !named {
			t.Errorf("after the erasure by %s: %+v", by, p)
		}
	}
}

// unsure: an opening that was recorded without the gateway hearing of it counts,
// whether it was shown or not.
func unsure(t *testing.T, h *house, sent audit.ID) {
	id := h.request(t, "rita", sent)
	check(t, h.approve(t, "ralf", id))
	before := len(h.opened(t))
	in := admin.Reveal{ID: sent, Request: &id}
	h.unsure.Store(true)
	_, _ = h.reveal(t, "rita", in) //nolint:errcheck // either answer is right
	h.unsure.Store(false)
	rig.Await(t, "the journal to know what it wrote", func() bool { return len(h.opened(t)) == before+1 })
	h.refused(t, "rita", in, admin.NotFound, "no such request waits")
	if n := len(h.opened(t)) - before; n != 1 {
		t.Errorf("%d records of one opening", n)
	}
}

// crashed: what was approved stays approved over a failing journal and a
// restart, and is opened once all the same.
func crashed(t *testing.T, h *house, sent audit.ID) {
	id := h.request(t, "rita", sent)
	h.broken.Store(true)
	wantCode(t, "approving unrecorded", h.approve(t, "ralf", id), admin.Unavailable)
	h.broken.Store(false)
	rig.Await(t, "the journal to write again", func() bool { return h.approve(t, "ralf", id) == nil })
	in := admin.Reveal{ID: sent, Request: &id}
	h.broken.Store(true)
	h.refused(t, "rita", in, admin.Unavailable, "nothing was done")
	h.broken.Store(false)
	h.again(rig.Options{})
	if out := h.shown(t, "rita", in); len(out) != 1 {
		t.Errorf("%d parts are shown", len(out))
	}
	h.refused(t, "rita", in, admin.NotFound, "no such request waits")
	h.again(rig.Options{})
	h.refused(t, "rita", in, admin.NotFound, "no such request waits")
}
