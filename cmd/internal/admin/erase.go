package admin

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy/person"
	"postern/retention"
)

// SubjectErase asks for subject.erase. Confirm repeats that it is for good: it
// is the word "erase".
type SubjectErase struct {
	Who
	Reason  string `json:"reason"` // short token, such as request
	Confirm string `json:"confirm"`

	// How identity was proved, where the request was not put on record before.
	ProvedBy  retention.Proof `json:"proved_by,omitempty"`
	Reference string          `json:"reference,omitempty"`
}

// Erasure answers subject.erase: what is gone, and what stays and why.
type Erasure struct {
	Tenant  string   `json:"tenant"`
	Subject string   `json:"subject"`
	Record  audit.ID `json:"record"` // says that it was asked for
	person.Destroyed
	Kept      []Kept   `json:"kept"`
	Unreached []string `json:"unreached"` // what can not be found by person

	// Queued says why not everything was erased yet, under a legal hold nothing at
	// all; nil otherwise.
	Queued *Queued `json:"queued,omitempty"`

	// Certificate is the record of what Signed says: what went and where it is gone
	// from. Zero while nothing went, or where it is made later, by itself.
	Certificate audit.ID                   `json:"certificate,omitzero"`
	Signed      *retention.CertificateFile `json:"signed,omitempty"`
}

// Kept is something that an erasure leaves.
type Kept struct {
	What  string `json:"what"`
	Count int    `json:"count,omitempty"`
	Why   string `json:"why"`
}

var eraseReason = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

const eraseWord = "erase"

// subjectErase destroys what is kept of a person. That it was asked for is
// recorded first; it is then gone through with, now, by the next call or by the
// next start. Under a legal hold it waits until the last one is lifted; what a
// floor of the retention policy keeps goes once that ends.
func (s *Service) subjectErase(ctx context.Context, a Actor, in SubjectErase) (Erasure, error) {
	switch {
	case !eraseReason.MatchString(in.Reason):
		return Erasure{}, refuse(Invalid, "the reason is a short word: a letter, then letters, digits and _, at most 32; such as request")
	case in.Confirm != eraseWord:
		return Erasure{}, refuse(Invalid, "erasing is for good; confirm it with the word %q", eraseWord)
	case in.ProvedBy != "" || in.Reference != "":
		if err := checkProof(in.ProvedBy, in.Reference); err != nil {
			return Erasure{}, err
		}
	}
	if err := s.cfg.Holds.Known(); err != nil {
		return Erasure{}, holdError(err)
	}
	s.erasing.Lock()
	defer s.erasing.Unlock()
	if err := s.finishErasures(ctx); err != nil {
		return Erasure{}, err
	}
	tenant, id, err := s.find(in.Who)
	if err != nil {
		return Erasure{}, err
	}
	if err := s.erasable(ctx, tenant, id); err != nil {
		return Erasure{}, err
	}
	waits, err := s.heldErasureOf(ctx, id)
	if err != nil || waits != nil {
		return s.stillQueued(ctx, waits), err
	}
	var out Erasure
	err = s.cfg.Holds.GuardPerson(ctx, func(held holding) error {
		by, err := s.heldBy(ctx, tenant, s.cfg.People.Same(id), held)
		switch {
		case err != nil:
			return err
		case len(by) > 0:
			out, err = s.queueErasure(ctx, a, tenant, id, in, by)
			return err
		}
		f, err := s.floorsOf(ctx, s.cfg.People.Same(id))
		if err != nil {
			return err
		}
		if f.until != 0 {
			out, err = s.erasePart(ctx, a, tenant, id, in, f)
			return err
		}
		r := s.record(audit.KindRequest, a, "erase")
		r.Tenant, r.Subject, r.Result = tenant, id, "begun"
		r.Labels = append([]string{"reason:" + in.Reason}, provedLabels(in.ProvedBy, in.Reference)...)
		out, err = s.erase(ctx, id, r, in.Reason)
		return err
	})
	if err != nil {
		return out, err
	}
	return s.withCertificate(ctx, out), nil
}

