package facts

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"postern/policy"
)

// Format is the form of an import file.
type Format string

// Formats.
const (
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
)

// Entry is one good line. The caller finds or makes the subject of Number or
// UserID and asks Row for the fact.
type Entry struct {
	Line   int
	Number string // digits only, "" if the line names a user id
	UserID string
	row    func(Person) Row
}

// Row is the fact of the entry for a person.
func (e Entry) Row(p Person) Row { return e.row(p) }

// LineError is a line that was not read. It names place, reason and remedy and
// never quotes what the line holds.
type LineError struct {
	Line, Column int
	Field        string
	Reason       string
}

// Error is "line:column: field: reason".
func (e *LineError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("%d:%d: %s: %s", e.Line, e.Column, e.Field, e.Reason)
}

// columns of an import file; IMPORT.md explains each.
var columns = []string{
	"fact", "number", "user_id", "category", "scope", "source", "evidence", "notice",
	"language", "entity", "time", "expires", "actor", "business",
}

// maxField bounds one value, in bytes; maxLine one line of JSON.
const (
	maxField = 512
	maxLine  = 64 << 10
)

// record is one line before it is judged: values by column name and where each stood.
type record struct {
	line   int
	values map[string]string
	at     map[string]int
}

// Import reads consents, opt-outs and windows. Each line gives an Entry or a
// *LineError, in order; none is dropped. now refuses facts from the future. An
// error that is not a *LineError ends the file.
func Import(r io.Reader, format Format, now time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		records := readCSV
		switch format {
		case CSV:
		case JSONLines:
			records = readLines
		default:
			yield(Entry{}, fmt.Errorf("import format %q is not known; write csv or jsonl", string(format)))
			return
		}
		records(r, func(rec record, err error) bool {
			if err != nil {
				return yield(Entry{}, err)
			}
			e, err := rec.entry(now)
			return yield(e, err)
		})
	}
}

// readCSV reads a header line and then one fact a line.
func readCSV(r io.Reader, yield func(record, error) bool) {
	c := csv.NewReader(skipMark(r))
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		yield(record{}, fmt.Errorf("read header line: %w; the first line names the columns: %s", csvError(err), strings.Join(columns, ",")))
		return
	}
	header = slices.Clone(header)
	if err := checkHeader(header); err != nil {
		yield(record{}, err)
		return
	}
	for {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		rec, err := csvRecord(c, header, fields, err)
		var line *LineError
		if !yield(rec, err) || err != nil && !errors.As(err, &line) {
			return
		}
	}
}

// skipMark drops the byte order mark that spreadsheets write.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3) // three bytes were just seen
	}
	return b
}

func checkHeader(header []string) error {
	seen := map[string]bool{}
	for i, h := range header {
		if !slices.Contains(columns, h) {
			return &LineError{1, i + 1, "", fmt.Sprintf("column %d has an unknown name; write one of %s", i+1, strings.Join(columns, ", "))}
		}
		if seen[h] {
			return &LineError{1, i + 1, h, "the column is there twice; keep one"}
		}
		seen[h] = true
	}
	return nil
}

func csvRecord(c *csv.Reader, header, fields []string, err error) (record, error) {
	if err != nil {
		var at *csv.ParseError
		if errors.As(err, &at) {
			return record{}, &LineError{at.Line, at.Column, "", csvError(err).Error()}
		}
		return record{}, fmt.Errorf("read import file: %w", err)
	}
	line, _ := c.FieldPos(0)
	rec := record{line: line, values: map[string]string{}, at: map[string]int{}}
	if len(fields) != len(header) {
		return record{}, &LineError{line, 1, "", fmt.Sprintf("%d values, but the header names %d columns; put values with commas in quotes", len(fields), len(header))}
	}
	for i, h := range header {
		_, col := c.FieldPos(i)
		rec.values[h], rec.at[h] = strings.TrimSpace(fields[i]), col
	}
	return rec, nil
}

// csvError says what is wrong without quoting the line.
func csvError(err error) error {
	switch {
	case errors.Is(err, csv.ErrBareQuote), errors.Is(err, csv.ErrQuote):
		return errors.New("a quote stands alone; write two quotes inside a quoted value")
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	}
	return errors.New("not CSV; separate values by commas")
}

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
	judge, known := map[string]func(*Entry, time.Time) error{
		"consent": rec.consent, "revoke": rec.revoke, "optout": rec.refusal, "window": rec.window,
	}[rec.values["fact"]]
	if !known {
		return Entry{}, rec.wrong("fact", "write consent, revoke, optout or window")
	}
	if err := judge(&e, at); err != nil {
		return Entry{}, err
	}
	return e, nil
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
	return rec.none("expires")
}

func (rec record) refusal(e *Entry, at time.Time) error {
	scope, source := rec.values["scope"], rec.values["source"]
	if scope != ScopeMarketing && scope != ScopeAll {
		return rec.wrong("scope", "write marketing or all")
	}
	if source == "" {
		source = "import"
	}
	if err := errors.Join(rec.none("category", "expires", "business"), rec.clean("source")); err != nil {
		return err
	}
	e.row = func(p Person) Row { return OptOut(p, scope, source, at) }
	return nil
}

func (rec record) window(e *Entry, at time.Time) error {
	business := rec.values["business"]
	if business == "" || digits(business) != business {
		return rec.wrong("business", "write the phone_number_id of the business number, digits only")
	}
	e.row = func(p Person) Row { return WindowOpened(p, business, at) }
	return rec.none("category", "scope", "expires")
}

// none refuses values where the fact has no place for them: they would be lost.
func (rec record) none(fields ...string) error {
	for _, f := range fields {
		if rec.values[f] != "" {
			return rec.wrong(f, "has no meaning for this fact; leave it empty")
		}
	}
	return nil
}
