package dialect

import (
	"errors"
	"strconv"
	"strings"
)

// Template is a message template as upstream lists it. Components is its JSON
// array as received.
type Template struct {
	ID, Name, Language, Status, Category string
	ParameterFormat                      string
	Quality                              string // GREEN, YELLOW, RED, UNKNOWN or ""
	RejectedReason                       string
	Components                           []byte
}

// ErrTemplates says that a template list of upstream's cannot be read.
var ErrTemplates = errors.New("decode template list: not a Cloud API list")

// DecodeTemplates reads one page of upstream's template list. after is the
// cursor of the next page, "" on the last.
func DecodeTemplates(body []byte) (list []Template, after string, err error) {
	t, err := parse(body, true)
	if err != nil || !t.is(t.child(0, "data"), '[') {
		return nil, "", ErrTemplates
	}
	for c := t.nodes[t.child(0, "data")].first; c != none; c = t.nodes[c].next {
		x := Template{
			ID: t.str(c, "id"), Name: t.str(c, "name"), Language: t.str(c, "language"), Status: t.str(c, "status"),
			Category: t.str(c, "category"), ParameterFormat: t.str(c, "parameter_format"),
			Quality: t.str(c, "quality_score", "score"), RejectedReason: t.str(c, "rejected_reason"),
		}
		if n := t.child(c, "components"); t.is(n, '[') {
			x.Components = []byte(t.raw(n))
		}
		if x.Name == "" || x.Language == "" {
			return nil, "", ErrTemplates
		}
		list = append(list, x)
	}
	if t.child(t.child(0, "paging"), "next") != none {
		after = t.str(0, "paging", "cursors", "after")
	}
	return list, after, nil
}

// TemplatePage says which part of all templates a list holds.
type TemplatePage struct {
	Before, After        string   // Cloud cursors of the first and behind the last one
	Next, Previous       string   // Cloud: URLs of other pages on the gateway
	Fields               []string // Cloud: of TemplateFields, nil for the usual ones
	Limit, Offset, Total int      // 360dialog
	Sort                 string
	Summary              bool // Cloud: summary= was asked for
	Namespace            string
}

// EncodeTemplates answers Cloud's GET /{waba}/message_templates.
func EncodeTemplates(list []Template, page TemplatePage) (status int, body []byte) {
	if page.Fields == nil {
		page.Fields = templateFields[:plainTemplateFields]
	}
	out := []byte(`{"data":[`)
	for i, x := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendTemplate(out, x, page.Fields)
	}
	out = append(out, ']')
	if page.Before != "" || page.After != "" {
		out = appendText(append(out, `,"paging":{"cursors":{"before":`...), page.Before)
		out = append(appendText(append(out, `,"after":`...), page.After), '}')
		out = append(appendMember(appendMember(out, "next", page.Next), "previous", page.Previous), '}')
	}
	if page.Summary {
		out = strconv.AppendInt(append(out, `,"summary":{"total_count":`...), int64(page.Total), 10)
		out = strconv.AppendInt(append(out, `,"message_template_count":`...), int64(page.Total), 10)
		out = append(out, `,"message_template_limit":6000,"are_translations_complete":true}`...)
	}
	return 200, append(out, '}')
}

// appendTemplate writes a template's fields; of what is empty only components
// are written.
func appendTemplate(out []byte, x Template, fields []string) []byte {
	start := len(out)
	for _, name := range fields {
		switch name {
		case "components":
			out = append(append(out, `,"components":`...), componentsOf(x)...)
		case "quality_score":
			out = append(appendText(append(out, `,"quality_score":{"score":`...), or(x.Quality, "UNKNOWN")), '}')
		default:
			out = appendMember(out, name, x.text(name))
		}
	}
	if len(out) == start {
		return append(out, '{', '}')
	}
	out[start] = '{'
	return append(out, '}')
}

// text is the field of that name, as far as it is a text.
func (x *Template) text(name string) string {
	switch name {
	case "name":
		return x.Name
	case "language":
		return x.Language
	case "status":
		return x.Status
	case "category":
		return x.Category
	case "rejected_reason":
		return x.RejectedReason
	case "parameter_format":
		return x.ParameterFormat
	case "id":
		return x.ID
	}
	return ""
}

func componentsOf(x Template) []byte {
	if len(x.Components) == 0 {
		return []byte("[]")
	}
	return x.Components
}

// EncodeConfigTemplates answers 360dialog's GET /v1/configs/templates, with
// statuses in lower case as that dialect wrote them.
func EncodeConfigTemplates(list []Template, page TemplatePage) (status int, body []byte) {
	out := strconv.AppendInt([]byte(`{"count":`), int64(len(list)), 10)
	out = strconv.AppendInt(append(out, `,"filters":{},"limit":`...), int64(page.Limit), 10)
	out = strconv.AppendInt(append(out, `,"offset":`...), int64(page.Offset), 10)
	out = appendText(append(out, `,"sort":[`...), or(page.Sort, "id"))
	out = strconv.AppendInt(append(out, `],"total":`...), int64(page.Total), 10)
	out = append(out, `,"waba_templates":[`...)
	for i, x := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendConfigTemplate(out, x, page.Namespace)
	}
	return 200, append(out, ']', '}')
}

func appendConfigTemplate(out []byte, x Template, namespace string) []byte {
	x.Status = strings.ToLower(x.Status)
	if x.Status == "pending" {
		x.Status = "submitted" // as that dialect called it
	}
	out = appendTemplate(out, x, configFields)
	return append(appendText(append(out[:len(out)-1], `,"namespace":`...), namespace), '}')
}

// configFields are those of a template in 360dialog's list.
var configFields = []string{"name", "language", "status", "category", "rejected_reason", "components"}
