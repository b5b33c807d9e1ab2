package dialect

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/proxy/message"
)

// yamlFields are the members of a mapping of YAML in their order.
type yamlFields []yamlField

type yamlField struct {
	name  string
	value any
}

// yamlNode is a value as a node; what is not made here encodes itself.
func yamlNode(v any) *yaml.Node {
	switch v := v.(type) {
	case *yaml.Node:
		return v
	case yamlFields:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range v {
			n.Content = append(n.Content, yamlNode(f.name), yamlNode(f.value))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, e := range v {
			n.Content = append(n.Content, yamlNode(e))
		}
		return n
	}
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		panic(err) // strings, numbers and lists of them
	}
	return n
}

func (o *yamlFields) set(name string, value any) { *o = append(*o, yamlField{name, value}) }

func schemaRef(name string) yamlFields { return yamlFields{{"$ref", "#/components/schemas/" + name}} }

// shapeNames are the shapes that descriptions give a name of their own.
func shapeNames() map[*shape]string {
	names := map[*shape]string{
		anyHeader: "Header", textOnly: "TextHeader", productSection: "ProductSection", listSection: "ListSection", cardShape: "Card",
		componentShape: "TemplateComponent", parameterShape: "TemplateParameter", buttonComponent: "ButtonComponent",
	}
	for _, part := range []string{"header", "body", "footer"} {
		names[plainComponents[part]] = strings.ToUpper(part[:1]) + part[1:] + "Component"
	}
	for typ, s := range contentShapes {
		names[s] = strings.ToUpper(string(typ[:1])) + string(typ[1:])
	}
	return names
}

// schemas writes shapes as JSON Schemas.
type schemas struct {
	names  map[*shape]string
	strict bool

	providers bool // apps store credentials of files
}

// identifierPattern is what identifier takes.
const identifierPattern = "^[!#-&(-;=?-\\[\\]-_a-z|~]+$"

func (x schemas) of(s *shape) any {
	if name := x.names[s]; name != "" {
		return schemaRef(name)
	}
	return x.body(s)
}

func (x schemas) body(s *shape) any {
	switch s.form {
	case formString:
		return stringSchema(s)
	case formInteger, formNumber:
		return numberSchema(s)
	case formBool:
		return yamlFields{{"type", "boolean"}}
	case formObject:
		return x.object(s)
	case formArray:
		out := yamlFields{{"type", "array"}, {"items", x.of(s.elem)}}
		return append(out, limits("minItems", "maxItems", s)...)
	}
	return yamlFields{{"description", "Any JSON."}}
}

func limits(least, most string, s *shape) yamlFields {
	var out yamlFields
	if s.min > 0 {
		out.set(least, s.min)
	}
	if s.max > 0 {
		out.set(most, s.max)
	}
	return out
}

func stringSchema(s *shape) yamlFields {
	out := yamlFields{{"type", "string"}}
	switch {
	case len(s.enum) > 0:
		out.set("enum", s.enum)
	case s.role == roleLink:
		out.set("pattern", "^https?://")
	case s.ident:
		out.set("pattern", identifierPattern)
	}
	return append(out, limits("minLength", "maxLength", s)...)
}

func numberSchema(s *shape) yamlFields {
	out := yamlFields{{"type", "number"}}
	if s.form == formInteger {
		out[0].value = "integer"
	}
	if s.max > 0 {
		out = append(out, yamlField{"minimum", -s.max}, yamlField{"maximum", s.max})
	}
	return out
}

func (x schemas) object(s *shape) yamlFields {
	if s.disc == "" {
		return x.members(s)
	}
	var choices []any
	for _, name := range slices.Sorted(maps.Keys(s.variant)) {
		choices = append(choices, x.of(s.variant[name]))
	}
	return yamlFields{{"anyOf", choices}}
}

func (x schemas) members(s *shape) yamlFields {
	var properties yamlFields
	var required []string
	for _, m := range s.members {
		switch {
		case m.ignored && s.media != "" && !x.providers: // refused, or nobody can have set one
		case m.ignored && s.media != "":
			properties.set(m.name, yamlFields{
				{"description", "With link alone: whose stored credentials fetch the file."}, {"type", "object"},
				{"properties", yamlFields{{"name", yamlFields{{"type", "string"}, {"pattern", "^[A-Za-z0-9._-]{1,64}$"}}}}}, {"required", []string{"name"}},
			})
		case m.ignored:
			properties.set(m.name, yamlFields{{"description", "Taken and left out."}})
		default:
			properties.set(m.name, x.of(m.shape))
		}
		if m.required {
			required = append(required, m.name)
		}
	}
	out := yamlFields{{"type", "object"}, {"properties", properties}}
	if required != nil {
		out.set("required", required)
	}
	if x.strict {
		out.set("additionalProperties", false)
	}
	if s.media != "" {
		out.set("oneOf", []any{yamlFields{{"required", []string{"id"}}}, yamlFields{{"required", []string{"link"}}}})
	}
	return out
}

// messageSchemas are those of the messages of a dialect, in the order of
// their names: each named shape, each type of message, and their sum.
func messageSchemas(d Dialect) yamlFields {
	x := schemas{names: shapeNames(), strict: !d.Flat(), providers: d == OnPrem}
	byName := map[string]any{}
	for s, name := range x.names {
		byName[name] = x.body(s)
	}
	var types []any
	for _, typ := range slices.Sorted(maps.Keys(contentShapes)) {
		name := x.names[contentShapes[typ]] + "Message"
		byName[name] = x.envelope(d, typ)
		types = append(types, schemaRef(name))
	}
	if d.Flat() {
		types = append(types, schemaRef("HSMMessage"))
	} else {
		types = append(types, schemaRef("MarkAsRead"))
	}
	byName["Message"] = yamlFields{{"anyOf", types}}
	var out yamlFields
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out.set(name, byName[name])
	}
	return out
}

// envelope is a message of one type.
func (x schemas) envelope(d Dialect, typ message.Type) yamlFields {
	properties, required := yamlFields{}, []string{"to", "type", string(typ)}
	if !d.Flat() {
		properties.set("messaging_product", yamlFields{{"const", "whatsapp"}})
		required = append([]string{"messaging_product"}, required...)
	}
	properties = append(properties, yamlField{"recipient_type", yamlFields{{"const", "individual"}}}, yamlField{"to", schemaRef("To")})
	if !d.Flat() {
		properties.set("recipient", schemaRef("UserID"))
	}
	properties.set("type", yamlFields{{"const", string(typ)}})
	properties.set(string(typ), schemaRef(x.names[contentShapes[typ]]))
	if d.Flat() && typ == message.Text {
		properties.set("preview_url", yamlFields{{"type", "boolean"}})
	}
	properties.set("context", x.body(contextShape))
	properties.set("biz_opaque_callback_data", yamlFields{{"type", "string"}, {"maxLength", 512}})
	properties.set("recipient_identity_key_hash", yamlFields{{"type", "string"}, {"maxLength", 128}})
	out := yamlFields{{"type", "object"}, {"properties", properties}, {"required", required}}
	if x.strict {
		out[2].value = slices.DeleteFunc(required, func(name string) bool { return name == "to" })
		out.set("additionalProperties", false)
		out.set("anyOf", []any{yamlFields{{"required", []string{"to"}}}, yamlFields{{"required", []string{"recipient"}}}})
	}
	return out
}
