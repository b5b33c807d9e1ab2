package admin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// scopeRedaction is the settings scope of redactions that were asked for and are
// not over: key is the id, value the Redaction.
const scopeRedaction = "redaction"

// Types of the records of kind retention that a redaction leaves behind, before
// its certificate.
const (
	typeRedactAsked    = "redact_asked"
	typeRedactApproved = "redact_approved"
	typeRedactBegun    = "redact_begun"
)

// redactExpires is for how long a redaction waits where holds say nothing.
const redactExpires = 24 * time.Hour

// RedactAsk asks for redact.ask: that the bodies which the packs would change be
// treated for good. Another operator has to approve.
type RedactAsk struct {
	Redact
	Why string `json:"why"` // short token, such as minimisation
}

// Redaction is one that was asked for: which records, by which packs, and how far
// it is. Its id is that of the record that says who asked.
type Redaction struct {
	ID       audit.ID `json:"id"`
	Tenant   string   `json:"tenant"`
	Since    string   `json:"since"` // RFC 3339
	Until    string   `json:"until"` // excluded
	App      string   `json:"app,omitempty"`
	Person   string   `json:"person,omitempty"` // subject id
	Class    string   `json:"class,omitempty"`
	Packs    string   `json:"packs"`    // SHA-256 of packs, lists and operators, hex
	Original string   `json:"original"` // keep or erase
	Why      string   `json:"why"`

	Operator string    `json:"operator"`
	Filed    time.Time `json:"filed"`
	Expires  time.Time `json:"expires"` // while it has not begun
	Approver string    `json:"approver,omitempty"`

	Run     audit.ID         `json:"run,omitzero"` // of the record that says it began
	Begun   int64            `json:"begun,omitempty"`
	Next    uint64           `json:"next"` // record at which it goes on
	Size    uint64           `json:"size"` // of the trail when it began: later records are not its
	Revised int64            `json:"revised"`
	Stay    map[string]int64 `json:"stay,omitempty"` // what had to stay, by what keeps it
}

// live reports whether the redaction can still be approved, begun or ended. A
// clock set back before it was filed ends it: how old it is can not be known then.
func (q *Redaction) live(now time.Time) bool {
	return q.Begun != 0 || now.Before(q.Expires) && now.After(q.Filed.Add(-time.Minute))
}

func (q *Redaction) row(at int64) (journal.Setting, error) {
	return setting(scopeRedaction, q.ID.String(), q, at)
}

func (q *Redaction) gone(at int64) journal.Setting {
	return journal.Setting{Scope: scopeRedaction, Key: q.ID.String(), Time: at}
}

// redactions are those that are not over, oldest first.
func (s *Service) redactions(ctx context.Context) ([]Redaction, error) {
	out, err := storedIn[Redaction](ctx, s, scopeRedaction, "read redactions")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Redaction) int { return a.Filed.Compare(b.Filed) })
	return out, nil
}

// redactAsk puts on record what is asked for, and keeps it for a second person.
func (s *Service) redactAsk(ctx context.Context, a Actor, in RedactAsk) (Redaction, error) {
	if !eraseReason.MatchString(in.Why) {
		return Redaction{}, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as minimisation")
	}
	s.redacting.Lock()
	defer s.redacting.Unlock()
	l, err := s.redactLook(ctx, &in.Redact)
	if err != nil {
		return Redaction{}, err
	}
	now := s.cfg.Now().UTC()
	r := s.record(audit.KindRetention, a, typeRedactAsked)
	q := Redaction{
		ID: r.ID, Tenant: in.Tenant, Since: exact(l.since), Until: exact(l.until), App: in.App, Person: in.Person, Class: in.Class,
		Packs: l.out.Revision, Original: string(l.original), Why: in.Why, Operator: a.Name, Filed: now,
		Expires: now.Add(cmp.Or(s.cfg.Config().Holds.Expires, redactExpires)),
	}
	if err := q.note(&r); err != nil {
		return Redaction{}, err
	}
	row, err := q.row(r.Time)
	if err != nil {
		return Redaction{}, err
	}
	rows, err := s.overRedactions(ctx, now, r.Time)
	if err != nil {
		return Redaction{}, err
	}
	return q, s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}, Settings: append(rows, row)})
}

