package sim_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

func TestSendAnswer(t *testing.T) {
	w := start(t)
	for _, path := range []string{"/v24.0/" + phoneID + "/messages", "/" + phoneID + "/messages"} {
		for _, method := range []string{"POST", "PUT"} {
			status, body := w.call(method, path, text(ana))
			list, _ := w.sim.Accepted(0, 0)
			want := `{"messaging_product":"whatsapp","contacts":[{"input":"` + ana + `","wa_id":"4915112345678"}],` +
				`"messages":[{"id":"` + list[len(list)-1].WAMID + `"}]}`
			if status != 200 || body != want {
				t.Errorf("%s %s: got %d %s, want %s", method, path, status, body, want)
			}
		}
	}
	_, body := w.send(templated(ana, "order_update", oneParameter))
	expect(t, "template status", dig(t, body, "messages", 0, "message_status"), "accepted")
	_, body = w.send(`{"messaging_product":"whatsapp","recipient":"US.13491","type":"text","text":{"body":"x"}}`)
	expect(t, "by user id", dig(t, body, "contacts"), `[{"input":"US.13491","user_id":"US.13491"}]`)
}

func TestMessageIDHoldsTheNumber(t *testing.T) {
	w := start(t)
	_, body := w.send(text(ana))
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(dig(t, body, "messages", 0, "id"), "wamid."))
	if err != nil {
		t.Fatal(err)
	}
	want := "\x1c\x18\x0d4915112345678\x15\x02\x00\x11\x18\x14"
	if !strings.HasPrefix(string(raw), want) || len(raw) != len(want)+21 || raw[len(raw)-1] != 0 {
		t.Errorf("got %q", raw)
	}
}

func TestAcceptedIsTheTruth(t *testing.T) {
	w := start(t)
	in := `{"messaging_product":"whatsapp", "to":"0151 (123) 45678","type":"text","text":{"body":"ä"},"biz_opaque_callback_data":"trace-1"}`
	w.send(in)
	w.send(`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.abc","typing_indicator":{"type":"text"}}`)
	w.send(`{"messaging_product":"whatsapp","to":"` + ana + `","type":"nothing"}`)
	list, next := w.sim.Accepted(0, 0)
	if len(list) != 2 || next != 2 {
		t.Fatalf("%d entries, next %d", len(list), next)
	}
	a := list[0]
	if a.Input != "0151 (123) 45678" || a.To != "+49015112345678" || a.WaID != "49015112345678" ||
		a.Callback != "trace-1" || string(a.Body) != in || a.PhoneID != phoneID || a.Source != sim.FromAPI {
		t.Errorf("got %+v", a)
	}
	if list[1].Type != "typing" || list[1].MessageID != "wamid.abc" || list[1].WAMID != "" {
		t.Errorf("got %+v", list[1])
	}
	status, body := w.call("GET", "/_sim/accepted?since=1", "")
	if status != 200 || dig(t, body, "accepted", 0, "type") != "typing" || dig(t, body, "next") != "2" {
		t.Errorf("control: %d %s", status, body)
	}
}

