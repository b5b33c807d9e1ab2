package proxy

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"postern/audit"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// codeStopped is Meta's word that the person stopped marketing (whatsapp.md 3.9).
const codeStopped = 131050

// signals turns what a person did into facts: the window, STOP and START, a
// changed identity.
func (in *intake) signals(e *message.Event, rec *audit.Record, who person.Person) {
	p := facts.Person{Tenant: in.tenant, Subject: facts.Subject(who.Subject)}
	if e.Opens {
		in.learn(rec.ID, facts.WindowOpened(p, e.Number, e.Time))
	}
	switch in.word(e) {
	case wordStop:
		in.said(rec.ID, facts.OptOut(p, facts.ScopeAll, "word", e.Time))
		rec.Labels = append(slices.Clone(rec.Labels), "opt_out")
	case wordStart:
		in.said(rec.ID, facts.OptIn(p, facts.ScopeAll, "word", e.Time), facts.OptIn(p, facts.ScopeMarketing, "word", e.Time))
		rec.Labels = append(slices.Clone(rec.Labels), "opt_in")
	}
	if e.Type == message.System {
		in.learn(rec.ID, systemFacts(p, e)...)
	}
}

// word says whether the whole message, or the button pressed, is one of the
// words of the settings.
func (in *intake) word(e *message.Event) string {
	settings := in.g.cfg.Policy.Settings().OptOut
	switch {
	case e.Payload != "" && slices.ContainsFunc(settings.StopPayloads, equalFold(e.Payload)):
		return wordStop
	case e.Payload != "" && slices.ContainsFunc(settings.StartPayloads, equalFold(e.Payload)):
		return wordStart
	case e.Words == "":
		return ""
	}
	phrase, _ := in.g.words().Match(e.Words)
	return phrase.Class
}

func equalFold(s string) func(string) bool {
	return func(o string) bool { return strings.EqualFold(s, o) }
}

// systemFacts are what upstream says of the person's identity.
func systemFacts(p facts.Person, e *message.Event) []facts.Row {
	switch e.Sub {
	case "customer_identity_changed", "user_identity_changed":
		return []facts.Row{facts.IdentityNamed(p, "meta", e.IdentityHash, e.Time)}
	case "user_changed_number", "customer_changed_number":
		return []facts.Row{facts.IntervalBegun(p, "meta", e.Time)}
	}
	return nil
}

// statusFacts learns from a failure that the person stopped marketing.
func (in *intake) statusFacts(e *message.Event, rec *audit.Record, s *sent) {
	if e.Status.Code != codeStopped || s.subject.IsZero() || in.g.cfg.People.Erased(s.subject) {
		return
	}
	p := facts.Person{Tenant: in.tenant, Subject: facts.Subject(s.subject)}
	rec.Labels = append(rec.Labels, "opt_out")
	in.said(rec.ID, facts.OptOut(p, facts.ScopeMarketing, "meta", e.Time))
}

// codeDropped is upstream's word that it gave up delivering a message of a person
// to us: of a number without storage it does so within an hour (Meta, No Storage).
const codeDropped = 131035

// other records every other update and learns what it says: preferences,
// templates, the account.
func (in *intake) other(ctx context.Context, e *message.Event) error {
	acc, _ := in.account(e.Number)
	who, rows := person.Person{}, &person.Rows{}
	if e.Peer.Number != "" || e.Peer.UserID != "" {
		var err error
		if who, rows, err = in.g.cfg.People.Resolve(ctx, in.tenant, e.Peer); err != nil {
			return err
		}
	}
	rec := in.record(e, audit.KindEvent, who, acc)
	rec.Type = word(e.Field)
	if err := in.keepOther(ctx, e, &rec, rows); err != nil {
		return err
	}
	rec.Labels = preference(e)
	if e.Kind == message.EventError && e.Status.Code == codeDropped {
		in.alarms = append(in.alarms, "inbound_lost")
	}
	in.eventFacts(e, who, rec.ID)
	if slices.Contains(accountChanges, e.Field) && in.g.cfg.AccountChanged != nil {
		in.after = append(in.after, func() { in.g.cfg.AccountChanged(in.tenant) })
	}
	if err := in.forwardOther(ctx, e, &rec, who.Subject, acc, rows); err != nil {
		return err
	}
	rows.AddTo(&in.batch)
	in.batch.Records = append(in.batch.Records, rec)
	return nil
}

// accountChanges are the webhooks after which a number may send more, less or
// again.
var accountChanges = []string{"account_update", "account_review_update", "business_capability_update", "phone_number_quality_update"}

// keepOther fills the record's parts. What nobody has described is kept sealed
// under a subject of its own, which makes it erasable: whose data it is, is not
// known.
func (in *intake) keepOther(ctx context.Context, e *message.Event, rec *audit.Record, rows *person.Rows) error {
	if !dialect.Described(e) {
		if rec.Subject.IsZero() {
			rec.Subject = audit.NewSubjectID()
		}
		return in.sealed(ctx, rec, e, rows)
	}
	body, err := in.g.redactJSON(e.Raw, nil, rec.Country)
	if err != nil {
		return err
	}
	rec.Parts = []audit.Part{audit.NewPart(audit.PartBody, body)}
	return nil
}

// preference labels what a person chose about offers as a word would be.
func preference(e *message.Event) []string {
	switch {
	case e.Prefer != nil && e.Prefer.Value == "stop":
		return []string{"opt_out"}
	case e.Prefer != nil && e.Prefer.Value == "resume":
		return []string{"opt_in"}
	}
	return nil
}

func (in *intake) eventFacts(e *message.Event, who person.Person, record audit.ID) {
	p := facts.Person{Tenant: in.tenant, Subject: facts.Subject(who.Subject)}
	switch {
	case e.Prefer != nil && !who.Subject.IsZero() && e.Prefer.Value == "stop":
		in.said(record, facts.OptOut(p, facts.ScopeMarketing, "meta", e.Time))
	case e.Prefer != nil && !who.Subject.IsZero() && e.Prefer.Value == "resume":
		in.said(record, facts.OptIn(p, facts.ScopeMarketing, "meta", e.Time))
	case e.Template != nil:
		in.learn(record, in.templateFacts(e)...)
	}
}

// words is the lexicon of the settings in force.
func (g *Gate) words() *pii.Lexicon { return g.lexicon.get(g.cfg.Policy) }

// forwardOther relays what an app of the Cloud dialects may read; the flat
// dialects know only errors beside messages and statuses. What concerns no
// single number goes to each app of the business account.
func (in *intake) forwardOther(ctx context.Context, e *message.Event, rec *audit.Record, subject audit.SubjectID, acc Account, rows *person.Rows) error {
	to := []Account{acc}
	if e.Number == "" && in.g.cfg.Apps != nil {
		to = in.g.cfg.Apps(in.tenant, e.WABA)
	}
	for _, acc := range to {
		if acc.App == "" {
			continue
		}
		if err := in.queue(ctx, e, rec, subject, acc, rows, in.g.rewrite(ctx, acc, e.ID, e.ID)); err != nil {
			return err
		}
	}
	return nil
}

// accountSubject stands for a business number where an event concerns no
// person: its deliveries need a key and an order, too.
func accountSubject(acc Account) audit.SubjectID {
	sum := sha256.Sum256([]byte("account\x00" + acc.Tenant + "\x00" + acc.App))
	return audit.SubjectID(sum[:16])
}
