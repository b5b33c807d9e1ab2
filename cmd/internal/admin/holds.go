package admin

import (
	"context"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// Types of the records of kind hold.
const (
	typeHoldAsked   = "asked"
	typeHoldPlaced  = "placed"
	typeHoldLifted  = "lifted"
	typeHoldExpired = "expired"
	typeHoldsWhole  = "complete"
)

// Held answers what was done about a hold. Records, Emptied and Purged are -1
// where nobody counted, as in a list, or counting took too long.
type Held struct {
	Hold    retention.Hold `json:"hold"`    // without the list of what its query matched
	Matched uint64         `json:"matched"` // by its query
	Records int64          `json:"records"` // that it covers now
	Emptied int64          `json:"emptied"` // of them: parts of them were erased before
	Purged  int64          `json:"purged"`  // of the whole trail: nobody can tell whether they were its
	Waits   bool           `json:"waits"`   // for a second person
	// ReviewDue: somebody was to look by now whether it is still needed.
	ReviewDue bool `json:"review_due"`
	Erased    int  `json:"erased"` // erasures that had waited and were carried out
	// Unknown are names of the scope that the configuration does not have, such as
	// "app shp": they were there once, or are others'.
	Unknown []string `json:"unknown,omitempty"`
}

// heldNow shows a hold. The runs that a query matched can be very many.
func (s *Service) heldNow(h retention.Hold) Held {
	out := Held{Hold: h, Records: -1, Emptied: -1, Purged: -1, Waits: h.Expires != 0 && !h.Over(s.cfg.Now()) || h.Lifting != nil && h.Lifting.Live(s.cfg.Now())}
	out.ReviewDue, out.Unknown = h.ReviewDue(s.cfg.Now()), s.unknownNames(h.Scope.App, h.Scope.Number)
	for _, r := range h.Scope.Seqs {
		out.Matched += r.Last - r.First + 1
	}
	out.Hold.Scope.Seqs = nil
	return out
}

// counted adds how much the hold covers.
func (s *Service) counted(ctx context.Context, h retention.Hold) Held {
	out := s.heldNow(h)
	records, emptied, purged, err := s.cfg.Holds.Count(ctx, h.Scope)
	if err == nil {
		out.Records, out.Emptied, out.Purged = records, emptied, purged
	}
	return out
}

// HoldName asks for something of one hold.
type HoldName struct {
	ID audit.ID `json:"id"`
}

func (s *Service) holdList(ctx context.Context, a Actor, _ None) ([]Held, error) {
	out := []Held{}
	for _, h := range slices.Concat(s.cfg.Holds.List(), s.cfg.Holds.Unapproved()) {
		out = append(out, s.heldNow(h))
	}
	_, err := s.trailRead(ctx, a, TrailRead{What: "holds", Rows: int64(len(out))})
	return out, err
}

func (s *Service) holdShow(ctx context.Context, a Actor, in HoldName) (Held, error) {
	h, err := s.hold(in.ID)
	if err != nil {
		return Held{}, err
	}
	out := s.counted(ctx, h)
	_, err = s.trailRead(ctx, a, TrailRead{What: "holds", Rows: 1})
	return out, err
}

func (s *Service) hold(id audit.ID) (retention.Hold, error) {
	h, err := s.cfg.Holds.Get(id)
	if err != nil {
		return h, refuse(NotFound, "%v under this id; see: postern hold list", err)
	}
	return h, nil
}

// holdRecord says what was done about a hold. It names no person in the columns
// that questions about persons look at, so that whoever may ask about somebody
// does not hear of a matter; the scope stands in the detail.
func (s *Service) holdRecord(a Actor, what, result string, h retention.Hold) (audit.Record, error) {
	r := s.record(audit.KindHold, a, what)
	r.Result, r.Tenant = result, h.Scope.Tenant
	r.Labels = []string{"matter:" + h.Matter, "why:" + h.Why}
	r.Ref = h.ID
	detail, err := json.Marshal(holdDetail{
		Tenant: h.Scope.Tenant, Subjects: h.Scope.Subjects, Number: h.Scope.Number, App: h.Scope.App, AppNumbers: h.Scope.AppNumbers,
		From: h.Scope.From, Until: h.Scope.Until, Reason: h.Scope.Reason, Query: digest(h.Scope.Query), Matched: s.heldNow(h).Matched, Review: h.Review,
	}, json.Deterministic(true))
	if err != nil {
		return r, err
	}
	r.Parts = append(r.Parts, audit.NewPart(audit.PartDetail, detail))
	return r, nil
}

// holdDetail is a hold's scope on record. The query is its SHA-256: it is text
// that somebody wrote.
type holdDetail struct {
	Tenant     string            `json:"tenant,omitempty"`
	Subjects   []audit.SubjectID `json:"subjects,omitempty"`
	Number     string            `json:"number,omitempty"`
	App        string            `json:"app,omitempty"`
	AppNumbers []string          `json:"app_numbers,omitempty"`
	From       int64             `json:"from,omitzero"`
	Until      int64             `json:"until,omitzero"`
	Reason     string            `json:"reason,omitempty"`
	Query      string            `json:"query_sha256,omitempty"`
	Matched    uint64            `json:"matched,omitzero"`
	Review     int64             `json:"review,omitzero"`
}

// ExpireHolds puts the end of holds on record that were asked for and that nobody
// approved in time, and returns them.
func (s *Service) ExpireHolds(ctx context.Context) ([]retention.Hold, error) {
	s.holding.Lock()
	defer s.holding.Unlock()
	var out []retention.Hold
	for _, h := range s.cfg.Holds.Unapproved() {
		if h.Ended != 0 {
			continue
		}
		b, err := s.holdNote(Actor{Name: "system"}, typeHoldExpired, "", "asked_by:"+h.Actor)(h)
		if err != nil {
			return out, err
		}
		if err := s.cfg.Holds.Expire(ctx, h, b); err != nil {
			return out, err
		}
		out = append(out, h)
	}
	return out, nil
}

// HoldLift asks for hold.lift.
type HoldLift struct {
	ID  audit.ID `json:"id"`
	Why string   `json:"why"` // short token, such as closed
}

// holdLift ends a hold, or asks a second person to. What nobody has approved
// yet is taken back by anybody who may place it.
func (s *Service) holdLift(ctx context.Context, a Actor, in HoldLift) (Held, error) {
	if !eraseReason.MatchString(in.Why) {
		return Held{}, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as closed")
	}
	s.holding.Lock()
	defer s.holding.Unlock()
	h, err := s.hold(in.ID)
	if err != nil {
		return Held{}, err
	}
	now, set := s.cfg.Now().UTC(), s.cfg.Config().Holds
	if !set.SecondPerson || h.Expires != 0 {
		return s.lift(ctx, a, h, "why_lifted:"+in.Why)
	}
	if h.Lifting != nil && h.Lifting.Live(now) {
		return Held{}, refuse(Conflict, "lifting it was asked for before, by %s: another operator with role approve says yes with: postern hold approve %s", h.Lifting.Operator, h.ID)
	}
	h.Lifting = &retention.Ask{Operator: a.Name, Filed: now, Expires: now.Add(set.Expires)}
	h, err = s.cfg.Holds.Place(ctx, h, s.holdNote(a, typeHoldAsked, "lift", "why_lifted:"+in.Why))
	return s.heldNow(h), holdError(err)
}

// lift ends a hold and carries out what waited for it. What of that fails is
// tried again by the gateway's clock.
func (s *Service) lift(ctx context.Context, a Actor, h retention.Hold, labels ...string) (Held, error) {
	b, err := s.holdNote(a, typeHoldLifted, "", labels...)(h)
	if err != nil {
		return Held{}, err
	}
	if err := s.cfg.Holds.Lift(ctx, h.ID, b); err != nil {
		return Held{}, holdError(err)
	}
	out := s.heldNow(h)
	out.Waits = false
	s.erasing.Lock()
	defer s.erasing.Unlock()
	out.Erased, _ = s.carryOut(ctx) //nolint:errcheck // FinishErasures comes back to it and says so
	return out, nil
}

// HoldsComplete asks for hold.complete.
type HoldsComplete struct {
	Why string `json:"why"` // short token, such as checked
}

// Completed answers how many holds are in force then.
type Completed struct {
	Holds int `json:"holds"`
}

// holdComplete says that the holds placed between a backup and its restoration
// are in force again: from then on things are purged and erased.
func (s *Service) holdComplete(ctx context.Context, a Actor, in HoldsComplete) (Completed, error) {
	if !eraseReason.MatchString(in.Why) {
		return Completed{}, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as checked")
	}
	if s.cfg.Holds.Known() == nil {
		return Completed{}, refuse(Conflict, "nothing doubts that the holds are complete: this store was not restored, or somebody said so before")
	}
	s.holding.Lock()
	defer s.holding.Unlock()
	r := s.record(audit.KindHold, a, typeHoldsWhole)
	r.Labels = []string{"why:" + in.Why}
	return Completed{len(s.cfg.Holds.List())}, s.cfg.Holds.Complete(ctx, journal.Batch{Records: []audit.Record{r}})
}

// holdNote makes the batch that says what was done about a hold.
func (s *Service) holdNote(a Actor, what, result string, labels ...string) func(retention.Hold) (journal.Batch, error) {
	return func(h retention.Hold) (journal.Batch, error) {
		r, err := s.holdRecord(a, what, result, h)
		r.Labels = append(r.Labels, labels...)
		return journal.Batch{Records: []audit.Record{r}}, err
	}
}

// holdApprove is the second person's word to placing a hold or to lifting it.
func (s *Service) holdApprove(ctx context.Context, a Actor, in HoldName) (Held, error) {
	s.holding.Lock()
	defer s.holding.Unlock()
	h, err := s.hold(in.ID)
	if err != nil {
		return Held{}, err
	}
	ask, err := s.askOf(ctx, h)
	switch {
	case err != nil:
		return Held{}, err
	case ask.Operator == a.Name:
		return Held{}, refuse(Forbidden, "you asked for it yourself: another operator with role approve says yes")
	}
	by := []string{"asked_by:" + ask.Operator, "approved_by:" + a.Name}
	if h.Expires == 0 {
		return s.lift(ctx, a, h, by...)
	}
	h.Expires, h.Second = 0, a.Name
	if h, err = s.cfg.Holds.Place(ctx, h, s.holdNote(a, typeHoldPlaced, "", by...)); err != nil {
		return Held{}, holdError(err)
	}
	return s.counted(ctx, h), nil
}

// askOf is what waits for a second person, if who asked still may.
func (s *Service) askOf(ctx context.Context, h retention.Hold) (retention.Ask, error) {
	ask := retention.Ask{Operator: h.Actor, Filed: micros(h.Placed), Expires: micros(h.Expires)}
	if h.Expires == 0 {
		if h.Lifting == nil {
			return ask, refuse(Conflict, "nothing about this hold waits for a second person")
		}
		ask = *h.Lifting
	}
	all, err := s.operators(ctx)
	if err != nil {
		return ask, err
	}
	may := func(o stored) bool {
		return o.Name == ask.Operator && o.Role == RoleApprove && o.Created <= ask.Filed.Unix()
	}
	if !ask.Live(s.cfg.Now()) || !slices.ContainsFunc(all, may) {
		return ask, refuse(Conflict, "what was asked for is over: it expired, or who asked was revoked; ask again")
	}
	return ask, nil
}

// holdError gives refusals of holds their code.
func holdError(err error) error {
	switch {
	case errors.Is(err, retention.ErrScope):
		return refuse(Invalid, "%v", err)
	case errors.Is(err, retention.ErrHoldFull), errors.Is(err, retention.ErrRestored):
		return refuse(Conflict, "%v", err)
	case errors.Is(err, retention.ErrNoHold):
		return refuse(NotFound, "%v", err)
	}
	return err
}
