package facts

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/policy"
)

// Template is a template as upstream lists it. Status and Category are
// upstream's words; Components is the list as received.
type Template struct {
	WABA       string         `json:"-"`
	Name       string         `json:"-"`
	Language   string         `json:"-"`
	ID         string         `json:"id,omitempty"`
	Status     string         `json:"status"`
	Category   string         `json:"category"`
	Format     string         `json:"format,omitempty"` // parameter_format: POSITIONAL (or empty) or NAMED
	Components jsontext.Value `json:"components,omitempty"`
	Quality    string         `json:"quality,omitempty"` // GREEN, YELLOW, RED, UNKNOWN; empty where nobody said
	Reason     string         `json:"reason,omitempty"`  // why it was rejected

	at    int64
	needs *needs
}

// Row keeps the template; at is when upstream said so.
func (t Template) Row(tenant string, at time.Time) Row {
	return Person{Tenant: tenant}.row(KindTemplate, t.WABA+"/"+t.Name+"/"+t.Language, t, at, time.Time{})
}

// GoneRow removes the template.
func (t Template) GoneRow(tenant string, at time.Time) Row {
	row := t.Row(tenant, at)
	row.Value = nil
	return row
}

// Same reports whether upstream said the same of both.
func (t Template) Same(o Template) bool {
	return t.ID == o.ID && t.Status == o.Status && t.Category == o.Category && t.Format == o.Format &&
		t.Quality == o.Quality && t.Reason == o.Reason && bytes.Equal(t.Components, o.Components)
}

type templateKey struct{ tenant, waba, name, language string }

func parseTemplateKey(row Row) (templateKey, bool) {
	parts := strings.Split(row.Key, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return templateKey{}, false
	}
	return templateKey{row.Tenant, parts[0], parts[1], parts[2]}, true
}

func applyTemplate(s *State, row Row) error {
	key, ok := parseTemplateKey(row)
	if !ok {
		return ErrRow
	}
	if row.Value == nil {
		delete(s.templates, key)
		s.noted(key)
		return nil
	}
	t := Template{WABA: key.waba, Name: key.name, Language: key.language, at: row.Time}
	if err := decode(row, &t); err != nil {
		return err
	}
	var err error
	if t.needs, err = t.compile(); err != nil {
		return err
	}
	if row.Time >= s.templates[key].at {
		s.templates[key] = t
		s.noted(key)
	}
	return nil
}

// Template finds a template by account, name and language.
func (s *State) Template(tenant, waba, name, language string) (Template, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.templates[templateKey{tenant, waba, name, language}]
	return t, ok
}

// Templates lists the templates of an account by name and language. The list
// is shared: it is not to be changed.
func (s *State) Templates(tenant, waba string) []Template {
	of := templateKey{tenant: tenant, waba: waba}
	s.mu.RLock()
	list, known := s.sorted[of]
	s.mu.RUnlock()
	if known {
		return list
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []templateKey // smaller than templates to move about
	for key := range s.templates {
		if key.tenant == tenant && key.waba == waba {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b templateKey) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.language, b.language))
	})
	list = make([]Template, len(keys))
	for i, key := range keys {
		list[i] = s.templates[key]
	}
	if len(list) > 0 { // whatever else is asked for leaves no trace
		s.sorted[of] = list
	}
	return list
}

// TemplateByID finds a template of an account by upstream's id.
func (s *State) TemplateByID(tenant, waba, id string) (Template, bool) {
	for _, t := range s.Templates(tenant, waba) {
		if t.ID == id && id != "" {
			return t, true
		}
	}
	return Template{}, false
}

// Judge looks a template up and compares the use of it with its definition. It
// returns what policy sees and the category, in small letters ("" if unknown).
func (s *State) Judge(tenant, waba string, use Use) (*policy.Template, string) {
	out := &policy.Template{Name: use.Name, Language: use.Language}
	t, ok := s.Template(tenant, waba, use.Name, use.Language)
	if !ok {
		return out, ""
	}
	out.Known, out.Status, out.Category = true, t.Status, strings.ToLower(t.Category)
	out.Parameters, out.Want, out.Got = t.Check(use)
	return out, out.Category
}

