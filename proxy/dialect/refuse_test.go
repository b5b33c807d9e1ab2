package dialect

import (
	"strings"
	"testing"
)

// secret stands in values of bad bodies and must appear in no refusal.
const secret = "SECRET-491711234567"

// text wraps a type object into a Cloud send.
func cloudSend(members string) string {
	return `{"messaging_product":"whatsapp","to":"+16505550101",` + members + `}`
}

func flatSend(members string) string { return `{"to":"16505550101",` + members + `}` }

func TestRefusals(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)
	for _, c := range []struct {
		name  string
		d     Dialect
		body  string
		kind  Kind
		param string
	}{
		{"empty", Cloud, ``, Malformed, ""},
		{"not json", Cloud, `to=` + secret, Malformed, ""},
		{"array", Cloud, `[]`, Malformed, ""},
		{"trailing data", Cloud, cloudSend(`"text":{"body":"x"}`) + ` {}`, Malformed, ""},
		{"cut off", Cloud, `{"messaging_product":"whatsapp","to":"` + secret, Malformed, ""},
		{"duplicate", Cloud, cloudSend(`"text":{"body":"x","body":"` + secret + `"}`), Malformed, "text.body"},
		{"duplicate by escape", OnPrem, flatSend(`"text":{"body":"x","bo\u0064y":"` + secret + `"}`), Malformed, "text.body"},
		{"bad UTF-8", Cloud, cloudSend("\"text\":{\"body\":\"\xff\"}"), Malformed, "text.body"},
		{"overlong UTF-8", OnPrem, flatSend("\"text\":{\"body\":\"\xc0\xaf\"}"), Malformed, "text.body"},
		{"lone surrogate", Cloud, cloudSend(`"text":{"body":"\ud83d"}`), Malformed, "text.body"},
		{"swapped surrogates", OnPrem, flatSend(`"text":{"body":"\ude00\ud83d"}`), Malformed, "text.body"},
		{"too deep", Cloud, cloudSend(`"x":` + deep), Malformed, ""},
		{"BOM", Cloud, "\ufeff" + cloudSend(`"text":{"body":"x"}`), Malformed, ""},
		{"NaN", Cloud, cloudSend(`"type":"location","location":{"latitude":NaN,"longitude":1}`), Malformed, "location.latitude"},
		{"comment", Cloud, cloudSend(`/* x */"text":{"body":"x"}`), Malformed, ""},
		{"no product", Cloud, `{"to":"+16505550101","text":{"body":"x"}}`, Missing, "messaging_product"},
		{"other product", D360V2, `{"messaging_product":"x","to":"+16505550101","text":{"body":"x"}}`, Invalid, "messaging_product"},
		{"case matters", Cloud, `{"Messaging_Product":"whatsapp","to":"+16505550101","text":{"body":"x"}}`, Missing, "messaging_product"},
		{"no recipient", OnPrem, `{"text":{"body":"x"}}`, Missing, "to"},
		{"recipient null", Cloud, `{"messaging_product":"whatsapp","to":null,"text":{"body":"x"}}`, Missing, "to"},
		{"recipient word", OnPrem, `{"to":"` + secret + `","text":{"body":"x"}}`, Invalid, "to"},
		{"recipient short", OnPrem, `{"to":"+123","text":{"body":"x"}}`, Invalid, "to"},
		{"recipient long", OnPrem, `{"to":"+1234567890123456","text":{"body":"x"}}`, Invalid, "to"},
		{"recipient zero", OnPrem, `{"to":"004917112345","text":{"body":"x"}}`, Invalid, "to"},
		{"recipient two plus", OnPrem, `{"to":"++4917112345","text":{"body":"x"}}`, Invalid, "to"},
		{"recipient other digits", OnPrem, `{"to":"٤٩١٧١١٢٣٤٥٦","text":{"body":"x"}}`, Invalid, "to"},
		{"recipient exponent", Cloud, `{"messaging_product":"whatsapp","to":1e10,"text":{"body":"x"}}`, Invalid, "to"},
		{"user id form", Cloud, `{"messaging_product":"whatsapp","recipient":"us.1","text":{"body":"x"}}`, Invalid, "recipient"},
		{"group", OnPrem, flatSend(`"recipient_type":"group","text":{"body":"x"}`), RecipientType, "recipient_type"},
		{"group id", D360V1, `{"to":"4917112345678-1430000000","text":{"body":"x"}}`, RecipientType, "to"},
		{"unknown type", Cloud, cloudSend(`"type":"poll","poll":{}`), UnknownType, "type"},
		{"hsm on Cloud", Cloud, cloudSend(`"type":"hsm","hsm":{}`), UnknownType, "type"},
		{"type no string", Cloud, cloudSend(`"type":1,"text":{"body":"x"}`), UnknownType, "type"},
		{"no object", Cloud, cloudSend(`"type":"image"`), Missing, "image"},
		{"object null", OnPrem, flatSend(`"type":"image","image":null`), Missing, "image"},
		{"object is text", OnPrem, flatSend(`"type":"text","text":"` + secret + `"`), Invalid, "text"},
		{"unknown property", Cloud, cloudSend(`"text":{"body":"x"},"extra":"` + secret + `"`), UnknownProperty, "extra"},
		{"unknown nested", D360V2, cloudSend(`"text":{"body":"x","extra":"` + secret + `"}`), UnknownProperty, "text.extra"},
		{"personal name", Cloud, cloudSend(`"text":{"body":"x"},"491711234567":1`), UnknownProperty, "(name withheld)"},
		{"second object", Cloud, cloudSend(`"text":{"body":"x"},"image":{"id":"1"}`), UnknownProperty, "image"},
		{"unknown in context", Cloud, cloudSend(`"text":{"body":"x"},"context":{"message_id":"a","from":"b"}`), UnknownProperty, "context.from"},
		{"context blank", Cloud, cloudSend(`"text":{"body":"x"},"context":{"message_id":"a b"}`), Invalid, "context.message_id"},
		{"opaque too long", Cloud, cloudSend(`"text":{"body":"x"},"biz_opaque_callback_data":"` + strings.Repeat("x", 513) + `"`), Invalid, "biz_opaque_callback_data"},
		{"body empty", Cloud, cloudSend(`"text":{"body":""}`), Missing, "text.body"},
		{"body missing", OnPrem, flatSend(`"text":{}`), Missing, "text.body"},
		{"body too long", Cloud, cloudSend(`"text":{"body":"` + strings.Repeat("é", 4097) + `"}`), TooLong, "text.body"},
		{"preview no boolean", Cloud, cloudSend(`"text":{"body":"x","preview_url":"yes"}`), Invalid, "text.preview_url"},
		{"two sources", Cloud, cloudSend(`"type":"image","image":{"id":"1","link":"https://x.example/"}`), Missing, "image.id"},
		{"no source", Cloud, cloudSend(`"type":"image","image":{"caption":"x"}`), Missing, "image.id"},
		{"link scheme", Cloud, cloudSend(`"type":"image","image":{"link":"file:///etc/passwd"}`), Invalid, "image.link"},
		{"link credentials", Cloud, cloudSend(`"type":"image","image":{"link":"https://u:p@x.example/"}`), Invalid, "image.link"},
		{"link backslash", Cloud, cloudSend(`"type":"image","image":{"link":"https://a.example\\@b.example/"}`), Invalid, "image.link"},
		{"provider in Cloud", Cloud, cloudSend(`"type":"image","image":{"link":"https://x.example/","provider":{"name":"p"}}`), Unsupported, "image.provider"},
		{"provider of an id", OnPrem, flatSend(`"type":"image","image":{"id":"1","provider":{"name":"p"}}`), Invalid, "image.provider"},
		{"provider no object", OnPrem, flatSend(`"type":"image","image":{"link":"https://x.example/","provider":"p"}`), Invalid, "image.provider"},
		{"provider no name", OnPrem, flatSend(`"type":"image","image":{"link":"https://x.example/","provider":{"nom":"p"}}`), Invalid, "image.provider"},
		{"provider bad name", OnPrem, flatSend(`"type":"image","image":{"link":"https://x.example/","provider":{"name":"a/b"}}`), Invalid, "image.provider"},
		{"caption on audio", Cloud, cloudSend(`"type":"audio","audio":{"id":"1","caption":"x"}`), UnknownProperty, "audio.caption"},
		{"latitude range", Cloud, cloudSend(`"type":"location","location":{"latitude":91,"longitude":1}`), Invalid, "location.latitude"},
		{"latitude blank", OnPrem, flatSend(`"type":"location","location":{"latitude":"","longitude":1}`), Missing, "location.latitude"},
		{"latitude text", OnPrem, flatSend(`"type":"location","location":{"latitude":"0x1","longitude":1}`), Invalid, "location.latitude"},
		{"latitude huge", OnPrem, flatSend(`"type":"location","location":{"latitude":1e999,"longitude":1}`), Invalid, "location.latitude"},
		{"contact no name", Cloud, cloudSend(`"type":"contacts","contacts":[{"phones":[]}]`), Missing, "contacts[0].name"},
		{"contacts none", Cloud, cloudSend(`"type":"contacts","contacts":[]`), Missing, "contacts"},
		{"birthday", Cloud, cloudSend(`"type":"contacts","contacts":[{"name":{"formatted_name":"A"},"birthday":"1.1.1990"}]`), Invalid, "contacts[0].birthday"},
		{"four buttons", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"button","body":{"text":"B"},"action":{"buttons":[` +
			strings.TrimSuffix(strings.Repeat(`{"type":"reply","reply":{"id":"b","title":"t"}},`, 4), ",") + `]}}`), Invalid, "interactive.action.buttons"},
		{"button title", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"button","body":{"text":"B"},"action":{"buttons":[{"type":"reply","reply":{"id":"b","title":"` +
			strings.Repeat("x", 21) + `"}}]}}`), Invalid, "interactive.action.buttons[0].reply.title"},
		{"button blanks on Cloud", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"button","body":{"text":"B"},"action":{"buttons":[{"type":"reply","reply":{"id":"b","title":" t"}}]}}`), Invalid, "interactive.action.buttons[0].reply.title"},
		{"button only blanks", OnPrem, flatSend(`"type":"interactive","interactive":{"type":"button","body":{"text":"B"},"action":{"buttons":[{"type":"reply","reply":{"id":"b","title":"  "}}]}}`), Invalid, "interactive.action.buttons[0].reply.title"},
		{"interactive kind", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"order_details"}`), Unsupported, "interactive.type"},
		{"interactive body long", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"cta_url","body":{"text":"` + strings.Repeat("x", 1025) +
			`"},"action":{"name":"cta_url","parameters":{"display_text":"a","url":"https://x.example"}}}`), Invalid, "interactive.body.text"},
		{"eleven rows", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"list","body":{"text":"B"},"action":{"button":"x","sections":[{"title":"a","rows":[` +
			strings.Repeat(`{"id":"r","title":"t"},`, 5) + `{"id":"r","title":"t"}]},{"title":"b","rows":[` + strings.Repeat(`{"id":"r","title":"t"},`, 4) + `{"id":"r","title":"t"}]}]}}`), Invalid, "interactive.action.sections.rows"},
		{"section title", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"list","body":{"text":"B"},"action":{"button":"x","sections":[{"rows":[{"id":"r","title":"t"}]},{"title":"b","rows":[{"id":"r","title":"t"}]}]}}`), Missing, "interactive.action.sections.title"},
		{"flow id and name", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"flow","body":{"text":"B"},"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_cta":"x","flow_id":"1","flow_name":"n"}}}`), Missing, "interactive.action.parameters.flow_id"},
		{"flow data names", Cloud, cloudSend(`"type":"interactive","interactive":{"type":"flow","body":{"text":"B"},"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_cta":"x","flow_id":"1","flow_action_payload":{"data":{"491711234567":1}}}}}`), Invalid, "interactive.action.parameters.flow_action_payload.data"},
		{"template no language", Cloud, cloudSend(`"type":"template","template":{"name":"n"}`), Missing, "template.language"},
		{"template index on Cloud", Cloud, cloudSend(`"type":"template","template":{"name":"n","language":{"code":"en"},"components":[{"type":"button","sub_type":"url","parameters":[]}]}`), Missing, "template.components[0].index"},
		{"template two lack index", OnPrem, flatSend(`"type":"template","template":{"name":"n","language":{"code":"en"},"components":[{"type":"button","sub_type":"url"},{"type":"button","sub_type":"url"}]}`), TemplateFormat, "template.components"},
		{"template component", Cloud, cloudSend(`"type":"template","template":{"name":"n","language":{"code":"en"},"components":[{"type":"x"}]}`), TemplateFormat, "template.components[0].type"},
		{"template parameter", Cloud, cloudSend(`"type":"template","template":{"name":"n","language":{"code":"en"},"components":[{"type":"body","parameters":[{"type":"x"}]}]}`), TemplateFormat, "template.components[0].parameters[0].type"},
		{"hsm name", OnPrem, flatSend(`"type":"hsm","hsm":{"language":{"code":"en"}}`), Missing, "template.name"},
		{"status other", Cloud, `{"messaging_product":"whatsapp","status":"delivered","message_id":"x"}`, Invalid, "status"},
		{"read without id", Cloud, `{"messaging_product":"whatsapp","status":"read"}`, Missing, "message_id"},
		{"read with text", Cloud, `{"messaging_product":"whatsapp","status":"read","message_id":"x","text":{}}`, UnknownProperty, "text"},
		{"typing type", Cloud, `{"messaging_product":"whatsapp","status":"read","message_id":"x","typing_indicator":{"type":"voice"}}`, Invalid, "typing_indicator.type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, p := DecodeSend(c.d, "application/json", []byte(c.body))
			if p == nil {
				t.Fatalf("taken: %+v", m)
			}
			if p.Kind != c.kind || c.param != "" && p.Param != c.param {
				t.Errorf("got kind %d at %q, want %d at %q: %s", p.Kind, p.Param, c.kind, c.param, p.Details)
			}
			_, _, body := EncodeProblem(c.d, p)
			if strings.Contains(string(body), "4917112345") || strings.Contains(string(body), "SECRET") {
				t.Errorf("the refusal holds a value: %s", body)
			}
		})
	}
}

func TestContentTypes(t *testing.T) {
	body := []byte(cloudSend(`"text":{"body":"x"}`))
	for ct, ok := range map[string]bool{
		"application/json": true, "Application/JSON; charset=UTF-8": true, "application/json;charset=utf8": true,
		"application/json; charset=utf-16": false, "text/plain": false, "": false, "application/jsonx": false,
		"application/json, text/plain": false, "multipart/form-data; boundary=x": false,
	} {
		_, p := DecodeSend(Cloud, ct, body)
		if ok != (p == nil) || p != nil && p.Kind != ContentType {
			t.Errorf("%q: %+v", ct, p)
		}
	}
}

func TestDepthLimit(t *testing.T) {
	nest := func(n int) string {
		return `{"messaging_product":"whatsapp","to":"+16505550101","type":"interactive","interactive":{"type":"flow","body":{"text":"B"},"action":{"name":"flow",` +
			`"parameters":{"flow_message_version":"3","flow_cta":"x","flow_id":"1","flow_action_payload":{"data":` +
			strings.Repeat("[", n) + strings.Repeat("]", n) + `}}}}}`
	}
	if _, p := DecodeSend(Cloud, "application/json", []byte(nest(maxDepth-5))); p != nil {
		t.Errorf("64 levels: %+v", p)
	}
	if _, p := DecodeSend(Cloud, "application/json", []byte(nest(maxDepth-4))); p == nil || p.Kind != Malformed {
		t.Errorf("65 levels: %+v", p)
	}
}

func TestLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see https://a.example/x?y=1, ok":      "https://a.example/x?y=1",
		"(http://a.example)":                   "http://a.example",
		"go to HTTPS://A.example":              "HTTPS://A.example",
		"xhttps://a.example":                   "xhttps://a.example",
		"buy at example.com now":               "http://example.com",
		"Example.COM/path":                     "http://Example.COM/path",
		"bit.ly/abc":                           "http://bit.ly/abc",
		"пример.рф":                            "http://пример.рф",
		"evil\u3002com":                        "http://evil.com",
		"wa.me/491711234567?text=x":            "http://wa.me/491711234567?text=x",
		"zero\u200bwidth.example.com":          "http://width.example.com",
		"1.2.3.4/x":                            "http://1.2.3.4/x",
		"mail ana@example.com":                 "",
		"version 1.2.3, at 12.05.2026":         "",
		"e.g. this. And i.e. that":             "",
		"report.pdf":                           "",
		"3.14":                                 "",
		"Thanks. See you":                      "",
		"two: a.example.org and b.example.net": "http://a.example.org http://b.example.net",
	} {
		if got := strings.Join(appendLinks(nil, text), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]string{
		"+1 (650) 555-0101": "16505550101", "16505550101": "16505550101", "49.171.1234567": "491711234567",
		"+": "", "": "", "+49171x": "", "49+1711234": "",
	} {
		if got, ok := Number(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v", in, got, ok)
		}
	}
}
