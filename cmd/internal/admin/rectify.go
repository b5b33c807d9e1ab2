package admin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy"
	"postern/retention"
)

// SubjectRectify asks for subject.rectify: that what is kept of a person be put
// right. What was said stays as it was said: a record is only noted to be wrong.
type SubjectRectify struct {
	Who
	Zone   string   `json:"zone,omitempty"`  // IANA name: where the person lives
	Record audit.ID `json:"record,omitzero"` // that the person says is wrong
	Why    string   `json:"why"`             // short token, such as moved
	Note   string   `json:"note,omitempty"`  // reference to what is right, in the business's own files
	// NewOwner is from when on the number is somebody else's, a day or RFC 3339: a
	// new interval begins there, in which earlier consent does not count. How that
	// was proved is on record.
	NewOwner  string          `json:"new_owner,omitempty"`
	ProvedBy  retention.Proof `json:"proved_by,omitempty"`
	Reference string          `json:"reference,omitempty"`

	// Attach is a number or user id that is the person's, since At; Detach one that
	// is not, from At on: a day or RFC 3339, empty for now. One of them in a call, with
	// how it was proved, and nothing else.
	Attach *Identifier `json:"attach,omitempty"`
	Detach *Identifier `json:"detach,omitempty"`
	At     string      `json:"at,omitempty"`
}

// Identifier is a number or a business-scoped user id.
type Identifier struct {
	Number string `json:"number,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

// Rectified answers subject.rectify.
type Rectified struct {
	Found
	Record  audit.ID `json:"record"`           // says what was put right
	Request audit.ID `json:"request,omitzero"` // that was answered by it
}

func (s *Service) subjectRectify(ctx context.Context, a Actor, in SubjectRectify) (Rectified, error) {
	if in.Attach != nil || in.Detach != nil {
		return s.rectifyIdentifier(ctx, a, in)
	}
	if err := in.check(); err != nil {
		return Rectified{}, err
	}
	defer s.cfg.People.Use()()
	r, err := s.rectification(ctx, a, in.Who)
	if err != nil {
		return Rectified{}, err
	}
	tenant, id := r.Tenant, r.Subject
	r.Labels = []string{"why:" + in.Why}
	if in.Note != "" {
		r.Labels = append(r.Labels, "note:"+in.Note)
	}
	b := journal.Batch{}
	if err := errors.Join(s.rectifyRecord(ctx, in, id, &r), s.rectifyZone(in, tenant, id, &r, &b), s.rectifyOwner(in, tenant, id, &r, &b)); err != nil {
		return Rectified{}, err
	}
	b.Records = append(b.Records, r)
	out := Rectified{Found: Found{tenant, id.String()}, Record: r.ID}
	if out.Request, err = s.answerOpen(ctx, &b, a, id, retention.RequestRectification); err != nil {
		return out, err
	}
	return out, s.cfg.Journal.Append(ctx, b)
}

// rectification is the record that a person's data are put right.
func (s *Service) rectification(ctx context.Context, a Actor, who Who) (audit.Record, error) {
	tenant, id, err := s.find(who)
	if err != nil {
		return audit.Record{}, err
	}
	if err := s.erasable(ctx, tenant, id); err != nil {
		return audit.Record{}, err
	}
	r := s.record(audit.KindRequest, a, string(retention.RequestRectification))
	r.Tenant, r.Subject, r.Result = tenant, id, "rectified"
	return r, nil
}

func (in *SubjectRectify) check() error {
	switch {
	case !eraseReason.MatchString(in.Why):
		return refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as moved")
	case in.Zone == "" && in.Record.IsZero() && in.NewOwner == "":
		return refuse(Invalid, "say what is put right: a zone, a number or user id, the owner of the number, or a record that is noted to be wrong")
	case in.At != "":
		return refuse(Invalid, "at goes with a number or user id to attach or detach")
	case in.NewOwner == "" && (in.ProvedBy != "" || in.Reference != ""):
		return refuse(Invalid, "how it was proved is said of a number that changed hands")
	case !in.Record.IsZero() && in.Note == "":
		return refuse(Invalid, "a record is noted to be wrong with a reference to what is right, such as DSAR-2026-0042")
	case in.Note != "" && (!reason.MatchString(in.Note) || len(digits(in.Note)) > maxReasonDigits):
		return refuse(Invalid, "the note is a reference like DSAR-2026-0042: capitals, then one or two groups of digits, at most %d digits", maxReasonDigits)
	}
	if _, err := time.LoadLocation(in.Zone); err != nil || in.Zone == "Local" {
		return refuse(Invalid, "the zone is an IANA name such as Europe/Berlin")
	}
	if in.NewOwner == "" {
		return nil
	}
	return checkProof(in.ProvedBy, in.Reference)
}

// rectifyRecord links the note to a record about the person.
func (s *Service) rectifyRecord(ctx context.Context, in SubjectRectify, id audit.SubjectID, r *audit.Record) error {
	if in.Record.IsZero() {
		return nil
	}
	wrong, err := s.cfg.Journal.Record(ctx, in.Record)
	if errors.Is(err, journal.ErrNotFound) || err == nil && !slices.Contains(s.cfg.People.Same(id), wrong.Subject) {
		return refuse(NotFound, "the record is not one about this person")
	}
	r.Ref = in.Record
	return err
}

// rectifyZone changes the fact; what it was and is stands on record as keyed
// hashes only.
func (s *Service) rectifyZone(in SubjectRectify, tenant string, id audit.SubjectID, r *audit.Record, b *journal.Batch) error {
	if in.Zone == "" {
		return nil
	}
	who := facts.Person{Tenant: tenant, Subject: facts.Subject(id)}
	for _, v := range []struct{ name, value string }{{"before", s.cfg.Facts.Zone(tenant, who.Subject)}, {"after", in.Zone}} {
		sums, err := s.cfg.Keys.MACs(keyring.Original, []byte("zone"), id[:], []byte(v.value))
		if err != nil {
			return fmt.Errorf("hash what is put right: %w", err)
		}
		r.Labels = append(r.Labels, v.name+":"+hex.EncodeToString(sums[0].Sum[:16]))
	}
	r.Labels = append(r.Labels, "field:zone")
	proxy.AddFacts(b, s.cfg.Facts, r.ID, facts.ZoneKnown(who, in.Zone, s.cfg.Now()))
	return nil
}

// rectifyOwner begins a new interval of the person's number: consent from before
// does not count, opt-outs stay.
func (s *Service) rectifyOwner(in SubjectRectify, tenant string, id audit.SubjectID, r *audit.Record, b *journal.Batch) error {
	if in.NewOwner == "" {
		return nil
	}
	at, err := moment("new-owner", in.NewOwner)
	switch {
	case err != nil:
		return err
	case at > s.cfg.Now().UnixMicro():
		return refuse(Invalid, "a number changes hands in the past: write since when it is somebody else's")
	}
	r.Labels = append(r.Labels, "field:owner", "since:"+instant(at))
	r.Labels = append(r.Labels, provedLabels(in.ProvedBy, in.Reference)...)
	proxy.AddFacts(b, s.cfg.Facts, r.ID, facts.IntervalBegun(facts.Person{Tenant: tenant, Subject: facts.Subject(id)}, "rectified", micros(at)))
	return nil
}
