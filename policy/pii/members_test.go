package pii_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/policy/pii"
)

// TestMembers shows what the record keeps of single members: what looks the part stays,
// all else is replaced or scanned.
func TestMembers(t *testing.T) {
	long := strings.Repeat("a", 65)
	for in, want := range map[string]string{
		// Keywords.
		`{"type":"order_details.v2-b/x;+="}`:                    `{"type":"order_details.v2-b/x;+="}`,
		`{"mime_type":"audio/ogg; codecs=opus"}`:                `{"mime_type":"audio/ogg; codecs=opus"}`,
		`{"mime_type":"audio/ogg codecs"}`:                      `{"mime_type":"audio/ogg codecs"}`,
		`{"type":"a1234b5678c"}`:                                `{"type":"a1234b5678c"}`,
		`{"type":"4111111111111111"}`:                           `{"type":"[CREDIT_CARD_1]"}`,
		`{"type":"ana@other.example.com"}`:                      `{"type":"[EMAIL_1]"}`,
		`{"type":"` + long + `"}`:                               `{"type":"` + long + `"}`,
		`{"type":" +49 151 23456789"}`:                          `{"type":" [PHONE_1]"}`,
		`{"status":"; +4915123456789"}`:                         `{"status":"; [PHONE_1]"}`,
		`{"locale":"+4915123456789"}`:                           `{"locale":"[PHONE_1]"}`,
		`{"type":"tel 0049 1512 3456 789"}`:                     `{"type":"tel [PHONE_1]"}`,
		`{"timestamp":"4111111111111111"}`:                      `{"timestamp":"[CREDIT_CARD_1]"}`,
		`{"timestamp":1767225600}`:                              `{"timestamp":1767225600}`,
		`{"timestamp":"1767225600000"}`:                         `{"timestamp":"1767225600000"}`,
		`{"timestamp":"+4915123456789"}`:                        `{"timestamp":"[PHONE_1]"}`,
		`{"phone_number_id":"12345678901234567890"}`:            `{"phone_number_id":"12345678901234567890"}`,
		`{"phone_number_id":"4111 1111 1111 1111"}`:             `{"phone_number_id":"[CREDIT_CARD_1]"}`,
		`{"phone_number_id":"nobody"}`:                          `{"phone_number_id":"nobody"}`,
		`{"catalog_id":4111111111111111}`:                       `{"catalog_id":4111111111111111}`,
		`{"amount_1000":4111111111111111}`:                      `{"amount_1000":"[CREDIT_CARD_1]"}`,
		`{"type":4111111111111111}`:                             `{"type":"[CREDIT_CARD_1]"}`,
		`{"phone_number_id":"411111111111111100000000"}`:        `{"phone_number_id":"411111111111111100000000"}`,
		`{"timestamp":"ana@o.example"}`:                         `{"timestamp":"[EMAIL_1]"}`,
		`{"catalog_id":"cbu 2850590940090418135201"}`:           `{"catalog_id":"cbu [BANK_ACCOUNT_1]"}`,
		`{"type":"EAAG` + strings.Repeat("mOPXQZCps", 9) + `"}`: `{"type":"[META_TOKEN_1]"}`,
		// Numbers and ids.
		`{"to":"****"}`:                                                 `{"to":"****"}`,
		`{"to":"+49 151 23456789"}`:                                     `{"to":"+4915****89"}`,
		`{"to":491512345.678}`:                                          `{"to":"4915****78"}`,
		`{"to":null,"wa_id":true,"from":""}`:                            `{"to":null,"wa_id":true,"from":""}`,
		`{"messages":[{"id":"[ID]"}]}`:                                  `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":"[ID:abc"}]}`:                               `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":"[ID:a b]"}]}`:                              `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":"ID:abc]"}]}`:                               `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":"[OPAQUE:abc]"}]}`:                          `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":"[ID:abc]"}]}`:                              `{"messages":[{"id":"[ID:abc]"}]}`,
		`{"messages":[{"id":"[ID:` + strings.Repeat("a", 116) + `]"}]}`: `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":"[ID:é]"}]}`:                                `{"messages":[{"id":"[ID]"}]}`,
		`{"messages":[{"id":["x",5,{"y":"z"}]}]}`:                       `{"messages":[{"id":["[ID]","[ID]",{"y":"[ID]"}]}]}`,
		// Links.
		`{"url":"https://a.example"}`:                   `{"url":"https://a.example/[URL]"}`,
		`{"url":"http://a.example:8443?x=1"}`:           `{"url":"http://a.example:8443/[URL]"}`,
		`{"url":"https://a.example#ana"}`:               `{"url":"https://a.example/[URL]"}`,
		`{"url":"https://a.example\\ana"}`:              `{"url":"https://a.example/[URL]"}`,
		`{"url":"https://ana:pw@a.example/x"}`:          `{"url":"https://a.example/[URL]"}`,
		`{"url":"https://ana@b@a.example/x"}`:           `{"url":"https://a.example/[URL]"}`,
		`{"url":"https://@a.example/x"}`:                `{"url":"https://a.example/[URL]"}`,
		`{"url":"ftp://a.example/x"}`:                   `{"url":"[URL]"}`,
		`{"url":"https:/a.example/x"}`:                  `{"url":"[URL]"}`,
		`{"url":"https://Ana Souza/x"}`:                 `{"url":"[URL]"}`,
		`{"url":"[URL]"}`:                               `{"url":"[URL]"}`,
		`{"image":{"link":"/x"},"link":"tel:+4915123"}`: `{"image":{"link":"[URL]"},"link":"[URL]"}`,
		// What is read otherwise than it is written.
		`{"\u0074o":"4915123456789"}`:                            `{"\u0074o":"4915****89"}`,
		`{"a":"\u0034111 1111 1111 1111"}`:                       `{"a":"[CREDIT_CARD_1]"}`,
		`{"a":"ana\u0040other.example.com"}`:                     `{"a":"[EMAIL_1]"}`,
		"{\"a\":\"\xff4111 1111 1111 1111\xff\",\"b\":\"\xff\"}": "{\"a\":\"\uFFFD[CREDIT_CARD_1]\uFFFD\",\"b\":\"\xff\"}",
		`{"a":" {\"to\":\"4915123456789\"}"}`:                    `{"a":" {\"to\":\"4915****89\"}"}`,
		`{"a":"\n\t[{\"to\":\"4915123456789\"}]"}`:               `{"a":"\n\t[{\"to\":\"4915****89\"}]"}`,
		`{"a":"[not JSON 4111 1111 1111 1111"}`:                  `{"a":"[not JSON [CREDIT_CARD_1]"}`,
		`{"a":"{} 4111 1111 1111 1111"}`:                         `{"a":"{} [CREDIT_CARD_1]"}`,
		`{"response_json":" "}`:                                  `{"response_json":"[JSON]"}`,
		`{"response_json":"\"4111 1111 1111 1111\""}`:            `{"response_json":"\"[CREDIT_CARD_1]\""}`,
		`{"response_json":{"to":"4915123456789"}}`:               `{"response_json":{"to":"4915****89"}}`,
		`{"response_json":4111111111111111}`:                     `{"response_json":"[JSON]"}`,
		// Numbers as JSON may write them.
		`{"a":4.111111111111111E+15}`:                   `{"a":"[CREDIT_CARD_1]"}`,
		`{"a":-4111111111111111}`:                       `{"a":"[CREDIT_CARD_1]"}`,
		`{"a":4111111111111111.5}`:                      `{"a":4111111111111111.5}`,
		`{"a":1e400,"b":1e19,"c":18446744073709551616}`: `{"a":1e400,"b":1e19,"c":18446744073709551616}`,
		`{"to":1e400}`:                                  `{"to":"[ID]"}`,
		// Names of members.
		`{"+4915123456789":1,"tel_49151234":1}`:            `{"[PHONE_1]":1,"tel_49151234":1}`,
		`{"ana@other.example.com":{"to":"4915123456789"}}`: `{"[EMAIL_1]":{"to":"4915****89"}}`,
		`{"":1}`: `{"":1}`,
	} {
		got := redact(t, in, pii.Treatment{})
		if string(got.Body) != want {
			t.Errorf("%s\n got  %s\n want %s", in, got.Body, want)
		}
		if again := redact(t, string(got.Body), pii.Treatment{}); string(again.Body) != string(got.Body) || again.Changed {
			t.Errorf("%s\n once  %s\n twice %s", in, got.Body, again.Body)
		}
	}
}