// definition is what of a component decides about parameters.
type definition struct {
	Type     string             `json:"type"`
	Format   string             `json:"format"`
	Text     string             `json:"text"`
	Security *bool              `json:"add_security_recommendation"`
	Buttons  []buttonDefinition `json:"buttons"`
	Cards    []struct {
		Components []definition `json:"components"`
	} `json:"cards"`
}

type buttonDefinition struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// needs is a template's definition, reduced to what its use must bring.
type needs struct {
	header   slot
	body     slot
	buttons  []button
	others   map[string]bool // further component types, such as carousel
	required map[string]bool // those of them that must be given
	cards    []*needs        // of a carousel
}

// slot says which parameters a component takes.
type slot struct {
	kind  string   // kind of a media or location header, "" for text
	count int      // of positional parameters
	names []string // of named parameters
}

// button says which parameters one button takes.
type button struct {
	subtypes []string // as sent; empty: takes none
	min, max int
}

func (t *Template) compile() (*needs, error) {
	var defs []definition
	if len(t.Components) > 0 {
		if err := json.Unmarshal(t.Components, &defs); err != nil {
			return nil, ErrRow
		}
	}
	return needsOf(defs, strings.EqualFold(t.Category, policy.CategoryAuthentication)), nil
}

func needsOf(defs []definition, authentication bool) *needs {
	n := &needs{others: map[string]bool{}, required: map[string]bool{}}
	for _, d := range defs {
		n.add(d, authentication)
	}
	return n
}

func (n *needs) add(d definition, authentication bool) {
	switch kind := strings.ToLower(d.Type); kind {
	case "header":
		n.header = slotOf(d.Text)
		if f := strings.ToLower(d.Format); f != "" && f != "text" {
			n.header = slot{kind: f, count: 1}
		}
	case "body":
		n.body = slotOf(d.Text)
		if authentication && d.Text == "" { // the code; upstream writes the sentence
			n.body = slot{count: 1}
		}
	case "buttons":
		for _, b := range d.Buttons {
			n.buttons = append(n.buttons, buttonOf(b))
		}
	case "footer":
	default:
		n.others[kind] = true
		n.required[kind] = kind == "carousel" || kind == "limited_time_offer"
		for _, card := range d.Cards {
			n.cards = append(n.cards, needsOf(card.Components, false))
		}
	}
}

func buttonOf(b buttonDefinition) button {
	switch strings.ToUpper(b.Type) {
	case "URL":
		if strings.Contains(b.URL, "{{") {
			return button{[]string{"url"}, 1, 1}
		}
		return button{}
	case "OTP":
		return button{[]string{"url", "copy_code"}, 1, 1}
	case "COPY_CODE":
		return button{[]string{"copy_code", "coupon_code"}, 1, 1}
	case "QUICK_REPLY":
		return button{[]string{"quick_reply"}, 0, 1}
	case "MPM", "SPM":
		return button{[]string{strings.ToLower(b.Type)}, 1, 1}
	case "FLOW", "CATALOG", "VOICE_CALL":
		return button{[]string{strings.ToLower(b.Type)}, 0, 1}
	}
	return button{}
}

// slotOf finds the placeholders of a text: {{1}} ... or {{first_name}} ...
// Positional ones count up to the highest number, as upstream does.
func slotOf(text string) slot {
	var s slot
	seen := map[string]bool{}
	for {
		_, after, found := strings.Cut(text, "{{")
		name, rest, closed := strings.Cut(after, "}}")
		if !found || !closed {
			return s
		}
		text = rest
		if name = strings.TrimSpace(name); seen[name] || name == "" {
			continue
		}
		seen[name] = true
		if n, isNumber := index(name); isNumber {
			s.count = max(s.count, n)
		} else {
			s.names = append(s.names, name)
		}
	}
}

func index(s string) (int, bool) {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > 1000 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, s != ""
}
