package pii_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"postern/policy/pii"
)

var update = flag.Bool("update", false, "write phones.txt anew from the library's metadata")

// TestPlanMatchesLibrary derives the numbering plan from libphonenumber's
// metadata and compares it with the file in use.
func TestPlanMatchesLibrary(t *testing.T) {
	want := derive(t)
	if *update {
		if err := os.WriteFile("phones.txt", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("phones.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("phones.txt differs from the library's metadata: run go test -run TestPlanMatchesLibrary -update")
	}
}

func derive(t *testing.T) string {
	t.Helper()
	metadata, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range metadata.GetMetadata() {
		if line := regionLine(t, m); m.GetId() != "001" && line != "" {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// regionLine takes the kinds of numbers that belong to people and firms; free
// and premium services are left out.
func regionLine(t *testing.T, m *phonenumbers.PhoneMetadata) string {
	t.Helper()
	heads := map[int]*[1000]bool{}
	for _, d := range []*phonenumbers.PhoneNumberDesc{m.GetFixedLine(), m.GetMobile(), m.GetVoip(), m.GetPersonalNumber(),
		m.GetUan(), m.GetPager(), m.GetSharedCost()} {
		pattern := d.GetNationalNumberPattern()
		if pattern == "" || pattern == "NA" {
			continue
		}
		lengths := d.GetPossibleLength()
		if len(lengths) == 0 {
			lengths = m.GetGeneralDesc().GetPossibleLength()
		}
		a := compile(t, pattern)
		for _, l := range lengths {
			if l >= 4 {
				if heads[int(l)] == nil {
					heads[int(l)] = new([1000]bool)
				}
				a.heads(int(l), heads[int(l)])
			}
		}
	}
	trunk := m.GetNationalPrefix()
	if trunk == "" {
		trunk = "-"
	}
	line := fmt.Sprintf("%s %d %s", m.GetId(), m.GetCountryCode(), trunk)
	empty := true
	for _, l := range slices.Sorted(maps.Keys(heads)) {
		if list := ranges(heads[l]); list != "" {
			line += fmt.Sprintf(" %d:%s", l, list)
			empty = false
		}
	}
	if empty {
		return ""
	}
	return line
}

func ranges(heads *[1000]bool) string {
	var parts []string
	for i := 0; i < len(heads); i++ {
		if !heads[i] {
			continue
		}
		j := i
		for j+1 < len(heads) && heads[j+1] {
			j++
		}
		if parts = append(parts, fmt.Sprintf("%03d", i)); j > i {
			parts[len(parts)-1] += fmt.Sprintf("-%03d", j)
		}
		i = j
	}
	return strings.Join(parts, ",")
}

// automaton runs a pattern over digits of which only the first are known.
type automaton struct{ prog *syntax.Prog }

func compile(t *testing.T, pattern string) automaton {
	t.Helper()
	re, err := syntax.Parse("^(?:"+pattern+")$", syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		t.Fatal(err)
	}
	return automaton{prog}
}

// heads marks the first three digits of every match with n digits.
func (a automaton) heads(n int, out *[1000]bool) {
	start := map[uint32]bool{}
	a.closure(uint32(a.prog.Start), start)
	for head := range out {
		states := start
		for _, d := range fmt.Sprintf("%03d", head) {
			states = a.step(states, d, d)
		}
		for i := 3; i < n && len(states) > 0; i++ {
			states = a.step(states, '0', '9')
		}
		for pc := range states {
			out[head] = out[head] || a.prog.Inst[pc].Op == syntax.InstMatch
		}
	}
}

func (a automaton) step(states map[uint32]bool, low, high rune) map[uint32]bool {
	next := map[uint32]bool{}
	for pc := range states {
		for d := low; d <= high; d++ {
			if in := &a.prog.Inst[pc]; in.Op != syntax.InstMatch && in.MatchRune(d) {
				a.closure(in.Out, next)
				break
			}
		}
	}
	return next
}

func (a automaton) closure(pc uint32, states map[uint32]bool) {
	switch in := &a.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		a.closure(in.Out, states)
		a.closure(in.Arg, states)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		a.closure(in.Out, states)
	case syntax.InstFail:
	default:
		states[pc] = true
	}
}

// TestPhonesOfTheWorld writes an example number of every country in the ways
// of that country and counts how many are found whole.
func TestPhonesOfTheWorld(t *testing.T) {
	s := scanner(t)
	type form struct {
		name  string
		write func(*phonenumbers.PhoneNumber) string
		peer  bool
		floor float64
	}
	as := func(f phonenumbers.PhoneNumberFormat) func(*phonenumbers.PhoneNumber) string {
		return func(n *phonenumbers.PhoneNumber) string { return phonenumbers.Format(n, f) }
	}
	bare := func(n *phonenumbers.PhoneNumber) string { return phonenumbers.Format(n, phonenumbers.E164)[1:] }
	forms := []form{
		{"+ compact", as(phonenumbers.E164), false, 1},
		{"+ grouped", as(phonenumbers.INTERNATIONAL), false, 1},
		{"wa_id with label", func(n *phonenumbers.PhoneNumber) string { return "whatsapp: " + bare(n) }, false, 0.99},
		{"wa_id of the peer's country", bare, true, 0.85},
		{"national with label", func(n *phonenumbers.PhoneNumber) string {
			return "my mobile is " + phonenumbers.Format(n, phonenumbers.NATIONAL)
		}, false, 0.93},
		{"national with label and peer", func(n *phonenumbers.PhoneNumber) string {
			return "my mobile is " + phonenumbers.Format(n, phonenumbers.NATIONAL)
		}, true, 0.93},
		{"national of the peer's country", as(phonenumbers.NATIONAL), true, 0.85},
	}
	for _, f := range forms {
		total, hit, missed := 0, 0, []string{}
		for region := range phonenumbers.GetSupportedRegions() {
			n := phonenumbers.GetExampleNumberForType(region, phonenumbers.MOBILE)
			if n == nil {
				continue
			}
			total++
			hint := pii.Hint{}
			if f.peer {
				hint.PeerCountry = region
			}
			text := f.write(n)
			from := strings.IndexAny(text, "0123456789")
			found := s.Scan(text, hint, nil)
			if len(found) == 1 && found[0].Type == pii.Phone && found[0].Start <= from && found[0].End == len(text) {
				hit++
			} else {
				missed = append(missed, region)
			}
		}
		slices.Sort(missed)
		share := float64(hit) / float64(total)
		t.Logf("%-32s %d/%d = %.3f missed %v", f.name, hit, total, share, missed)
		if share < f.floor {
			t.Errorf("%s: %.3f, floor %.3f", f.name, share, f.floor)
		}
	}
}
