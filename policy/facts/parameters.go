package facts

import (
	"slices"
	"strings"
)

// Use is how a message uses a template.
type Use struct {
	Name, Language string
	Components     []Component
}

// Component is what was given to one component. Kinds holds each parameter's
// type, Named each parameter_name where parameters are named.
type Component struct {
	Type       string // "header", "body", "button", "carousel", "carousel[1].body", ...
	SubType    string // of a button
	Index      string // of a button
	Parameters int
	Kinds      []string
	Named      []string
}

// What Check answers.
const (
	parametersOK        = "ok"
	parametersCount     = "count"
	parametersFormat    = "format"
	parametersComponent = "component"
	parametersIndex     = "index"
)

// textKinds may fill a text placeholder.
var textKinds = []string{"text", "currency", "date_time"}

// Check compares a use with the template. It answers "ok", or the first thing
// wrong: "component" (one is missing or unknown), "index" (of a button),
// "count" (with how many are wanted and were given) or "format" (kind or name).
func (t *Template) Check(use Use) (result string, want, got int) {
	if t.needs == nil {
		return parametersComponent, 0, len(use.Components)
	}
	c := newChecker(t.needs)
	for _, comp := range use.Components {
		if result, want, got = c.component(comp); result != parametersOK {
			return result, want, got
		}
	}
	return c.complete()
}

// checker remembers which components were given.
type checker struct {
	*needs
	given   map[string]bool
	buttons map[int]bool
	cards   []*checker
}

func newChecker(n *needs) *checker {
	c := &checker{needs: n, given: map[string]bool{}, buttons: map[int]bool{}}
	for _, card := range n.cards {
		c.cards = append(c.cards, newChecker(card))
	}
	return c
}

func (c *checker) component(comp Component) (string, int, int) {
	kind := strings.ToLower(comp.Type)
	if rest, ok := strings.CutPrefix(kind, "carousel["); ok {
		return c.card(rest, comp)
	}
	if kind == "button" {
		return c.button(comp)
	}
	if c.given[kind] {
		return parametersComponent, 0, comp.Parameters
	}
	c.given[kind] = true
	switch kind {
	case "header":
		return c.header.check(comp)
	case "body":
		return c.body.check(comp)
	case "footer":
		return slot{}.check(comp)
	}
	if !c.others[kind] {
		return parametersComponent, 0, comp.Parameters
	}
	return parametersOK, 0, 0
}

// card checks a component of one card; rest is "1].body".
func (c *checker) card(rest string, comp Component) (string, int, int) {
	place, kind, _ := strings.Cut(rest, "].")
	i, isNumber := index(place)
	if !isNumber || i >= len(c.cards) {
		return parametersComponent, len(c.cards), i + 1
	}
	comp.Type = kind
	return c.cards[i].component(comp)
}

// check compares what a header or body was given.
func (s slot) check(comp Component) (string, int, int) {
	want := s.count + len(s.names)
	if comp.Parameters != want {
		return parametersCount, want, comp.Parameters
	}
	for _, k := range comp.Kinds {
		good := slices.Contains(textKinds, k)
		if s.kind != "" {
			good = k == s.kind || s.kind == "gif" && k == "video"
		}
		if !good {
			return parametersFormat, want, comp.Parameters
		}
	}
	if !s.named(comp.Named) {
		return parametersFormat, want, comp.Parameters
	}
	return parametersOK, want, want
}

// named reports whether exactly the wanted names were given, in any order.
func (s slot) named(given []string) bool {
	if len(s.names) == 0 {
		return len(given) == 0
	}
	want, got := slices.Sorted(slices.Values(s.names)), slices.Sorted(slices.Values(given))
	return slices.Equal(want, got)
}

func (c *checker) button(comp Component) (string, int, int) {
	i, isNumber := index(comp.Index)
	if !isNumber || i >= len(c.needs.buttons) || c.buttons[i] {
		return parametersIndex, len(c.needs.buttons), i
	}
	c.buttons[i] = true
	b := c.needs.buttons[i]
	switch {
	case len(b.subtypes) == 0 && comp.Parameters > 0:
		return parametersCount, 0, comp.Parameters
	case len(b.subtypes) > 0 && !slices.Contains(b.subtypes, strings.ToLower(comp.SubType)):
		return parametersFormat, b.min, comp.Parameters
	case comp.Parameters < b.min || comp.Parameters > b.max:
		return parametersCount, b.min, comp.Parameters
	}
	return parametersOK, b.min, comp.Parameters
}

// complete looks for what should have been given and was not.
func (c *checker) complete() (string, int, int) {
	if want := c.header.count + len(c.header.names); want > 0 && !c.given["header"] {
		return parametersCount, want, 0
	}
	if want := c.body.count + len(c.body.names); want > 0 && !c.given["body"] {
		return parametersCount, want, 0
	}
	for i, b := range c.needs.buttons {
		if b.min > 0 && !c.buttons[i] {
			return parametersComponent, b.min, 0
		}
	}
	for kind, must := range c.required {
		if must && !c.given[kind] {
			return parametersComponent, 1, 0
		}
	}
	for _, card := range c.cards {
		if result, want, got := card.complete(); result != parametersOK {
			return result, want, got
		}
	}
	return parametersOK, 0, 0
}
