package score_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii/score"
)

// record is what is guarded of one set: testdata/NAME.json.
type record struct {
	Set     string           `json:"set"`    // SHA-256 of the labelled messages
	Labels  int              `json:"labels"` //
	Found   string           `json:"found"`  // a bit per label in the order of the file, lowest first, in hexadecimal
	Judged  map[string]right `json:"judged"` // findings by class
	Alarms  int              `json:"alarms"` // clean messages with a finding
	GivenUp []givenUp        `json:"given_up,omitempty"`
}

type right struct{ Right, Wrong int }

// givenUp is a step back that was taken knowingly.
type givenUp struct {
	What []string `json:"what"`
	Why  string   `json:"why"`
}

func recordOf(raw []byte, r *score.Report) record {
	sum := sha256.Sum256(raw)
	rec := record{Set: hex.EncodeToString(sum[:]), Labels: len(r.Hits), Judged: map[string]right{}, Alarms: r.Alarms}
	bits := make([]byte, (len(r.Hits)+7)/8)
	for i, hit := range r.Hits {
		if hit {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	rec.Found = hex.EncodeToString(bits)
	for _, g := range r.Goals {
		rec.Judged[g.Key] = right{g.Right, g.Count.Wrong}
	}
	return rec
}

func (r record) found(i int) bool {
	b, err := hex.DecodeString(r.Found)
	return err == nil && i/8 < len(b) && b[i/8]&(1<<(i%8)) != 0
}

// worse lists what got worse since old, nothing if the sets differ.
func (r record) worse(old record, items []score.Item) []string {
	if old.Set != r.Set {
		return nil
	}
	var out []string
	n := 0
	for _, it := range items {
		for _, l := range it.Labels {
			if old.found(n) && !r.found(n) {
				out = append(out, fmt.Sprintf("line %d %s %s is missed", it.Line, l.Type, l.Family))
			}
			n++
		}
	}
	for _, key := range goalKeys() {
		was, is := old.Judged[key], r.Judged[key]
		if is.Right*(was.Right+was.Wrong) < was.Right*(is.Right+is.Wrong) {
			out = append(out, fmt.Sprintf("precision of %s: %d of %d findings were wrong, now %d of %d", key, was.Wrong, was.Right+was.Wrong, is.Wrong, is.Right+is.Wrong))
		}
	}
	if r.Alarms > old.Alarms {
		out = append(out, fmt.Sprintf("clean messages with a finding: %d, now %d", old.Alarms, r.Alarms))
	}
	return out
}

func goalKeys() []string {
	var out []string
	for _, g := range score.Goals {
		out = append(out, g.Key)
	}
	return out
}

func readRecord(t *testing.T, name string) (rec record) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if errors.Is(err, os.ErrNotExist) {
		return rec
	}
	if err == nil {
		err = json.Unmarshal(raw, &rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func (r record) write(t *testing.T, name string) {
	t.Helper()
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/"+name+".json", append(raw, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestGuardSeesWhatGotWorse: the guard is worth nothing if it cannot fail.
func TestGuardSeesWhatGotWorse(t *testing.T) {
	items := []score.Item{{Line: 1, Text: "ab", Labels: []score.Label{{End: 1, Type: "EMAIL"}, {Start: 1, End: 2, Type: "EMAIL"}}}}
	report := func(hits []bool, right, wrong, alarms int) *score.Report {
		return &score.Report{Hits: hits, Alarms: alarms, Goals: []score.Row{{Key: "A", Count: score.Count{Right: right, Wrong: wrong}}}}
	}
	old := recordOf(nil, report([]bool{true, false}, 9, 1, 1))
	tests := []struct {
		is   *score.Report
		want string
	}{
		{report([]bool{true, false}, 9, 1, 1), ""},
		{report([]bool{true, true}, 19, 1, 0), ""},
		{report([]bool{false, true}, 9, 1, 1), "line 1 EMAIL  is missed"},
		{report([]bool{true, false}, 9, 2, 1), "precision of A: 1 of 10 findings were wrong, now 2 of 11"},
		{report([]bool{true, false}, 9, 1, 2), "clean messages with a finding: 1, now 2"},
	}
	for i, tt := range tests {
		if got := strings.Join(recordOf(nil, tt.is).worse(old, items), "; "); got != tt.want {
			t.Errorf("%d: %q, want %q", i, got, tt.want)
		}
	}
	if got := recordOf([]byte("another set"), report(slices.Repeat([]bool{false}, 2), 0, 5, 9)).worse(old, items); got != nil {
		t.Errorf("another set is compared: %v", got)
	}
}
