package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// HoldPlace asks for hold.place. Everything that is given has to fit; at least
// one of the conditions is. Times are RFC 3339, or a day in UTC.
type HoldPlace struct {
	Tenant  string `json:"tenant,omitempty"`
	Persons []Who  `json:"persons,omitempty"` // kept as subject ids
	Number  string `json:"number,omitempty"`  // phone_number_id of the business
	App     string `json:"app,omitempty"`
	From    string `json:"from,omitempty"`
	Until   string `json:"until,omitempty"`
	Reason  string `json:"reason,omitempty"` // code of a decision
	Query   string `json:"query,omitempty"`  // SELECT over the view audit with a column seq

	Matter string `json:"matter"` // reference such as CASE-2026-0042
	Why    string `json:"why"`    // short token, such as litigation
	Review string `json:"review,omitempty"`
}

// maxHeldPersons bounds one hold.
const maxHeldPersons = 100

var (
	numberID   = regexp.MustCompile(`^[0-9]{1,20}$`)
	plainName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	reasonCode = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,63}$`)
)

// holdPlace places a hold, or asks a second person to: it holds meanwhile.
func (s *Service) holdPlace(ctx context.Context, a Actor, in HoldPlace) (Held, error) {
	switch {
	case !reason.MatchString(in.Matter) || len(digits(in.Matter)) > maxReasonDigits:
		return Held{}, refuse(Invalid, "the matter is a reference such as CASE-123 or LIT-2026-0042: capitals, then one or two groups of digits, at most %d digits", maxReasonDigits)
	case !eraseReason.MatchString(in.Why):
		return Held{}, refuse(Invalid, "say why with a short word: a letter, then letters, digits and _, at most 32; such as litigation")
	}
	scope, err := s.holdScope(ctx, in)
	if err != nil {
		return Held{}, err
	}
	now, set := s.cfg.Now(), s.cfg.Config().Holds
	review, err := moment("review", in.Review)
	switch {
	case err != nil:
		return Held{}, err
	case in.Review != "" && review <= now.UnixMicro():
		return Held{}, refuse(Invalid, "review is not to come: write the day, which begins at 00:00 UTC, when somebody is to look again, or leave it out")
	}
	h := retention.Hold{ID: audit.NewID(now), Matter: in.Matter, Why: in.Why, Actor: a.Name, Scope: scope, Placed: now.UnixMicro(), Review: review}
	what, result := typeHoldPlaced, ""
	if set.SecondPerson {
		what, result = typeHoldAsked, "place"
		h.Expires = now.Add(set.Expires).UnixMicro()
	}
	s.holding.Lock()
	defer s.holding.Unlock()
	first := func(h retention.Hold) (journal.Batch, error) {
		b, err := s.holdNote(a, what, result)(h)
		b.Records[0].ID, b.Records[0].Ref = h.ID, audit.ID{} // the hold is called by this record
		return b, err
	}
	if h, err = s.cfg.Holds.Place(ctx, h, first); err != nil {
		return Held{}, holdError(err)
	}
	return s.counted(ctx, h), nil
}

// holdScope judges what was asked for and names persons by their ids.
func (s *Service) holdScope(ctx context.Context, in HoldPlace) (retention.Scope, error) {
	var out retention.Scope
	var err error
	if out.From, err = moment("from", in.From); err != nil {
		return out, err
	}
	if out.Until, err = moment("until", in.Until); err != nil {
		return out, err
	}
	switch {
	case in.Number != "" && !numberID.MatchString(in.Number):
		return out, refuse(Invalid, "a business number is held by its phone_number_id, digits only")
	case in.App != "" && !plainName.MatchString(in.App):
		return out, refuse(Invalid, "the app's name is not one: write it as in the configuration, such as loans")
	case in.Reason != "" && !reasonCode.MatchString(in.Reason):
		return out, refuse(Invalid, "the reason is a code of a decision, such as no_consent")
	case len(in.Persons) > maxHeldPersons:
		return out, refuse(Invalid, "a hold names at most %d persons; place several holds", maxHeldPersons)
	}
	if err := s.plainQuery(in.Query); err != nil {
		return out, err
	}
	out.Number, out.App, out.Reason, out.Query = in.Number, in.App, in.Reason, in.Query
	if _, app, known := s.cfg.Config().App(in.App); known {
		out.AppNumbers = app.Numbers
	}
	if in.Tenant != "" || len(in.Persons) > 0 {
		if out.Tenant, err = s.tenant(in.Tenant); err != nil {
			return out, err
		}
	}
	out.Subjects, err = s.heldPersons(ctx, out.Tenant, in.Persons)
	return out, err
}

// unknownNames are those of an app and of a number that the configuration does not
// have. Records of one that went are there still, so that it is no error.
func (s *Service) unknownNames(app, number string) (out []string) {
	if _, _, known := s.cfg.Config().App(app); app != "" && !known {
		out = append(out, "app "+app)
	}
	if _, _, _, known := s.cfg.Config().Number(number); number != "" && !known {
		out = append(out, "number "+number)
	}
	return out
}

// heldPersons are all subjects of the persons named.
func (s *Service) heldPersons(ctx context.Context, tenant string, persons []Who) ([]audit.SubjectID, error) {
	var out []audit.SubjectID
	for _, w := range persons {
		w.Tenant = tenant
		_, id, err := s.find(w)
		if err != nil {
			return nil, err
		}
		if err := s.erasable(ctx, tenant, id); err != nil {
			return nil, err
		}
		out = append(out, s.cfg.People.Same(id)...)
	}
	slices.SortFunc(out, func(a, b audit.SubjectID) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out), nil
}

// moment reads a time of the request, in microseconds; empty is 0.
func moment(name, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil && t.UnixMicro() > 0 {
			return t.UnixMicro(), nil
		}
	}
	return 0, refuse(Invalid, "write %s as 2026-11-03 or 2026-11-03T09:00:00Z", name)
}

// micros is a moment of a stored row.
func micros(at int64) time.Time { return time.UnixMicro(at).UTC() }

// digest is the SHA-256 of a text that is there, hex.
func digest(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
