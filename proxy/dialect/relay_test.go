package dialect

import (
	"strings"
	"testing"
)

func TestDecodeChange(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		kind, body, want string
		problem          Kind
	}{
		{"", "", "", 0},
		{"application/json", `{"about":"Hé","websites":["https://a.example"]}`, `{"about":"H\u00e9","websites":["https://a.example"]}`, 0},
		{"application/json; charset=utf-8", `{ "pin" : "123456" }`, `{"pin":"123456"}`, 0},
		{form, "pin=123456&access_token=EAAG&appsecret_proof=00", `{"pin":"123456"}`, 0},
		{form, "a=x%20y&webhook_configuration=%7B%22override_callback_uri%22%3A%22https%3A%2F%2Fa.example%22%7D",
			`{"a":"x y","webhook_configuration":{"override_callback_uri":"https://a.example"}}`, 0},
		{"application/json", `{"access_token":"EAAG","pin":"1"}`, `{"pin":"1"}`, 0},
		{"application/json", `{"a":1,"a":2}`, "", Malformed},
		{"application/json", `[1]`, "", Malformed},
		{"application/json", `{"a":1}x`, "", Malformed},
		{form, "a=1&a=2", "", Malformed},
		{form, "a=%zz", "", Malformed},
		{form, "a={", "", Malformed},
		{form, "a={%22b%22:1}%2C%22c%22:{}", "", Malformed},
		{"text/plain", "a", "", ContentType},
		{"multipart/form-data; boundary=x", "--x--", "", ContentType},
	} {
		got, p := DecodeChange(c.kind, []byte(c.body))
		if string(got) != c.want || (p == nil) != (c.problem == 0) || p != nil && p.Kind != c.problem {
			t.Errorf("%s %q: %s %+v", c.kind, c.body, got, p)
		}
	}
}

// TestRelayedPages takes upstream's token out of links to other pages, and
// gives nothing that holds it elsewhere.
func TestRelayedPages(t *testing.T) {
	page := func(direction, cursor string) string { return "https://gate.example/x?" + direction + "=" + cursor }
	const token = "EAAGsecret"
	for body, want := range map[string]string{
		`{"data":[{"id":"1"}],"paging":{"cursors":{"before":"b","after":"c"},"next":"https://graph.facebook.com/v25.0/1/x?access_token=EAAGsecret&after=c"}}`: `{"data":[{"id":"1"}],"paging":{"cursors":{"before":"b","after":"c"},"next":"https://gate.example/x?after=c"}}`,
		`{"data":[],"paging":{"previous":"https://graph.facebook.com/x?before=q&access_token=EAAGsecret"}}`:                                                   `{"data":[],"paging":{"previous":"https://gate.example/x?before=q"}}`,
		`{"success":true}`:                           `{"success":true}`,
		`{"link":"https://x.example/?t=EAAGsecret"}`: "",
		`{"EAAGsecret":1}`:                           "",
		`{"a":"EAAG\u0073ecret"}`:                    "",
		`"text"`:                                     "", ``: "", `{`: "",
	} {
		got, err := EncodeRelayed([]byte(body), token, page)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s %v", body, got, err)
		}
		if strings.Contains(string(got), token) {
			t.Errorf("%s: the token is in the answer", body)
		}
	}
}
