package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

// statuses lists the statuses of all webhooks in the order they arrived.
func statuses(t *testing.T, bodies []string) []string {
	t.Helper()
	var found []string
	for _, body := range bodies {
		for i := 0; ; i++ {
			name := dig(t, body, value("statuses", i, "status")...)
			if name == "<nil>" {
				break
			}
			found = append(found, name)
		}
	}
	return found
}

func TestStatusShape(t *testing.T) {
	w := start(t)
	_, answer := w.send(strings.Replace(text(ana), `"type"`, `"biz_opaque_callback_data":"trace-1","type"`, 1))
	id := dig(t, answer, "messages", 0, "id")
	list, _ := w.sim.Accepted(0, 0)
	person := list[0].UserID
	bodies := w.idle()
	common := `"biz_opaque_callback_data":"trace-1","id":"` + id + `",`
	tail := `"recipient_id":"4915112345678","recipient_user_id":"` + person + `","status":"%s","timestamp":"1767225600"}]`
	priced := `"pricing":{"billable":false,"category":"service","pricing_model":"PMP","type":"free_customer_service"},`
	want := []string{
		"[{" + common + priced + fmt.Sprintf(tail, "sent"),
		"[{" + common + priced + fmt.Sprintf(tail, "delivered"),
		"[{" + common + fmt.Sprintf(tail, "read"),
	}
	if len(bodies) != 3 {
		t.Fatalf("%d webhooks: %v", len(bodies), bodies)
	}
	for i, body := range bodies {
		expect(t, "statuses", dig(t, body, value("statuses")...), want[i])
		expect(t, "contacts", dig(t, body, value("contacts")...), `[{"user_id":"`+person+`","wa_id":"4915112345678"}]`)
		expect(t, "metadata", dig(t, body, value("metadata")...), `{"display_phone_number":"4915550100001","phone_number_id":"`+phoneID+`"}`)
		expect(t, "account", dig(t, body, "entry", 0, "id"), account)
		expect(t, "time", dig(t, body, "entry", 0, "time"), "<nil>")
	}
}

func TestFailedStatus(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Window = sim.WindowAsync })
	if status, body := w.send(text(ana)); status != 200 {
		t.Fatalf("outside the window: %d %s", status, body)
	}
	bodies := w.idle()
	expect(t, "statuses", strings.Join(statuses(t, bodies), " "), "failed")
	expect(t, "code", dig(t, bodies[0], value("statuses", 0, "errors", 0, "code")...), "131047")
	expect(t, "title", dig(t, bodies[0], value("statuses", 0, "errors", 0, "title")...), "Re-engagement message")
	expect(t, "contacts", dig(t, bodies[0], value("contacts")...), "<nil>")
}

func TestOrderOfStatuses(t *testing.T) {
	cases := map[string]struct {
		change func(*sim.Settings)
		want   string
	}{
		"realistic":  {func(*sim.Settings) {}, "sent delivered read"},
		"reversed":   {func(c *sim.Settings) { c.Order = sim.Reversed }, "read delivered sent"},
		"duplicates": {func(c *sim.Settings) { c.Duplicates = 1 }, "sent sent delivered delivered read read"},
		"chosen":     {func(c *sim.Settings) { c.Statuses = []string{"read"} }, "read"},
		"none":       {func(c *sim.Settings) { c.Statuses = nil }, ""},
		"delayed":    {func(c *sim.Settings) { c.DelaysMS = []int{1, 5, 10} }, "sent delivered read"},
	}
	for name, c := range cases {
		w := start(t, func(_ *sim.Config, s *sim.Settings) { c.change(s) })
		w.send(text(ana))
		expect(t, name, strings.Join(statuses(t, w.idle()), " "), c.want)
	}
}

func TestShuffledIsTheSameUnderOneSeed(t *testing.T) {
	run := func(seed uint64) string {
		w := start(t, func(c *sim.Config, s *sim.Settings) { c.Seed, s.Order = seed, sim.Shuffled })
		for range 6 {
			w.send(text(ana))
			w.idle()
		}
		return strings.Join(statuses(t, w.idle()), " ")
	}
	first := run(1)
	if first != run(1) {
		t.Error("the same seed gave another order")
	}
	if first == run(2) || first == run(3) && first == run(4) {
		t.Error("other seeds gave the same order")
	}
}

