package facts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/policy"
)

// entry judges one record.
func (rec record) entry(now time.Time) (Entry, error) {
	for _, name := range columns {
		v := rec.values[name]
		if len(v) > maxField {
			return Entry{}, rec.wrong(name, fmt.Sprintf("longer than %d bytes; shorten it", maxField))
		}
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
			return Entry{}, rec.wrong(name, "holds a control character or is not UTF-8; remove it")
		}
	}
	e := Entry{Line: rec.line}
	if err := rec.who(&e); err != nil {
		return Entry{}, err
	}
	at, err := rec.moment("time", now)
	if err != nil {
		return Entry{}, err
	}
	fact, known := importable[rec.values["fact"]]
	if !known {
		return Entry{}, rec.wrong("fact", "write consent, revoke, optout, window, zone or identity")
	}
	if err := rec.only(fact.columns); err != nil {
		return Entry{}, err
	}
	if err := fact.judge(rec, &e, at); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// importable are the facts of import files: the columns each has beside who
// and when, and how it is read.
var importable = map[string]struct {
	columns string
	judge   func(record, *Entry, time.Time) error
}{
	"consent":  {"category scope source evidence notice language entity actor expires", record.consent},
	"revoke":   {"category scope source evidence notice language entity actor", record.revoke},
	"optout":   {"scope source", record.refusal},
	"window":   {"business", record.window},
	"zone":     {"zone", record.zone},
	"identity": {"identity source", record.identity},
}

func (rec record) wrong(field, reason string) *LineError {
	col := rec.at[field]
	if col == 0 {
		col = 1
	}
	return &LineError{rec.line, col, field, reason}
}

// who reads the person: a number with country code, or a user id.
func (rec record) who(e *Entry) error {
	number, id := rec.values["number"], rec.values["user_id"]
	switch {
	case number == "" && id == "":
		return rec.wrong("number", "neither number nor user_id; write one of them")
	case number != "" && id != "":
		return rec.wrong("user_id", "number and user_id both; write two lines, or only the one that is proven")
	case id != "":
		if CountryOfUserID(id) == "" || strings.ContainsAny(id, " /") {
			return rec.wrong("user_id", "not a business-scoped user id; it begins with a country and a dot, such as US.")
		}
		e.UserID = id
		return nil
	}
	e.Number = digits(number)
	if strings.Trim(number, "+0123456789 -().\u00a0") != "" || strings.LastIndex(number, "+") > 0 {
		return rec.wrong("number", "holds something that is not part of a number; write digits with country code")
	}
	if len(e.Number) < 7 || len(e.Number) > 15 || e.Number[0] == '0' {
		return rec.wrong("number", "not an international number; begin with the country code, without 00, 7 to 15 digits")
	}
	if strings.Contains(number, "(0)") || TrunkPrefix(e.Number) {
		return rec.wrong("number", "has a 0 (or other digits) after the country code that is dialled only inside the country; leave it out")
	}
	return nil
}

// moment reads a time in RFC 3339 or a date (its beginning, UTC).
func (rec record) moment(field string, now time.Time) (time.Time, error) {
	v := rec.values[field]
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		t, err := time.Parse(layout, v)
		if err != nil {
			continue
		}
		if field == "time" && t.After(now.Add(skew*time.Second)) {
			return time.Time{}, rec.wrong(field, "lies in the future; write when it happened")
		}
		if t.Year() < 2000 || t.Year() > 2200 {
			return time.Time{}, rec.wrong(field, "the year is not plausible; correct it")
		}
		return t.UTC(), nil
	}
	return time.Time{}, rec.wrong(field, "not a time; write 2026-11-21T14:30:00Z or 2026-11-21")
}

var consentCategories = []string{policy.CategoryMarketing, policy.CategoryUtility, policy.CategoryAuthentication, policy.CategoryGeneral}

