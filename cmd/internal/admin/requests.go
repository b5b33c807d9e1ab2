package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/person"
	"postern/retention"
)

// SubjectRequest asks for subject.request: that a person's request be put on
// record, with how identity was proved.
type SubjectRequest struct {
	Who
	Type      retention.RequestType `json:"type"`
	ProvedBy  retention.Proof       `json:"proved_by"`
	Reference string                `json:"reference,omitempty"` // such as DSAR-2026-0042
	Received  string                `json:"received,omitempty"`  // day or RFC 3339; empty: now
}

// Results of records of requests.
const (
	requestReceived = "received"
	requestDone     = "done"
	requestRefused  = "refused"
)

func (s *Service) subjectRequest(ctx context.Context, a Actor, in SubjectRequest) (retention.Request, error) {
	now := s.cfg.Now()
	received, err := in.check(now)
	if err != nil {
		return retention.Request{}, err
	}
	defer s.cfg.People.Use()()
	tenant, id, err := s.find(in.Who)
	if err != nil {
		return retention.Request{}, err
	}
	if err := s.erasable(ctx, tenant, id); err != nil {
		return retention.Request{}, err
	}
	r := s.record(audit.KindRequest, a, string(in.Type))
	r.Tenant, r.Subject, r.Result = tenant, id, requestReceived
	r.Labels = provedLabels(in.ProvedBy, in.Reference)
	q := retention.Request{
		ID: r.ID, Tenant: tenant, Subject: id, Type: in.Type, ProvedBy: in.ProvedBy, Reference: in.Reference, Actor: a.Name,
		Received: received.UnixMicro(), Deadline: received.Add(s.cfg.Config().Requests.Deadline).UnixMicro(),
	}
	row, err := q.Row()
	if err != nil {
		return q, err
	}
	return q, s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{row}})
}

func (in SubjectRequest) check(now time.Time) (received time.Time, err error) {
	if !slices.Contains(retention.RequestTypes(), in.Type) {
		return received, refuse(Invalid, "the type is one of %s", listed(retention.RequestTypes()))
	}
	if err := checkProof(in.ProvedBy, in.Reference); err != nil {
		return received, err
	}
	if in.Received == "" {
		return now, nil
	}
	at, err := moment("received", in.Received)
	if err == nil && at > now.UnixMicro() {
		err = refuse(Invalid, "the request was received in the future; write received as it was")
	}
	return micros(at), err
}

// listed are words for a sentence.
func listed[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// checkProof refuses what does not say how identity was proved.
func checkProof(by retention.Proof, reference string) error {
	switch {
	case !slices.Contains(retention.Proofs(), by):
		return refuse(Invalid, "say how identity was proved: one of %s", listed(retention.Proofs()))
	case reference == "" && by == retention.ProvedOther:
		return refuse(Invalid, "another proof needs a reference to where it is described, such as DSAR-2026-0042")
	case reference != "" && (!reason.MatchString(reference) || len(digits(reference)) > maxReasonDigits):
		return refuse(Invalid, "the reference is like DSAR-2026-0042: capitals, then one or two groups of digits, at most %d digits", maxReasonDigits)
	}
	return nil
}

func provedLabels(by retention.Proof, reference string) []string {
	var out []string
	if by != "" {
		out = append(out, "proved_by:"+string(by))
	}
	if reference != "" {
		out = append(out, "reference:"+reference)
	}
	return out
}

func (s *Service) subjectRequests(ctx context.Context, a Actor, _ None) ([]retention.Request, error) {
	all, err := retention.Requests(ctx, s.cfg.Journal)
	if err != nil {
		return nil, err
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "requests", Rows: int64(len(all))})
	return all, err
}

// SubjectClose asks for subject.close: the request was answered by other means,
// or refused.
type SubjectClose struct {
	ID      audit.ID `json:"id"`
	Refused bool     `json:"refused,omitempty"`
	Why     string   `json:"why"` // short token, such as answered or unfounded
}

func (s *Service) subjectClose(ctx context.Context, a Actor, in SubjectClose) (retention.Request, error) {
	if !eraseReason.MatchString(in.Why) {
		return retention.Request{}, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as answered")
	}
	all, err := retention.Requests(ctx, s.cfg.Journal)
	if err != nil {
		return retention.Request{}, err
	}
	i := slices.IndexFunc(all, func(q retention.Request) bool { return q.ID == in.ID })
	if i < 0 {
		return retention.Request{}, refuse(NotFound, "%v under this id; see: postern subject requests", retention.ErrNoRequest)
	}
	result := requestDone
	if in.Refused {
		result = requestRefused
	}
	return all[i], s.cfg.Journal.Append(ctx, s.answered(a, all[i], result, "why:"+in.Why))
}

// answered is the batch that closes a request.
func (s *Service) answered(a Actor, q retention.Request, result string, labels ...string) journal.Batch {
	r := s.record(audit.KindRequest, a, string(q.Type))
	r.Tenant, r.Ref, r.Result, r.Labels = q.Tenant, q.ID, result, labels
	if !s.cfg.People.Erased(q.Subject) {
		r.Subject = q.Subject
	}
	return journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{q.Answered(s.cfg.Now())}}
}

// openRequest is the person's request of a type that waits longest; nil if none.
func (s *Service) openRequest(ctx context.Context, id audit.SubjectID, kind retention.RequestType) (*retention.Request, error) {
	all, err := retention.Requests(ctx, s.cfg.Journal)
	if err != nil {
		return nil, err
	}
	same := s.cfg.People.Same(id)
	i := slices.IndexFunc(all, func(q retention.Request) bool { return q.Type == kind && slices.Contains(same, q.Subject) })
	if i < 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	return &all[i], nil
}

// answerOpen adds to a batch what closes the person's request of a type, and
// says which; the zero id if none is open.
func (s *Service) answerOpen(ctx context.Context, b *journal.Batch, a Actor, id audit.SubjectID, kind retention.RequestType) (audit.ID, error) {
	q, err := s.openRequest(ctx, id, kind)
	if err != nil || q == nil {
		return audit.ID{}, err
	}
	done := s.answered(a, *q, requestDone)
	b.Records, b.Settings = append(b.Records, done.Records...), append(b.Settings, done.Settings...)
	return q.ID, nil
}

// answerErased closes what persons who were erased had asked for: with them
// went what an answer would be made of.
func (s *Service) answerErased(ctx context.Context, f person.Forgotten) error {
	all, err := retention.Requests(ctx, s.cfg.Journal)
	var errs []error
	for _, q := range all {
		if !slices.Contains(f.Subjects, q.Subject) {
			continue
		}
		result := requestDone
		if q.Type != retention.RequestErasure {
			result = "void"
		}
		errs = append(errs, s.cfg.Journal.Append(ctx, s.answered(Actor{Name: f.Actor}, q, result, "erasure:"+f.Record.String())))
	}
	return errors.Join(append(errs, err)...)
}
