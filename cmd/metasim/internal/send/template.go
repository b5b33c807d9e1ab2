package send

import (
	"strconv"
	"strings"
)

// Template is the template part of a send.
type Template struct {
	Name       string
	Language   string
	Components []Component
}

// Component is one component as it was sent; Index is -1 when absent.
type Component struct {
	Type       string // header, body, button, carousel, limited_time_offer; lower case
	SubType    string // of a button; lower case
	Index      int
	Parameters []Parameter
}

// Parameter is one value for a template. Text holds what a text, payload or
// coupon code parameter carries; for money and dates the fallback.
type Parameter struct {
	Type string // lower case
	Name string
	Text string
}

const (
	maxParameters  = 64
	maxComponents  = 16
	maxTemplate    = 512
	maxCards       = 10
	maxPayload     = 256
	maxButtonIndex = 9
)

var templateMembers = []member{
	{name: "name", need: true, max: maxTemplate},
	{name: "language", kind: object, need: true, of: []member{
		{name: "code", need: true},
		{name: "policy", enum: []string{"deterministic"}},
	}},
	{name: "components", kind: list, max: maxComponents, of: append([]member{
		{name: "cards", kind: list, min: 1, max: maxCards, of: []member{
			{name: "card_index", kind: number, need: true},
			{name: "components", kind: list, max: maxComponents, of: component},
		}}}, component...)},
}

var component = []member{
	{name: "type", need: true, check: oneOf("header", "body", "button", "carousel", "limited_time_offer")},
	{name: "sub_type", check: oneOf("quick_reply", "url", "flow", "catalog", "copy_code", "mpm", "spm",
		"voice_call", "order_details", "phone_number", "request_contact_info")},
	{name: "index", kind: number, check: buttonIndex},
	{name: "parameters", kind: list, max: maxParameters, of: parameter},
}

var parameter = []member{
	{name: "type", need: true, check: oneOf("text", "currency", "date_time", "image", "video", "document",
		"location", "payload", "action", "coupon_code", "limited_time_offer", "product", "ttl_minutes")},
	{name: "parameter_name"},
	{name: "text"},
	{name: "currency", kind: object, of: []member{
		{name: "fallback_value", need: true},
		{name: "code", need: true, max: 3},
		{name: "amount_1000", kind: number, need: true},
	}},
	{name: "date_time", kind: anything},
	media("image"),
	media("video"),
	media("document", fileName),
	location,
	{name: "payload", max: maxPayload},
	{name: "action", kind: anything},
	{name: "coupon_code"},
	{name: "limited_time_offer", kind: object, of: []member{{name: "expiration_time_ms", kind: number, need: true}}},
	{name: "product", kind: object, of: strs("catalog_id", "product_retailer_id")},
	{name: "ttl_minutes", kind: number},
}

func oneOf(names ...string) func(any) *problem {
	return func(v any) *problem {
		s, _ := v.(string)
		for _, name := range names {
			if strings.EqualFold(name, s) {
				return nil
			}
		}
		return wrong(131009, "must be one of %v.", names)
	}
}

func buttonIndex(v any) *problem {
	if i := position(v); i < 0 || i > maxButtonIndex {
		return wrong(131009, "must be between 0 and %d.", maxButtonIndex)
	}
	return nil
}

// position reads a number or its text; -1 when it is neither.
func position(v any) int {
	switch n := v.(type) {
	case float64:
		return int(n)
	case string:
		if i, err := strconv.Atoi(n); err == nil {
			return i
		}
	}
	return -1
}

func newTemplate(members map[string]any) *Template {
	language, _ := members["language"].(map[string]any)
	t := &Template{Name: text(members, "name"), Language: text(language, "code")}
	components, _ := members["components"].([]any)
	for _, entry := range components {
		if c, ok := entry.(map[string]any); ok {
			t.Components = append(t.Components, newComponent(c))
		}
	}
	return t
}

func newComponent(members map[string]any) Component {
	c := Component{
		Type:    strings.ToLower(text(members, "type")),
		SubType: strings.ToLower(text(members, "sub_type")),
		Index:   position(members["index"]),
	}
	parameters, _ := members["parameters"].([]any)
	for _, entry := range parameters {
		if p, ok := entry.(map[string]any); ok {
			c.Parameters = append(c.Parameters, newParameter(p))
		}
	}
	return c
}

func newParameter(members map[string]any) Parameter {
	p := Parameter{Type: strings.ToLower(text(members, "type")), Name: text(members, "parameter_name")}
	switch p.Type {
	case "text", "payload", "coupon_code":
		p.Text = text(members, p.Type)
	case "currency", "date_time":
		value, _ := members[p.Type].(map[string]any)
		p.Text = text(value, "fallback_value")
	}
	return p
}