func TestRefusals(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Window = sim.WindowSync })
	path := "/v24.0/" + phoneID + "/messages"
	cases := []struct {
		what, method, path, body string
		status, code             int
	}{
		{"unknown property", "POST", path, strings.Replace(text(ana), `"type"`, `"tpye":1,"type"`, 1), 400, 100},
		{"missing", "POST", path, strings.Replace(text(ana), `"body":"x"`, ``, 1), 400, 131008},
		{"to oneself", "POST", path, text("+4915550100001"), 400, 131021},
		{"window", "POST", path, text(ana), 400, 131047},
		{"unknown template", "POST", path, templated(ana, "nothing", ""), 404, 132001},
		{"other language", "POST", path, strings.Replace(templated(ana, "order_update", oneParameter), "en_US", "fr", 1), 404, 132001},
		{"parameter count", "POST", path, templated(ana, "order_update", ""), 400, 132000},
		{"paused", "POST", path, templated(ana, "paused_notice", ""), 400, 132015},
		{"disabled", "POST", path, templated(ana, "disabled_notice", ""), 400, 132016},
		{"code to a user id", "POST", path, strings.Replace(templated(ana, "login_code", oneParameter), `"to":"`+ana, `"recipient":"US.1`, 1), 400, 131062},
		{"unknown media", "POST", path, `{"messaging_product":"whatsapp","to":"` + ana + `","type":"image","image":{"id":"1"}}`, 400, 100},
		{"not JSON", "POST", path, `{`, 400, 100},
		{"no such edge", "POST", "/v24.0/" + phoneID + "/nothing", `{}`, 400, 100},
		{"no such node", "GET", "/v24.0/999", "", 400, 100},
		{"wrong method", "DELETE", path, "", 400, 100},
		{"no path", "GET", "/", "", 400, 2500},
		{"unknown path", "GET", "/v24.0/oauth/nothing", "", 400, 2500},
		{"double slash", "POST", "//" + phoneID + "/messages", text(ana), 400, 2500},
		{"encoded slash", "POST", "/" + phoneID + "%2fmessages", text(ana), 400, 2500},
	}
	for _, c := range cases {
		status, body := w.call(c.method, c.path, c.body)
		w.expectCode(c.what, status, body, c.status, c.code)
	}
	if list, _ := w.sim.Accepted(0, 0); len(list) != 0 {
		t.Errorf("refused messages were accepted: %+v", list)
	}
}

func TestCredentials(t *testing.T) {
	w := start(t)
	path := w.url + "/v24.0/" + phoneID + "/messages"
	const proof = "bad6df0b858104754a0ffde2f0c05fe9731f1a5e141ee1bccf316d05f28d5135"
	const timed = "5e2cd7acbdafbb2ebd069b0d0d0d245c348d80006b67205fc66411e2c6738bf7"
	cases := []struct {
		what, header, query string
		status, code        int
	}{
		{"bearer", "Bearer " + token, "", 200, 0},
		{"query", "", "access_token=" + token, 200, 0},
		{"proof", "", "access_token=" + token + "&appsecret_proof=" + proof + "&format=json", 200, 0},
		{"none", "", "", 401, 190},
		{"wrong", "Bearer other", "", 401, 190},
		{"basic", "Basic " + token, "", 401, 190},
		{"bad proof", "Bearer " + token, "appsecret_proof=" + strings.Repeat("0", 64), 400, 100},
		{"proof of another form", "Bearer " + token, "appsecret_proof=" + timed, 400, 100},
		{"old timed proof", "Bearer " + token, "appsecret_proof=" + timed + "&appsecret_time=1700000000", 400, 100},
	}
	for _, c := range cases {
		req, err := http.NewRequestWithContext(t.Context(), "POST", path+"?"+c.query, strings.NewReader(text(ana)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if c.header != "" {
			req.Header.Set("Authorization", c.header)
		}
		status, body := w.do(req)
		if c.code == 0 {
			if status != 200 {
				t.Errorf("%s: got %d %s", c.what, status, body)
			}
			continue
		}
		w.expectCode(c.what, status, body, c.status, c.code)
	}
	w.clock.set(time.Unix(1700000000, 0).Add(4 * time.Minute))
	status, body := w.call("POST", "/"+phoneID+"/messages?appsecret_proof="+timed+"&appsecret_time=1700000000", text(ana))
	if status != 200 {
		t.Errorf("timed proof in time: got %d %s", status, body)
	}
}

func TestForm(t *testing.T) {
	w := start(t)
	form := url.Values{
		"access_token": {token}, "messaging_product": {"whatsapp"}, "to": {ana}, "type": {"text"}, "text": {`{"body":"a & b"}`},
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/v14.0/"+phoneID+"/messages", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, body := w.do(req); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	list, _ := w.sim.Accepted(0, 0)
	if len(list) != 1 || !strings.Contains(string(list[0].Body), "messaging_product=whatsapp") || strings.Contains(string(list[0].Body), token) {
		t.Errorf("got %s", list[0].Body)
	}
}

func TestNumbersThatDiffer(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) {
		c.WhatsAppIDs = map[string]string{"5582999887766": "558299887766"}
	})
	_, body := w.send(text("+5582999887766"))
	expect(t, "wa_id", dig(t, body, "contacts", 0, "wa_id"), "558299887766")
}
