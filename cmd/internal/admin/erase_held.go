package admin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// scopeHeldErasure is the settings scope of erasures that wait: key is the
// subject, value the HeldErasure.
const scopeHeldErasure = "erasure_held"

// publicReason may be told to the person. It says nothing of the matter.
const publicReason = "Some of the data has to be kept for now to meet a legal obligation or for legal claims (such as Art. 17(3) GDPR). " +
	"The request is recorded and is carried out by itself as soon as that ends."

// Queued is an erasure that waits for the end of legal holds, or whose rest
// waits until clauses of the retention policy let it go.
type Queued struct {
	Public   string     `json:"public"`   // may be told to the person
	Internal string     `json:"internal"` // must not
	Holds    []audit.ID `json:"holds"`
	Until    string     `json:"until,omitempty"` // RFC 3339: when the last clause ends
}

// HeldErasure is an erasure that was asked for and waits.
type HeldErasure struct {
	Tenant  string          `json:"tenant"`
	Subject audit.SubjectID `json:"subject"`
	Record  audit.ID        `json:"record"` // says who asked
	Reason  string          `json:"reason"`
	Actor   string          `json:"actor"`
	Asked   int64           `json:"asked"` // microseconds

	// Until is when the last clause lets the rest go, microseconds, as judged under
	// the retention policy of revision Judged; 0 and "" while that was not judged.
	Until  int64  `json:"floor_until,omitempty"`
	Judged string `json:"judged,omitempty"`
}

// holding says what keeps an item.
type holding = func(retention.Item) []retention.Hold

// heldBy are the holds that cover anything of a person: one of the records about
// it or of its files, or the person as such.
func (s *Service) heldBy(ctx context.Context, tenant string, subjects []audit.SubjectID, held holding) ([]retention.Hold, error) {
	if len(s.cfg.Holds.List()) == 0 {
		return nil, nil
	}
	var out []retention.Hold
	add := func(it retention.Item) {
		for _, h := range held(it) {
			// Reasons, and what a query matched, only records have.
			if it.Store == retention.StoreMedia && h.Scope.Reason+h.Scope.Query != "" {
				continue
			}
			if !slices.ContainsFunc(out, func(x retention.Hold) bool { return x.ID == h.ID }) {
				out = append(out, h)
			}
		}
	}
	for _, id := range subjects {
		// The person as such is no record: no run that a query matched has this place.
		add(retention.Item{Seq: math.MaxUint64, Tenant: tenant, Subject: id, Time: s.cfg.Now().UnixMicro()})
		err := s.cfg.Journal.About(ctx, id, func(r *audit.Record) error {
			it := retention.ItemOf(r)
			it.Subject = id
			add(it)
			return nil
		})
		if err != nil {
			return nil, err
		}
		files, err := s.cfg.Journal.MediaOf(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, m := range files { // a floor may keep one longer than the record of it
			add(retention.Item{Store: retention.StoreMedia, Row: m.ID, Time: m.Created, Tenant: m.Tenant, App: m.App, Number: m.Number, Subject: id})
		}
	}
	return out, nil
}

// queueErasure puts an erasure aside that holds keep from being carried out.
func (s *Service) queueErasure(ctx context.Context, a Actor, tenant string, id audit.SubjectID, in SubjectErase, by []retention.Hold) (Erasure, error) {
	r := s.record(audit.KindRequest, a, "erase")
	r.Tenant, r.Subject, r.Result, r.Labels = tenant, id, "queued", []string{"reason:" + in.Reason}
	r.Labels = append(r.Labels, provedLabels(in.ProvedBy, in.Reference)...)
	for _, h := range by {
		r.Labels = append(r.Labels, "hold:"+h.ID.String())
	}
	q := HeldErasure{Tenant: tenant, Subject: id, Record: r.ID, Reason: in.Reason, Actor: a.Name, Asked: r.Time}
	row, err := q.row(r.Time)
	if err != nil {
		return Erasure{}, err
	}
	if err := s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{row}}); err != nil {
		return Erasure{}, err
	}
	return queued(q, by, floors{}), nil
}

func queued(q HeldErasure, by []retention.Hold, f floors) Erasure {
	out := Erasure{
		Tenant: q.Tenant, Subject: q.Subject.String(), Record: q.Record, Kept: f.kept(), Unreached: []string{},
		Queued: &Queued{Public: publicReason, Holds: []audit.ID{}, Until: instant(f.until)},
	}
	var matters, why []string
	for _, h := range by {
		out.Queued.Holds = append(out.Queued.Holds, h.ID)
		matters = append(matters, fmt.Sprintf("%s (hold %s)", h.Matter, h.ID))
	}
	if len(matters) > 0 || f.until == 0 {
		why = append(why, "legal hold: "+strings.Join(matters, ", "))
	}
	for _, k := range out.Kept {
		why = append(why, k.Why)
	}
	out.Queued.Internal = strings.Join(why, "; ")
	return out
}

