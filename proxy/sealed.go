package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/delivery"
	"postern/proxy/person"
)

// What is kept sealed about a record beside its parts.
const (
	SealedMessageID = "message_id" // upstream's id of the message, for 60 days
	SealedDelivery  = "delivery"   // the webhook queued for the app
	SealedPerson    = "person"     // numbers and user ids of the person, as JSON
)

// SealedNames are all that can be sealed about a record.
func SealedNames() []string {
	return []string{audit.PartOriginal, audit.PartAnswer, SealedMessageID, SealedDelivery, SealedPerson}
}

// Why something sealed does not open.
var (
	ErrNotKept = errors.New("not kept")
	ErrErased  = errors.New("erased, or the key that sealed it was destroyed")
)

// Sealed opens what is kept sealed about records. It asks nobody whether that
// may be: whoever holds one decides and records it before.
type Sealed struct {
	Journal *journal.Journal
	People  *person.Directory
}

// sealedValue is one sealed value and where its key is found.
type sealedValue struct {
	subject audit.SubjectID
	class   string
	months  []string // the key is of one of them
	place   []byte   // what the value is bound to
	body    []byte
}

// Open gives the value in the clear. The error is ErrNotKept, ErrErased, or
// one that says that it should open and does not.
func (s Sealed) Open(ctx context.Context, r *audit.Record, name string) ([]byte, error) {
	if name == SealedPerson {
		return s.person(ctx, r)
	}
	v, err := s.find(ctx, r, name)
	if err != nil {
		return nil, err
	}
	err = ErrErased
	for _, month := range v.months {
		key, missing := s.key(ctx, v.subject, v.class, month)
		if missing != nil {
			err = missing
			continue
		}
		plain, failed := key.Unseal(v.place, v.body)
		if failed == nil {
			return plain, nil
		}
		err = fmt.Errorf("open %s: %w", name, failed)
	}
	return nil, err
}

// Holds is nil where Open would find the value and its key. It opens nothing.
func (s Sealed) Holds(ctx context.Context, r *audit.Record, name string) error {
	if name == SealedPerson {
		return s.holdsPerson(ctx, r)
	}
	v, err := s.find(ctx, r, name)
	if err != nil {
		return err
	}
	for _, month := range v.months {
		if _, err = s.key(ctx, v.subject, v.class, month); err == nil {
			return nil
		}
	}
	return err
}

// key is a data key as the store has it: one that was destroyed there does not
// open, even if memory still knows it. So does one that is wrapped by a
// destroyed version of the key-encryption key.
func (s Sealed) key(ctx context.Context, subject audit.SubjectID, class, month string) (*keyring.Sealer, error) {
	_, err := s.Journal.DataKey(ctx, subject, class, month)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, err
	}
	key, err := s.People.Opener(ctx, subject, class, month)
	if errors.Is(err, keyring.ErrDestroyed) {
		return nil, ErrErased
	}
	return key, err
}

func (s Sealed) find(ctx context.Context, r *audit.Record, name string) (sealedValue, error) {
	switch name {
	case SealedMessageID:
		row, err := s.Journal.MessageByAdmission(ctx, r.ID)
		return sealedValue{row.Subject, row.Class, []string{row.Month}, partAAD(r.ID, name), row.Upstream}, kept(err)
	case SealedDelivery:
		row, err := s.Journal.Delivery(ctx, r.ID, r.App)
		if err == nil && len(row.Body) == 0 {
			err = ErrNotKept
		}
		return sealedValue{row.Subject, delivery.Class, []string{row.Month}, r.ID[:], row.Body}, kept(err)
	case audit.PartOriginal, audit.PartAnswer:
	default:
		return s.token(ctx, r, name)
	}
	i := slices.IndexFunc(r.Parts, func(p audit.Part) bool { return p.Name == name })
	switch {
	case i < 0:
		return sealedValue{}, ErrNotKept
	case r.Parts[i].Erased:
		return sealedValue{}, ErrErased
	}
	class, months := s.Journal.SealedUnder(r)
	return sealedValue{r.Subject, class, months, partAAD(r.ID, name), r.Parts[i].Body}, nil
}

func kept(err error) error {
	if errors.Is(err, journal.ErrNotFound) {
		return ErrNotKept
	}
	return err
}

// holdsPerson is Holds for the person's identifiers.
func (s Sealed) holdsPerson(ctx context.Context, r *audit.Record) error {
	if r.Subject.IsZero() {
		return ErrNotKept
	}
	row, err := s.Journal.Subject(ctx, r.Subject)
	switch {
	case err != nil:
		return kept(err)
	case len(row.Identifiers) == 0:
		return ErrErased
	}
	_, err = s.key(ctx, r.Subject, person.ClassSubject, person.Month(time.UnixMicro(row.Created)))
	return err
}

func (s Sealed) person(ctx context.Context, r *audit.Record) ([]byte, error) {
	if err := s.holdsPerson(ctx, r); err != nil {
		return nil, err
	}
	ids, err := s.People.Identifiers(ctx, r.Subject)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("encode identifiers: %w", err)
	}
	return out, nil
}
