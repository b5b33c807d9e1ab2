package pack_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

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

// large is a tenant's pack of 50 patterns and a list of 10,000 phrases.
func large() map[string][]byte {
	var b strings.Builder
	b.WriteString("pack: large\nentities:\n  WORDS: {deny_list: words.txt, examples: {match: [purple donkey 77], no_match: [donkey]}}\n")
	for i := range 50 {
		fmt.Fprintf(&b, "  NO_%d: {pattern: 'X%c%c-\\d{8}', examples: {match: [X%c%c-12345678], no_match: [x]}}\n", i, 'A'+i%26, 'A'+i/26, 'A'+i%26, 'A'+i/26)
	}
	var w strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&w, "purple donkey %d\n", i)
	}
	return map[string][]byte{"pii/large.yaml": []byte(b.String()), "pii/words.txt": []byte(w.String())}
}

// BenchmarkLargePack takes a message of the set with and without the pack.
func BenchmarkLargePack(b *testing.B) {
	files := large()
	set, err := pack.Load(files, pack.All(files))
	if err != nil {
		b.Fatal(err)
	}
	texts := messages(b)
	for name, cfg := range map[string]pii.Config{"without": {}, "with": set.Config()} {
		scanner, err := pii.New(cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			var room []pii.Finding
			for i := 0; b.Loop(); i++ {
				room = scanner.Scan(texts[i%len(texts)], pii.Hint{}, room[:0])
			}
		})
	}
}
