package pii_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii"
)

// TestSentences reads values in sentences as people write them: the label behind the
// value or a few words before it, with endings, in haste, several in a row. A line of
// testdata/sentences.txt is a country, a bar and a text with its values in braces, each
// with its type; one without values is clean. "\n" is the end of a line.
func TestSentences(t *testing.T) {
	data, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := scanner(t)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		country, marked, ok := strings.Cut(line, "|")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		text, values := braced(strings.ReplaceAll(marked, `\n`, "\n"))
		found := s.Scan(text, pii.Hint{PeerCountry: country}, nil)
		for _, v := range values {
			if !covered(found, v) {
				t.Errorf("%s at %d: not found in %q", v.Type, v.Start, line)
			}
		}
		if len(values) == 0 && slices.ContainsFunc(found, func(f pii.Finding) bool { return f.Level >= pii.Likely }) {
			t.Errorf("%s at %d: found in %q", found[0].Type, found[0].Start, line)
		}
	}
}

// braced takes the braces out and gives what stood in them.
func braced(marked string) (text string, values []pii.Finding) {
	for {
		before, rest, ok := strings.Cut(marked, "{")
		text += before
		if !ok {
			return text, values
		}
		value, after, _ := strings.Cut(rest, "}")
		kind, value, _ := strings.Cut(value, ":")
		values = append(values, pii.Finding{Type: pii.Type(kind), Start: len(text), End: len(text) + len(value)})
		text += value
		marked = after
	}
}

// mostWider is how many bytes a finding may have more than the value: a word before a
// name, the code before a street.
const mostWider = 16

// covered reports a finding of the type that holds a value.
func covered(found []pii.Finding, v pii.Finding) bool {
	for _, f := range found {
		if f.Type == v.Type && f.Start <= v.Start && f.End >= v.End && f.End-f.Start <= v.End-v.Start+mostWider {
			return true
		}
	}
	return false
}
