package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// Description says in words what a row looks for. It is what people are shown.
type Description struct {
	Type      Type     `json:"type"`
	Entity    string   `json:"entity"`
	Class     string   `json:"class"` // A to D
	Tier      int      `json:"tier"`
	Countries []string `json:"countries"` // empty: anywhere
	Written   []string `json:"written"`   // shapes; empty: by code of its own
	Evidence  string   `json:"evidence"`
	Strength  string   `json:"strength"` // what has to stand beside it
	Example   string   `json:"example"`
	Source    string   `json:"source"`
}

// Describe says in words what a row looks for.
func Describe(r Row) Description {
	return Description{
		Type: r.Type, Entity: r.Name, Class: string(rune(r.Class)), Tier: r.Tier,
		Countries: append([]string{}, r.Countries...), Written: r.shapes(),
		Evidence: r.evidence(), Strength: r.strength(), Example: r.Example, Source: r.Source,
	}
}

func (r Row) shapes() []string {
	out := []string{}
	for _, f := range r.Forms {
		if !slices.Contains(out, f.Shape) {
			out = append(out, f.Shape)
		}
	}
	return out
}

// evidence names what a value is judged by, the rarest check first.
func (r Row) evidence() string {
	best, without := 0, len(r.Forms) > 0
	for _, f := range r.Forms {
		if f.Check != nil {
			best, without = max(best, f.OneIn), false
		}
	}
	var out []string
	switch {
	case len(r.Forms) == 0:
		out = append(out, "structure")
	case without:
		out = append(out, "shape")
	case best > 1:
		out = append(out, fmt.Sprintf("shape, check (1 in %d random values passes)", best))
	default:
		out = append(out, "shape, check")
	}
	if len(r.Labels) > 0 {
		out = append(out, "label")
	}
	if len(r.Countries) > 0 {
		out = append(out, "country")
	}
	return strings.Join(out, ", ")
}

func (r Row) strength() string {
	switch r.Needs {
	case Nothing:
		return "by itself"
	case Prior:
		return "with a label or the country"
	}
	return "with a label"
}
