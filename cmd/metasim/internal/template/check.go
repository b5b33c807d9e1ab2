package template

import (
	"slices"
	"strings"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/send"
)

// Lengths of Meta's template pages, in characters.
const (
	maxBodyText   = 1024
	maxHeaderText = 60
	maxCode       = 15
	maxCoupon     = 20
)

// Check holds a send against the template: its status, the number and form of
// its parameters, the filled-in length.
func (t *Template) Check(s *send.Template) *graph.Error {
	switch t.Status {
	case Approved:
	case Paused:
		return graph.New(132015, "The template is paused because of low quality.")
	case Disabled:
		return graph.New(132016, "The template is disabled because of low quality.")
	default:
		return graph.New(132001, "The template is not approved.")
	}
	if err := t.checkHeader(pick(s, "header")); err != nil {
		return err
	}
	if err := t.checkBody(pick(s, "body")); err != nil {
		return err
	}
	return t.checkButtons(s)
}

// pick returns the first component of a type, or nil.
func pick(s *send.Template, kind string) *send.Component {
	i := slices.IndexFunc(s.Components, func(c send.Component) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return &s.Components[i]
}

func (t *Template) checkHeader(c *send.Component) *graph.Error {
	var sent []send.Parameter
	if c != nil {
		sent = c.Parameters
	}
	switch t.shape.headerFormat {
	case "", "TEXT":
		return t.checkText("header", t.shape.headerParams, sent)
	case "IMAGE", "VIDEO", "DOCUMENT", "LOCATION":
		want := strings.ToLower(t.shape.headerFormat)
		if len(sent) != 1 || sent[0].Type != want {
			return graph.Newf(132012, "header: the template needs one parameter of type %s.", want)
		}
	}
	return nil
}

func (t *Template) checkBody(c *send.Component) *graph.Error {
	var sent []send.Parameter
	if c != nil {
		sent = c.Parameters
	}
	if err := t.checkText("body", t.shape.bodyParams, sent); err != nil {
		return err
	}
	total := t.shape.bodyFixed
	for _, p := range sent {
		total += length(p.Text)
	}
	if total > maxBodyText {
		return graph.New(132005, "body: the text with its parameters is too long.")
	}
	return nil
}

// checkText holds text parameters against the placeholders of a text.
func (t *Template) checkText(where string, want []string, sent []send.Parameter) *graph.Error {
	if len(sent) != len(want) {
		return graph.Newf(132000, "%s: number of localizable_params (%d) does not match the expected number of params (%d)",
			where, len(sent), len(want))
	}
	for _, p := range sent {
		if err := textParameter(where, p); err != nil {
			return err
		}
		if t.Format == Named && !slices.Contains(want, p.Name) {
			return graph.Newf(132012, "%s: parameter_name is missing or is not a parameter of the template.", where)
		}
	}
	return nil
}

func textParameter(where string, p send.Parameter) *graph.Error {
	switch p.Type {
	case "text", "currency", "date_time":
	default:
		return graph.Newf(132012, "%s: a parameter is not of type text, currency or date_time.", where)
	}
	if p.Text == "" {
		return graph.Newf(131008, "%s: a parameter of type %s is missing its value.", where, p.Type)
	}
	if strings.ContainsAny(p.Text, "\n\t\r") || strings.Contains(p.Text, "     ") {
		return graph.Newf(132007, "%s: a parameter holds a line break, a tab or more than four blanks in a row.", where)
	}
	return nil
}

// checkButtons: each button component names its place, and each button that
// needs a parameter has one.
func (t *Template) checkButtons(s *send.Template) *graph.Error {
	given := make(map[int]bool)
	for _, c := range s.Components {
		if c.Type != "button" {
			continue
		}
		if err := t.checkButton(c); err != nil {
			return err
		}
		given[c.Index] = true
	}
	for i, b := range t.shape.buttons {
		if b.param && !given[i] {
			return graph.Newf(131008, "buttons: button at index %d requires a parameter.", i)
		}
	}
	return nil
}

func (t *Template) checkButton(c send.Component) *graph.Error {
	switch {
	case c.Index < 0:
		return graph.New(131008, "buttons: index is required for each button.")
	case c.SubType == "":
		return graph.New(131008, "buttons: sub_type is required for each button.")
	case c.Index >= len(t.shape.buttons):
		return graph.Newf(132012, "buttons: the template has no button at index %d.", c.Index)
	}
	want := t.shape.buttons[c.Index]
	if !slices.Contains(subTypes(want.kind), c.SubType) {
		return graph.Newf(132012, "buttons: button at index %d is of another type.", c.Index)
	}
	if !want.param {
		return nil
	}
	if len(c.Parameters) != 1 || c.Parameters[0].Text == "" {
		return graph.Newf(131008, "buttons: button at index %d requires a parameter.", c.Index)
	}
	return buttonParameter(want, c)
}

func buttonParameter(want button, c send.Component) *graph.Error {
	limit := map[string]int{"OTP": maxCode, "COPY_CODE": maxCoupon}[want.kind]
	if limit > 0 && length(c.Parameters[0].Text) > limit {
		return graph.Newf(132005, "buttons: the code at index %d may have at most %d characters.", c.Index, limit)
	}
	return nil
}

// subTypes are the names a button may be sent under. One-time codes travel as
// URL buttons.
func subTypes(kind string) []string {
	switch kind {
	case "OTP":
		return []string{"url", "copy_code"}
	default:
		return []string{strings.ToLower(kind)}
	}
}
