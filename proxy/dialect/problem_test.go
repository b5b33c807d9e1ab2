package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

var everyDialect = []Dialect{Cloud, D360V2, D360V1, OnPrem}

// TestProblemGolden lists every refusal of the gateway on every wire.
func TestProblemGolden(t *testing.T) {
	var out strings.Builder
	show := func(name string, p *Problem) {
		for _, d := range everyDialect {
			status, header, body := EncodeProblem(d, p)
			fmt.Fprintf(&out, "%s %s: %d %s %s\n", name, d, status, header["Retry-After"], body)
			checkWire(t, name, d, p, status, header, body)
		}
	}
	for k := Internal; k <= OnlyMarketing; k++ {
		show(fmt.Sprintf("kind %d", k), &Problem{Kind: k, Details: "Why and what to do.", RetryAfter: 1500 * time.Millisecond, Trace: "T1"})
	}
	for _, reason := range append(slices.Sorted(maps.Keys(policyAnswers)), "some_new_reason") {
		show(reason, &Problem{Kind: Policy, Reason: reason, Details: "Why.", RetryAfter: time.Minute,
			Next: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)})
	}
	golden(t, "testdata/problems.golden", []byte(out.String()))
}

// checkWire holds what published clients need of any refusal.
func checkWire(t *testing.T, name string, d Dialect, p *Problem, status int, header map[string]string, body []byte) {
	t.Helper()
	if !jsontext.Value(body).IsValid() || header["Content-Type"] != "application/json" {
		t.Errorf("%s %s: not JSON: %s", name, d, body)
	}
	limited := p.Kind >= RateNumber && p.Kind <= RateApp
	if status == 429 && !limited || limited && header["Retry-After"] != "2" {
		t.Errorf("%s %s: status %d, Retry-After %q", name, d, status, header["Retry-After"])
	}
	if p.Kind == Policy && (header["Retry-After"] != "" || p.Reason != "" && !strings.Contains(string(body), `"policy:`+p.Reason+`: Why. Next allowed: 2026-03-01T08:00:00Z."`)) {
		t.Errorf("%s %s: policy refusal %v %s", name, d, header, body)
	}
	tree, err := parse(body, false)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case tree.child(0, "error") != none:
		if d.Flat() || !slices.Contains([]int{400, 401, 403, 404, 429, 500}, status) || tree.str(0, "error", "message") == "" ||
			!tree.is(tree.at(0, "error", "code"), '0') || tree.str(0, "error", "type") != "OAuthException" ||
			tree.count(tree.at(0, "error", "error_data")) != 2 || strings.Contains(string(body), `"message":"(#131000) "`) {
			t.Errorf("%s %s: Cloud shape %d %s", name, d, status, body)
		}
	case tree.child(0, "errors") != none:
		if e := tree.elem(tree.child(0, "errors"), 0); !d.Flat() || tree.str(e, "title") == "" || tree.str(0, "meta", "api_status") != "stable" {
			t.Errorf("%s %s: flat shape %s", name, d, body)
		}
	default:
		if d == Cloud || d == OnPrem || tree.str(0, "meta", "developerMessage") == "" {
			t.Errorf("%s %s: 360dialog shape %s", name, d, body)
		}
	}
}

// TestPolicyNeverRetryable: codes that clients retry by themselves never stand
// for a refusal of policy.
func TestPolicyNeverRetryable(t *testing.T) {
	for reason, a := range policyAnswers {
		if slices.Contains([]int{4, 80007, 130429, 131048, 131056, 131016, 2, 190, 0}, a.cloudCode) || slices.Contains([]int{471, 1006, 1015, 1016}, a.flatCode) || a.transient {
			t.Errorf("%s: %+v", reason, a)
		}
		if cloudRow(a.cloudCode).Title == "" || !isOnprem(a.flatCode) {
			t.Errorf("%s: no title for %+v", reason, a)
		}
	}
}