// TestForwardedMembers: what is forwarded is changed in text alone, and keywords are
// scanned as text is.
func TestForwardedMembers(t *testing.T) {
	if got := redact(t, `{"response_json":5}`, all(pii.Forward, pii.Redact)); got.Changed {
		t.Errorf("got %s", got.Body)
	}
	in := `{"to":"4915123456789","name":"Ana","timestamp":"4111111111111111","type":"4111 1111 1111 1111","phone_number_id":"a@b.example","response_json":"{\"a\":\"4111111111111111\"}","id":""}`
	want := `{"to":"4915123456789","name":"Ana","timestamp":"[CREDIT_CARD_1]","type":"[CREDIT_CARD_1]","phone_number_id":"[EMAIL_1]","response_json":"{\"a\":\"[CREDIT_CARD_1]\"}","id":""}`
	if got := redact(t, in, all(pii.Forward, pii.Redact)); string(got.Body) != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
}

// TestJSONThatIsNone: what should be JSON in a string and is none is kept nowhere as it
// is, and scanned where it is forwarded.
func TestJSONThatIsNone(t *testing.T) {
	const in = `{"response_json":"Ana {+49 151 23456789"}`
	for sink, want := range map[pii.Sink]string{
		pii.Record: `{"response_json":"[JSON]"}`, pii.Log: `{"response_json":"[JSON]"}`, pii.Forward: `{"response_json":"Ana {[PHONE_1]"}`,
	} {
		if got := redact(t, in, all(sink, pii.Redact)); string(got.Body) != want {
			t.Errorf("sink %d: %s", sink, got.Body)
		}
	}
}

