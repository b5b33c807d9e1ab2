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
	r.Tenant, r.Subject, r.Result, r.Labels = tenant, id, result, []string{"why:" + in.Why}
	b := journal.Batch{Records: []audit.Record{r}}
	out := Restriction{Found: Found{tenant, id.String()}, Restricted: !in.Lift, Record: r.ID}
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
	return out, s.cfg.Journal.Append(ctx, b)
}
