package conformance

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// event is a webhook's one update, wherever the dialect puts it.
func event(t *testing.T, c *caller, h rig.Hook, list string) map[string]any {
	t.Helper()
	var v any
	fail(t, json.Unmarshal(h.Body, &v))
	if !c.flat {
		if at(v, "entry", 1) != nil || at(v, "entry", 0, "changes", 1) != nil {
			t.Errorf("need 31: more than one event in a POST: %s", h.Body)
		}
		v = at(v, "entry", 0, "changes", 0, "value")
	}
	if at(v, list, 1) != nil {
		t.Errorf("need 31: more than one event in a POST: %s", h.Body)
	}
	out, _ := at(v, list, 0).(map[string]any)
	if out == nil {
		t.Fatalf("no %s in %s", list, h.Body)
	}
	return out
}

// testStatuses: the states of a message come back under the id the app knows,
// in the form and with the headers of its dialect.
func testStatuses(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		s.subscribe(t, c)
		if c == s.onprem {
			a := s.ask(t, "PATCH", "/v1/settings/application", `{"webhooks":{"message":{"sent":"true"}}}`, c.auth)
			if a.Status != 200 {
				t.Fatalf("ask for sent: %d %s", a.Status, a.Body)
			}
		}
		words := ""
		mark := s.mark()
		a := s.message(t, c, `{"to":"+`+to+`","type":"text","text":{"body":"x"},"biz_opaque_callback_data":"mine-`+c.name+`"}`)
		own, _ := at(a.JSON(t), "messages", 0, "id").(string)
		upstream := s.taken(mark)[0].WAMID
		for _, state := range []string{"sent", "delivered", "read"} {
			if state == "sent" && c == s.v1 {
				continue // off by default in the old dialects
			}
			words = `"` + state + `"`
			h := s.Hooks.With(t, own, words)
			e := event(t, c, h, "statuses")
			if e["id"] != own || e["recipient_id"] != to || e["status"] != state {
				t.Errorf("%s of %s: %s", state, own, h.Body)
			}
			if c.flat && bytes.Contains(h.Body, []byte(upstream)) {
				t.Errorf("upstream's id is in a flat webhook: %s", h.Body)
			}
			s.checkStatusForm(t, c, h, e)
		}
		if c == s.v1 {
			for _, h := range s.Hooks.All() {
				if bytes.Contains(h.Body, []byte(own)) && bytes.Contains(h.Body, []byte(`"sent"`)) {
					t.Errorf("sent was not asked for: %s", h.Body)
				}
			}
		}
	})
}

func (s *site) checkStatusForm(t *testing.T, c *caller, h rig.Hook, e map[string]any) {
	t.Helper()
	if seconds, _ := e["timestamp"].(string); len(seconds) != 10 {
		t.Errorf("need 32: timestamp %v", e["timestamp"])
	}
	sign := h.Header.Get("X-Hub-Signature-256")
	if c.flat {
		if e["type"] != "message" || at(e, "message", "recipient_id") != e["recipient_id"] || sign != "" || e["biz_opaque_callback_data"] != nil {
			t.Errorf("flat status with signature %q: %s", sign, h.Body)
		}
		return
	}
	var v any
	fail(t, json.Unmarshal(h.Body, &v))
	value := at(v, "entry", 0, "changes", 0, "value")
	if user, _ := at(value, "contacts", 0, "user_id").(string); user == "" {
		t.Errorf("need 30: no user_id beside a status: %s", h.Body)
	}
	if at(value, "metadata", "phone_number_id") != c.number {
		t.Errorf("need 32: phone_number_id: %s", h.Body)
	}
	if seconds, ok := at(v, "entry", 0, "time").(float64); at(v, "entry", 0, "time") != nil && (!ok || seconds < 1e9) {
		t.Errorf("need 32: entry time: %s", h.Body)
	}
	if e["biz_opaque_callback_data"] != "mine-"+c.name {
		t.Errorf("the app's callback data is %v", e["biz_opaque_callback_data"])
	}
	if c != s.cloud {
		return
	}
	m := hmac.New(sha256.New, []byte(s.Env["DEMO_WEBHOOK_SECRET"]))
	m.Write(h.Body) //nolint:errcheck // hash.Hash never returns an error
	if want := "sha256=" + hex.EncodeToString(m.Sum(nil)); sign != want {
		t.Errorf("need 29: signature %q, want %q", sign, want)
	}
	if bytes.ContainsFunc(h.Body, func(r rune) bool { return r > 0x7e }) {
		t.Errorf("need 29: not ASCII: %s", h.Body)
	}
}

// testFailedStatus: a failure after acceptance comes with the dialect's code.
func testFailedStatus(t *testing.T, s *site) {
	to := s.people(t, 40, 1)[0]
	s.each(t, func(t *testing.T, c *caller) {
		s.subscribe(t, c)
		for code, flat := range map[int]float64{131047: 470, 131026: 1026, 131049: 1000, 131050: 1000, 131000: 500, 131042: 402, 130472: 472, 131045: 430, 137000: 480} {
			s.fault(t, to, sim.Fault{Action: sim.ActionFailed, Code: code})
			_, own := s.sent(t, c, to, "Hello")
			h := s.Hooks.With(t, own, `"failed"`)
			e := event(t, c, h, "statuses")
			want := float64(code)
			if c.flat {
				want = flat
			}
			title, _ := at(e, "errors", 0, "title").(string)
			if e["id"] != own || at(e, "errors", 0, "code") != want || title == "" {
				t.Errorf("failed with %d: %s", code, h.Body)
			}
		}
		s.row(t, "SELECT count(DISTINCT code) FROM audit WHERE kind = 'status' AND result = 'failed' AND dialect = '"+c.name+"' HAVING count(DISTINCT code) = 9")
	})
	// Of these codes one is the person's own word, and holds from then on.
	a := s.message(t, s.cloud, strings.Replace(orderUpdate(to), "order_update", "spring_offer", 1))
	if details := refused(t, s.cloud, a, 400, 131050); !strings.HasPrefix(details, "policy:marketing_stopped: ") {
		t.Errorf("need 05: marketing after 131050: %s", a.Body)
	}
	if a := s.message(t, s.cloud, orderUpdate(to)); a.Status != 200 {
		t.Errorf("a service message after 131050: %d %s", a.Status, a.Body)
	}
}

// testFlatStates: receivers of the old form answer 400 to words the old API
// did not have (need 33); played becomes read or is held back.
func testFlatStates(t *testing.T, s *site) {
	s.quiet(t)
	to := s.Env["DEMO_CONSENTED"]
	for _, c := range []*caller{s.v1, s.onprem} {
		s.subscribe(t, c)
		upstream, own := s.sent(t, c, to, "Hello")
		for _, state := range []string{"warning", "played", "captured"} {
			told, err := s.Sim.Status(t.Context(), sim.StatusEvent{WAMID: upstream, Status: state, Wait: true})
			if err != nil {
				t.Fatal(err)
			}
			if told.Status != 200 {
				t.Errorf("%s: webhook answered %d", state, told.Status)
			}
		}
		h := s.Hooks.With(t, own, `"read"`)
		if e := event(t, c, h, "statuses"); e["status"] != "read" {
			t.Errorf("played reads as %s", h.Body)
		}
		for _, h := range s.Hooks.All() {
			for _, word := range []string{"warning", "played", "captured"} {
				if bytes.Contains(h.Body, []byte(`"`+word+`"`)) {
					t.Errorf("need 33: %s", h.Body)
				}
			}
		}
	}
}
