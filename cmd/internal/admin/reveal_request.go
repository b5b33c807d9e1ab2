package admin

import (
	"context"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

const (
	scopeReveal = "reveal"   // requests, by id
	scopeOpened = "revealed" // when an operator opened something, by name
)

// RevealRequest is an opening that a second person has to approve. Its id is
// that of the record that says who asked.
type RevealRequest struct {
	ID       audit.ID  `json:"id"`
	Record   audit.ID  `json:"record"` // to be opened
	Tenant   string    `json:"tenant"`
	Parts    []string  `json:"parts"`
	Reason   string    `json:"reason"`
	Operator string    `json:"operator"`
	Filed    time.Time `json:"filed"`
	Expires  time.Time `json:"expires"`
	Approver string    `json:"approver,omitempty"`
}

// live reports whether the request can still be approved or opened. A clock
// set back before it was filed ends it: how old it is can not be known then.
func (q RevealRequest) live(now time.Time) bool {
	return now.Before(q.Expires) && now.After(q.Filed.Add(-time.Minute))
}

func (q RevealRequest) gone(at int64) journal.Setting {
	return journal.Setting{Scope: scopeReveal, Key: q.ID.String(), Time: at}
}

// requests are those that were filed and not opened yet, oldest first.
func (s *Service) requests(ctx context.Context) ([]RevealRequest, error) {
	out, err := storedIn[RevealRequest](ctx, s, scopeReveal, "read requests to reveal")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b RevealRequest) int { return a.Filed.Compare(b.Filed) })
	return out, nil
}

// request is a live one.
func (s *Service) request(ctx context.Context, id audit.ID) (RevealRequest, error) {
	all, err := s.requests(ctx)
	if err != nil {
		return RevealRequest{}, err
	}
	i := slices.IndexFunc(all, func(q RevealRequest) bool { return q.ID == id })
	if i < 0 || !all[i].live(s.cfg.Now()) {
		return RevealRequest{}, refuse(NotFound, "no such request waits: it was opened, it expired, or who asked or approved was revoked; see: postern audit requests")
	}
	return all[i], nil
}

// file records a request and keeps it for a second person.
func (s *Service) file(ctx context.Context, a Actor, q RevealRequest, r *audit.Record) (Revealed, error) {
	for _, name := range q.Parts {
		if err := s.sealed().Holds(ctx, r, name); err != nil {
			return Revealed{}, s.closed(ctx, r, name, err)
		}
	}
	rec := s.revealRecord(a, typeRevealRequest, "requested", r, q)
	rec.Ref = r.ID
	now, set := s.cfg.Now().UTC(), s.cfg.Config().Reveal
	q.ID, q.Tenant, q.Filed, q.Expires = rec.ID, r.Tenant, now, now.Add(set.Expires)
	rows, open, err := s.outdated(ctx, a.Name, now, rec.Time)
	switch {
	case err != nil:
		return Revealed{}, err
	case open >= set.PerHour:
		return Revealed{}, refuse(Conflict, "operator %s has %d open requests, which is all that reveal.per_hour allows", a.Name, open)
	}
	row, err := q.row(rec.Time)
	if err != nil {
		return Revealed{}, err
	}
	if err := s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{rec}, Settings: append(rows, row)}); err != nil {
		return Revealed{}, err
	}
	s.revealed("requested", rec.ID)
	return Revealed{ID: r.ID, Record: rec.ID, Parts: []OpenedPart{}, Waits: &q}, nil
}

func (q RevealRequest) row(at int64) (journal.Setting, error) {
	return setting(scopeReveal, q.ID.String(), q, at)
}

// outdated drops the rows of requests that are over, and counts those of the
// operator that are not.
func (s *Service) outdated(ctx context.Context, operator string, now time.Time, at int64) (rows []journal.Setting, open int, err error) {
	all, err := s.requests(ctx)
	for _, q := range all {
		switch {
		case !q.live(now):
			rows = append(rows, q.gone(at))
		case q.Operator == operator:
			open++
		}
	}
	return rows, open, err
}

// RevealApprove asks for reveal.approve.
type RevealApprove struct {
	Request audit.ID `json:"request"`
}

// revealApprove is the second person's word. Who asked can then open the parts
// once, until the request expires.
func (s *Service) revealApprove(ctx context.Context, a Actor, in RevealApprove) (RevealRequest, error) {
	return opening(ctx, s, a, func(who Operator) (RevealRequest, error) { return s.approve(ctx, a, who, in.Request) })
}

func (s *Service) approve(ctx context.Context, a Actor, who Operator, id audit.ID) (RevealRequest, error) {
	q, err := s.request(ctx, id)
	switch {
	case err != nil:
		return q, err
	case q.Operator == a.Name:
		return q, refuse(Forbidden, "you asked for it yourself: another operator with role reveal approves")
	case q.Approver != "":
		return q, refuse(Conflict, "the request was approved before, by %s", q.Approver)
	}
	r, err := s.recordFor(ctx, who, q.Record)
	if err != nil {
		return q, err
	}
	q.Approver = a.Name
	rec := s.revealRecord(a, typeRevealApprove, "approved", &r, q)
	rec.Ref = q.ID
	row, err := q.row(rec.Time)
	if err != nil {
		return q, err
	}
	if err := s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{rec}, Settings: []journal.Setting{row}}); err != nil {
		return q, err
	}
	s.revealed("approved", rec.ID)
	return q, nil
}

// approved is the request that the operator filed and somebody else approved.
func (s *Service) approved(ctx context.Context, a Actor, in Reveal) (RevealRequest, error) {
	q, err := s.request(ctx, *in.Request)
	switch {
	case err != nil:
		return q, err
	case q.Operator != a.Name:
		return q, refuse(Forbidden, "the request is another operator's: only who asked is shown it")
	case q.Record != in.ID || len(in.Parts) > 0 || in.Reason != "":
		return q, refuse(Invalid, "a request says record, parts and reason: give the same record and leave out the others")
	case q.Approver == "":
		return q, refuse(Conflict, "the request waits for another operator with role reveal: postern audit approve %s", q.ID)
	}
	all, err := s.operators(ctx)
	if err != nil {
		return q, err
	}
	second := slices.ContainsFunc(all, func(o stored) bool { return o.Name == q.Approver && o.Role == RoleReveal })
	if !second || q.Approver == a.Name {
		return q, refuse(Conflict, "who approved it may not any more: ask again")
	}
	return q, nil
}

// revealRequests lists what waits for a second person, or for being opened.
func (s *Service) revealRequests(ctx context.Context, _ Actor, _ None) ([]RevealRequest, error) {
	all, err := s.requests(ctx)
	now := s.cfg.Now()
	return slices.DeleteFunc(all, func(q RevealRequest) bool { return !q.live(now) }), err
}
