package admin

import (
	"context"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// RedactApply asks for redact.apply: that a redaction which was approved be
// carried out, or go on. The packs are given again, and have to be the same.
type RedactApply struct {
	RedactPacks
	ID audit.ID `json:"id"`
}

// Redacted answers redact.apply for some of the records. It holds no value.
type Redacted struct {
	ID      audit.ID `json:"id"`
	Run     audit.ID `json:"run"`     // of the record that says it began
	Next    uint64   `json:"next"`    // where it goes on when it is asked for again; 0: it is over
	Size    uint64   `json:"size"`    // of the trail when it began
	Revised int64    `json:"revised"` // bodies that have a revision by it
	// Stay is what had to stay, by what keeps it; Certificate and Signed are there
	// when it is over.
	Stay        []retention.Stays          `json:"stay"`
	Certificate audit.ID                   `json:"certificate,omitzero"`
	Signed      *retention.CertificateFile `json:"signed,omitempty"`
}

// redactRun is one call's share of a redaction.
type redactRun struct {
	*redactLook
	q *Redaction
	a Actor
}

// redactApply carries out some seconds of a redaction. It records before it acts;
// interrupted, it goes on where it was by the next call.
func (s *Service) redactApply(ctx context.Context, a Actor, in RedactApply) (Redacted, error) {
	s.redacting.Lock()
	defer s.redacting.Unlock()
	q, err := s.redaction(ctx, in.ID)
	if err != nil {
		return Redacted{}, err
	}
	packs, err := in.revision()
	switch {
	case err != nil:
		return Redacted{}, err
	case q.Operator != a.Name:
		return Redacted{}, refuse(Forbidden, "the redaction is another operator's: who asked for it carries it out")
	case q.Approver == "":
		return Redacted{}, refuse(Conflict, "the redaction waits for another operator with role approve: postern audit redact --approve %s", q.ID)
	case packs != q.Packs:
		return Redacted{}, refuse(Conflict, "the packs are not those that were approved: revision %.12s, now %.12s; put them back, or ask again with: postern audit redact --apply", q.Packs, packs)
	}
	l, err := s.redactLook(ctx, &Redact{
		RedactPacks: in.RedactPacks, Tenant: q.Tenant, Since: q.Since, Until: q.Until, App: q.App, Person: q.Person, Class: q.Class,
	})
	if err != nil {
		return Redacted{}, err
	}
	run := redactRun{redactLook: l, q: &q, a: a}
	if err := run.work(context.WithoutCancel(ctx), ctx); err != nil {
		return Redacted{}, refuse(Unavailable, "the redaction is on record and not finished: %v; ask again, and it goes on", err)
	}
	if q.Next < q.Size {
		return q.answer(), nil
	}
	return run.finish(context.WithoutCancel(ctx))
}

func (q *Redaction) answer() Redacted {
	out := Redacted{ID: q.ID, Run: q.Run, Next: q.Next, Size: q.Size, Revised: q.Revised, Stay: q.stays()}
	if q.Next >= q.Size {
		out.Next = 0
	}
	return out
}

func (q *Redaction) stays() []retention.Stays {
	out := []retention.Stays{}
	for why, n := range q.Stay {
		out = append(out, retention.Stays{Why: why, Count: n})
	}
	slices.SortFunc(out, func(a, b retention.Stays) int {
		if a.Why < b.Why {
			return -1
		}
		return 1
	})
	return out
}

// begin puts the start on record, once.
func (r *redactRun) begin(ctx context.Context) error {
	if r.q.Begun != 0 {
		if _, known := r.s.redacted[r.q.Run]; !known && r.q.Next > 0 {
			r.s.redacted[r.q.Run] = nil // a restart lost what went before
		}
		return nil
	}
	rec := r.s.record(audit.KindRetention, r.a, typeRedactBegun)
	rec.Ref = r.q.ID
	if err := r.q.note(&rec); err != nil {
		return err
	}
	var err error
	r.q.Run, r.q.Begun, r.q.Size, r.q.Stay = rec.ID, rec.Time, r.s.cfg.Journal.Head().Size, map[string]int64{}
	if r.q.Next, err = r.redactLook.begin(ctx); err != nil {
		return err
	}
	row, err := r.q.row(rec.Time)
	if err != nil {
		return err
	}
	r.s.redacted[r.q.Run] = [][]byte{}
	return r.s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{rec}, Settings: []journal.Setting{row}})
}

// work goes through pages until the time of one answer is over, or the caller is
// gone. Steps are finished whatever the caller does.
func (r *redactRun) work(ctx, asked context.Context) error {
	if err := r.s.cfg.Holds.Ask(ctx); err != nil {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	r.out.Size = r.q.Size
	end := r.s.cfg.Now().Add(redactTime)
	for first := true; r.q.Next < r.q.Size && (first || r.s.cfg.Now().Before(end)) && asked.Err() == nil; first = false {
		page, next, err := r.page(ctx, r.q.Next)
		if err != nil {
			return err
		}
		if err := r.pass(ctx, page); err != nil {
			return err
		}
		r.q.Next = next
		row, err := r.q.row(r.s.cfg.Now().UnixMicro())
		if err != nil {
			return err
		}
		if err := r.s.cfg.Journal.Append(ctx, journal.Batch{Settings: []journal.Setting{row}}); err != nil {
			return err
		}
	}
	return nil
}

// pass treats a page, and takes in bounded steps what changes.
func (r *redactRun) pass(ctx context.Context, page []audit.Record) error {
	var due []judged
	for i := range page {
		c, asked, err := r.judge(ctx, &page[i])
		if err != nil {
			return err
		}
		if asked && (c.changed || c.superseded) {
			due = append(due, c)
		}
	}
	rest := retention.Rest(r.s.cfg.Journal)
	for some := range slices.Chunk(due, redactStep) {
		began := r.s.cfg.Now()
		if err := r.step(ctx, some); err != nil {
			return err
		}
		if err := rest(ctx, max(0, r.s.cfg.Now().Sub(began))); err != nil {
			return err
		}
	}
	return nil
}

// finish certifies what went. Afterwards the redaction is over.
func (r *redactRun) finish(ctx context.Context) (Redacted, error) {
	if err := r.s.cfg.Journal.DropLog(ctx); err != nil {
		return Redacted{}, refuse(Unavailable, "the redaction is not certified yet: %v; ask again", err)
	}
	q, out := r.q, r.q.answer()
	id, err := r.s.cfg.CertifyRedaction(ctx, retention.Redaction{
		Record: q.Run, Actor: q.Operator, Second: q.Approver, Reason: q.Why, Packs: q.Packs, Moment: q.Begun, Stay: q.stays(), Traces: r.s.redacted[q.Run],
	}, q.gone(r.s.cfg.Now().UnixMicro()))
	if err != nil {
		return Redacted{}, refuse(Unavailable, "the redaction is not certified yet: %v; ask again", err)
	}
	delete(r.s.redacted, q.Run)
	f, err := retention.ExportCertificate(ctx, r.s.cfg.Journal, id)
	if err != nil {
		return out, fmt.Errorf("read the certificate: %w", err)
	}
	out.Certificate, out.Signed = id, &f
	return out, nil
}
