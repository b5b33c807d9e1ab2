package journal

import (
	"slices"
	"strings"
	"testing"
)

// TestShape: the form of a question stays, and nothing that may name anybody.
func TestShape(t *testing.T) {
	for question, want := range map[string]string{
		"SELECT reason, count(*) AS n FROM audit WHERE effect = 'deny' GROUP BY reason": "select reason, count(*) as ? from audit where effect = ? group by reason",
		"SELECT time FROM audit s\n WHERE s.subject = :person -- of Maria\n":            "select time from audit ? where ?.subject = :person",
		"SELECT 1 /* +4915112345678 */ AS Maria, \"Maria\", [Maria], `Maria`":           "select ? as ?, ?, ?, ?",
		"SELECT body FROM audit WHERE body LIKE '%Müller''s%' AND time > 4915112345678": "select body from audit where body like ?? and time > ?",
		"SELECT Müller, 49-151-1234, 0x4915, 4.9e15 FROM audit":                         "select ?, ?-?-?, ?, ?.? from audit",
		"SELECT 'open":    "select ?",
		"":                "",
		"\x00 \xff Maria": "\x00 ? ?",
	} {
		if got := Shape(question); got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
	if got := Shape(strings.Repeat("seq, ", 5000)); len(got) > maxShape+4 {
		t.Errorf("a shape of %d bytes", len(got))
	}
	for _, column := range SearchColumns() {
		if !slices.Contains(shapeWords, column) {
			t.Errorf("column %s is no word of shapes", column)
		}
	}
}
