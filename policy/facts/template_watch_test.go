package facts_test

import (
	"testing"
	"time"

	"postern/policy/facts"
)

// TestTemplateWatch: whoever reads a list hears which templates came, changed
// and went meanwhile, to and fro within a second too, and of no others.
func TestTemplateWatch(t *testing.T) {
	s := manyTemplates(t, 4)
	at := time.Unix(1_800_000_000, 0) // when they were made
	all := s.Templates("bank", "77")
	before := s.WatchTemplates()
	before.Close()
	w := s.WatchTemplates()
	paused, fresh := all[0], facts.Template{WABA: "77", Name: "fresh", Language: "de", ID: "5", Status: "PENDING"}
	paused.Status = "PAUSED"
	late := all[3]
	late.Status = "PAUSED"
	for _, row := range []facts.Row{
		paused.Row("bank", at), all[0].Row("bank", at), all[1].GoneRow("bank", at), fresh.Row("bank", at),
		late.Row("bank", at.Add(-time.Second)), // changes nothing
	} {
		if err := s.Apply(row); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string]struct {
		row  facts.Row
		want bool
	}{
		"to and fro": {all[0].Row("bank", at), true}, "went": {all[1].Row("bank", at), true}, "came": {fresh.GoneRow("bank", at), true},
		"untouched": {all[2].Row("bank", at), false}, "an older word": {late.Row("bank", at), false}, "another tenant's": {all[0].Row("shop", at), false},
	} {
		if w.Changed(x.row) != x.want {
			t.Errorf("%s: %v", name, !x.want)
		}
		if before.Changed(x.row) {
			t.Errorf("%s: heard of after the end", name)
		}
	}
	w.Close()
}
