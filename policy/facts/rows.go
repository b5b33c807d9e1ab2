package facts

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// Kinds of rows.
const (
	KindConsent  = "consent"  // key: category
	KindOptOut   = "optout"   // key: "marketing" or "all"
	KindWindow   = "window"   // key: phone_number_id of the business
	KindIdentity = "identity" // key: ""
	KindZone     = "zone"     // key: ""
	KindRestrict = "restrict" // key: ""
	KindAccount  = "account"  // no subject; key: phone_number_id
	KindTemplate = "template" // no subject; key: "waba/name/language"

	KindResidency = "residency" // no subject; key: phone_number_id
)

// Scopes of opt-outs, which are the keys of their rows.
const (
	ScopeMarketing = "marketing"
	ScopeAll       = "all"
)

// kinds says how each kind of row changes the state.
var kinds = map[string]func(*State, Row) error{
	KindConsent: applyConsent, KindOptOut: applyOptOut, KindWindow: applyWindow,
	KindIdentity: applyIdentity, KindRestrict: applyRestrict, KindZone: applyZone, KindAccount: applyAccount, KindTemplate: applyTemplate, KindResidency: applyResidency,
}

// Person names whom a row is about.
type Person struct {
	Tenant  string
	Subject Subject
}

// Ledger is a consent as the ledger keeps it: enough to prove it. No field may
// hold a number, a name or other personal data; Evidence is a reference.
type Ledger struct {
	Given    bool   `json:"given"`
	Scope    string `json:"scope"`              // what it covers, in the business's words
	Source   string `json:"source"`             // web_form, branch, call ...
	Evidence string `json:"evidence,omitempty"` // reference to the proof
	Notice   string `json:"notice,omitempty"`   // version of the text that was shown
	Language string `json:"language,omitempty"`
	Entity   string `json:"entity,omitempty"` // legal entity it was given to
	Actor    string `json:"actor,omitempty"`  // who recorded it
}

type stateValue struct {
	State  string `json:"state"`
	Source string `json:"source,omitempty"`
}

type zoneValue struct {
	Zone string `json:"zone"`
}

// ConsentGiven records an opt-in for a category; until is zero if it has no end.
func ConsentGiven(p Person, category string, l Ledger, at, until time.Time) Row {
	l.Given = true
	return p.row(KindConsent, category, l, at, until)
}

// ConsentRevoked records that an opt-in was taken back.
func ConsentRevoked(p Person, category string, l Ledger, at time.Time) Row {
	l.Given = false
	return p.row(KindConsent, category, l, at, time.Time{})
}

// OptOut records that the person refused; scope is ScopeMarketing or ScopeAll.
func OptOut(p Person, scope, source string, at time.Time) Row {
	return p.row(KindOptOut, scope, stateValue{"out", source}, at, time.Time{})
}

// OptIn undoes an opt-out. It is no consent.
func OptIn(p Person, scope, source string, at time.Time) Row {
	return p.row(KindOptOut, scope, stateValue{"in", source}, at, time.Time{})
}

// WindowOpened records that the person wrote to (or called) the number; at is
// the message's own timestamp, not its arrival.
func WindowOpened(p Person, number string, at time.Time) Row {
	return p.row(KindWindow, number, stateValue{State: "open"}, at, at.Add(windowSeconds*time.Second))
}

// IdentityChanged records that the number may belong to somebody else now:
// nothing is sent and earlier consent rests until one of the next two.
func IdentityChanged(p Person, source string, at time.Time) Row {
	return p.row(KindIdentity, "", stateValue{"changed", source}, at, time.Time{})
}

// IdentityConfirmed records that it is still the same person.
func IdentityConfirmed(p Person, source string, at time.Time) Row {
	return p.row(KindIdentity, "", stateValue{"same", source}, at, time.Time{})
}

// IntervalBegun records that the number belongs to somebody else: consent from
// before does not count, opt-outs stay.
func IntervalBegun(p Person, source string, at time.Time) Row {
	return p.row(KindIdentity, "", stateValue{"new", source}, at, time.Time{})
}

// ZoneKnown records the person's time zone, an IANA name.
func ZoneKnown(p Person, zone string, at time.Time) Row {
	return p.row(KindZone, "", zoneValue{zone}, at, time.Time{})
}