// TestUpstreamErrors walks the error table from Cloud to the old dialects.
func TestUpstreamErrors(t *testing.T) {
	for code, want := range map[int][2]int{
		0: {1014, 500}, 190: {1014, 500}, 3: {1005, 403}, 10: {1005, 403}, 200: {1005, 403}, 299: {1005, 403}, 131005: {1005, 403},
		4: {1015, 429}, 80007: {1015, 429}, 130429: {1015, 429}, 131056: {1015, 429}, 131048: {471, 429}, 131064: {471, 429},
		1: {1000, 500}, 131000: {1000, 500}, 135000: {1000, 500}, 2: {1016, 503}, 131016: {1016, 503}, 131057: {1016, 503}, 133004: {1016, 503},
		33: {1011, 500}, 133010: {1011, 500}, 100: {1009, 400}, 131009: {1009, 400}, 131008: {1008, 400}, 131021: {1021, 400},
		131026: {1013, 400}, 131030: {1013, 400}, 131062: {1013, 400}, 130472: {472, 400}, 131031: {1031, 403}, 368: {1031, 403}, 130497: {1031, 403},
		131042: {402, 400}, 131045: {430, 500}, 131047: {470, 400}, 131049: {1000, 400}, 131050: {1000, 400}, 131051: {501, 400},
		131052: {400, 400}, 131053: {1009, 400}, 132000: {2000, 400}, 132001: {2001, 404}, 132005: {2005, 400}, 132007: {2007, 400},
		132012: {2012, 400}, 132015: {2061, 400}, 132016: {2062, 400}, 132068: {2068, 400}, 132069: {2069, 400},
		133005: {1005, 403}, 133016: {1015, 429}, 137000: {1028, 400}, 131001: {1001, 400}, 139100: {1000, 400}, 999999: {1000, 400},
	} {
		u := &UpstreamError{Status: 400, Code: code, Message: "m", Details: "d", Type: "x"}
		status, _, body := EncodeProblem(OnPrem, &Problem{Kind: UpstreamRefused, Upstream: u})
		tree, err := parse(body, false)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := tree.integer(tree.elem(tree.child(0, "errors"), 0), "code")
		if int(got) != want[0] || status != want[1] {
			t.Errorf("%d: got %d with %d, want %v", code, got, status, want)
		}
	}
	for _, c := range []struct {
		up     UpstreamError
		status int
		code   string
	}{
		{UpstreamError{Status: 400, Code: 131047}, 400, `"code":131047`},
		{UpstreamError{Status: 400, Code: 130429}, 400, `"code":130429`},
		{UpstreamError{Status: 429, Code: 130429}, 429, `"code":130429`},
		{UpstreamError{Status: 503, Code: 2, Transient: true}, 500, `"is_transient":true`},
		{UpstreamError{Status: 422, Code: 100}, 400, `"code":100`},
		{UpstreamError{Status: 200, Code: 100}, 400, `"code":100`},
		{UpstreamError{Status: 401, Code: 190, Type: "OAuthException"}, 500, `"code":131016`},
		{UpstreamError{Status: 404, Code: 132001, Subcode: 7, UserTitle: "t", UserMessage: "m", Trace: "A"}, 404, `"error_subcode":7,"error_user_title":"t","error_user_msg":"m","is_transient":false,"fbtrace_id":"A"`},
	} {
		status, _, body := EncodeProblem(Cloud, &Problem{Kind: UpstreamRefused, Upstream: &c.up})
		if status != c.status || !strings.Contains(string(body), c.code) {
			t.Errorf("%+v: %d %s", c.up, status, body)
		}
	}
}

func TestAnswers(t *testing.T) {
	const ok = `{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.A","message_status":"accepted"}],"new":1}`
	s, e, err := DecodeAnswer(200, []byte(ok))
	if err != nil || e != nil || s != (Sent{ID: "wamid.A", WaID: "1", Input: "+1", MessageStatus: "accepted"}) {
		t.Errorf("%+v %+v %v", s, e, err)
	}
	for d, want := range map[Dialect]string{
		Cloud:  `200 {"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.A","message_status":"accepted"}]}`,
		OnPrem: `201 {"messages":[{"id":"wamid.A"}],"contacts":[{"input":"+1","wa_id":"1"}],"meta":{"api_status":"stable","version":"2.53.2"}}`,
	} {
		if status, body := EncodeSent(d, s); fmt.Sprint(status, " ", string(body)) != want {
			t.Errorf("%s: %d %s", d, status, body)
		}
	}
	_, body := EncodeSent(Cloud, Sent{ID: "w", Input: "US.1", UserID: "US.1"})
	if string(body) != `{"messaging_product":"whatsapp","contacts":[{"input":"US.1","user_id":"US.1"}],"messages":[{"id":"w"}]}` {
		t.Errorf("user id: %s", body)
	}
	if status, body := EncodeSent(Cloud, Sent{Success: true}); status != 200 || string(body) != `{"success":true}` {
		t.Errorf("read: %d %s", status, body)
	}
	_, e, err = DecodeAnswer(200, []byte(`{"error":{"message":"m","code":131047,"error_subcode":1,"fbtrace_id":"T","error_data":{"details":"d"},"is_transient":true}}`))
	if err != nil || e == nil || *e != (UpstreamError{Status: 200, Code: 131047, Subcode: 1, Message: "m", Details: "d", Trace: "T", Transient: true}) {
		t.Errorf("error: %+v %v", e, err)
	}
	for _, bad := range []string{``, `[]`, `{}`, `<html>`, `{"messages":[]}`, `{"messages":[{}]}`} {
		if s, e, err := DecodeAnswer(200, []byte(bad)); err == nil {
			t.Errorf("%q: %+v %+v", bad, s, e)
		}
	}
	if _, _, err := DecodeAnswer(502, []byte(ok)); err == nil {
		t.Error("a success body with status 502 was taken")
	}
}

func isOnprem(code int) bool {
	_, ok := onpremRow(code)
	return ok
}
