package admin

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy/message"
	"postern/proxy/person"
)

// Who names a person: by number, business-scoped user id or subject id. The
// number is looked up through the blind index and stored nowhere.
type Who struct {
	Tenant  string `json:"tenant,omitempty"` // may be left out while there is one
	Number  string `json:"number,omitempty"`
	UserID  string `json:"user_id,omitempty"`
	Subject string `json:"subject,omitempty"`
}

// tenant is the one named, or the only one.
func (s *Service) tenant(name string) (string, error) {
	all := s.cfg.Config().Tenants
	if name == "" && len(all) == 1 {
		return all[0].Name, nil
	}
	for _, t := range all {
		if t.Name == name {
			return name, nil
		}
	}
	return "", refuse(Invalid, "name the tenant with --tenant: one of those in the configuration")
}

// party is the person named by number or user id.
func (w Who) party() (message.Party, error) {
	number := strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "", ".", "").Replace(w.Number)
	if strings.Trim(number, "0123456789") != "" || number != "" && (len(number) < 7 || len(number) > 15) {
		return message.Party{}, refuse(Invalid, "write the number with country code: 7 to 15 digits, + and blanks allowed")
	}
	if number == "" && w.UserID == "" {
		return message.Party{}, refuse(Invalid, "name a person: a number or a user id")
	}
	return message.Party{Number: number, UserID: w.UserID}, nil
}

// find looks a person up; it makes no new one.
func (s *Service) find(w Who) (string, audit.SubjectID, error) {
	tenant, err := s.tenant(w.Tenant)
	if err != nil {
		return "", audit.SubjectID{}, err
	}
	if w.Subject != "" {
		id, err := audit.ParseID(w.Subject) // a subject has the same form
		if err != nil {
			return "", audit.SubjectID{}, refuse(Invalid, "a subject is 32 lower-case hex digits")
		}
		return tenant, audit.SubjectID(id), nil
	}
	p, err := w.party()
	if err != nil {
		return "", audit.SubjectID{}, err
	}
	found, ok := s.cfg.People.Find(tenant, p)
	if !ok {
		return "", audit.SubjectID{}, refuse(NotFound, "nothing is known of this person")
	}
	return tenant, found.Subject, nil
}

// Found answers subject.find.
type Found struct {
	Tenant  string `json:"tenant"`
	Subject string `json:"subject"`
}

func (s *Service) subjectFind(_ context.Context, _ Actor, in Who) (Found, error) {
	tenant, id, err := s.find(in)
	return Found{Tenant: tenant, Subject: id.String()}, err
}

// Fact is one thing known of a person. Times are RFC 3339, empty for none.
type Fact struct {
	Kind   string         `json:"kind"`
	Key    string         `json:"key"`
	Value  jsontext.Value `json:"value"`
	Time   string         `json:"time"`
	Until  string         `json:"until,omitempty"`
	Record string         `json:"record"` // the record that proves it
}

// Known answers consent.show and subject.show.
type Known struct {
	Tenant  string  `json:"tenant"`
	Subject string  `json:"subject"`
	Facts   []Fact  `json:"facts"`
	Records []Entry `json:"records,omitempty"` // newest first
}

// Entry is a record in one line.
type Entry struct {
	ID      audit.ID `json:"id"`
	Seq     uint64   `json:"seq"`
	Time    string   `json:"time"`
	Kind    string   `json:"kind"`
	Type    string   `json:"type"`
	Effect  string   `json:"effect,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	Result  string   `json:"result,omitempty"`
	Actor   string   `json:"actor,omitempty"`
}

// newest is how many records of a person subject.show answers.
const newest = 20

func (s *Service) consentShow(ctx context.Context, a Actor, in Who) (Known, error) {
	out, _, err := s.known(ctx, in, func(f journal.Fact) bool { return f.Kind == facts.KindConsent || f.Kind == facts.KindOptOut })
	if err != nil {
		return Known{}, err
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "consent", Rows: int64(len(out.Facts)), Subject: out.Subject})
	return out, err
}

func (s *Service) subjectShow(ctx context.Context, a Actor, in Who) (Known, error) {
	out, id, err := s.known(ctx, in, func(journal.Fact) bool { return true })
	if err != nil {
		return Known{}, err
	}
	records, err := s.cfg.Journal.RecordsOf(ctx, id, newest)
	if err != nil {
		return Known{}, err
	}
	for _, r := range records {
		out.Records = append(out.Records, entry(r))
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "subject", Rows: int64(len(out.Facts) + len(out.Records)), Subject: out.Subject})
	return out, err
}

func (s *Service) known(ctx context.Context, w Who, keep func(journal.Fact) bool) (Known, audit.SubjectID, error) {
	tenant, id, err := s.find(w)
	if err != nil {
		return Known{}, id, err
	}
	out := Known{Tenant: tenant, Subject: id.String(), Facts: []Fact{}}
	err = s.cfg.Journal.Facts(ctx, func(f journal.Fact) error {
		if f.Tenant == tenant && f.Subject == id && keep(f) {
			out.Facts = append(out.Facts, fact(f))
		}
		return nil
	})
	return out, id, err
}

func fact(f journal.Fact) Fact {
	return Fact{
		Kind: f.Kind, Key: f.Key, Value: jsontext.Value(f.Value).Clone(), Time: instant(f.Time), Until: instant(f.Until), Record: f.Record.String(),
	}
}

func entry(r audit.Record) Entry {
	return Entry{
		ID: r.ID, Seq: r.Seq, Time: instant(r.Time), Kind: string(r.Kind), Type: r.Type, Effect: string(r.Effect),
		Reasons: r.Reasons, Result: r.Result, Actor: r.Actor,
	}
}

// instant shows microseconds as RFC 3339; 0 is empty.
func instant(micro int64) string {
	if micro == 0 {
		return ""
	}
	return time.UnixMicro(micro).UTC().Format(time.RFC3339)
}

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
	who, people, err := s.resolve(ctx, tenant, in.Who)
	if err != nil {
		return Found{}, err
	}
	r := s.record(audit.KindConsent, a, what)
	r.Tenant, r.Subject, r.Country, r.Category = tenant, who.Subject, who.Country, in.Category
	p := facts.Person{Tenant: tenant, Subject: facts.Subject(who.Subject)}
	var b journal.Batch
	b.Records = []audit.Record{r}
	change := rows(p, in.ledger(a, s.entity(tenant)))
	if s.stale(change) {
		return Found{}, refuse(Conflict, "a newer fact of this kind is known of this person; see: postern consent show")
	}
	s.addFacts(&b, r.ID, change...)
	people.AddTo(&b)
	return Found{Tenant: tenant, Subject: who.Subject.String()}, s.cfg.Journal.Append(ctx, b)
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
