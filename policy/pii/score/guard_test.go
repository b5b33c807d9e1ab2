package score_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

// falls says that r is less precise than was.
func (r right) falls(was right) bool {
	return r.Right*(was.Right+was.Wrong) < was.Right*(r.Right+r.Wrong)
}

// givenUp is a step back that was taken knowingly. What is made good later
// drops out of it.
type givenUp struct {
	Why    string           `json:"why"`
	Labels []int            `json:"labels,omitempty"` // that were found, by their place in the file
	Judged map[string]right `json:"judged,omitempty"` // as it was, of classes that were more precise
	Alarms int              `json:"alarms,omitempty"` // one more than there were, if there were fewer
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

// worse is what got worse since old, nothing if the sets differ.
func (r record) worse(old record) givenUp {
	w := givenUp{Judged: map[string]right{}}
	if old.Set != r.Set {
		return w
	}
	for i := range r.Labels {
		if old.found(i) && !r.found(i) {
			w.Labels = append(w.Labels, i)
		}
	}
	for _, key := range goalKeys() {
		if r.Judged[key].falls(old.Judged[key]) {
			w.Judged[key] = old.Judged[key]
		}
	}
	if r.Alarms > old.Alarms {
		w.Alarms = old.Alarms + 1
	}
	return w
}

func (w givenUp) empty() bool { return len(w.Labels) == 0 && len(w.Judged) == 0 && w.Alarms == 0 }

// keep takes over what was given up before and is still not made good.
func (r *record) keep(old record) {
	if old.Set != r.Set {
		return
	}
	for _, w := range old.GivenUp {
		w.Labels = slices.DeleteFunc(w.Labels, r.found)
		maps.DeleteFunc(w.Judged, func(key string, was right) bool { return !r.Judged[key].falls(was) })
		if r.Alarms < w.Alarms {
			w.Alarms = 0
		}
		if !w.empty() {
			r.GivenUp = append(r.GivenUp, w)
		}
	}
}

// tell says in words what got worse. Of a set kept out of tuning it names no
// lines, so that nobody fits the scanner to it.
func (w givenUp) tell(r record, items []score.Item, public bool) []string {
	var out []string
	n := 0
	for _, it := range items {
		for _, l := range it.Labels {
			if public && slices.Contains(w.Labels, n) {
				out = append(out, strings.Join(strings.Fields(fmt.Sprintf("line %d %s %s is missed", it.Line, l.Type, l.Family)), " "))
			}
			n++
		}
	}
	if !public && len(w.Labels) > 0 {
		out = append(out, fmt.Sprintf("%d values that were found are missed", len(w.Labels)))
	}
	for _, key := range goalKeys() {
		if was, ok := w.Judged[key]; ok {
			is := r.Judged[key]
			out = append(out, fmt.Sprintf("precision of %s: %d of %d findings were wrong, now %d of %d", key, was.Wrong, was.Right+was.Wrong, is.Wrong, is.Right+is.Wrong))
		}
	}
	if w.Alarms > 0 {
		out = append(out, fmt.Sprintf("clean messages with a finding: %d, now %d", w.Alarms-1, r.Alarms))
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
		{report([]bool{false, true}, 9, 1, 1), "line 1 EMAIL is missed"},
		{report([]bool{true, false}, 9, 2, 1), "precision of A: 1 of 10 findings were wrong, now 2 of 11"},
		{report([]bool{true, false}, 9, 1, 2), "clean messages with a finding: 1, now 2"},
	}
	for i, tt := range tests {
		r := recordOf(nil, tt.is)
		if got := strings.Join(r.worse(old).tell(r, items, true), "; "); got != tt.want {
			t.Errorf("%d: %q, want %q", i, got, tt.want)
		}
		if told := strings.Join(r.worse(old).tell(r, items, false), "; "); strings.Contains(told, "line") {
			t.Errorf("%d: a set kept out of tuning tells %q", i, told)
		}
	}
	other := recordOf([]byte("another set"), report([]bool{false, false}, 0, 5, 9))
	if !other.worse(old).empty() {
		t.Error("another set is compared")
	}
}

// TestWhatIsMadeGoodIsNotGivenUp any more.
func TestWhatIsMadeGoodIsNotGivenUp(t *testing.T) {
	old := record{Labels: 2, Found: "00", GivenUp: []givenUp{{Why: "x", Labels: []int{0, 1}, Judged: map[string]right{"A": {9, 1}}, Alarms: 1}}}
	better := record{Labels: 2, Found: "01", Judged: map[string]right{"A": {9, 1}}}
	if better.keep(old); len(better.GivenUp) != 1 || !slices.Equal(better.GivenUp[0].Labels, []int{1}) || len(better.GivenUp[0].Judged) != 0 || better.GivenUp[0].Alarms != 0 {
		t.Errorf("%+v", better.GivenUp)
	}
	best := record{Labels: 2, Found: "03", Judged: map[string]right{"A": {9, 1}}}
	if best.keep(better); len(best.GivenUp) != 0 {
		t.Errorf("%+v", best.GivenUp)
	}
}