// TestMembersInLogs: of numbers and ids nothing shows in a log, a keyed hash neither.
func TestMembersInLogs(t *testing.T) {
	in := `{"to":"4915123456789","messages":[{"id":"wamid.X"}],"biz_opaque_callback_data":"x","text":{"body":"+49 151 23456789"}}`
	want := `{"to":"[ID]","messages":[{"id":"[ID]"}],"biz_opaque_callback_data":"[OPAQUE]","text":{"body":"[PHONE_1]"}}`
	got := redact(t, in, all(pii.Log, pii.Mask))
	if again := redact(t, string(got.Body), all(pii.Log, pii.Mask)); string(got.Body) != want || again.Changed {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
}

// TestBlockInside: a message is blocked for what stands in JSON inside a string, and for
// the name of a member, whatever follows.
func TestBlockInside(t *testing.T) {
	tr := pii.Treatment{Sink: pii.Forward, Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Keep, pii.CreditCard: pii.Block}}
	for in, want := range map[string]bool{
		`{"a":"{\"b\":\"4111 1111 1111 1111\"}","c":"{\"d\":\"hello\"}","e":"x"}`: true,
		`{"a":"4111 1111 1111 1111","c":"{\"d\":\"hello\"}"}`:                     true,
		`{"4111 1111 1111 1111":"hello"}`:                                         true,
		`{"a":"{\"b\":\"+49 151 23456789\"}","c":"ana@other.example.com"}`:        false,
	} {
		if got := redact(t, in, tr); got.Blocked != want {
			t.Errorf("%s: blocked %v", in, got.Blocked)
		}
	}
}