func TestBeforeTheAnswer(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.BeforeAnswer = true })
	w.send(text(ana))
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	if len(w.app.bodies) != 3 {
		t.Errorf("%d webhooks came before the answer, want 3", len(w.app.bodies))
	}
}

func TestLate(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.LateSeconds = 3 * 3600 })
	w.send(text(ana))
	expect(t, "timestamp", dig(t, w.idle()[0], value("statuses", 0, "timestamp")...), "1767214800")
}

func TestBatches(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.BatchMax, c.LingerMS = 1000, 200 })
	told, err := w.sim.Inbound(t.Context(), sim.Inbound{From: ana, Count: 1500, Wait: true, Message: map[string]any{"text": map[string]any{"body": "x"}}})
	if err != nil || told.Delivered != 1500 {
		t.Fatalf("%+v, %v", told, err)
	}
	bodies := w.idle()
	if n := strings.Count(bodies[0], `"from":`); n != 1000 {
		t.Errorf("first POST holds %d updates", n)
	}
	told, err = w.sim.Inbound(t.Context(), sim.Inbound{From: ana, Count: 1000, Together: true, Wait: true})
	if err != nil || told.Delivered != 1000 {
		t.Errorf("together: %+v, %v", told, err)
	}
}

func TestAttemptsAreListed(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Statuses = []string{"sent"} })
	w.app.answer = func(n int) int { return []int{503, 200}[min(n-1, 1)] }
	w.send(text(ana))
	w.idle()
	list, next := w.sim.Webhooks(0, 0)
	if len(list) != 2 || next != 2 || list[0].Status != 503 || list[0].Outcome != "" ||
		list[1].Attempt != 2 || list[1].Outcome != "delivered" || string(list[0].Body) != string(list[1].Body) {
		t.Errorf("got %+v", list)
	}
	_, body := w.call("GET", "/_sim/webhooks?since=1", "")
	expect(t, "outcome", dig(t, body, "webhooks", 0, "outcome"), "delivered")
	expect(t, "pending", dig(t, body, "pending"), "0")
}

