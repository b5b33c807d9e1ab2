package pii_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

func TestNewRefusesContradictions(t *testing.T) {
	find := func(string, int) (int, int, bool) { return 0, 0, false }
	for want, cfg := range map[string]pii.Config{
		"countries":  {Countries: []string{"de"}},
		"the name":   {Rows: []catalog.Row{{Name: "BR_CPF", Type: catalog.NationalID}}},
		"4096 at mo": {Rows: rows(4096)},
		"missing":    {Terms: []pii.Terms{{Type: "LEXICON", Words: []string{"x"}}}},
		"type":       {Patterns: []pii.Pattern{{Name: "ACME", Find: find}}},
		"function":   {Patterns: []pii.Pattern{{Name: "ACME", Type: "ACME"}}},
		"stands twi": {Patterns: []pii.Pattern{{Name: "A", Type: "A", Find: find}}, Terms: []pii.Terms{{Name: "A", Type: "A"}}},
	} {
		if s, err := pii.New(cfg); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// rows are so many that find nothing.
func rows(n int) (out []catalog.Row) {
	for i := range n {
		out = append(out, catalog.Row{Name: "ROW_" + strconv.Itoa(i), Type: catalog.NationalID})
	}
	return out
}

func TestAllow(t *testing.T) {
	s, err := pii.New(pii.Config{Allow: func(f pii.Finding, value string) bool {
		return f.Type == pii.Email && strings.HasSuffix(value, "@acme.example.com")
	}})
	if err != nil {
		t.Fatal(err)
	}
	text := "help@acme.example.com, ana@other.example.com"
	if got, want := hits(text, s.Scan(text, pii.Hint{}, nil)), "EMAIL:ana@other.example.com"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFindingJSON(t *testing.T) {
	found := scanner(t).Scan("a ana@other.example.com", pii.Hint{}, nil)
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	blob, err := json.Marshal(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Start, End          int
		Type, Entity, Level string
		Score               int
		Reasons             []string
	}
	if err := json.Unmarshal(blob, &got); err != nil {
		t.Fatal(err)
	}
	if got.Start != 2 || got.End != 23 || got.Type != "EMAIL" || got.Entity == "" || got.Level != "certain" || got.Score <= 0 || len(got.Reasons) == 0 {
		t.Errorf("JSON %s", blob)
	}
}
