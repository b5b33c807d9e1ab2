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
	"language", "entity", "time", "expires", "actor", "business", "zone", "identity",
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

// Import reads what people said and what is known of them. Each line gives an Entry or a
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
			yield(Entry{}, errors.New("this import format is not known; write csv or jsonl"))
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
