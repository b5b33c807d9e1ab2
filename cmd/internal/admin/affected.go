package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/person"
)

// Affected asks for subject.affected: whose data was touched in a time, as after
// a breach. Empty conditions do not count.
type Affected struct {
	Tenant string `json:"tenant,omitempty"`
	Since  string `json:"since"`           // day or RFC 3339
	Until  string `json:"until,omitempty"` // excluded; empty: now
	Number string `json:"number,omitempty"`
	App    string `json:"app,omitempty"`
	Reason string `json:"reason,omitempty"` // code of a decision
	// Reference is the case for which numbers are opened (affected.numbers).
	Reference string `json:"reference,omitempty"`
}

// AffectedPersons answers subject.affected.
type AffectedPersons struct {
	Tenant  string           `json:"tenant"`
	Since   string           `json:"since"`
	Until   string           `json:"until"`
	Records int64            `json:"records"`
	Persons []AffectedPerson `json:"persons"`           // with the most records first
	Unknown []string         `json:"unknown,omitempty"` // as in Held
}

// AffectedPerson is one of them, with the categories of data. Subjects that proved
// to be one person are one here, under the id that stands for it.
type AffectedPerson struct {
	Subject    string   `json:"subject"`
	Country    string   `json:"country,omitempty"`
	Records    int64    `json:"records"`
	First      string   `json:"first"`
	Last       string   `json:"last"`
	Categories []string `json:"categories"`
	Erased     bool     `json:"erased,omitempty"` // since: nobody can be told
	Numbers    []string `json:"numbers,omitempty"`
	UserIDs    []string `json:"user_ids,omitempty"`
}

const (
	maxAffected  = 100_000
	affectedTime = 5 * time.Minute

	affectedQuery = `SELECT subject, max(country), count(*), min(time), max(time),
		group_concat(DISTINCT kind), group_concat(DISTINCT type), group_concat(DISTINCT findings)
	FROM audit WHERE subject <> '' AND tenant = :tenant AND time >= :since AND time < :until
		AND kind IN ('admission', 'inbound', 'media', 'read', 'unmatched_send', 'undecodable', 'event', 'consent', 'delivery', 'settle', 'status')
		AND (:number = '' OR number = :number) AND (:app = '' OR app = :app)
		AND (:reason = '' OR instr(',' || reasons || ',', ',' || :reason || ',') > 0)
	GROUP BY subject ORDER BY 3 DESC, 1`
)

func (s *Service) subjectAffected(ctx context.Context, a Actor, in Affected) (AffectedPersons, error) {
	if in.Reference != "" {
		return AffectedPersons{}, refuse(Invalid, "numbers are opened with --reveal only; leave the reference out")
	}
	out, err := s.affected(ctx, in)
	if err != nil {
		return AffectedPersons{}, err
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "affected", Rows: int64(len(out.Persons))})
	return out, err
}

// subjectAffectedNumbers opens who they are, to tell them. It passes the guards
// of record.reveal and counts as one opening; where a second person has to
// approve each opening, there is none of so many.
func (s *Service) subjectAffectedNumbers(ctx context.Context, a Actor, in Affected) (AffectedPersons, error) {
	return opening(ctx, s, a, func(who Operator) (AffectedPersons, error) { return s.affectedNumbers(ctx, a, who, in) })
}

func (s *Service) affectedNumbers(ctx context.Context, a Actor, who Operator, in Affected) (AffectedPersons, error) {
	switch {
	case s.cfg.Config().Reveal.SecondPerson:
		return AffectedPersons{}, refuse(Conflict, "reveal.second_person is set, and a list of persons can not be approved one by one: open them with postern audit show ID --reveal")
	case !reason.MatchString(in.Reference) || len(digits(in.Reference)) > maxReasonDigits:
		return AffectedPersons{}, refuse(Invalid, "numbers are opened for a reference such as CASE-123: capitals, then one or two groups of digits, at most %d digits", maxReasonDigits)
	}
	out, err := s.affected(ctx, in)
	if err != nil {
		return AffectedPersons{}, err
	}
	if !slices.Contains(who.Tenants, out.Tenant) {
		return AffectedPersons{}, refuse(Forbidden, "operator %s may not open records of this tenant", who.Name)
	}
	for i := range out.Persons {
		if err := s.identify(ctx, &out.Persons[i]); err != nil {
			return AffectedPersons{}, err
		}
	}
	r := s.record(audit.KindTrailRead, a, "affected")
	r.Tenant, r.Result = out.Tenant, fmt.Sprintf("rows:%d", len(out.Persons))
	r.Labels = []string{"reason:" + in.Reference, "numbers"}
	spent, err := s.spend(ctx, a.Name, r.Time)
	if err != nil {
		return AffectedPersons{}, err
	}
	if err := s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{spent}}); err != nil {
		return AffectedPersons{}, err
	}
	s.revealed("shown", r.ID)
	return out, nil
}

