package pii_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"postern/policy/pii"
)

// sample is one labelled message of testdata/messages.jsonl. Spans are bytes.
type sample struct {
	Lang  string
	Text  string
	Spans [][3]any
	Kind  string
}

type span struct {
	start, end int
	kind       pii.Type
}

func (s sample) spans() []span {
	var out []span
	for _, x := range s.Spans {
		out = append(out, span{int(x[0].(float64)), int(x[1].(float64)), pii.Type(x[2].(string))})
	}
	return out
}

func corpus(t testing.TB) []sample {
	t.Helper()
	f, err := os.Open("testdata/messages.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func scanner(t testing.TB, countries ...string) *pii.Scanner {
	t.Helper()
	s, err := pii.New(pii.Config{Countries: countries})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCorpus guards the accuracy on the development set. A value counts as
// found if one finding of its type covers it.
func TestCorpus(t *testing.T) {
	s := scanner(t)
	gold, hit, wrong, clean := map[pii.Type]int{}, map[pii.Type]int{}, map[pii.Type]int{}, 0
	found := map[pii.Type]int{}
	for _, m := range corpus(t) {
		got := s.Scan(m.Text, pii.Hint{}, nil)
		used := map[int]bool{}
		for _, want := range m.spans() {
			gold[want.kind]++
			ok := false
			for i, f := range got {
				if f.Type == want.kind && f.Start <= want.start && f.End >= want.end {
					used[i], ok = true, true
				}
			}
			if ok {
				hit[want.kind]++
			} else if want.kind != "NATIONAL_ID" && want.kind != "URL" {
				t.Logf("missed %s %s in %q", want.kind, m.Text[want.start:want.end], m.Text)
			}
		}
		for i, f := range got {
			found[f.Type]++
			if !used[i] && f.Type != pii.CardCVV {
				wrong[f.Type]++
				t.Logf("wrong %v in %q", f, m.Text)
			}
		}
		if m.Kind == "clean" && len(got) > 0 {
			clean++
			t.Logf("false alarm %v in %q", got, m.Text)
		}
	}
	for _, k := range []pii.Type{pii.Email, pii.Phone, pii.CreditCard, pii.IBAN} {
		t.Logf("%-12s recall %d/%d wrong %d", k, hit[k], gold[k], wrong[k])
	}
	t.Logf("clean with findings: %d; found %v", clean, found)
}
