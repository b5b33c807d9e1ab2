package retention_test

import (
	"slices"
	"testing"

	"postern/retention"
)

func TestPresetsSayWhatTheirClausesSay(t *testing.T) {
	all, err := retention.Presets()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
		if p.Title == "" || len(p.Checked) != len("2026-11-22") || len(p.NotAchieved) == 0 || len(p.Entries) == 0 {
			t.Errorf("%s: title, day, what it does not achieve and clauses are asked for: %+v", p.Name, p)
		}
		for _, e := range p.Entries {
			if e.Clause == "" || e.Says == "" || e.RestsOn != "law" && e.RestsOn != "practice" {
				t.Errorf("%s: %+v", p.Name, e)
			}
			if bound := e.Floor > 0 || e.Ceiling > 0 || e.NoticeHours > 0 || e.Number || e.Keep != ""; bound != (len(e.Classes) > 0) {
				t.Errorf("%s %s: a bound and the classes it binds come together", p.Name, e.Clause)
			}
		}
	}
	if want := []string{"dpdp", "finra", "gdpr", "hipaa", "lgpd", "mifid", "pci", "sec-17a-4"}; !slices.Equal(names, want) {
		t.Errorf("presets %v", names)
	}
}

// TestPresetsBind holds each preset's bounds as the policy takes them over.
func TestPresetsBind(t *testing.T) {
	const years = "classes: {messages: {days: 3000}, media: {days: 3000}, consent: {days: 3000}, deliveries: {days: 3000}, audit: {days: 3000}}"
	for preset, floors := range map[string]map[string]int{
		"sec-17a-4": {"messages": 1096, "media": 1096},
		"finra":     {"messages": 2192, "media": 2192},
		"mifid":     {"messages": 1827, "media": 1827},
		"hipaa":     {"audit": 2192},
		"gdpr":      {},
		"pci":       {"audit": 366},
		"dpdp":      {"messages": 366, "media": 366, "consent": 366, "deliveries": 366, "audit": 366},
		"lgpd":      {},
	} {
		p, err := decode(t, "presets: ["+preset+"]\n"+years)
		if err != nil {
			t.Errorf("%s: %v", preset, err)
			continue
		}
		for name, c := range p.Classes {
			if c.Floor != floors[name] || (c.Floor > 0) != (c.FloorBy != "") {
				t.Errorf("%s %s: floor %d by %q, want %d", preset, name, c.Floor, c.FloorBy, floors[name])
			}
		}
		if len(p.Notes) == 0 {
			t.Errorf("%s: nothing says what it does not achieve", preset)
		}
	}
}