// note says in a record which records are meant and by which packs.
func (q *Redaction) note(r *audit.Record) error {
	r.Tenant, r.Revision = q.Tenant, q.Packs
	r.Labels = []string{"why:" + q.Why, "since:" + q.Since, "until:" + q.Until, "original:" + q.Original}
	for _, l := range [][2]string{{"app:", q.App}, {"class:", q.Class}} {
		if l[1] != "" {
			r.Labels = append(r.Labels, l[0]+l[1])
		}
	}
	if q.Approver != "" {
		r.Labels = append(r.Labels, "asked_by:"+q.Operator, "approved_by:"+q.Approver)
	}
	if q.Person == "" {
		return nil
	}
	id, err := audit.ParseID(q.Person)
	r.Subject = audit.SubjectID(id)
	return err
}

// overRedactions drops the rows of those that expired.
func (s *Service) overRedactions(ctx context.Context, now time.Time, at int64) (rows []journal.Setting, err error) {
	all, err := s.redactions(ctx)
	for i := range all {
		if !all[i].live(now) {
			rows = append(rows, all[i].gone(at))
		}
	}
	return rows, err
}

// RedactionName asks for something of one redaction.
type RedactionName struct {
	ID audit.ID `json:"id"`
}

// redactApprove is the second person's word. Who asked can then carry it out.
func (s *Service) redactApprove(ctx context.Context, a Actor, in RedactionName) (Redaction, error) {
	s.redacting.Lock()
	defer s.redacting.Unlock()
	q, err := s.redaction(ctx, in.ID)
	switch {
	case err != nil:
		return q, err
	case q.Operator == a.Name:
		return q, refuse(Forbidden, "you asked for it yourself: another operator with role approve says yes")
	case q.Approver != "":
		return q, refuse(Conflict, "the redaction was approved before, by %s", q.Approver)
	}
	q.Approver = a.Name
	r := s.record(audit.KindRetention, a, typeRedactApproved)
	r.Ref = q.ID
	if err := q.note(&r); err != nil {
		return q, err
	}
	row, err := q.row(r.Time)
	if err != nil {
		return q, err
	}
	return q, s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{row}})
}

// redaction is one that is not over, whose operators still are what they were.
func (s *Service) redaction(ctx context.Context, id audit.ID) (Redaction, error) {
	all, err := s.redactions(ctx)
	if err != nil {
		return Redaction{}, err
	}
	i := slices.IndexFunc(all, func(q Redaction) bool { return q.ID == id })
	if i < 0 || !all[i].live(s.cfg.Now()) {
		return Redaction{}, refuse(NotFound, "no such redaction waits: it was carried out or it expired; see: postern audit redact --waiting")
	}
	known, err := s.operators(ctx)
	if err != nil {
		return Redaction{}, err
	}
	for _, name := range []string{all[i].Operator, all[i].Approver} {
		may := func(o stored) bool {
			return o.Name == name && o.Role == RoleApprove && o.Created <= all[i].Filed.Unix()
		}
		if name != "" && !slices.ContainsFunc(known, may) {
			return Redaction{}, refuse(Conflict, "who asked for it or approved it may not any more: ask again with: postern audit redact --apply")
		}
	}
	return all[i], nil
}

// redactWaiting lists those that wait for a second person, or go on.
func (s *Service) redactWaiting(ctx context.Context, _ Actor, _ None) ([]Redaction, error) {
	all, err := s.redactions(ctx)
	now := s.cfg.Now()
	return slices.DeleteFunc(all, func(q Redaction) bool { return !q.live(now) }), err
}

// exact is microseconds as RFC 3339 that moment reads as the same.
func exact(micro int64) string { return micros(micro).Format(time.RFC3339Nano) }
