package retention_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
		if _, err := time.Parse(time.DateOnly, p.Checked); err != nil || p.Title == "" || len(p.NotAchieved) == 0 || len(p.Entries) == 0 {
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

// TestPresetsNameNoMoreThanTheirClauses holds each clause's place, what it rests
// on and what follows from it: who changes one of these looks the text up again.
func TestPresetsNameNoMoreThanTheirClauses(t *testing.T) {
	const chats, personal = "messages media", "messages media consent deliveries"
	want := []string{
		"dpdp: DPDP Act 2023 s. 8(7), law: " + personal + ", number",
		"dpdp: DPDP Rules 2025 Rule 8(3), law: " + personal + ", floor 366",
		"dpdp: DPDP Rules 2025 Rule 6(1)(e), law: audit, floor 366",
		"dpdp: DPDP Rules 2025 Rule 8(1) and Third Schedule, law",
		"dpdp: DPDP Rules 2025 Rule 8(2), law: " + personal + ", notice 48",
		"finra: FINRA Rule 4511(b), law",
		"finra: FINRA Rule 4511(b), taken for every message, practice: " + chats + ", floor 2192",
		"finra: FINRA Rule 3110.09, law",
		"finra: FINRA Rule 4511(c), law: " + chats + ", keep original",
		"gdpr: Regulation (EU) 2016/679 Art. 5(1)(e), law: " + personal + ", number",
		"hipaa: 45 CFR 164.316(b)(2)(i), law: audit, floor 2192",
		"hipaa: 45 CFR 164.530(j), law: audit, floor 2192",
		"hipaa: HIPAA names no period for messages, practice: " + chats + ", number",
		"lgpd: Lei 13.709/2018 Art. 15 and 16, law: " + personal + ", number",
		"mifid: Directive 2014/65/EU Art. 16(7), law: " + chats + ", floor 1827",
		"mifid: Directive 2014/65/EU Art. 16(7), the communication itself, practice: " + chats + ", keep original",
		"pci: PCI DSS v4.0.1 requirement 3.3.1, practice",
		"pci: PCI DSS v4.0.1 requirement 3.2.1, practice: " + chats + ", number",
		"pci: PCI DSS v4.0.1 requirement 10.5.1, practice: audit, floor 366",
		"sec-17a-4: 17 CFR 240.17a-4(b)(4), law: " + chats + ", floor 1096, keep original",
		"sec-17a-4: 17 CFR 240.17a-4(f)(2)(i), law",
	}
	all, err := retention.Presets()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all {
		for _, e := range p.Entries {
			got = append(got, p.Name+": "+follows(e))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func follows(e retention.Entry) string {
	out := e.Clause + ", " + e.RestsOn
	if len(e.Classes) > 0 {
		out += ": " + strings.Join(e.Classes, " ")
	}
	for _, b := range []struct {
		word string
		days int
	}{{"floor", e.Floor}, {"ceiling", e.Ceiling}, {"notice", e.NoticeHours}} {
		if b.days > 0 {
			out += fmt.Sprintf(", %s %d", b.word, b.days)
		}
	}
	if e.Keep != "" {
		out += ", keep " + string(e.Keep)
	}
	if e.Number {
		out += ", number"
	}
	return out
}

// TestBooksAndRecordsForceOriginals: by each of these presets a class that keeps
// the redacted form only, or nothing, is refused, and its clause is named.
func TestBooksAndRecordsForceOriginals(t *testing.T) {
	for _, preset := range []string{"sec-17a-4", "finra", "mifid"} {
		for class, keep := range map[string]string{"messages": "redacted", "media": "nothing"} {
			text := fmt.Sprintf("presets: [%s]\nclasses: {%s: {days: 3000, keep: %s}}", preset, class, keep)
			_, err := decode(t, text)
			if err == nil || !strings.Contains(err.Error(), "classes."+class+".keep: "+preset+" (") || !strings.Contains(err.Error(), "write keep: original") {
				t.Errorf("%q: %v", text, err)
			}
			p, err := decode(t, strings.Replace(text, keep, "original", 1))
			if c := p.Classes[class]; err != nil || !strings.HasPrefix(c.KeepBy, preset+" (") {
				t.Errorf("%s: %s is kept by %q, %v", preset, class, c.KeepBy, err)
			}
		}
	}
}