// erase destroys what is kept of a person, whom no hold covers. r says that it
// begins; also are rows that change with it.
func (s *Service) erase(ctx context.Context, id audit.SubjectID, r audit.Record, why string, also ...journal.Setting) (Erasure, error) {
	begun := person.Forgotten{Tenant: r.Tenant, Record: r.ID, Reason: why, Actor: r.Actor}
	f, err := s.cfg.People.Forget(ctx, id, begun, journal.Batch{Records: []audit.Record{r}, Settings: also})
	switch {
	case errors.Is(err, person.ErrErased):
		return Erasure{}, refuse(Conflict, "%v before", err)
	case errors.Is(err, person.ErrUnreadable):
		return Erasure{}, refuse(Conflict, "%v", err)
	case err != nil:
		return Erasure{}, err
	}
	gone, err := s.destroy(context.WithoutCancel(ctx), f)
	if err != nil {
		return Erasure{}, refuse(Unavailable, "the erasure is on record and not finished: %v; ask again, or restart: it goes on", err)
	}
	return answer(f, gone), nil
}

// erasable refuses who is not there, of another tenant, or erased before.
func (s *Service) erasable(ctx context.Context, tenant string, id audit.SubjectID) error {
	if s.cfg.People.Erased(id) {
		return refuse(Conflict, "%v before", person.ErrErased)
	}
	row, err := s.cfg.Journal.Subject(ctx, id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && row.Tenant != tenant {
		return refuse(NotFound, "nothing is known of this person")
	}
	return err
}

// FinishErasures destroys what earlier erasures left behind when they were
// interrupted, and carries out those that waited for a hold to end.
func (s *Service) FinishErasures(ctx context.Context) error {
	s.erasing.Lock()
	defer s.erasing.Unlock()
	if err := s.finishErasures(ctx); err != nil {
		return err
	}
	if _, err := s.carryOut(ctx); err != nil {
		return err
	}
	_, err := s.certifyErasures(ctx)
	return err
}

// finishErasures leaves what a hold has come to cover since as it is. While holds
// may be missing it says so each time.
func (s *Service) finishErasures(ctx context.Context) error {
	if err := s.cfg.Holds.Known(); err != nil {
		return err
	}
	left, err := s.cfg.People.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, f := range left {
		err := s.cfg.Holds.GuardPerson(ctx, func(held holding) error {
			by, err := s.heldBy(ctx, f.Tenant, f.Subjects, held)
			if err == nil && len(by) == 0 {
				_, err = s.destroy(ctx, f)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("finish an erasure: %w", err)
		}
	}
	return nil
}

// destroy empties memory, then the store.
func (s *Service) destroy(ctx context.Context, f person.Forgotten) (person.Destroyed, error) {
	for _, id := range f.Subjects {
		s.cfg.Facts.Forget(f.Tenant, facts.Subject(id))
	}
	if s.cfg.Forgotten != nil {
		s.cfg.Forgotten(f.Subjects)
	}
	if err := s.owe(ctx, f); err != nil {
		return person.Destroyed{}, err
	}
	gone, err := s.cfg.People.Finish(ctx, f)
	if err != nil {
		return gone, err
	}
	return gone, s.answerErased(ctx, f)
}

func answer(f person.Forgotten, gone person.Destroyed) Erasure {
	out := Erasure{
		Tenant: f.Tenant, Subject: f.Subjects[0].String(), Record: f.Record, Destroyed: gone,
		Kept: []Kept{
			{What: "lines of the trail", Count: gone.Records, Why: "they prove what was decided and when; they name the person by a random id and keyed hashes only"},
			{What: "keyed hashes of message ids", Why: "a late status is then not taken for a message sent round the gateway; 60 days"},
			{What: "keyed hashes of webhooks and Idempotency-Keys", Why: "repeats are recognised by them; 8 days and 24 hours"},
		},
		Unreached: []string{
			"requests of flows and webhooks that could not be read: they name nobody and lie under subjects of their own",
			"other people's messages that speak of the person",
			"what apps, Meta, backups and exports hold",
		},
	}
	if f.Kept > 0 {
		out.Kept = append(out.Kept, Kept{
			What: "entries of the suppression list", Count: f.Kept,
			Why: "the person refused messages, and that must stay so: keyed hashes under a key of their own, and what was refused",
		})
	}
	return out
}