// ledger reads what proves a consent.
func (rec record) ledger() (category string, l Ledger, err error) {
	v := rec.values
	l = Ledger{
		Scope: v["scope"], Source: v["source"], Evidence: v["evidence"], Notice: v["notice"],
		Language: v["language"], Entity: v["entity"], Actor: v["actor"],
	}
	if category = v["category"]; !slices.Contains(consentCategories, category) {
		return "", l, rec.wrong("category", "write "+strings.Join(consentCategories, ", "))
	}
	if l.Source == "" {
		return "", l, rec.wrong("source", "missing; write where the consent was given, such as web_form")
	}
	return category, l, rec.clean("scope", "source", "evidence", "notice", "language", "entity", "actor")
}

// clean refuses the person's own number or an address in a field that is kept
// in clear text.
func (rec record) clean(fields ...string) error {
	number := digits(rec.values["number"])
	for _, f := range fields {
		v := rec.values[f]
		if number != "" && strings.Contains(digits(v), number) || f != "actor" && strings.Contains(v, "@") {
			return rec.wrong(f, "holds the person's number or an address; write a reference to the proof instead")
		}
	}
	return nil
}

func (rec record) consent(e *Entry, at time.Time) error {
	category, l, err := rec.ledger()
	if err != nil {
		return err
	}
	var until time.Time
	if rec.values["expires"] != "" {
		if until, err = rec.moment("expires", time.Time{}); err != nil {
			return err
		}
		if !until.After(at) {
			return rec.wrong("expires", "lies before time; correct one of them")
		}
	}
	e.row = func(p Person) Row { return ConsentGiven(p, category, l, at, until) }
	return nil
}

func (rec record) revoke(e *Entry, at time.Time) error {
	category, l, err := rec.ledger()
	if err != nil {
		return err
	}
	e.row = func(p Person) Row { return ConsentRevoked(p, category, l, at) }
	return nil
}

func (rec record) refusal(e *Entry, at time.Time) error {
	scope, source := rec.values["scope"], rec.values["source"]
	if scope != ScopeMarketing && scope != ScopeAll {
		return rec.wrong("scope", "write marketing or all")
	}
	if err := rec.clean("source"); err != nil {
		return err
	}
	e.row = func(p Person) Row { return OptOut(p, scope, cmp.Or(source, imported), at) }
	return nil
}

func (rec record) window(e *Entry, at time.Time) error {
	business := rec.values["business"]
	if business == "" || digits(business) != business {
		return rec.wrong("business", "write the phone_number_id of the business number, digits only")
	}
	e.row = func(p Person) Row { return WindowOpened(p, business, at) }
	return nil
}

func (rec record) zone(e *Entry, at time.Time) error {
	zone := rec.values["zone"]
	if !isZone(zone) {
		return rec.wrong("zone", "write the time zone's name in the IANA data base, such as Europe/Berlin")
	}
	e.row = func(p Person) Row { return ZoneKnown(p, zone, at) }
	return nil
}

func (rec record) identity(e *Entry, at time.Time) error {
	said := map[string]func(Person, string, time.Time) Row{"same": IdentityConfirmed, "new": IntervalBegun}[rec.values["identity"]]
	if said == nil {
		return rec.wrong("identity", "write same (still the same person) or new (the number has another owner now)")
	}
	if err := rec.clean("source"); err != nil {
		return err
	}
	source := cmp.Or(rec.values["source"], imported)
	e.row = func(p Person) Row { return said(p, source, at) }
	return nil
}

// imported is the source of facts whose line names none.
const imported = "import"

// only refuses values where the fact has no place for them: they would be lost.
func (rec record) only(allowed string) error {
	places := append(strings.Fields(allowed), "fact", "number", "user_id", "time")
	for _, c := range columns {
		if rec.values[c] != "" && !slices.Contains(places, c) {
			return rec.wrong(c, "has no meaning for this fact; leave it empty")
		}
	}
	return nil
}
