// Package large makes the pack and the lexicon with which the speed of what a
// business adds is measured. Programs of the gateway do not import it.
package large

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// What there is of each.
const (
	Patterns = 50
	Phrases  = 10_000
)

// Files are the pack "large" of 50 patterns, with a literal, of letters and
// digits, and of digits alone, and the lexicon "terms" of 10,000 phrases. These
// begin as texts do: with their words, two by two, and then go on as none does.
func Files(texts []string) map[string][]byte {
	return map[string][]byte{"pii/large.yaml": pack(), "lexicons/terms.yaml": lexicon(texts)}
}

func pack() []byte {
	var b strings.Builder
	b.WriteString("pack: large\nentities:\n")
	for i := range Patterns {
		pattern, example := pattern(i)
		fmt.Fprintf(&b, "  NO_%d: {pattern: '%s', context: {en: [member number %d]}, examples: {match: ['%s'], no_match: [x]}}\n", i, pattern, i, example)
	}
	return []byte(b.String())
}

func pattern(i int) (pattern, example string) {
	c, n := 'A'+i%26, 4+i/10
	sevens := strings.Repeat("7", n)
	switch i % 5 {
	case 1:
		return fmt.Sprintf(`[%cX]{2}\d{%d}`, c, n), fmt.Sprintf("%c%c%s", c, c, sevens)
	case 3:
		return fmt.Sprintf(`9%d\d{%d}[ ./-]?00%02d`, i%10, n, i), fmt.Sprintf("9%d%s00%02d", i%10, sevens, i)
	}
	return fmt.Sprintf(`X%c%c-\d{8}`, c, 'A'+i/26), fmt.Sprintf("X%c%c-12345678", c, 'A'+i/26)
}

func lexicon(texts []string) []byte {
	said := strings.FieldsFunc(strings.Join(texts, "\n"), func(r rune) bool { return !unicode.IsLetter(r) })
	said = slices.Compact(slices.Sorted(slices.Values(said)))
	var b strings.Builder
	b.WriteString("topic: terms\nlanguages: {en: {words: [purple donkey], phrases: [")
	for i := range Phrases {
		fmt.Fprintf(&b, "%s %s qx, ", said[i%len(said)], said[(7*i+i/len(said)+1)%len(said)])
	}
	b.WriteString("], examples: {match: [purple donkey], no_match: [donkey]}}}\n")
	return []byte(b.String())
}
