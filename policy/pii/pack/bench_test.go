package pack_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/pack"
	"postern/policy/pii/pack/large"
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

// BenchmarkLargePack takes a message of the set with and without the pack.
func BenchmarkLargePack(b *testing.B) {
	texts := messages(b)
	files := large.Files(texts)
	set, err := pack.Load(files, pack.All(files))
	if err != nil {
		b.Fatal(err)
	}
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
	files := large.Files(messages(b))
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