// stillQueued answers who asks again for an erasure that waits.
func (s *Service) stillQueued(ctx context.Context, q *HeldErasure) Erasure {
	if q == nil {
		return Erasure{}
	}
	// What keeps it is shown only; nothing is erased by it.
	by, err := s.heldBy(ctx, q.Tenant, s.cfg.People.Same(q.Subject), s.cfg.Holds.Holding)
	if err != nil {
		by = nil
	}
	f, err := s.floorsOf(ctx, s.cfg.People.Same(q.Subject))
	if err != nil {
		f = floors{until: q.Until}
	}
	return queued(*q, by, f)
}

// HeldErasures are the erasures that wait, the one asked for first first.
func (s *Service) HeldErasures(ctx context.Context) ([]HeldErasure, error) {
	out, err := storedIn[HeldErasure](ctx, s, scopeHeldErasure, "look up erasures that wait")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b HeldErasure) int { return int(min(max(a.Asked-b.Asked, -1), 1)) })
	return out, nil
}

// heldErasureOf is the one of a person, or nil.
func (s *Service) heldErasureOf(ctx context.Context, id audit.SubjectID) (*HeldErasure, error) {
	all, err := s.HeldErasures(ctx)
	same := s.cfg.People.Same(id)
	i := slices.IndexFunc(all, func(q HeldErasure) bool { return slices.Contains(same, q.Subject) })
	if err != nil || i < 0 {
		return nil, err
	}
	return &all[i], nil
}

// carryOut erases those that waited and that neither a hold nor a floor keeps any
// more, and says how many. Of the others it erases what is free. It is called with erasing held.
func (s *Service) carryOut(ctx context.Context) (int, error) {
	all, err := s.HeldErasures(ctx)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	at, _, err := retention.Believed(ctx, s.cfg.Journal, s.cfg.Now())
	if err != nil {
		return 0, err
	}
	n := 0
	for _, q := range all {
		if q.rests(at, s.cfg.Retention().Revision) {
			continue
		}
		// What is known to be held is looked at without asking slow queries again.
		by, err := s.heldBy(ctx, q.Tenant, s.cfg.People.Same(q.Subject), s.cfg.Holds.Holding)
		if err != nil {
			return n, fmt.Errorf("carry out an erasure that waited: %w", err)
		}
		if len(by) > 0 {
			continue
		}
		err = s.cfg.Holds.GuardPerson(ctx, func(held holding) error {
			by, err := s.heldBy(ctx, q.Tenant, s.cfg.People.Same(q.Subject), held)
			if err != nil || len(by) > 0 {
				return err
			}
			f, err := s.floorsOf(ctx, s.cfg.People.Same(q.Subject))
			switch {
			case err != nil:
				return err
			case f.until != 0:
				_, err = s.partly(ctx, q, f)
				return err
			}
			n++
			return s.carryOutOne(ctx, q)
		})
		if err != nil {
			return n, fmt.Errorf("carry out an erasure that waited: %w", err)
		}
	}
	return n, nil
}

func (s *Service) carryOutOne(ctx context.Context, q HeldErasure) error {
	r := s.record(audit.KindRequest, Actor{Name: q.Actor}, "erase")
	r.Tenant, r.Subject, r.Ref, r.Result, r.Labels = q.Tenant, q.Subject, q.Record, "begun", []string{"reason:" + q.Reason}
	over := []journal.Setting{{Scope: scopeHeldErasure, Key: q.Subject.String(), Time: r.Time}}
	told, err := s.cfg.Journal.Tallies(ctx, q.Record.String())
	if err != nil {
		return err
	}
	for of := range told {
		over = append(over, journal.NoTally(q.Record.String()+of, r.Time))
	}
	if s.cfg.People.Erased(q.Subject) { // by another way meanwhile
		return s.cfg.Journal.Append(ctx, journal.Batch{Settings: over})
	}
	_, err = s.erase(ctx, q.Subject, r, q.Reason, over...)
	return err
}

// holdWaiting lists the erasures that wait, for those who may know of holds.
func (s *Service) holdWaiting(ctx context.Context, a Actor, _ None) ([]Waiting, error) {
	all, err := s.HeldErasures(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Waiting, len(all))
	for i, q := range all {
		out[i] = Waiting{HeldErasure: q, Queued: *s.stillQueued(ctx, &all[i]).Queued}
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "holds", Rows: int64(len(out))})
	return out, err
}

// Waiting is an erasure that waits, with what it waits for.
type Waiting struct {
	HeldErasure
	Queued
}
