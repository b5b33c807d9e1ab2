package pack_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"postern/policy/pii"
	"postern/policy/pii/pack"
)

// messages are the texts of the labelled set.
func messages(tb testing.TB) []string {
	tb.Helper()
	f, err := os.Open("../testdata/messages.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var m struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			tb.Fatal(err)
		}
		out = append(out, m.Text)
	}
	return out
}

// large is a tenant's pack of 50 patterns, with a literal, of letters and digits,
// and of digits alone, and a lexicon of 10,000 words and phrases that begin as
// ordinary chat does: the words of the set, two by two, which it never says so.
func large(tb testing.TB) map[string][]byte {
	var b strings.Builder
	b.WriteString("pack: large\nentities:\n")
	for i := range 50 {
		c, n := 'A'+i%26, 4+i/10
		pattern, example := fmt.Sprintf(`X%c%c-\d{8}`, c, 'A'+i/26), fmt.Sprintf("X%c%c-12345678", c, 'A'+i/26)
		switch i % 5 {
		case 1:
			pattern, example = fmt.Sprintf(`[%cX]{2}\d{%d}`, c, n), fmt.Sprintf("%c%c%s", c, c, strings.Repeat("7", n))
		case 3:
			pattern, example = fmt.Sprintf(`9%d\d{%d}[ ./-]?00%02d`, i%10, n, i), fmt.Sprintf("9%d%s00%02d", i%10, strings.Repeat("7", n), i)
		}
		fmt.Fprintf(&b, "  NO_%d: {pattern: '%s', context: {en: [member number %d]}, examples: {match: ['%s'], no_match: [x]}}\n", i, pattern, i, example)
	}
	said := strings.FieldsFunc(strings.Join(messages(tb), "\n"), func(r rune) bool { return !unicode.IsLetter(r) })
	said = slices.Compact(slices.Sorted(slices.Values(said)))
	var w strings.Builder
	w.WriteString("topic: terms\nlanguages: {en: {words: [purple donkey], phrases: [")
	for i := range 10000 {
		fmt.Fprintf(&w, "%s %s qx, ", said[i%len(said)], said[(7*i+i/len(said)+1)%len(said)])
	}
	w.WriteString("], examples: {match: [purple donkey], no_match: [donkey]}}}\n")
	return map[string][]byte{"pii/large.yaml": []byte(b.String()), "lexicons/terms.yaml": []byte(w.String())}
}

// BenchmarkLargePack takes a message of the set with and without the pack.
func BenchmarkLargePack(b *testing.B) {
	files := large(b)
	set, err := pack.Load(files, pack.All(files))
	if err != nil {
		b.Fatal(err)
	}
	texts := messages(b)
	for _, way := range []struct {
		name string
		cfg  pii.Config
	}{{"without", pii.Config{}}, {"with", set.Config()}} {
		scanner, err := pii.New(way.cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(way.name, func(b *testing.B) {
			var room []pii.Finding
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				room = scanner.Scan(texts[i%len(texts)], pii.Hint{}, room[:0])
			}
		})
	}
}

// BenchmarkLoadLargePack reads the pack and makes a scanner of it.
func BenchmarkLoadLargePack(b *testing.B) {
	files := large(b)
	for b.Loop() {
		set, err := pack.Load(files, pack.All(files))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := pii.New(set.Config()); err != nil {
			b.Fatal(err)
		}
	}
}
