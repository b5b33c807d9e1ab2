package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
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

// SubjectExported begins the answer of subject.export, whose body is the ZIP.
type SubjectExported struct {
	Found
	Request  audit.ID `json:"request"`
	Record   audit.ID `json:"record"` // says who is given it
	From     string   `json:"from,omitempty"`
	Messages int      `json:"messages"`
	Files    int      `json:"files"` // that are here
	Bytes    int64    `json:"bytes"` // of those files
}

// Results of records of an export, beside requestDone.
const (
	exportBegun  = "begun"
	exportBroken = "broken_off"
)

// subjectExport opens originals and files: it passes the guards of record.reveal
// and counts as one opening. It is on record before anything is handed out; the
// request is answered once all of it was.
func (s *Service) subjectExport(ctx context.Context, a Actor, in SubjectExport) (SubjectExported, handing, error) {
	type begun struct {
		out  SubjectExported
		hand handing
	}
	b, err := opening(ctx, s, a, func(who Operator) (begun, error) {
		out, hand, err := s.export(ctx, a, who, in)
		return begun{out, hand}, err
	})
	return b.out, b.hand, err
}

func (s *Service) export(ctx context.Context, a Actor, who Operator, in SubjectExport) (SubjectExported, handing, error) {
	q, from, err := s.exportable(ctx, a, who, in)
	if err != nil {
		return SubjectExported{}, nil, err
	}
	signer, err := boot.CheckpointSigner(s.cfg.Keys)
	if err != nil {
		return SubjectExported{}, nil, err
	}
	c := collector{s: s, tenant: q.Tenant, from: from, policy: s.cfg.Retention()}
	if err := c.collect(ctx, q); err != nil {
		return SubjectExported{}, nil, fmt.Errorf("collect what is known of a person: %w", err)
	}
	r := s.record(audit.KindRequest, a, string(q.Type))
	r.Tenant, r.Subject, r.Ref, r.Result = q.Tenant, q.Subject, q.ID, exportBegun
	r.Labels = []string{fmt.Sprintf("messages:%d", c.count), fmt.Sprintf("files:%d", len(c.files)), fmt.Sprintf("bytes:%d", c.bytes)}
	if in.Since != "" {
		r.Labels = append(r.Labels, "proven_since:"+instant(from))
	}
	spent, err := s.spend(ctx, a.Name, r.Time)
	if err != nil {
		return SubjectExported{}, nil, err
	}
	if err := s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{spent}}); err != nil {
		return SubjectExported{}, nil, err
	}
	s.revealed("shown", r.ID)
	return SubjectExported{
		Found: Found{q.Tenant, q.Subject.String()}, Request: q.ID, Record: r.ID, From: c.out.From, Messages: c.count, Files: len(c.files), Bytes: c.bytes,
	}, func(ctx context.Context, w io.Writer) error { return s.handOut(ctx, a, q, &c, signer, w) }, nil
}

// exportable is the open request that an export answers, and from when on the
// person's data is theirs.
func (s *Service) exportable(ctx context.Context, a Actor, who Operator, in SubjectExport) (retention.Request, int64, error) {
	defer s.cfg.People.Use()()
	tenant, id, err := s.find(in.Who)
	if err != nil {
		return retention.Request{}, 0, err
	}
	if !slices.Contains(who.Tenants, tenant) {
		return retention.Request{}, 0, refuse(Forbidden, "operator %s may not open records of this tenant", who.Name)
	}
	if err := s.erasable(ctx, tenant, id); err != nil {
		return retention.Request{}, 0, err
	}
	q, err := s.openRequest(ctx, id, retention.RequestAccess)
	switch {
	case err != nil:
		return retention.Request{}, 0, err
	case q == nil:
		return retention.Request{}, 0, refuse(Conflict, "no request for access of this person is open: another operator puts it on record with: postern subject request")
	case q.Actor == a.Name:
		return retention.Request{}, 0, refuse(Forbidden, "you took the request yourself: another operator with role reveal exports")
	}
	from, err := s.provenFrom(ctx, in, tenant, id)
	return *q, from, err
}

// handOut writes the parcel, and answers the request once it is whole.
func (s *Service) handOut(ctx context.Context, a Actor, q retention.Request, c *collector, signer audit.Signer, w io.Writer) error {
	sum := sha256.New()
	err := c.write(ctx, io.MultiWriter(w, sum), signer)
	b := s.answered(a, q, requestDone)
	if err != nil {
		b.Settings, b.Records[0].Result = nil, exportBroken
	}
	b.Records[0].Labels = []string{
		fmt.Sprintf("opened:%d", c.opened), fmt.Sprintf("files:%d", c.given), "sha256:" + hex.EncodeToString(sum.Sum(nil)),
	}
	return errors.Join(err, s.cfg.Journal.Append(context.WithoutCancel(ctx), b))
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
