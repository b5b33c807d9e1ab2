package dialect

import (
	"slices"
	"strings"
)

// DecodeTemplate reads what an app wants a template to be: what of it is to be
// known here, and the body that upstream is given. config says that it is in
// the words of 360dialog's configs/templates, whose old categories are
// translated.
func DecodeTemplate(contentType string, body []byte, config bool) (Template, []byte, *Problem) {
	raw, p := DecodeChange(contentType, body)
	if p != nil {
		return Template{}, nil, p
	}
	t, err := parse(raw, true)
	if err != nil || !t.is(0, '{') {
		return Template{}, nil, &Problem{Kind: Malformed, Details: "A template is a JSON object."}
	}
	if n := t.child(0, "components"); n != none && !t.is(n, '[') {
		return Template{}, nil, &Problem{Kind: Invalid, Param: "components", Details: "Components are a list."}
	}
	if config {
		t.set(t.child(0, "category"), todayCategory(t.str(0, "category")))
		t.drop(t.child(0, "namespace"))
		raw = t.write(nil, 0)
	}
	x := Template{
		Name: t.str(0, "name"), Language: t.str(0, "language"), Category: strings.ToUpper(t.str(0, "category")),
		ParameterFormat: strings.ToUpper(t.str(0, "parameter_format")),
	}
	if n := t.child(0, "components"); n != none {
		x.Components = []byte(t.raw(n))
	}
	return x, raw, nil
}

// todayCategory is the category that took an old one's place in 2023.
func todayCategory(category string) string {
	switch c := strings.ToUpper(category); c {
	case "ACCOUNT_UPDATE", "ALERT_UPDATE", "APPOINTMENT_UPDATE", "AUTO_REPLY", "ISSUE_RESOLUTION", "PAYMENT_UPDATE",
		"PERSONAL_FINANCE_UPDATE", "RESERVATION_UPDATE", "SHIPPING_UPDATE", "TICKET_UPDATE", "TRANSACTIONAL", "TRANSPORTATION_UPDATE":
		return "UTILITY"
	case "OTP":
		return "AUTHENTICATION"
	default:
		return c
	}
}

// DecodeTemplateMade reads what upstream says of a template that it took. An
// answer without an id is ErrTemplates.
func DecodeTemplateMade(body []byte) (id, status, category string, err error) {
	t, err := parse(body, true)
	if err != nil || t.str(0, "id") == "" {
		return "", "", "", ErrTemplates
	}
	return t.str(0, "id"), or(t.str(0, "status"), "PENDING"), t.str(0, "category"), nil
}

// DecodeNamespace reads the namespace of templates out of an account's node, ""
// without one.
func DecodeNamespace(body []byte) string {
	t, err := parse(body, true)
	if err != nil {
		return ""
	}
	return t.str(0, "message_template_namespace")
}

// EncodeConfigTemplate answers 360dialog's POST /v1/configs/templates.
func EncodeConfigTemplate(x Template, namespace string) (status int, body []byte) {
	return 200, appendConfigTemplate(nil, x, namespace)
}

// EncodeTemplate answers Cloud's GET /{template}; fields as for a list.
func EncodeTemplate(x Template, fields []string) (status int, body []byte) {
	return 200, appendTemplate(nil, x, fields)
}

// templateFields are the fields of a template that are known here; the first
// ones are given where none are asked for.
var templateFields = []string{
	"name", "language", "status", "category", "rejected_reason", "components", "parameter_format", "id", "quality_score",
}

const plainTemplateFields = 8

// TemplateFields splits a list of fields. ok says that all of them are known
// here; others only upstream can tell.
func TemplateFields(list string) (fields []string, ok bool) {
	if list == "" {
		return templateFields[:plainTemplateFields], true
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || slices.Contains(fields, name):
			continue
		case !slices.Contains(templateFields, name):
			return nil, false
		}
		fields = append(fields, name)
	}
	if !slices.Contains(fields, "id") {
		fields = append(fields, "id")
	}
	return fields, true
}

// readableFields are the fields of a business account that an app may read:
// none of them leads to other accounts, people or numbers.
var readableFields = []string{
	"id", "name", "timezone_id", "currency", "country", "message_template_namespace", "account_review_status",
	"business_verification_status", "status", "ownership_type", "marketing_messages_lite_api_status",
}

// AccountFields reports whether an app may read all fields of a list.
func AccountFields(list string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(readableFields, name) {
			return false
		}
	}
	return true
}
