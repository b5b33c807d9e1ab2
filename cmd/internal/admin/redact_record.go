package admin

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/pii"
	"postern/policy/pii/pack"
	"postern/retention"
)

// asked reports whether a record fits the conditions and has a body.
func (l *redactLook) asked(r *audit.Record) bool {
	return kept(r, audit.PartBody) && r.Tenant == l.in.Tenant && r.Time >= l.since && r.Time < l.until && (l.in.App == "" || r.App == l.in.App)
}

// look counts what would become of a record.
func (l *redactLook) look(ctx context.Context, r *audit.Record) error {
	c, asked, err := l.judge(ctx, r)
	if err != nil || !asked {
		return err
	}
	l.out.Bodies++
	if c.superseded {
		l.out.Superseded++
		return nil
	}
	if !c.changed {
		return nil
	}
	l.out.Records++
	if c.hasOriginal() {
		l.out.Originals++
		if l.original == pack.EraseOriginal && l.keepsOriginal(c.Item) != "" {
			l.out.OriginalsKept++
		}
	}
	for k := range c.found {
		k.Class, k.Day = c.Class, time.UnixMicro(r.Time).UTC().Format(time.DateOnly)
		l.found[k]++
	}
	by := l.keepers(c.Item)
	if len(by) > 0 {
		l.out.Kept++
	}
	for _, k := range by {
		l.kept[k]++
	}
	return nil
}

// judged is a record with what packs make of its body.
type judged struct {
	retention.Item // as holds and floors see it
	record         *audit.Record
	first          *audit.Record // that record, or the one that it revises; nil: that is gone

	superseded bool // a revision has taken its place, which says body
	changed    bool
	body       []byte // as the packs leave it
	found      map[RedactCount]bool
	findings   string // how often what was found, for the record
}

// judge says what would become of a body; asked is false where the request is
// not about it.
func (l *redactLook) judge(ctx context.Context, r *audit.Record) (c judged, asked bool, err error) {
	c = judged{record: r, first: r}
	if err := l.place(ctx, &c); err != nil {
		return c, false, err
	}
	if l.same != nil && !slices.Contains(l.same, c.Subject) || l.in.Class != "" && c.Class != l.in.Class {
		return c, false, nil
	}
	all, err := l.s.cfg.Journal.Revisions(ctx, firstOf(r))
	if err != nil {
		return c, false, err
	}
	if now := journal.Newest(all); now != nil && now.ID != r.ID {
		c.superseded, c.body = true, bodyOf(now)
		return c, true, nil
	}
	l.redact(&c)
	return c, true, nil
}

// place fills in the item, and what the record revises.
func (l *redactLook) place(ctx context.Context, c *judged) error {
	c.Item = retention.ItemOf(c.record)
	if c.record.Ref.IsZero() {
		return nil
	}
	of, err := l.s.cfg.Journal.Record(ctx, c.record.Ref)
	if errors.Is(err, journal.ErrNotFound) {
		err = nil
	} else if err == nil {
		c.Item = retention.ItemUnder(c.record, &of)
	}
	if c.record.Kind == audit.KindRevision {
		if c.first = &of; of.Purged || of.ID.IsZero() {
			c.first = nil
		}
	}
	return err
}

// hasOriginal reports whether what was received, or sent, is kept sealed.
func (c *judged) hasOriginal() bool {
	return c.first != nil && (kept(c.first, audit.PartOriginal) || kept(c.first, audit.PartSent))
}

// keepsOriginal is the clause of a law by which the class of a record has to keep
// originals; empty where there is none.
func (l *redactLook) keepsOriginal(it retention.Item) string {
	return l.s.cfg.Retention().Classes[it.Class].KeepBy
}

// redact treats a body again until nothing changes any more, and says what in it
// would go.
func (l *redactLook) redact(c *judged) {
	c.found, c.body = map[RedactCount]bool{}, bodyOf(c.record)
	counts := map[string]int{}
	for range 4 {
		body, changed := l.once(c, counts)
		if !changed {
			break
		}
		c.body, c.changed = body, true
	}
	if c.changed && len(c.found) == 0 {
		c.found[RedactCount{Type: typeMember}], counts[typeMember] = true, 1
	}
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		c.findings += "," + t + ":" + strconv.Itoa(counts[t])
	}
	c.findings = strings.TrimPrefix(c.findings, ",")
}

func (l *redactLook) once(c *judged, counts map[string]int) (body []byte, changed bool) {
	add := func(f pii.Finding) {
		if o := l.treat.Operator(f); o != pii.Keep && o != pii.Alert {
			c.found[RedactCount{Type: string(f.Type), Entity: f.Entity}] = true
			counts[string(f.Type)]++
		}
	}
	hint := pii.Hint{PeerCountry: c.record.Country}
	out, err := l.scanner.Redact(c.body, hint, l.treat)
	if err == nil {
		for _, at := range out.Found {
			add(at.Finding)
		}
		return out.Body, out.Changed
	}
	treated, all := l.scanner.Treat(string(c.body), hint, l.treat, nil, nil) // no JSON: a text
	for _, f := range all {
		add(f)
	}
	return []byte(treated.Text), treated.Changed
}

// keepers are what a record has to stay as it is for.
func (l *redactLook) keepers(it retention.Item) []RedactKept {
	var out []RedactKept
	for _, h := range l.s.cfg.Holds.Holding(it) {
		out = append(out, RedactKept{By: retention.KeptByHold, Name: h.Matter})
	}
	if k, kept := l.s.cfg.Retention().Floor(it, l.vouch); kept {
		out = append(out, RedactKept{By: retention.KeptByFloor, Name: k.Name})
	}
	for _, id := range l.s.cfg.People.Same(it.Subject) {
		if name, open := l.open[id]; open && !it.Subject.IsZero() {
			out = append(out, RedactKept{By: retention.KeptByRequest, Name: name})
		}
	}
	slices.SortFunc(out, byKeeper)
	return slices.Compact(out)
}

// kept reports whether a record still has a part.
func kept(r *audit.Record, name string) bool {
	return slices.ContainsFunc(r.Parts, func(p audit.Part) bool { return p.Name == name && !p.Erased && !p.Elsewhere })
}

func bodyOf(r *audit.Record) []byte {
	for _, p := range r.Parts {
		if p.Name == audit.PartBody {
			return p.Body
		}
	}
	return nil
}

// withBody is a record that may be kept, with the bytes of its body alone.
func withBody(r *audit.Record) audit.Record {
	out := *r
	out.Parts = slices.Clone(r.Parts)
	for i := range out.Parts {
		body := out.Parts[i].Body
		if out.Parts[i].Body = nil; out.Parts[i].Name == audit.PartBody {
			out.Parts[i].Body = bytes.Clone(body)
		}
	}
	return out
}
