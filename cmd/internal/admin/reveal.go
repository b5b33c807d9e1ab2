package admin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy"
)

// Reveal asks for record.reveal: that parts that are kept sealed be opened.
// With Request it goes on with one that a second person approved, which says
// the parts and the reason.
type Reveal struct {
	ID      audit.ID  `json:"id"`
	Parts   []string  `json:"parts,omitempty"`
	Reason  string    `json:"reason,omitempty"` // a reference such as CASE-123
	Request *audit.ID `json:"request,omitempty"`
}

// Revealed answers record.reveal: the opened parts, or, where a second person
// has to approve, the request that was filed.
type Revealed struct {
	ID     audit.ID       `json:"id"`
	Record audit.ID       `json:"record"` // which says in the trail who asked or was shown it
	Parts  []OpenedPart   `json:"parts"`
	Waits  *RevealRequest `json:"waits,omitempty"`
}

// OpenedPart is what was sealed, in the clear.
type OpenedPart struct {
	Name string `json:"name"`
	Body []byte `json:"body"`
}

// Types of the records of kind trail_read that opening leaves behind.
const (
	typeReveal        = "reveal"
	typeRevealRequest = "reveal_request"
	typeRevealApprove = "reveal_approve"
)

// maxReasonDigits keeps a telephone number out of a reason.
const maxReasonDigits = 8

// reason is a reference to a case kept elsewhere: what else somebody wrote
// about a person would stay in the trail for good.
var reason = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,15}(-[0-9]{1,8}){1,2}$`)

// recordReveal opens what is asked for.
func (s *Service) recordReveal(ctx context.Context, a Actor, in Reveal) (Revealed, error) {
	return opening(ctx, s, a, func(who Operator) (Revealed, error) { return s.reveal(ctx, a, who, in) })
}

func (s *Service) reveal(ctx context.Context, a Actor, who Operator, in Reveal) (Revealed, error) {
	q, err := s.asked(ctx, a, in)
	if err != nil {
		return Revealed{}, err
	}
	r, err := s.recordFor(ctx, who, q.Record)
	if err != nil {
		return Revealed{}, err
	}
	if in.Request == nil && s.cfg.Config().Reveal.SecondPerson {
		return s.file(ctx, a, q, &r)
	}
	return s.open(ctx, a, q, &r)
}

// asked is what the operator wants: as said now, or as approved before.
func (s *Service) asked(ctx context.Context, a Actor, in Reveal) (RevealRequest, error) {
	if in.Request != nil {
		return s.approved(ctx, a, in)
	}
	known := proxy.SealedNames()
	unknown := func(name string) bool { return !slices.Contains(known, name) && !proxy.IsToken(name) }
	switch {
	case len(in.Parts) == 0 || len(in.Parts) > len(known) || slices.ContainsFunc(in.Parts, unknown):
		return RevealRequest{}, refuse(Invalid, "name what to open: %s, or a token", strings.Join(known, ", "))
	case !reason.MatchString(in.Reason) || len(digits(in.Reason)) > maxReasonDigits:
		return RevealRequest{}, refuse(Invalid, "the reason is a reference such as CASE-123 or DSAR-2026-0042: capitals, then one or two groups of digits, at most %d digits", maxReasonDigits)
	}
	return RevealRequest{Record: in.ID, Parts: slices.Compact(slices.Sorted(slices.Values(in.Parts))), Reason: in.Reason, Operator: a.Name}, nil
}

// recordFor is the record, if the operator may open records of its tenant.
func (s *Service) recordFor(ctx context.Context, who Operator, id audit.ID) (audit.Record, error) {
	r, err := s.cfg.Journal.Record(ctx, id)
	if err == nil && !slices.Contains(who.Tenants, r.Tenant) {
		err = refuse(Forbidden, "operator %s may not open records of this tenant", who.Name)
	}
	return r, err
}

// open opens the parts, records that they are about to be shown, and gives
// them once that is durable.
func (s *Service) open(ctx context.Context, a Actor, q RevealRequest, r *audit.Record) (Revealed, error) {
	rec := s.revealRecord(a, typeReveal, "shown", r, q)
	rec.Ref = r.ID
	spent, err := s.spend(ctx, a.Name, rec.Time)
	if err != nil {
		return Revealed{}, err
	}
	out := Revealed{ID: r.ID, Record: rec.ID}
	for _, name := range q.Parts {
		body, err := s.sealed().Open(ctx, r, name)
		if err != nil {
			return Revealed{}, s.closed(ctx, r, name, err)
		}
		out.Parts = append(out.Parts, OpenedPart{Name: name, Body: body})
	}
	b := journal.Batch{Records: []audit.Record{rec}, Settings: []journal.Setting{spent}}
	if !q.ID.IsZero() { // opened once, then it is over
		b.Settings = append(b.Settings, q.gone(rec.Time))
	}
	if err := s.cfg.Journal.Append(ctx, b); err != nil {
		return Revealed{}, err
	}
	s.revealed("shown", rec.ID)
	return out, nil
}

func (s *Service) sealed() proxy.Sealed {
	return proxy.Sealed{Journal: s.cfg.Journal, People: s.cfg.People}
}

func (s *Service) revealed(step string, record audit.ID) {
	if s.cfg.Revealed != nil {
		s.cfg.Revealed(step, record)
	}
}

// revealRecord begins a record about opening r. Its labels say all: they are in
// the leaf, so that erasing the person does not take them away.
func (s *Service) revealRecord(a Actor, what, result string, r *audit.Record, q RevealRequest) audit.Record {
	out := s.record(audit.KindTrailRead, a, what)
	out.Result, out.Tenant, out.Subject = result, r.Tenant, r.Subject
	out.Labels = append(out.Labels, "reason:"+q.Reason)
	for _, name := range q.Parts {
		if proxy.IsToken(name) { // its keyed hash could not be erased from a leaf
			name = "token"
		}
		out.Labels = append(out.Labels, "part:"+name)
	}
	if !q.ID.IsZero() {
		out.Labels = append(out.Labels, "request:"+q.ID.String())
	}
	if q.Approver != "" {
		out.Labels = append(out.Labels, "approved_by:"+q.Approver)
	}
	return out
}

// closed says why a part does not open.
func (s *Service) closed(ctx context.Context, r *audit.Record, name string, err error) error {
	switch {
	case errors.Is(err, proxy.ErrErased):
		by, err := s.erasedBy(ctx, r, name)
		if err != nil {
			return err
		}
		return refuse(NotFound, "%s is %s", name, by)
	case errors.Is(err, proxy.ErrNotKept):
		return refuse(NotFound, "%s is not kept: %s", name, notKept(r, name))
	case errors.Is(err, keyring.ErrOpen):
		return refuse(Conflict, "%s is kept and its key is there, but it does not open: it was changed; see: postern audit verify", name)
	}
	return fmt.Errorf("open %s: %w", name, err)
}
