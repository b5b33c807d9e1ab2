package pii_test

import (
	"encoding/json"
	"strings"
	"testing"

	"postern/policy/pii"
)

func redact(t *testing.T, body string, tr pii.Treatment) pii.Redacted {
	t.Helper()
	r, err := scanner(t).Redact([]byte(body), pii.Hint{PeerCountry: "BR"}, tr)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

func TestRedactDocument(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"order, spacing and numbers stay",
			`{ "b" : 1.50e2, "a":[true,null,""],  "text":{"body":"hi 👍 \u00e9"} }`,
			`{ "b" : 1.50e2, "a":[true,null,""],  "text":{"body":"hi 👍 \u00e9"} }`},
		{"escapes",
			`{"text":{"body":"tel \u002b49\u00a0151 2345\u0036789\n"}}`,
			`{"text":{"body":"tel [PHONE_1]\n"}}`},
		{"ids without a key",
			`{"messages":[{"from":"5511987650000","id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQz","context":{"from":"16505550101","id":"wamid.X"}}]}`,
			`{"messages":[{"from":"5511****00","id":"[ID]","context":{"from":"1****01","id":"[ID]"}}]}`},
		{"names and contact cards",
			`{"contacts":[{"profile":{"name":"Ana"},"wa_id":"5511987650000","name":{"formatted_name":"A B"},"birthday":"1990-01-01","emails":[{"email":"x","type":"WORK"}],` +
				`"phones":[{"phone":"+1 650 555 0199","type":"CELL","wa_id":"16505550199"}],"addresses":[{"street":"1 Road","zip":"12345"}],"vcard":"BEGIN:VCARD"}]}`,
			`{"contacts":[{"profile":{"name":"[NAME]"},"wa_id":"5511****00","name":{"formatted_name":"[NAME]"},"birthday":"[DATE_OF_BIRTH]","emails":[{"email":"[EMAIL]","type":"WORK"}],` +
				`"phones":[{"phone":"+1****99","type":"CELL","wa_id":"1****99"}],"addresses":[{"street":"[ADDRESS]","zip":"[ADDRESS]"}],"vcard":"[VCARD]"}]}`},
		{"location",
			`{"type":"location","location":{"latitude":52.520008,"longitude":"13.4","name":"HQ","accuracy":12}}`,
			`{"type":"location","location":{"latitude":"[LOCATION]","longitude":"[LOCATION]","name":"[LOCATION]","accuracy":"[LOCATION]"}}`},
		{"business assets, times and words stay",
			`{"entry":[{"id":"102290129340398","time":1767225600}],"metadata":{"phone_number_id":"106540000000000"},"timestamp":"1767225600","template":{"name":"order_update","language":{"code":"en_US"}}}`,
			`{"entry":[{"id":"102290129340398","time":1767225600}],"metadata":{"phone_number_id":"106540000000000"},"timestamp":"1767225600","template":{"name":"order_update","language":{"code":"en_US"}}}`},
		{"nothing hides behind a known name",
			`{"type":"4111 1111 1111 1111","timestamp":"tel +4915123456789","phone_number_id":"a.b@example.com"}`,
			`{"type":"[CREDIT_CARD_1]","timestamp":"tel [PHONE_1]","phone_number_id":"[EMAIL_1]"}`},
		{"JSON inside JSON",
			`{"nfm_reply":{"name":"flow","response_json":"{\"flow_token\":\"t9\",\"first_name\":\"Ana\",\"cvv\":\"123\",\"note\":\"mail a.b@example.com\",\"n\":1}"}}`,
			`{"nfm_reply":{"name":"flow","response_json":"{\"flow_token\":\"[SECRET]\",\"first_name\":\"[NAME]\",\"cvv\":\"[CARD_CVV_1]\",\"note\":\"mail [EMAIL_1]\",\"n\":1}"}}`},
		{"response_json that is none", `{"response_json":"Ana {"}`, `{"response_json":"[JSON]"}`},
		{"numbers", `{"card":4111111111111111,"big":4.111111111111111e15,"price":1250,"cvv":123,"wa_id":5511987650000}`,
			`{"card":"[CREDIT_CARD_1]","big":"[CREDIT_CARD_1]","price":1250,"cvv":"[CARD_CVV_1]","wa_id":"5511****00"}`},
		{"names of members", `{"+49 151 23456789":{"x":1}}`, `{"[PHONE_1]":{"x":1}}`},
		{"links keep the host", `{"image":{"link":"https://u:p@cdn.example/a/4915123456789.jpg?x=1","id":"123","caption":"ok"}}`,
			`{"image":{"link":"https://cdn.example/[URL]","id":"[ID]","caption":"ok"}}`},
		{"unknown members are scanned", `{"zz":{"yy":["ok","a.b@example.com"]}}`, `{"zz":{"yy":["ok","[EMAIL_1]"]}}`},
		{"system text", `{"system":{"body":"User Ana changed from 16505550101 to 16505550102","wa_id":"16505550102"}}`,
			`{"system":{"body":"[NOTICE]","wa_id":"1****02"}}`},
		{"user id in place of a number", `{"to":"US.13491208655302741918"}`, `{"to":"[ID]"}`},
		{"invalid text survives", "{\"a\":\"\xff \\ud800 a.b@example.com\"}", "{\"a\":\"\uFFFD \uFFFD [EMAIL_1]\"}"},
		{"template parameters", `{"template":{"components":[{"type":"body","parameters":[{"type":"text","text":"+49 151 23456789"},{"type":"text","text":"{{1}}"}]}]}}`,
			`{"template":{"components":[{"type":"body","parameters":[{"type":"text","text":"[PHONE_1]"},{"type":"text","text":"{{1}}"}]}]}}`},
	}
	for _, tt := range tests {
		got := redact(t, tt.in, pii.Treatment{})
		if string(got.Body) != tt.want {
			t.Errorf("%s\n got  %s\n want %s", tt.name, got.Body, tt.want)
		}
		if got.Changed != (tt.in != tt.want) {
			t.Errorf("%s: changed %v", tt.name, got.Changed)
		}
		if again := redact(t, string(got.Body), pii.Treatment{}); string(again.Body) != string(got.Body) {
			t.Errorf("%s twice: %s", tt.name, again.Body)
		}
	}
}