// TestNesting: 128 objects and arrays are taken, one more is refused without output; the
// error names the limit. JSON inside strings that goes on beyond three is scanned as text.
func TestNesting(t *testing.T) {
	deep := func(n int) string {
		return strings.Repeat("[", n) + `"+49 151 23456789"` + strings.Repeat("]", n)
	}
	if got := redact(t, deep(128), pii.Treatment{}); string(got.Body) != strings.Replace(deep(128), "+49 151 23456789", "[PHONE_1]", 1) {
		t.Errorf("128: %s", got.Body)
	}
	if got, err := scanner(t).Redact([]byte(deep(129)), pii.Hint{}, pii.Treatment{}); err == nil || got.Body != nil || !strings.Contains(err.Error(), "deeper than 128") {
		t.Errorf("129: %s, %v", got.Body, err)
	}
	for n := range 8 {
		text := `"4111 1111 1111 1111"`
		for range n {
			text = fmt.Sprintf("%q", `{"x":`+text+`}`)
		}
		if got := redact(t, `{"x":`+text+`}`, pii.Treatment{}); strings.Contains(string(got.Body), "1111") || len(got.Found) != 1 {
			t.Errorf("%d strings: %s, %v", n, got.Body, got.Found)
		}
	}
}

// TestEscapesTooDeep: where strings hold JSON beyond three, what stands in escapes is not
// read, so the record keeps none of it; plain texts stay.
func TestEscapesTooDeep(t *testing.T) {
	for n := range 8 {
		text, plain := `"\u0034111 1111 1111 1111"`, `"hello"`
		for range n {
			text, plain = fmt.Sprintf("%q", `{"x":`+text+`}`), fmt.Sprintf("%q", `{"x":`+plain+`}`)
		}
		got := redact(t, `{"x":`+text+`}`, pii.Treatment{})
		if strings.Contains(string(got.Body), "111 1111") || !got.Changed {
			t.Errorf("%d strings: %s", n, got.Body)
		}
		if again := redact(t, string(got.Body), pii.Treatment{}); again.Changed {
			t.Errorf("%d strings twice: %s", n, again.Body)
		}
		if got := redact(t, `{"x":`+plain+`}`, pii.Treatment{}); got.Changed {
			t.Errorf("%d strings: %s", n, got.Body)
		}
	}
}

// TestNotJSON: the error names the place and no more.
func TestNotJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"a" "4111"}`: "syntax error at byte 5", `{"a":1} 4111`: "more than one value", `[1,2`: "redact JSON", "{\"a\":\"\x01\"}": "syntax error at byte 6", `{"a":"4111`: "redact JSON", `]`: "syntax error at byte 0",
	} {
		got, err := scanner(t).Redact([]byte(in), pii.Hint{}, pii.Treatment{})
		if err == nil || got.Body != nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "4111") {
			t.Errorf("%s: %s, %v", in, got.Body, err)
		}
	}
}

// TestPathsShowNoValue: of names of members those are shown that programs write; what
// may be somebody's number, name or word is "?".
func TestPathsShowNoValue(t *testing.T) {
	for name, want := range map[string]string{
		"note": "note", "note_1": "note_1", "a1234": "a1234", "a1234b5678": "a1234b5678", "a12345": "?", "": "?", "Ana Souza": "?", "é": "?", "a.b": "?", strings.Repeat("a", 40): strings.Repeat("a", 40), strings.Repeat("a", 41): "?",
	} {
		found := redact(t, fmt.Sprintf(`{"x":[{%q:{"y":"ana@other.example.com"}}]}`, name), pii.Treatment{}).Found
		if len(found) != 1 || found[0].Path != "x[0]."+want+".y" {
			t.Errorf("%q: %v", name, found)
		}
	}
}
