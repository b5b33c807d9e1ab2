package second

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed tongues.txt
var tonguesText string

// tongue is how people of one language write in chat.
type tongue struct {
	code  string
	lines map[string]string // by key, alternatives with '|' between
}

func (t tongue) has(key string) bool { return t.lines[key] != "" }

func (t tongue) countries() []string { return strings.Fields(t.lines["countries"]) }

// tight says that the language is written without spaces, so that values touch
// letters.
func (t tongue) tight() bool { return slices.Contains([]string{"zh", "zh-Hant", "ja", "th"}, t.code) }

// tongues reads the file; its form is checked by the tests.
func tongues() []tongue {
	var all []tongue
	for line := range strings.Lines(tonguesText) {
		line = strings.TrimSpace(line)
		switch head, rest, ok := strings.Cut(line, ": "); {
		case strings.HasPrefix(line, "== "):
			all = append(all, tongue{line[3:], map[string]string{}})
		case ok && len(all) > 0:
			all[len(all)-1].lines[head] = rest
		}
	}
	return all
}

func speaking(all []tongue, code string) tongue {
	for _, t := range all {
		if t.code == code {
			return t
		}
	}
	panic("no tongue " + code)
}

// of gives the tongues spoken in a country.
func of(all []tongue, country string) []tongue {
	var out []tongue
	for _, t := range all {
		if slices.Contains(t.countries(), country) {
			out = append(out, t)
		}
	}
	if out == nil {
		out = append(out, speaking(all, "en"))
	}
	return out
}
