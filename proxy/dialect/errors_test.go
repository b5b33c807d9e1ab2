package dialect

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postern/proxy/message"
)

// errorRows are the lines of testdata/errors.txt of one kind, without it.
func errorRows(t *testing.T, kind string) [][]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); f[0] == kind {
			out = append(out, f[1:])
		}
	}
	if len(out) < 50 {
		t.Fatalf("%d rows of kind %s", len(out), kind)
	}
	return out
}

func num(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestErrorTableOrder: the rows are found by search.
func TestErrorTableOrder(t *testing.T) {
	last := -1
	for _, e := range errorCodes.Cloud {
		if e.Code <= last || e.Through != 0 && e.Through <= e.Code || e.Title == "" || e.Status == 0 {
			t.Errorf("row %+v after %d", e, last)
		}
		last = max(e.Code, e.Through)
	}
	last = 0
	for _, e := range errorCodes.OnPrem {
		if e.Code <= last || e.Title == "" {
			t.Errorf("row %+v after %d", e, last)
		}
		last = e.Code
	}
}

// TestCloudErrors answers every row of the Cloud API's table in every dialect:
// Cloud clients get upstream's own code, old ones a code of their API, and all
// of them upstream's sentence and what to do.
func TestCloudErrors(t *testing.T) {
	for _, row := range errorRows(t, "cloud") {
		first, last, _ := strings.Cut(row[0], "-")
		for _, code := range slices.Compact([]int{num(t, first), num(t, or(last, first))}) {
			status := 400
			if row[1] != "-" {
				status = num(t, row[1])
			}
			if got := cloudRow(code); got.Title == "" || got.Status != status {
				t.Errorf("%d: the table has %+v, want status %d", code, got, status)
			}
			for _, d := range everyDialect {
				checkUpstreamAnswer(t, d, code, status)
			}
		}
	}
}

func checkUpstreamAnswer(t *testing.T, d Dialect, code, status int) {
	t.Helper()
	u := &UpstreamError{Status: status, Code: code, Type: "OAuthException", Details: "Upstream says why"}
	got, _, body := EncodeProblem(d, &Problem{Kind: UpstreamRefused, Upstream: u, Param: "image"})
	want, wantStatus, title := code, cloudStatus(status), cloudRow(code).Title
	hint, says := cloudRow(code).Hint, "Upstream says why"
	if f := flatOf(code); d.Flat() {
		want, wantStatus, title = f.Code, f.Status, flatTitle(f.Code)
		if f.Code == genericError && cloudRow(code).OnPrem == nil && status < 500 {
			wantStatus = 400
		}
	} else if u.Refused() {
		want, wantStatus, title = 131016, 500, cloudRow(131016).Title
	}
	if u.Refused() {
		hint, says = "operators must renew", "Upstream refused the gateway's own credential"
	}
	tree, err := parse(body, false)
	if err != nil {
		t.Fatal(err)
	}
	node, text, name := tree.child(0, "error"), "", ""
	if d.Flat() {
		node = tree.elem(tree.child(0, "errors"), 0)
		text, name = tree.str(node, "details"), tree.str(node, "title")
	} else {
		text, name = tree.str(node, "error_data", "details"), tree.str(node, "message")
	}
	n, _ := tree.integer(node, "code")
	if int(n) != want || got != wantStatus || !strings.HasSuffix(name, title) {
		t.Errorf("%s %d: %d with %d %q, want %d with %d %q", d, code, n, got, name, want, wantStatus, title)
	}
	if !strings.Contains(text, says) || !strings.Contains(text, strings.ReplaceAll(hint, "{type}", "image")) {
		t.Errorf("%s %d: %q lacks upstream's sentence or %q", d, code, text, hint)
	}
}

// TestMistakesAreNoFailures: what upstream refuses for an app's mistake is no
// server error in the old dialects either, whose clients try again after one.
func TestMistakesAreNoFailures(t *testing.T) {
	for _, c := range []struct{ upstream, code, status int }{
		{400, 136025, 400},  // a wrong code of a registration
		{400, 2388023, 400}, // a template that is being deleted
		{500, 136025, 500},
	} {
		u := &UpstreamError{Status: c.upstream, Code: c.code, Message: "Why"}
		for _, d := range []Dialect{OnPrem, D360V1} {
			if got, _, body := EncodeProblem(d, &Problem{Kind: UpstreamRefused, Upstream: u}); got != c.status || !strings.Contains(string(body), `"code":1000,`) {
				t.Errorf("%s: %d with %d: %d %s", d, c.code, c.upstream, got, body)
			}
		}
	}
}

// TestOnPremErrors walks the way from Cloud to the old API: code and status in
// answers, code in webhooks.
func TestOnPremErrors(t *testing.T) {
	for _, row := range errorRows(t, "to") {
		want := flatCode{num(t, row[1]), num(t, row[2]), num(t, row[3])}
		if got := flatOf(num(t, row[0])); got != want {
			t.Errorf("%s: %+v, want %+v", row[0], got, want)
		}
		for _, d := range everyDialect {
			checkStatusError(t, d, num(t, row[0]), want.Webhook)
		}
	}
}

// checkStatusError reads a failed status: Meta's own in the envelope, old code,
// title and what to do in the flat form.
func checkStatusError(t *testing.T, d Dialect, code, flat int) {
	t.Helper()
	raw := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"15550001","phone_number_id":"2"},"statuses":[{"id":"wamid.A","status":"failed","timestamp":"1767225600",`+
		`"recipient_id":"16505550101","errors":[{"code":%d,"title":"T","message":"T","error_data":{"details":"Upstream says why"}}]}]}}]}]}`, code)
	ev := &message.Event{Kind: message.EventStatus, Raw: []byte(raw), Status: &message.Status{State: "failed", Code: code}}
	body, deliver := EncodeEvent(d, ev, Rewrite{})
	tree, err := parse(body, false)
	if err != nil || !deliver {
		t.Fatalf("%s %d: %v %v", d, code, deliver, err)
	}
	want, title, text := code, "T", "Upstream says why"
	status := tree.elem(tree.at(tree.elem(tree.child(tree.elem(tree.child(0, "entry"), 0), "changes"), 0), "value", "statuses"), 0)
	path := []string{"error_data", "details"}
	if d.Flat() {
		want, title, path = flat, flatTitle(flat), []string{"details"}
		text = cloudNote(flat, code, hinted(text, code, ""))
		status = tree.elem(tree.child(0, "statuses"), 0)
	}
	e := tree.elem(tree.child(status, "errors"), 0)
	n, _ := tree.integer(e, "code")
	if int(n) != want || tree.str(e, "title") != title || tree.str(e, path...) != text {
		t.Errorf("%s %d: %s", d, code, body)
	}
	if d.Flat() && !strings.Contains(tree.str(e, "details"), strings.ReplaceAll(cloudRow(code).Hint, "{type}", "file")) {
		t.Errorf("%s %d: no hint in %s", d, code, body)
	}
}

// TestNearestCloudCodes walks the old API's table: each code has its status, and
// its nearest Cloud codes lead to an old code with the same neighbours.
func TestNearestCloudCodes(t *testing.T) {
	rows := errorRows(t, "onprem")
	if len(rows) != len(errorCodes.OnPrem) {
		t.Errorf("%d rows in the table, %d in the reference", len(errorCodes.OnPrem), len(rows))
	}
	for _, row := range rows {
		code := num(t, row[0])
		got, ok := onpremRow(code)
		want := onpremError{Code: code, Title: got.Title}
		if row[1] != "-" {
			want.Status = num(t, row[1])
		}
		for _, near := range row[2:] {
			want.Cloud = append(want.Cloud, num(t, near))
		}
		if !ok || got.Status != want.Status || !slices.Equal(got.Cloud, want.Cloud) {
			t.Errorf("%+v, want %+v", got, want)
		}
		for _, near := range got.Cloud {
			checkNear(t, code, near)
		}
	}
}

// notBack are pairs of a Cloud code and an old code that the reference calls
// near but does not use for it: the app shall not renew a credential that is
// the gateway's own, and a value is wrong whatever it is a value of.
var notBack = map[[2]int]bool{{190, 1005}: true, {131008, 2009}: true, {131053, 2008}: true}

func checkNear(t *testing.T, code, near int) {
	t.Helper()
	back := flatOf(near)
	if back.Code == code || back.Webhook == code || notBack[[2]int{near, code}] {
		return
	}
	for _, b := range []int{back.Code, back.Webhook} {
		if row, ok := onpremRow(b); ok && slices.Contains(row.Cloud, near) {
			return
		}
	}
	t.Errorf("%d is near %d, which leads to %+v", near, code, back)
}

// TestHints: what people must be told in so many words.
func TestHints(t *testing.T) {
	for code, word := range map[int]string{
		131045: "register it again", 133010: "Register the number again", 133005: "Register the number again", 133006: "register it again",
		131047: "send a template", 131050: "stopped marketing", 131053: "The image was not taken", 131042: "means of payment", 137000: "new identity",
	} {
		for _, d := range everyDialect {
			_, _, body := EncodeProblem(d, &Problem{Kind: UpstreamRefused, Param: "image", Upstream: &UpstreamError{Status: 400, Code: code}})
			if !strings.Contains(string(body), word) {
				t.Errorf("%s %d: %q is not in %s", d, code, word, body)
			}
		}
	}
	if got := hinted("Why.", 131053, ""); !strings.HasPrefix(got, "Why. The file was not taken") {
		t.Error(got)
	}
}
