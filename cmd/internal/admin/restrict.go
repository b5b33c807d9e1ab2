package admin

import (
	"context"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/retention"
)

// SubjectRestrict asks for subject.restrict: that nothing be done with a
// person's data but keeping it, or that this end.
type SubjectRestrict struct {
	Who
	Why  string `json:"why"` // short token, such as disputed
	Lift bool   `json:"lift,omitempty"`
}

// Restriction answers subject.restrict.
type Restriction struct {
	Found
	Restricted bool     `json:"restricted"`
	Record     audit.ID `json:"record"`
	Request    audit.ID `json:"request,omitzero"` // that was answered by it
	// Webhooks are those of the person that were queued or given up before: they
	// stay with us until it is lifted, then those that were queued go on.
	Webhooks int64 `json:"webhooks"`
}

func (s *Service) subjectRestrict(ctx context.Context, a Actor, in SubjectRestrict) (Restriction, error) {
	if !eraseReason.MatchString(in.Why) {
		return Restriction{}, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as disputed")
	}
	defer s.cfg.People.Use()()
	tenant, id, err := s.find(in.Who)
	if err != nil {
		return Restriction{}, err
	}
	if err := s.erasable(ctx, tenant, id); err != nil {
		return Restriction{}, err
	}
	row, result := facts.Restricted, "restricted"
	if in.Lift {
		row, result = facts.Freed, "lifted"
	}
	r := s.record(audit.KindRequest, a, string(retention.RequestRestriction))
	out := Restriction{Found: Found{tenant, id.String()}, Restricted: !in.Lift, Record: r.ID}
	if out.Webhooks, err = s.webhooksOf(ctx, id); err != nil {
		return out, err
	}
	r.Tenant, r.Subject, r.Result, r.Labels, r.Code = tenant, id, result, []string{"why:" + in.Why}, out.Webhooks
	b := journal.Batch{Records: []audit.Record{r}}
	if !in.Lift {
		if out.Request, err = s.answerOpen(ctx, &b, a, id, retention.RequestRestriction); err != nil {
			return out, err
		}
	}
	for _, one := range s.cfg.People.Same(id) { // lifted for each, whichever it was placed on
		change := row(facts.Person{Tenant: tenant, Subject: facts.Subject(one)}, in.Why, s.cfg.Now())
		if s.stale([]facts.Row{change}) {
			return out, refuse(Conflict, "the clock stands before the last restriction of this person; ask again when it is right")
		}
		proxy.AddFacts(&b, s.cfg.Facts, r.ID, change)
	}
	if err := s.cfg.Journal.Append(ctx, b); err != nil {
		return out, err
	}
	if in.Lift && s.cfg.Freed != nil {
		s.cfg.Freed()
	}
	return out, nil
}

// webhooksOf counts what is queued of a person, or was given up.
func (s *Service) webhooksOf(ctx context.Context, id audit.SubjectID) (total int64, err error) {
	for _, one := range s.cfg.People.Same(id) {
		n, err := s.cfg.Journal.DeliveriesOf(ctx, one)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