func TestRedactForwardChangesTextOnly(t *testing.T) {
	body := `{"to":"5511987650000","type":"text","text":{"body":"4111 1111 1111 1111"},"image":{"link":"https://a.example/x","id":"1"},"contacts":[{"name":{"first_name":"Ana"}}]}`
	got := redact(t, body, all(pii.Forward, pii.Mask))
	want := strings.Replace(body, "4111 1111 1111 1111", "**** **** **** 1111", 1)
	if string(got.Body) != want {
		t.Errorf("got %s", got.Body)
	}
	if got := redact(t, body, all(pii.Forward, pii.Keep)); string(got.Body) != body || got.Changed || len(got.Found) != 1 {
		t.Errorf("keep: %s %v %v", got.Body, got.Changed, got.Found)
	}
	if got := redact(t, body, all(pii.Forward, pii.Block)); !got.Blocked {
		t.Error("block is not reported")
	}
}

func TestRedactLocatesFindings(t *testing.T) {
	body := `{"messages":[{"text":{"body":"a.b@example.com"}},{"interactive":{"nfm_reply":{"response_json":"{\"q\":[\"4111 1111 1111 1111\"]}"}}}],"call +4915123456789":"x@example.org"}`
	var got []string
	for _, f := range redact(t, body, pii.Treatment{}).Found {
		got = append(got, f.Path+" "+f.Finding.String())
	}
	want := "messages[0].text.body EMAIL/certain[0:15]|messages[1].interactive.nfm_reply.response_json.q[0] CREDIT_CARD/certain[0:19]| PHONE/certain[5:19]|? EMAIL/certain[0:13]"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestRedactHashesIDs(t *testing.T) {
	body := `{"statuses":[{"id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQz","recipient_id":"16505550101","biz_opaque_callback_data":"trace 1"}]}`
	got := redact(t, body, all(pii.Record, pii.Redact))
	for _, part := range []string{`"id":"[ID:`, `"recipient_id":"1****01"`, `"biz_opaque_callback_data":"[OPAQUE:`} {
		if !strings.Contains(string(got.Body), part) {
			t.Errorf("no %s in %s", part, got.Body)
		}
	}
	if again := redact(t, string(got.Body), all(pii.Record, pii.Redact)); string(again.Body) != string(got.Body) {
		t.Errorf("twice: %s", again.Body)
	}
}

// TestRedactTypeObject: the label says which member the document stands for.
func TestRedactTypeObject(t *testing.T) {
	s := scanner(t)
	for label, tt := range map[string][2]string{
		"location": {`{"latitude":1.5,"name":"HQ"}`, `{"latitude":"[LOCATION]","name":"[LOCATION]"}`},
		"image":    {`{"id":"1234","caption":"c"}`, `{"id":"[ID]","caption":"c"}`},
		"contacts": {`[{"name":{"first_name":"Ana"}}]`, `[{"name":{"first_name":"[NAME]"}}]`},
		"text":     {`{"body":"+4915123456789"}`, `{"body":"[PHONE_1]"}`},
	} {
		got, err := s.Redact([]byte(tt[0]), pii.Hint{Label: label}, pii.Treatment{})
		if err != nil || string(got.Body) != tt[1] {
			t.Errorf("%s: %s %v", label, got.Body, err)
		}
	}
}

func TestRedactRefuses(t *testing.T) {
	for _, body := range []string{``, `{`, `{"a":1}{"b":2}`, `{"secret 4111111111111111":}`, strings.Repeat("[", 200) + strings.Repeat("]", 200), `{"a":tru}`} {
		got, err := scanner(t).Redact([]byte(body), pii.Hint{}, pii.Treatment{})
		if err == nil || got.Body != nil {
			t.Errorf("%.40q accepted: %s", body, got.Body)
		} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "4111") {
			t.Errorf("error quotes the input: %v", err)
		}
	}
}

