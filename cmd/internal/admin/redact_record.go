package admin

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/pii"
	"postern/retention"
)

// asked reports whether a record fits the conditions and has a body.
func (l *redactLook) asked(r *audit.Record) bool {
	return kept(r, audit.PartBody) && r.Tenant == l.in.Tenant && r.Time >= l.since && r.Time < l.until && (l.in.App == "" || r.App == l.in.App)
}

// look counts what would become of a record.
func (l *redactLook) look(ctx context.Context, r *audit.Record) error {
	it, err := l.item(ctx, r)
	if err != nil {
		return err
	}
	if l.same != nil && !slices.Contains(l.same, it.Subject) || l.in.Class != "" && it.Class != l.in.Class {
		return nil
	}
	l.out.Bodies++
	changed, found := l.redact(r)
	if !changed {
		return nil
	}
	l.out.Records++
	if kept(r, audit.PartOriginal) {
		l.out.Originals++
	}
	for k := range found {
		k.Class, k.Day = it.Class, time.UnixMicro(r.Time).UTC().Format(time.DateOnly)
		l.found[k]++
	}
	by := l.keepers(it)
	if len(by) > 0 {
		l.out.Kept++
	}
	for _, k := range by {
		l.kept[k]++
	}
	return nil
}

// item is a record as holds and floors see it.
func (l *redactLook) item(ctx context.Context, r *audit.Record) (retention.Item, error) {
	if r.Ref.IsZero() {
		return retention.ItemOf(r), nil
	}
	of, err := l.s.cfg.Journal.Record(ctx, r.Ref)
	if errors.Is(err, journal.ErrNotFound) {
		return retention.ItemOf(r), nil
	}
	return retention.ItemUnder(r, &of), err
}

// redact treats a body again and says what in it would go.
func (l *redactLook) redact(r *audit.Record) (changed bool, found map[RedactCount]bool) {
	hint := pii.Hint{PeerCountry: r.Country}
	body := bodyOf(r)
	found = map[RedactCount]bool{}
	add := func(f pii.Finding) {
		if o := l.treat.Operator(f); o != pii.Keep && o != pii.Alert {
			found[RedactCount{Type: string(f.Type), Entity: f.Entity}] = true
		}
	}
	out, err := l.scanner.Redact(body, hint, l.treat)
	if err == nil {
		for _, at := range out.Found {
			add(at.Finding)
		}
		changed = out.Changed
	} else { // no JSON: a text
		treated, all := l.scanner.Treat(string(body), hint, l.treat, nil, nil)
		for _, f := range all {
			add(f)
		}
		changed = treated.Changed
	}
	if changed && len(found) == 0 {
		found[RedactCount{Type: typeMember}] = true
	}
	return changed, found
}

// keepers are what a record has to stay as it is for.
func (l *redactLook) keepers(it retention.Item) []RedactKept {
	var out []RedactKept
	for _, h := range l.s.cfg.Holds.Holding(it) {
		out = append(out, RedactKept{By: retention.KeptByHold, Name: h.Matter})
	}
	if k, kept := l.s.cfg.Retention().Floor(it, l.now); kept {
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
