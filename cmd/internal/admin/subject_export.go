package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/audit/thread"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/proxy"
	"postern/retention"
)

// SubjectExport asks for subject.export: what is known of a person, for that
// person. It answers an open request for access, which another operator took.
type SubjectExport struct {
	Who
	// Since is from when on the number is proved to be this person's, a day or RFC
	// 3339. Empty: since the last change of identity, or from the beginning.
	Since string `json:"since,omitempty"`
}

// SubjectExported answers subject.export.
type SubjectExported struct {
	Found
	Request  audit.ID `json:"request"`
	Record   audit.ID `json:"record"` // says who was given it
	From     string   `json:"from,omitempty"`
	Messages int      `json:"messages"`
	Opened   int      `json:"opened"` // messages whose sealed original was opened
	Zip      []byte   `json:"zip"`
}

// subjectExport opens originals: it passes the guards of record.reveal and
// counts as one opening. It is on record before it is handed out.
func (s *Service) subjectExport(ctx context.Context, a Actor, in SubjectExport) (SubjectExported, error) {
	s.revealing.Lock()
	defer s.revealing.Unlock()
	out, err := s.export(ctx, a, in)
	if err != nil {
		s.revealed("refused", audit.ID{})
	}
	return out, err
}

func (s *Service) export(ctx context.Context, a Actor, in SubjectExport) (SubjectExported, error) {
	who, err := s.revealer(ctx, a)
	if err != nil {
		return SubjectExported{}, err
	}
	defer s.cfg.People.Use()()
	tenant, id, err := s.find(in.Who)
	if err != nil {
		return SubjectExported{}, err
	}
	if !slices.Contains(who.Tenants, tenant) {
		return SubjectExported{}, refuse(Forbidden, "operator %s may not open records of this tenant", who.Name)
	}
	if err := s.erasable(ctx, tenant, id); err != nil {
		return SubjectExported{}, err
	}
	q, err := s.openRequest(ctx, id, retention.RequestAccess)
	switch {
	case err != nil:
		return SubjectExported{}, err
	case q == nil:
		return SubjectExported{}, refuse(Conflict, "no request for access of this person is open: another operator puts it on record with: postern subject request")
	case q.Actor == a.Name:
		return SubjectExported{}, refuse(Forbidden, "you took the request yourself: another operator with role reveal exports")
	}
	from, err := s.provenFrom(ctx, in, tenant, id)
	if err != nil {
		return SubjectExported{}, err
	}
	c := collector{s: s, tenant: tenant, from: from, policy: s.cfg.Retention()}
	if err := c.collect(ctx, id, q); err != nil {
		return SubjectExported{}, fmt.Errorf("collect what is known of a person: %w", err)
	}
	return s.handOut(ctx, a, *q, &c, in.Since != "")
}

// handOut signs what was collected, and records it with the request's end.
func (s *Service) handOut(ctx context.Context, a Actor, q retention.Request, c *collector, proven bool) (SubjectExported, error) {
	signer, err := boot.CheckpointSigner(s.cfg.Keys)
	if err != nil {
		return SubjectExported{}, err
	}
	b := s.answered(a, q, requestDone, fmt.Sprintf("messages:%d", len(c.out.Messages)), fmt.Sprintf("opened:%d", c.opened))
	r := &b.Records[0]
	if proven {
		r.Labels = append(r.Labels, "proven_since:"+instant(c.from))
	}
	spent, err := s.spend(ctx, a.Name, r.Time)
	if err != nil {
		return SubjectExported{}, err
	}
	b.Settings = append(b.Settings, spent)
	out := SubjectExported{
		Found: Found{q.Tenant, q.Subject.String()}, Request: q.ID, Record: r.ID, From: c.out.From, Messages: len(c.out.Messages), Opened: c.opened,
	}
	if out.Zip, err = c.out.Zip(signer); err != nil {
		return SubjectExported{}, err
	}
	r.Labels = append(r.Labels, "sha256:"+digest(string(out.Zip)))
	if err := s.cfg.Journal.Append(ctx, b); err != nil {
		return SubjectExported{}, err
	}
	s.revealed("shown", r.ID)
	return out, nil
}

