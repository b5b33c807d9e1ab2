package facts_test

import (
	"fmt"
	"testing"
	"time"

	"postern/policy/facts"
)

func manyTemplates(tb testing.TB, count int) *facts.State {
	tb.Helper()
	s := facts.New()
	for i := range count {
		t := facts.Template{
			WABA: "77", Name: fmt.Sprintf("notice_%05d", count-i), Language: "en_US", ID: fmt.Sprint(1000 + i), Status: "APPROVED", Category: "UTILITY",
			Components: []byte(`[{"type":"BODY","text":"Your order {{1}} has left our house today."}]`),
		}
		if err := s.Apply(t.Row("bank", time.Unix(1_800_000_000, 0))); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// TestTemplatesInOrder: the list is in order, and follows each change.
func TestTemplatesInOrder(t *testing.T) {
	s := manyTemplates(t, 3)
	list := s.Templates("bank", "77")
	if len(list) != 3 || list[0].Name != "notice_00001" || list[2].Name != "notice_00003" {
		t.Fatalf("%+v", list)
	}
	if err := s.Apply(list[1].GoneRow("bank", time.Unix(1_800_000_001, 0))); err != nil {
		t.Fatal(err)
	}
	added := facts.Template{WABA: "77", Name: "a", Language: "de", ID: "5", Status: "PENDING"}
	if err := s.Apply(added.Row("bank", time.Unix(1_800_000_001, 0))); err != nil {
		t.Fatal(err)
	}
	if got := s.Templates("bank", "77"); len(got) != 3 || got[0].Name != "a" || got[2].Name != "notice_00003" {
		t.Errorf("%+v", got)
	}
	if _, ok := s.TemplateByID("bank", "77", "5"); !ok {
		t.Error("not found by its id")
	}
	for _, foreign := range [][2]string{{"bank", "78"}, {"shop", "77"}} {
		if _, ok := s.TemplateByID(foreign[0], foreign[1], "5"); ok {
			t.Errorf("found in %v", foreign)
		}
	}
}

// BenchmarkTemplates10k lists 10,000 templates just after one has changed.
func BenchmarkTemplates10k(b *testing.B) {
	s := manyTemplates(b, 10_000)
	changed := s.Templates("bank", "77")[7].Row("bank", time.Unix(1_800_000_002, 0))
	for b.Loop() {
		if err := s.Apply(changed); err != nil || len(s.Templates("bank", "77")) != 10_000 {
			b.Fatal("no list")
		}
	}
}
