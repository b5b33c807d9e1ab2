package admin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/message"
	"postern/proxy/person"
	"postern/retention"
)

// rectifyIdentifier attaches a number or user id to a person, or detaches it.
// Whose it is is on record as a keyed hash only.
func (s *Service) rectifyIdentifier(ctx context.Context, a Actor, in SubjectRectify) (Rectified, error) {
	p, at, err := s.checkIdentifier(in)
	if err != nil {
		return Rectified{}, err
	}
	r, err := s.rectification(ctx, a, in.Who)
	if err != nil {
		return Rectified{}, err
	}
	tenant, id := r.Tenant, r.Subject
	if r.Labels, err = s.identifierLabels(in, id, p, at); err != nil {
		return Rectified{}, err
	}
	b := journal.Batch{Records: []audit.Record{r}}
	out := Rectified{Found: Found{tenant, id.String()}, Record: r.ID}
	if out.Request, err = s.answerOpen(ctx, &b, a, id, retention.RequestRectification); err != nil {
		return out, err
	}
	change := s.cfg.People.Attach
	if in.Detach != nil {
		change = s.cfg.People.Detach
	}
	if err := change(ctx, tenant, id, p, at, b); err != nil {
		return Rectified{}, identifierError(err)
	}
	return out, nil
}

func (s *Service) checkIdentifier(in SubjectRectify) (p message.Party, at time.Time, err error) {
	other := in
	other.Attach, other.Detach, other.At, other.ProvedBy, other.Reference = nil, nil, "", "", ""
	one := in.Attach
	if one == nil {
		one = in.Detach
	}
	switch {
	case !eraseReason.MatchString(in.Why):
		return p, at, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as proved")
	case in.Attach != nil && in.Detach != nil || other != (SubjectRectify{Who: in.Who, Why: in.Why}):
		return p, at, refuse(Invalid, "attach or detach one number or user id in a call, and put right nothing else with it")
	case one.Number != "" && one.UserID != "":
		return p, at, refuse(Invalid, "name a number or a user id, not both")
	}
	if p, err = (Who{Number: one.Number, UserID: one.UserID}).party(); err != nil {
		return p, at, err
	}
	if err := checkProof(in.ProvedBy, in.Reference); err != nil {
		return p, at, err
	}
	at = s.cfg.Now()
	if in.At != "" {
		micro, err := moment("at", in.At)
		if err != nil {
			return p, at, err
		}
		if micro > at.UnixMicro() {
			return p, at, refuse(Invalid, "at is to come: write since when it is, or is not, the person's")
		}
		at = micros(micro)
	}
	return p, at, nil
}

func (s *Service) identifierLabels(in SubjectRectify, id audit.SubjectID, p message.Party, at time.Time) ([]string, error) {
	field, value, change := "number", p.Number, "attached"
	if value == "" {
		field, value = "user_id", p.UserID
	}
	if in.Detach != nil {
		change = "detached"
	}
	sums, err := s.cfg.Keys.MACs(keyring.Original, []byte(field), id[:], []byte(value))
	if err != nil {
		return nil, fmt.Errorf("hash what is put right: %w", err)
	}
	out := []string{"why:" + in.Why, "field:" + field, "change:" + change, "at:" + instant(at.UnixMicro()), "value:" + hex.EncodeToString(sums[0].Sum[:16])}
	return append(out, provedLabels(in.ProvedBy, in.Reference)...), nil
}

// identifierError is how the caller hears of a refusal, with what to do.
func identifierError(err error) error {
	var taken *person.Taken
	switch {
	case errors.As(err, &taken) && taken.Until != 0:
		return refuse(Conflict, "until %s it was another person's here (subject %s): attach it from then on, with at", instant(taken.Until), taken.By)
	case errors.As(err, &taken):
		return refuse(Conflict, "it is another person's here (subject %s): detach it there first, with how that was proved; where the number itself changed hands, say new_owner of that person", taken.By)
	case errors.Is(err, person.ErrLastName):
		return refuse(Conflict, "%v: attach the right one first, say new_owner where the number changed hands, or erase the person", err)
	case errors.Is(err, person.ErrAttached), errors.Is(err, person.ErrDetached):
		return refuse(Conflict, "%v", err)
	}
	return err
}
