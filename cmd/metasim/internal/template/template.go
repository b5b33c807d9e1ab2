// Package template keeps message templates as Meta does: what a template
// asks for, whether it can be created, and whether a send fits it. Every
// refusal is a Graph error; nothing here panics on what a client wrote.
package template

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
)

// Values of status, category and parameter format that matter here.
const (
	Approved       = "APPROVED"
	Pending        = "PENDING"
	Rejected       = "REJECTED"
	Paused         = "PAUSED"
	Disabled       = "DISABLED"
	Marketing      = "MARKETING"
	Utility        = "UTILITY"
	Authentication = "AUTHENTICATION"
	Positional     = "POSITIONAL"
	Named          = "NAMED"
)

// Template is one template in one language, in the form of its Graph node.
type Template struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Language   string         `json:"language"`
	Status     string         `json:"status"`
	Category   string         `json:"category"`
	Format     string         `json:"parameter_format,omitempty"`
	Components jsontext.Value `json:"components,omitempty"`
	Reason     string         `json:"rejected_reason,omitempty"`
	TTL        int            `json:"message_send_ttl_seconds,omitzero"`

	shape shape
}

// shape is what a send must bring.
type shape struct {
	headerFormat string   // TEXT, IMAGE, …; empty without header
	headerParams []string // names or numbers in the header text
	bodyParams   []string
	bodyFixed    int // characters of the body text without its placeholders
	buttons      []button
}

type button struct {
	kind  string // URL, QUICK_REPLY, OTP, COPY_CODE, …
	param bool   // a send must bring a parameter for it
}

type component struct {
	Type    string         `json:"type"`
	Format  string         `json:"format"`
	Text    string         `json:"text"`
	Buttons []buttonJSON   `json:"buttons"`
	Example jsontext.Value `json:"example"`
}

type buttonJSON struct {
	Type string `json:"type"`
	Text string `json:"text"`
	URL  string `json:"url"`
}

var (
	numbered = regexp.MustCompile(`\{\{\s*([0-9]+)\s*\}\}`)
	named    = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]*)\s*\}\}`)
)

// Compile reads the components, so that sends can be checked against them.
func (t *Template) Compile() *graph.Error {
	components, err := t.parse()
	if err != nil {
		return err
	}
	t.shape = shape{}
	for _, c := range components {
		switch strings.ToUpper(c.Type) {
		case "HEADER":
			t.shape.headerFormat = strings.ToUpper(c.Format)
			t.shape.headerParams = t.params(c.Text)
		case "BODY":
			t.shape.bodyFixed = length(named.ReplaceAllString(numbered.ReplaceAllString(c.Text, ""), ""))
			t.shape.bodyParams = t.params(c.Text)
		case "BUTTONS":
			t.shape.buttons = buttons(c.Buttons)
		}
	}
	if t.Category == Authentication {
		t.authentication()
	}
	return nil
}

func (t *Template) parse() ([]component, *graph.Error) {
	var components []component
	if len(t.Components) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(t.Components, &components); err != nil {
		return nil, graph.New(100, "Param components is not a valid list of components.")
	}
	return components, nil
}

// authentication fills in what Meta fixes for login codes: a body with the
// code as its one parameter, and a button that carries it again.
func (t *Template) authentication() {
	t.shape.bodyParams = []string{"1"}
	for i := range t.shape.buttons {
		t.shape.buttons[i].param = true
	}
}

// params returns the distinct placeholders of a text in order.
func (t *Template) params(text string) []string {
	pattern := numbered
	if t.Format == Named {
		pattern = named
	}
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(found, match[1]) {
			found = append(found, match[1])
		}
	}
	return found
}

func buttons(list []buttonJSON) []button {
	found := make([]button, len(list))
	for i, b := range list {
		kind := strings.ToUpper(b.Type)
		found[i] = button{
			kind:  kind,
			param: kind == "COPY_CODE" || kind == "OTP" || (kind == "URL" && strings.Contains(b.URL, "{{")),
		}
	}
	return found
}
