package admin

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/person"
)

// Consent asks for consent.add and consent.revoke. Nothing in it but Who may
// name the person: Evidence is a reference into the business's own files.
type Consent struct {
	Who
	Category string `json:"category"` // marketing, utility, authentication or general; for revoke also all
	Scope    string `json:"scope,omitempty"`
	Source   string `json:"source"`
	Evidence string `json:"evidence,omitempty"`
	Notice   string `json:"notice,omitempty"`
	Language string `json:"language,omitempty"`
	Entity   string `json:"entity,omitempty"` // empty: the tenant's
	At       string `json:"at,omitempty"`     // RFC 3339; empty: now
	Until    string `json:"until,omitempty"`
	OptIn    bool   `json:"opt_in,omitempty"` // add: also undo the person's opt-out
}

var errNotTime = errors.New("not a time")

// when reads a time that may not lie in the future.
func when(text string, now time.Time, future bool) (time.Time, error) {
	if text == "" && !future {
		return now, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || !future && t.After(now.Add(time.Minute)) || future && !t.After(now) {
		return time.Time{}, errNotTime
	}
	return t, nil
}

func (s *Service) consentAdd(ctx context.Context, a Actor, in Consent) (Found, error) {
	at, until, err := in.times(s.cfg.Now())
	if err != nil {
		return Found{}, err
	}
	if in.Category == facts.ScopeAll || in.Source == "" {
		return Found{}, refuse(Invalid, "a consent names one category and the source it came from, such as web_form")
	}
	for _, v := range []string{in.Scope, in.Source, in.Evidence, in.Notice, in.Language, in.Entity} {
		if names(digits(in.Number), v) {
			return Found{}, refuse(Invalid, "the consent holds the person's number or an address; write a reference to the proof instead")
		}
	}
	return s.consent(ctx, a, in, "given", func(p facts.Person, l facts.Ledger) []facts.Row {
		rows := []facts.Row{facts.ConsentGiven(p, in.Category, l, at, until)}
		if in.OptIn {
			rows = append(rows, facts.OptIn(p, facts.ScopeAll, in.Source, at), facts.OptIn(p, facts.ScopeMarketing, in.Source, at))
		}
		return rows
	})
}

func (s *Service) consentRevoke(ctx context.Context, a Actor, in Consent) (Found, error) {
	at, _, err := in.times(s.cfg.Now())
	if err != nil {
		return Found{}, err
	}
	if in.Until != "" || in.OptIn {
		return Found{}, refuse(Invalid, "a revocation has no end and undoes no opt-out")
	}
	if in.Source == "" {
		in.Source = "operator"
	}
	return s.consent(ctx, a, in, "revoked", func(p facts.Person, l facts.Ledger) []facts.Row {
		if in.Category == facts.ScopeAll {
			return []facts.Row{facts.OptOut(p, facts.ScopeAll, in.Source, at)}
		}
		return []facts.Row{facts.ConsentRevoked(p, in.Category, l, at)}
	})
}

func (in Consent) times(now time.Time) (at, until time.Time, err error) {
	if at, err = when(in.At, now, false); err != nil {
		return at, until, refuse(Invalid, "--at is RFC 3339 and not in the future, such as 2026-03-01T12:00:00Z")
	}
	if in.Until == "" {
		return at, until, nil
	}
	if until, err = when(in.Until, now, true); err != nil {
		return at, until, refuse(Invalid, "--until is RFC 3339 and in the future, such as 2028-03-01T00:00:00Z")
	}
	return at, until, nil
}

// consent records a change of consents; the person is made known if need be.
func (s *Service) consent(ctx context.Context, a Actor, in Consent, what string, rows func(facts.Person, facts.Ledger) []facts.Row) (Found, error) {
	switch in.Category {
	case "marketing", "utility", "authentication", "general", facts.ScopeAll:
	default:
		return Found{}, refuse(Invalid, "the category is marketing, utility, authentication or general; to revoke also all")
	}
	tenant, err := s.tenant(in.Tenant)
	if err != nil {
		return Found{}, err
	}
	defer s.cfg.People.Use()()
	who, people, err := s.resolve(ctx, tenant, in.Who)
	if err != nil {
		return Found{}, err
	}
	r := s.record(audit.KindConsent, a, what)
	r.Tenant, r.Subject, r.Country, r.Category = tenant, who.Subject, who.Country, in.Category
	p := facts.Person{Tenant: tenant, Subject: facts.Subject(who.Subject)}
	var b journal.Batch
	change := rows(p, in.ledger(a, s.entity(tenant)))
	r.Parts, r.Labels = ledgerPart(change[0]), optLabels(change)
	b.Records = []audit.Record{r}
	if s.stale(change) {
		return Found{}, refuse(Conflict, "a newer fact of this kind is known of this person; see: postern consent show")
	}
	proxy.AddFacts(&b, s.cfg.Facts, r.ID, change...)
	people.AddTo(&b)
	return Found{Tenant: tenant, Subject: who.Subject.String()}, s.cfg.Journal.Append(ctx, b)
}

// ledgerPart puts source, evidence and notice into the record itself: the row
// of facts changes with the next consent, the trail does not.
func ledgerPart(row facts.Row) []audit.Part {
	if len(row.Value) == 0 {
		return nil
	}
	return []audit.Part{audit.NewPart(audit.PartDetail, row.Value)}
}

// optLabels mark a stop, and what undoes one, as a word of the person would.
func optLabels(rows []facts.Row) []string {
	for _, r := range rows {
		var v struct {
			State string `json:"state"`
		}
		if r.Kind == facts.KindOptOut && json.Unmarshal(r.Value, &v) == nil {
			return []string{"opt_" + v.State}
		}
	}
	return nil
}

func (s *Service) resolve(ctx context.Context, tenant string, w Who) (person.Person, *person.Rows, error) {
	if w.Subject != "" {
		return person.Person{}, nil, refuse(Invalid, "name the person by number or user id")
	}
	p, err := w.party()
	if err != nil {
		return person.Person{}, nil, err
	}
	return s.cfg.People.Resolve(ctx, tenant, p)
}

func (s *Service) entity(tenant string) string {
	for _, t := range s.cfg.Config().Tenants {
		if t.Name == tenant {
			return t.LegalEntity
		}
	}
	return ""
}

func (in Consent) ledger(a Actor, entity string) facts.Ledger {
	if in.Entity != "" {
		entity = in.Entity
	}
	return facts.Ledger{
		Scope: in.Scope, Source: in.Source, Evidence: in.Evidence, Notice: in.Notice, Language: in.Language, Entity: entity, Actor: a.Name,
	}
}