func (s *Service) identify(ctx context.Context, p *AffectedPerson) error {
	id, err := audit.ParseID(p.Subject) // a subject has the same form
	if err != nil || p.Erased {
		return err
	}
	p.Erased = true // unless some of its subjects is there
	for _, one := range s.cfg.People.Same(audit.SubjectID(id)) {
		ids, err := s.cfg.People.Identifiers(ctx, one)
		switch {
		case errors.Is(err, person.ErrErased), errors.Is(err, journal.ErrNotFound):
			continue
		case err != nil:
			return err
		}
		p.Erased = false
		p.Numbers, p.UserIDs = union(p.Numbers, ids.Numbers), union(p.UserIDs, ids.UserIDs)
	}
	return nil
}

// union adds to a list what it lacks.
func union(to, from []string) []string {
	for _, v := range from {
		if !slices.Contains(to, v) {
			to = append(to, v)
		}
	}
	return to
}

func (s *Service) affected(ctx context.Context, in Affected) (AffectedPersons, error) {
	tenant, err := s.tenant(in.Tenant)
	if err != nil {
		return AffectedPersons{}, err
	}
	since, err := moment("since", in.Since)
	if err != nil {
		return AffectedPersons{}, err
	}
	until, err := moment("until", in.Until)
	if err != nil {
		return AffectedPersons{}, err
	}
	if until == 0 {
		until = s.cfg.Now().UnixMicro()
	}
	switch {
	case since == 0:
		return AffectedPersons{}, refuse(Invalid, "say from when on with --since, such as 2026-11-01")
	case since >= until:
		return AffectedPersons{}, refuse(Invalid, "nothing lies between: --since has to be before --until, which is now where it is left out")
	}
	t, err := s.cfg.Journal.Reader().Query(ctx, affectedQuery, journal.QueryOptions{MaxRows: s.maxAffected, Timeout: affectedTime, Named: map[string]any{
		"tenant": tenant, "since": since, "until": until, "number": in.Number, "app": in.App, "reason": in.Reason,
	}})
	switch {
	case err != nil:
		return AffectedPersons{}, fmt.Errorf("look for persons: %w", err)
	case t.More:
		return AffectedPersons{}, refuse(Invalid, "more than %d persons: narrow it by time, number or app", s.maxAffected)
	}
	out := AffectedPersons{
		Tenant: tenant, Since: instant(since), Until: instant(until), Persons: make([]AffectedPerson, 0, len(t.Rows)), Unknown: s.unknownNames(in.App, in.Number),
	}
	at := make(map[string]int, len(t.Rows))
	for _, row := range t.Rows {
		p := s.affectedPerson(row)
		out.Records += p.Records
		if i, again := at[p.Subject]; again {
			out.Persons[i].merge(&p)
			continue
		}
		at[p.Subject] = len(out.Persons)
		out.Persons = append(out.Persons, p)
	}
	slices.SortStableFunc(out.Persons, func(a, b AffectedPerson) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Subject, b.Subject))
	})
	return out, nil
}

// merge adds what was touched under another of the person's subjects. Moments of
// one form sort by their text.
func (p *AffectedPerson) merge(other *AffectedPerson) {
	p.Country = cmp.Or(p.Country, other.Country)
	p.Records += other.Records
	p.First, p.Last = min(p.First, other.First), max(p.Last, other.Last)
	p.Categories = union(p.Categories, other.Categories)
	slices.Sort(p.Categories[1:])
}

func (s *Service) affectedPerson(row []any) AffectedPerson {
	text := func(i int) string { v, _ := row[i].(string); return v }
	number := func(i int) int64 { v, _ := row[i].(int64); return v }
	p := AffectedPerson{
		Subject: text(0), Country: text(1), Records: number(2), First: instant(number(3)), Last: instant(number(4)),
		Categories: categories(strings.Split(text(5), ","), strings.Split(text(6), ","), strings.Split(text(7), ",")),
	}
	if id, err := audit.ParseID(p.Subject); err == nil {
		root := s.cfg.People.Root(audit.SubjectID(id))
		p.Subject, p.Erased = root.String(), s.cfg.People.Erased(root)
	}
	return p
}

// categories are the kinds of data that records of these kinds and types hold,
// and types of personal data that were found in them.
func categories(kinds, types, findings []string) []string {
	out := []string{"identifiers"}
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, k := range kinds {
		switch audit.Kind(k) {
		case audit.KindConsent:
			add("consents")
		case audit.KindMedia:
			add("files")
		case audit.KindAdmission, audit.KindInbound, audit.KindUnmatchedSend, audit.KindUndecodable:
			add("messages")
		default:
			add("traffic data")
		}
	}
	for _, t := range types {
		switch t {
		case "audio", "document", "image", "sticker", "video", "voice":
			add("files")
		case "location":
			add("places")
		case "contacts":
			add("contact cards of others")
		}
	}
	for _, f := range findings {
		if name, _, _ := strings.Cut(f, ":"); name != "" {
			add("found: " + strings.ToLower(name))
		}
	}
	slices.Sort(out[1:])
	return out
}
