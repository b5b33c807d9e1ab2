package template

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"postern/cmd/metasim/internal/graph"
)

const (
	maxName   = 512
	maxFooter = 60
	maxLabel  = 25
	maxURL    = 2000
	maxBtns   = 10
)

var (
	nameShape     = regexp.MustCompile(`^[a-z0-9_]+$`)
	languageShape = regexp.MustCompile(`^[a-z]{2,3}([_-][A-Z]{2,3})?$`)
	edge          = regexp.MustCompile(`^\s*\{\{|\}\}[\s.!?]*$`)
)

// Validate says whether Meta would take the template for review.
func (t *Template) Validate() *graph.Error {
	switch {
	case !nameShape.MatchString(t.Name) || len(t.Name) > maxName:
		return graph.New(100, "Param name must be 1 to 512 lower case letters, digits and underscores.")
	case !languageShape.MatchString(t.Language):
		return graph.New(100, "Param language is not a language code.")
	case t.Category != Marketing && t.Category != Utility && t.Category != Authentication:
		return graph.New(100, "Param category must be MARKETING, UTILITY or AUTHENTICATION.")
	case t.Format != "" && t.Format != Positional && t.Format != Named:
		return graph.New(100, "Param parameter_format must be POSITIONAL or NAMED.")
	}
	components, err := t.parse()
	if err != nil {
		return err
	}
	if err := t.validateComponents(components); err != nil {
		return err
	}
	return t.Compile()
}

func (t *Template) validateComponents(components []component) *graph.Error {
	seen := make(map[string]bool)
	for _, c := range components {
		kind := strings.ToUpper(c.Type)
		if seen[kind] {
			return graph.Newf(100, "Component %s is given more than once.", kind)
		}
		seen[kind] = true
		if err := t.validateComponent(kind, c); err != nil {
			return err
		}
	}
	if !seen["BODY"] {
		return graph.New(100, "Param components must hold a BODY.")
	}
	return nil
}

func (t *Template) validateComponent(kind string, c component) *graph.Error {
	switch kind {
	case "HEADER":
		return t.validateHeader(c)
	case "BODY":
		return t.validateBody(c)
	case "FOOTER":
		if length(c.Text) > maxFooter || strings.Contains(c.Text, "{{") {
			return refused(2388073, "Footer is too long or holds a parameter.")
		}
	case "BUTTONS":
		return validateButtons(c.Buttons)
	case "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST":
	default:
		return graph.New(100, "Param components holds a component of unknown type.")
	}
	return nil
}

func (t *Template) validateHeader(c component) *graph.Error {
	switch strings.ToUpper(c.Format) {
	case "TEXT":
		switch n := len(t.params(c.Text)); {
		case c.Text == "" || length(c.Text) > maxHeaderText:
			return refused(2388047, "Header text is missing or too long.")
		case n > 1:
			return refused(2388047, "Header may hold one parameter.")
		case n == 1 && c.Example == nil:
			return refused(2388047, "Header needs an example for its parameter.")
		}
	case "IMAGE", "VIDEO", "DOCUMENT", "GIF":
		if c.Example == nil {
			return refused(2388047, "Header needs an example handle.")
		}
	case "LOCATION":
	default:
		return refused(2388047, "Header format is not known.")
	}
	return nil
}

func (t *Template) validateBody(c component) *graph.Error {
	if t.Category == Authentication {
		if c.Text != "" {
			return refused(2388072, "The text of an authentication template is fixed.")
		}
		return nil
	}
	n := len(t.params(c.Text))
	switch {
	case c.Text == "":
		return refused(2388072, "Body text is missing.")
	case length(c.Text) > maxBodyText:
		return refused(2388040, "Body text is too long.")
	case strings.Count(c.Text, "{{") > 0 && n == 0:
		return refused(2388072, "Body parameters do not follow the parameter format.")
	case n > 0 && c.Example == nil:
		return refused(2388072, "Body needs examples for its parameters.")
	case edge.MatchString(c.Text):
		return refused(2388299, "Body may not start or end with a parameter.")
	case len(strings.Fields(c.Text)) < 2*n+1:
		return refused(2388293, "Body has too many parameters for its length.")
	}
	return nil
}

func validateButtons(list []buttonJSON) *graph.Error {
	if len(list) == 0 || len(list) > maxBtns {
		return graph.Newf(100, "Component BUTTONS must have between 1 and %d buttons.", maxBtns)
	}
	for _, b := range list {
		switch {
		case b.Type == "":
			return graph.New(100, "A button has no type.")
		case length(b.Text) > maxLabel || len(b.URL) > maxURL:
			return refused(2388040, "A button's label or URL is too long.")
		}
	}
	return nil
}

// refused is a refusal of template review: code 100 with the reason as subcode.
func refused(subcode int, details string) *graph.Error {
	e := graph.New(100, details)
	e.Subcode = subcode
	return e
}

func length(s string) int { return utf8.RuneCountInString(s) }