// provenFrom is when the person's interval of the number begins, microseconds;
// 0 is from the beginning. Nobody gets what was another's before.
func (s *Service) provenFrom(ctx context.Context, in SubjectExport, tenant string, id audit.SubjectID) (int64, error) {
	if in.Since != "" {
		return moment("proven-since", in.Since)
	}
	var from int64
	for _, one := range s.cfg.People.Same(id) {
		known, err := s.cfg.Journal.FactsOf(ctx, one)
		if err != nil {
			return 0, err
		}
		for _, f := range known {
			var v struct {
				State string `json:"state"`
			}
			if f.Tenant != tenant || f.Kind != facts.KindIdentity {
				continue
			}
			if err := json.Unmarshal(f.Value, &v); err != nil || v.State != "same" {
				from = max(from, f.Time)
			}
		}
	}
	return from, nil
}

// collector gathers an export.
type collector struct {
	s      *Service
	tenant string
	from   int64
	policy retention.Policy

	scanner *pii.Scanner
	out     retention.Disclosure
	opened  int
	apps    []string
}

func (c *collector) collect(ctx context.Context, id audit.SubjectID, q *retention.Request) error {
	c.out = retention.Disclosure{
		Version: 1, Made: instant(c.s.cfg.Now().UnixMicro()), Business: cmp.Or(c.s.entity(c.tenant), c.tenant), Subject: id.String(), Request: q.ID,
		From: instant(c.from), Numbers: []string{}, UserIDs: []string{}, Facts: []retention.ExportFact{}, Messages: []retention.ExportMessage{},
	}
	var err error
	if c.scanner, err = pii.New(pii.Config{Countries: c.s.cfg.Config().Countries()}); err != nil {
		return err
	}
	same := c.s.cfg.People.Same(id)
	for _, one := range same {
		if err := errors.Join(c.identifiers(ctx, one), c.facts(ctx, one)); err != nil {
			return err
		}
	}
	for _, one := range same { // once all identifiers are known
		if err := c.conversation(ctx, one); err != nil {
			return err
		}
	}
	slices.SortStableFunc(c.out.Messages, func(a, b retention.ExportMessage) int { return strings.Compare(a.Time, b.Time) })
	c.recipients()
	c.kept()
	c.out.Missing = []string{
		"files: their names are here; ask for the files themselves where they are kept",
		"what other people wrote about you, and their data where it stood in your messages",
		"what WhatsApp (Meta) keeps: ask there",
		"what the business keeps of you outside of this gateway",
	}
	return nil
}

