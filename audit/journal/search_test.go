package journal

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"postern/audit"
)

// searched is a trail of some size: record i says "item i" and differs in what
// a search can ask for.
func searched(t *testing.T) (*Journal, audit.SubjectID) {
	t.Helper()
	cfg := config(t.TempDir())
	j := open(t, cfg)
	person := audit.NewSubjectID()
	for i := range 60 {
		r := admission(cfg.Now(), audit.NewSubjectID())
		r.Time = int64(1_000_000 * (i + 1))
		r.Template, r.App, r.Number = "", "shop", "1001"
		r.Parts = []audit.Part{audit.NewPart(audit.PartBody, fmt.Appendf(nil, `{"text":{"body":"Item %d: Straße, o'clock"}}`, i))}
		if i%5 == 0 {
			r.Subject, r.Template = person, "offer/en_US"
		}
		if i%6 == 0 {
			r.Effect, r.Reasons, r.App = audit.EffectDeny, []string{"consent_missing", "quiet_hours"}, "other"
		}
		appendOne(t, j, r)
	}
	return j, person
}

func TestSearch(t *testing.T) {
	j, person := searched(t)
	for name, c := range map[string]struct {
		s    Search
		want []int64
	}{
		"newest":         {Search{Limit: 2}, []int64{59, 58}},
		"person":         {Search{Subject: person, Limit: 3}, []int64{55, 50, 45}},
		"reason, second": {Search{Reason: "quiet_hours", Limit: 2}, []int64{54, 48}},
		"part of reason": {Search{Reason: "quiet", Limit: 2}, nil},
		"template":       {Search{Template: "offer", Limit: 2}, []int64{55, 50}},
		"template whole": {Search{Template: "offer/en_US", Limit: 1}, []int64{55}},
		"other language": {Search{Template: "offer/de", Limit: 1}, nil},
		"time":           {Search{From: 3_000_000, Until: 5_000_000, Limit: 9}, []int64{3, 2}},
		"app and person": {Search{App: "other", Subject: person, Limit: 9}, []int64{30, 0}},
		"number":         {Search{Number: "1002", Limit: 9}, nil},
		"kind":           {Search{Kind: "inbound", Limit: 9}, nil},
		"tenant":         {Search{Tenant: "nobody", Limit: 9}, nil},
		"words":          {Search{Words: []string{"item", "7"}, Limit: 9}, []int64{7}},
		"word, not part": {Search{Words: []string{"ite"}, Limit: 9}, nil},
		"beyond ASCII":   {Search{Words: Words("STRAßE 12"), Limit: 9}, []int64{12}},
	} {
		hits, err := j.Reader().Search(t.Context(), c.s)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, row := range hits.Rows {
			got = append(got, row[0].(int64))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestSearchPages: pages follow each other without gap or repetition, also
// while new records come.
func TestSearchPages(t *testing.T) {
	j, person := searched(t)
	s, got := Search{Subject: person, Limit: 5}, []int64(nil)
	for pages := 0; ; pages++ {
		hits, err := j.Reader().Search(t.Context(), s)
		if err != nil || pages > 3 {
			t.Fatal(pages, err)
		}
		for _, row := range hits.Rows {
			got = append(got, row[0].(int64))
		}
		appendOne(t, j, admission(j.cfg.Now(), person))
		if s.Before = hits.Next; hits.Next == 0 {
			break
		}
	}
	if want := []int64{55, 50, 45, 40, 35, 30, 25, 20, 15, 10, 5, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSearchRefuses(t *testing.T) {
	j, _ := searched(t)
	for _, s := range []Search{
		{}, {Limit: MaxHits + 1}, {Limit: 1, From: 2, Until: 1}, {Limit: 1, Words: []string{"two words"}}, {Limit: 1, Words: []string{"Big"}},
		{Limit: 1, Before: 1 << 63},
	} {
		if _, err := j.Reader().Search(t.Context(), s); !errors.Is(err, ErrSearch) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
