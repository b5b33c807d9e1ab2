package admin

import (
	"context"
	"errors"

	"postern/audit"
	"postern/audit/journal"
)

// Shown answers record.show: a record with what of it is in the clear.
type Shown struct {
	Entry
	Tenant    string            `json:"tenant"`
	App       string            `json:"app"`
	Number    string            `json:"number"`
	Subject   string            `json:"subject,omitempty"`
	Country   string            `json:"country,omitempty"`
	Direction string            `json:"direction,omitempty"`
	Dialect   string            `json:"dialect,omitempty"`
	Category  string            `json:"category,omitempty"`
	Template  string            `json:"template,omitempty"`
	Observed  []string          `json:"observed,omitempty"`
	Revision  string            `json:"revision,omitempty"`
	Facts     string            `json:"facts,omitempty"`
	Findings  string            `json:"findings,omitempty"`
	Changed   bool              `json:"changed"`
	Code      int64             `json:"code,omitempty"`
	Retention string            `json:"retention,omitempty"`
	Labels    []string          `json:"labels,omitempty"`
	Ref       string            `json:"ref,omitempty"`
	RevisedBy string            `json:"revised_by,omitempty"` // record whose body is shown in Parts, since stricter packs took something out
	Parts     map[string]string `json:"parts"`                // clear ones by name
	Sealed    []string          `json:"sealed"`               // names of those that are kept sealed
	Erased    []string          `json:"erased"`               // names of those that are gone
	Related   []Entry           `json:"related"`
	More      bool              `json:"more,omitempty"` // more are related than are shown
}

// mostRelated bounds the records shown beside one: of the steps of a retention
// run there may be many.
const mostRelated = 500

// clearParts may be shown to every reader; the others are sealed.
var clearParts = map[string]bool{audit.PartBody: true, audit.PartInput: true, audit.PartDetail: true}

// Record asks for record.show.
type Record struct {
	ID audit.ID `json:"id"`
}

func (s *Service) recordShow(ctx context.Context, a Actor, in Record) (Shown, error) {
	r, err := s.cfg.Journal.Record(ctx, in.ID)
	if err != nil {
		return Shown{}, err
	}
	out := shown(r)
	if err := errors.Join(s.relate(ctx, r, &out), s.revise(ctx, &r, &out)); err != nil {
		return Shown{}, err
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "show", Rows: int64(1 + len(out.Related)), Subject: out.Subject})
	return out, err
}

// relate adds the record that r names, and those that name r.
func (s *Service) relate(ctx context.Context, r audit.Record, out *Shown) error {
	if !r.Ref.IsZero() {
		first, err := s.cfg.Journal.Record(ctx, r.Ref)
		if err != nil && !errors.Is(err, journal.ErrNotFound) { // a delivery's id may name no record
			return err
		}
		if err == nil {
			out.Related = append(out.Related, entry(first))
		}
	}
	return s.cfg.Journal.Referring(ctx, r.ID, func(o *audit.Record) (bool, error) {
		if out.More = len(out.Related) >= mostRelated; !out.More {
			out.Related = append(out.Related, entry(*o))
		}
		return !out.More, nil
	})
}

// revise shows the body as the newest revision holds it.
func (s *Service) revise(ctx context.Context, r *audit.Record, out *Shown) error {
	all, err := s.cfg.Journal.Revisions(ctx, firstOf(r))
	now := journal.Newest(all)
	if err != nil || now == nil || now.ID == r.ID {
		return err
	}
	out.RevisedBy, out.Parts[audit.PartBody] = now.ID.String(), string(bodyOf(now))
	return nil
}

// firstOf is the record that a revision is of, of others the record itself.
func firstOf(r *audit.Record) audit.ID {
	if r.Kind == audit.KindRevision {
		return r.Ref
	}
	return r.ID
}

func shown(r audit.Record) Shown {
	out := Shown{
		Entry: entry(r), Tenant: r.Tenant, App: r.App, Number: r.Number, Country: r.Country, Direction: r.Direction,
		Dialect: r.Dialect, Category: r.Category, Template: r.Template, Observed: r.Observed, Revision: r.Revision,
		Facts: r.Facts, Findings: r.Findings, Changed: r.Changed, Code: r.Code, Retention: r.Retention, Labels: r.Labels,
		Parts: map[string]string{}, Sealed: []string{}, Erased: []string{}, Related: []Entry{},
	}
	if !r.Subject.IsZero() {
		out.Subject = r.Subject.String()
	}
	if !r.Ref.IsZero() {
		out.Ref = r.Ref.String()
	}
	if r.Purged {
		out.Erased = append(out.Erased, audit.PartRecord)
	}
	for _, p := range r.Parts {
		switch {
		case p.Erased:
			out.Erased = append(out.Erased, p.Name)
		case clearParts[p.Name]:
			out.Parts[p.Name] = string(p.Body)
		default:
			out.Sealed = append(out.Sealed, p.Name)
		}
	}
	return out
}