func TestRedactNestedStringsEnd(t *testing.T) {
	inner := `"4111 1111 1111 1111"`
	for range 6 {
		quoted, err := json.Marshal(`{"x":` + inner + `}`)
		if err != nil {
			t.Fatal(err)
		}
		inner = string(quoted)
	}
	if got := redact(t, `{"x":`+inner+`}`, pii.Treatment{}); strings.Contains(string(got.Body), "4111") {
		t.Errorf("card survives deep nesting: %s", got.Body)
	}
}

// FuzzRedact: valid JSON stays valid and is never refused, what is no JSON is,
// and in what comes out nothing is left to find or change.
func FuzzRedact(f *testing.F) {
	f.Add([]byte(inboundText))
	f.Add([]byte(`{"response_json":"{\"a\":\"+49 151 23456789\"}"}`))
	f.Add([]byte(`["\ud83d\ude00 4111 1111 1111 1111", 4111111111111111, {"wa_id":[1,{"x":"y"}]}]`))
	f.Add([]byte("{\"a\":\"\\ud800\xff\"}"))
	f.Add([]byte(`{"response_json":""}`))
	f.Add([]byte(`{"to":"x@y.zz","link":"http://a/b","cvv":"1","id":"[ID:x]","phone":{"email":5}}`))
	s := scanner(f, "DE")
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := s.Redact(body, pii.Hint{}, all(pii.Record, pii.Redact))
		if err != nil {
			if json.Valid(body) && !strings.Contains(err.Error(), "nested") {
				t.Fatalf("valid JSON refused: %v", err)
			}
			return
		}
		if !json.Valid(got.Body) {
			t.Fatalf("output is not JSON: %q", got.Body)
		}
		again, err := s.Redact(got.Body, pii.Hint{}, all(pii.Record, pii.Redact))
		if err != nil || again.Changed || len(again.Found) > 0 {
			t.Fatalf("%q becomes %q, then %q with %v: %v", body, got.Body, again.Body, again.Found, err)
		}
	})
}