func TestWindow(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Window = sim.WindowSync })
	say := func(in sim.Inbound) {
		t.Helper()
		if _, err := w.sim.Inbound(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	try := func(what string, want int) {
		t.Helper()
		if status, body := w.send(text(ana)); status != want {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	say(sim.Inbound{From: ana, Message: map[string]any{"type": "system", "system": map[string]any{"body": "x"}}})
	try("a system message opens nothing", 400)
	say(sim.Inbound{From: ana, PhoneID: "106540000000002"})
	try("another number's window is not this one's", 400)
	say(sim.Inbound{From: ana})
	try("after a message", 200)
	w.clock.forward(24*time.Hour - time.Second)
	try("just inside", 200)
	w.clock.forward(time.Second)
	try("after 24 hours", 400)
	if status, _ := w.send(templated(ana, "order_update", oneParameter)); status != 200 {
		t.Error("a template needs no window")
	}
	if _, err := w.sim.Send("", map[string]any{"to": ana, "text": "x"}); err != nil {
		t.Errorf("round the app: %v", err)
	}
}

func TestMarketingStop(t *testing.T) {
	w := start(t)
	told, err := w.sim.Preference(t.Context(), sim.Preference{From: ana, Value: "stop", Wait: true})
	if err != nil || told.Delivered != 1 {
		t.Fatalf("%+v %v", told, err)
	}
	body := w.idle()[0]
	expect(t, "field", dig(t, body, "entry", 0, "changes", 0, "field"), "user_preferences")
	expect(t, "time", dig(t, body, "entry", 0, "time"), "1767225600")
	expect(t, "value", dig(t, body, value("user_preferences", 0, "value")...), "stop")
	expect(t, "timestamp", dig(t, body, value("user_preferences", 0, "timestamp")...), "1767225600")
	w.send(templated(ana, "spring_offer", oneParameter))
	w.send(templated(ana, "order_update", oneParameter))
	list, _ := w.sim.Accepted(0, 0)
	if list[0].Failed != 131050 || list[1].Failed != 0 {
		t.Errorf("marketing %d, utility %d", list[0].Failed, list[1].Failed)
	}
	if _, err := w.sim.Preference(t.Context(), sim.Preference{From: ana, Value: "resume"}); err != nil {
		t.Fatal(err)
	}
	w.send(templated(ana, "spring_offer", oneParameter))
	list, _ = w.sim.Accepted(2, 0)
	if list[0].Failed != 0 {
		t.Errorf("after resume: %d", list[0].Failed)
	}
}

func TestRoundTheApp(t *testing.T) {
	w := start(t)
	status, body := w.call("POST", "/_sim/send", `{"phone_number_id":"`+phoneID+`","to":"4915112345678","text":"x"}`)
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	list, _ := w.sim.Accepted(0, 0)
	if list[0].Source != sim.FromControl || list[0].WAMID != dig(t, body, "id") || list[0].To != ana {
		t.Errorf("got %+v", list[0])
	}
	bodies := w.idle()
	if len(bodies) != 3 || strings.Contains(bodies[0], "biz_opaque_callback_data") {
		t.Errorf("got %v", bodies)
	}
}

func TestCustomStatusAndEvent(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Statuses = nil })
	_, answer := w.send(strings.Replace(text(ana), `"type"`, `"biz_opaque_callback_data":"trace-1","type"`, 1))
	id := dig(t, answer, "messages", 0, "id")
	calls := []struct{ path, body string }{
		{"statuses", `{"wamid":"` + id + `","status":"failed","code":131049,"timestamp":1700000000,"wait":true}`},
		{"statuses", `{"wamid":"wamid.unknown","status":"read","to":"+16505550101","wait":true}`},
		{"events", `{"field":"account_update","value":{"event":"ACCOUNT_RESTRICTION"},"wait":true}`},
	}
	for _, c := range calls {
		if status, body := w.call("POST", "/_sim/"+c.path, c.body); status != 200 || dig(t, body, "delivered") != "1" {
			t.Errorf("%s: %d %s", c.body, status, body)
		}
	}
	bodies := w.idle()
	expect(t, "failed", dig(t, bodies[0], value("statuses", 0, "errors", 0, "code")...), "131049")
	expect(t, "callback", dig(t, bodies[0], value("statuses", 0, "biz_opaque_callback_data")...), "trace-1")
	expect(t, "timestamp", dig(t, bodies[0], value("statuses", 0, "timestamp")...), "1700000000")
	expect(t, "never sent", dig(t, bodies[1], value("statuses", 0, "recipient_id")...), "16505550101")
	expect(t, "event", dig(t, bodies[2], value()...), `{"event":"ACCOUNT_RESTRICTION"}`)
}

func TestOlderShape(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.UserIDInStatus = false })
	w.send(text(ana))
	if body := w.idle()[0]; strings.Contains(body, "user_id") || strings.Contains(body, "contacts") {
		t.Errorf("got %s", body)
	}
}

func TestVerify(t *testing.T) {
	w := start(t)
	status, body := w.call("POST", "/_sim/verify", "")
	if status != 200 || dig(t, body, "verified") != "true" {
		t.Errorf("got %d %s", status, body)
	}
	w = start(t, func(c *sim.Config, _ *sim.Settings) { c.VerifyToken = "other" })
	_, body = w.call("POST", "/_sim/verify", "")
	expect(t, "wrong token", body, "{\"verified\":false,\"status\":403}\n")
}

func TestSubscription(t *testing.T) {
	w := start(t)
	_, body := w.call("GET", "/v24.0/"+account+"/subscribed_apps", "")
	if !strings.Contains(body, "whatsapp_business_api_data") {
		t.Errorf("got %s", body)
	}
	w.call("DELETE", "/v24.0/"+account+"/subscribed_apps", "")
	w.send(text(ana))
	if bodies := w.idle(); len(bodies) != 0 {
		t.Errorf("webhooks without a subscription: %v", bodies)
	}
	w.call("POST", "/v24.0/"+account+"/subscribed_apps", "")
	w.send(text(ana))
	if bodies := w.idle(); len(bodies) != 3 {
		t.Errorf("%d webhooks after subscribing again", len(bodies))
	}
}

func TestReactionIsOnlySent(t *testing.T) {
	w := start(t)
	w.send(`{"messaging_product":"whatsapp","to":"` + ana + `","type":"reaction","reaction":{"message_id":"wamid.x","emoji":"👍"}}`)
	if got := statuses(t, w.idle()); !slices.Equal(got, []string{"sent"}) {
		t.Errorf("got %v", got)
	}
}