// identifiers are all of the person's; where the number had another owner once,
// user ids may be that one's, so they are left out.
func (c *collector) identifiers(ctx context.Context, id audit.SubjectID) error {
	ids, err := c.s.cfg.People.Identifiers(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	c.out.Numbers = append(c.out.Numbers, ids.Numbers...)
	if c.from == 0 {
		c.out.UserIDs = append(c.out.UserIDs, ids.UserIDs...)
	}
	return err
}

func (c *collector) facts(ctx context.Context, id audit.SubjectID) error {
	known, err := c.s.cfg.Journal.FactsOf(ctx, id)
	for _, f := range known {
		if f.Tenant != c.tenant || f.Time < c.from {
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(f.Value, &v); err != nil {
			return facts.ErrRow // the decoder's own words could quote the value
		}
		delete(v, "actor") // who works here
		delete(v, "hash")  // upstream's name of an identity
		value, err := json.Marshal(v)
		if err != nil {
			return err
		}
		c.out.Facts = append(c.out.Facts, retention.ExportFact{What: f.Kind, About: f.Key, Value: value, Since: instant(f.Time), Until: instant(f.Until)})
	}
	return err
}

func (c *collector) conversation(ctx context.Context, id audit.SubjectID) error {
	reader := c.s.cfg.Journal.Reader()
	talk, _, err := thread.Collect(id, journal.Search{Tenant: c.tenant, From: c.from}, func(q journal.Search) (journal.Hits, error) { return reader.Search(ctx, q) })
	if err != nil {
		return err
	}
	for i := range talk.Messages {
		m := &talk.Messages[i]
		if m.Kind == string(audit.KindConsent) {
			continue // among the facts
		}
		if err := c.message(ctx, m); err != nil {
			return err
		}
		if m.App != "" && !slices.Contains(c.apps, m.App) {
			c.apps = append(c.apps, m.App)
		}
	}
	return nil
}

func (c *collector) message(ctx context.Context, m *thread.Message) error {
	id, err := audit.ParseID(m.ID)
	if err != nil {
		return err
	}
	r, err := c.s.cfg.Journal.Record(ctx, id)
	if err != nil {
		return err
	}
	out := retention.ExportMessage{
		Record: m.ID, Time: m.Time, Direction: m.Direction, Type: m.Type, Category: m.Category, Text: m.Text, Form: retention.FormRedacted,
		Note: m.Withheld, KeptUntil: c.until(&r),
	}
	files := m.Files
	if m.Erased != "" && m.Text == "" {
		out.Form = retention.FormGone
	}
	original, err := c.s.sealed().Open(ctx, &r, audit.PartOriginal)
	switch {
	case err == nil:
		c.opened++
		words, names, withheld := thread.Words(r.Kind, r.Type, original)
		out.Text, out.Form, out.Note, files = c.withoutOthers(words, r.Country), retention.FormOriginal, withheld, names
	case !errors.Is(err, proxy.ErrErased) && !errors.Is(err, proxy.ErrNotKept):
		return err
	}
	for _, f := range files {
		out.Files = append(out.Files, c.withoutOthers(cmp.Or(f.Name, f.Type), r.Country))
	}
	if m.Decision != nil {
		out.Decision = retention.InWords(m.Decision.Effect, m.Decision.Reasons)
	}
	for _, o := range m.Outcomes {
		out.Outcomes = append(out.Outcomes, strings.TrimSpace(o.Time[:19]+"Z "+o.Kind+" "+o.Result))
	}
	c.out.Messages = append(c.out.Messages, out)
	return nil
}

// withoutOthers takes out of a text what looks like somebody's data, unless it
// is one of the person's own numbers: whose an address or an account is, the
// text does not tell.
func (c *collector) withoutOthers(text, country string) string {
	found := c.scanner.Scan(text, pii.Hint{PeerCountry: country}, nil)
	slices.SortFunc(found, func(a, b pii.Finding) int { return cmp.Or(a.Start-b.Start, b.End-a.End) })
	var out strings.Builder
	at := 0
	for _, f := range found {
		value := text[f.Start:f.End]
		if f.Start < at || c.own(value) {
			continue
		}
		out.WriteString(text[at:f.Start])
		out.WriteString("[" + string(f.Type) + "]")
		at = f.End
	}
	out.WriteString(text[at:])
	return out.String()
}

func (c *collector) own(value string) bool {
	d := digits(value)
	return len(d) >= 7 && slices.ContainsFunc(c.out.Numbers, func(n string) bool { return digits(n) == d })
}

// until says to when a message is kept, as the policy in force has it.
func (c *collector) until(r *audit.Record) string {
	class, known := c.policy.Classes[audit.RetentionClass(r.Kind, r.Retention)]
	switch {
	case !known || class.Days == 0:
		return "No end is set for keeping it"
	case class.Clock == retention.ClockRecord:
		end := time.UnixMicro(r.Time).UTC().AddDate(0, 0, class.Days)
		return "Kept until " + end.Format(time.DateOnly)
	}
	return "Kept " + lasts(class)
}

func lasts(c retention.Class) string {
	after := map[retention.Clock]string{
		retention.ClockRecord: "after it was recorded", retention.ClockContact: "after your last contact", retention.ClockConsent: "after your last consent ended",
	}[c.Clock]
	if c.Days == 0 {
		return "no end is set"
	}
	return fmt.Sprintf("%d days %s", c.Days, after)
}

func (c *collector) kept() {
	c.out.Kept = []retention.ExportKept{}
	for name, class := range c.policy.Classes {
		how := lasts(class)
		if class.Floor > 0 {
			how += fmt.Sprintf("; at least %d days (%s)", class.Floor, class.FloorBy)
		}
		c.out.Kept = append(c.out.Kept, retention.ExportKept{Class: name, How: how})
	}
	slices.SortFunc(c.out.Kept, func(a, b retention.ExportKept) int { return strings.Compare(a.Class, b.Class) })
}

// recipients are where data of the person goes as the gateway is set up now.
func (c *collector) recipients() {
	conf := c.s.cfg.Config()
	c.out.Recipients = []retention.Recipient{{Who: "WhatsApp (Meta)", What: "carries every message both ways"}}
	add := func(who, what string) {
		c.out.Recipients = append(c.out.Recipients, retention.Recipient{Who: who, What: what})
	}
	for _, app := range c.apps {
		add("application "+app, "sends you messages, gets yours and what became of its own")
	}
	for _, e := range conf.Exports {
		if e.Tenants == nil || slices.Contains(e.Tenants, c.tenant) {
			add(e.Kind+" "+e.Name, map[bool]string{true: "lines about each message with its redacted text", false: "lines about each message without its text"}[e.Payload])
		}
	}
	if len(conf.ClickHouse.Endpoints) > 0 {
		add("ClickHouse", "a copy of the records, redacted and sealed")
	}
	if conf.Backup.IsSet() {
		add("backups", fmt.Sprintf("sealed, kept %d days", conf.Backup.KeepDays))
	}
}