// AccountState records whether upstream restricts a number.
func AccountState(tenant, number string, restricted bool, at time.Time) Row {
	state := "ok"
	if restricted {
		state = "restricted"
	}
	return Person{Tenant: tenant}.row(KindAccount, number, stateValue{State: state}, at, time.Time{})
}

func (p Person) row(kind, key string, value any, at, until time.Time) Row {
	raw, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		panic("facts: a value made of strings does not encode") // unreachable: only our own types come here
	}
	r := Row{Tenant: p.Tenant, Subject: p.Subject, Kind: kind, Key: key, Value: raw, Time: at.UnixMicro()}
	if !until.IsZero() {
		r.Until = until.UnixMicro()
	}
	return r
}

func decode(row Row, v any) error {
	if err := json.Unmarshal(row.Value, v); err != nil {
		return ErrRow // the decoder's own words could quote the value
	}
	return nil
}

func applyConsent(s *State, row Row) error {
	p, category := s.person(row.Tenant, row.Subject), s.names.id(row.Key)
	if row.Value == nil {
		s.people.drop(p, factConsent, category)
		return nil
	}
	var l Ledger
	if err := decode(row, &l); err != nil {
		return err
	}
	if c := s.people.put(p, factConsent, category); newer(row.Time, c.at, !l.Given) {
		c.is, c.source, c.scope, c.at, c.expires = l.Given, s.names.id(l.Source), s.names.id(l.Scope), row.Time, row.Until
	}
	return nil
}

// newer reports whether a fact replaces another: it is younger, or as old and stricter.
func newer(at, than int64, stricter bool) bool { return at > than || at == than && stricter }

// refusalKeys are the scopes of opt-outs.
var refusalKeys = map[string]uint32{ScopeMarketing: refuseMarketing, ScopeAll: refuseAll}

func applyOptOut(s *State, row Row) error {
	scope, known := refusalKeys[row.Key]
	if !known {
		return fmt.Errorf("scope %q: %w", row.Key, ErrRow)
	}
	p := s.person(row.Tenant, row.Subject)
	if row.Value == nil {
		s.people.drop(p, factOptOut, scope)
		return nil
	}
	var v stateValue
	if err := decode(row, &v); err != nil {
		return err
	}
	if v.State != "out" && v.State != "in" {
		return ErrRow
	}
	out := v.State == "out"
	if r := s.people.put(p, factOptOut, scope); newer(row.Time, r.at, out) {
		r.is, r.source, r.at = out, s.names.id(v.Source), row.Time
	}
	return nil
}

func applyWindow(s *State, row Row) error {
	p, number := s.person(row.Tenant, row.Subject), s.names.id(row.Key)
	if row.Value == nil {
		s.people.drop(p, factWindow, number)
		return nil
	}
	w := s.people.put(p, factWindow, number)
	w.at = max(w.at, row.Time)
	return nil
}

func applyZone(s *State, row Row) error {
	p := s.person(row.Tenant, row.Subject)
	if row.Value == nil {
		s.people.drop(p, factZone, 0)
		return nil
	}
	var v zoneValue
	if err := decode(row, &v); err != nil {
		return err
	}
	if !isZone(v.Zone) {
		return fmt.Errorf("zone is not an IANA name: %w", ErrRow)
	}
	if z := s.people.put(p, factZone, 0); row.Time >= z.at {
		z.scope, z.at = s.names.id(v.Zone), row.Time
	}
	return nil
}

// isZone reports an IANA name.
func isZone(name string) bool { return name != "" && name != "Local" && !unknown(name) }

func applyAccount(s *State, row Row) error {
	key := numberKey{row.Tenant, row.Key}
	if row.Value == nil {
		delete(s.accounts, key)
		return nil
	}
	var v stateValue
	if err := decode(row, &v); err != nil {
		return err
	}
	if v.State != "ok" && v.State != "restricted" {
		return ErrRow
	}
	restricted := v.State == "restricted"
	if newer(row.Time, s.accounts[key].at, restricted) {
		s.accounts[key] = account{restricted, row.Time}
	}
	return nil
}
