package sim_test

import (
	"strings"
	"testing"

	"postern/cmd/metasim/sim"
)

// TestInboundTypes posts every type of Meta's inbound messages and looks at
// what the app gets.
func TestInboundTypes(t *testing.T) {
	cases := map[string]string{
		"text":        `"text":{"body":"hällo 👍"}`,
		"image":       `"image":{"caption":"x"}`,
		"audio":       `"audio":{"voice":true}`,
		"video":       `"video":{}`,
		"document":    `"document":{"filename":"a.pdf"}`,
		"sticker":     `"sticker":{"animated":false}`,
		"location":    `"location":{"latitude":1.5,"longitude":2.5}`,
		"contacts":    `"contacts":[{"name":{"formatted_name":"A"},"vcard":"BEGIN:VCARD","origin":"x"}]`,
		"button":      `"button":{"text":"Stop promotions","payload":"stop"},"context":{"from":"1","id":"wamid.x"}`,
		"interactive": `"interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"t\"}"}}`,
		"order":       `"order":{"catalog_id":"1","product_items":[{"product_retailer_id":"s","quantity":1,"item_price":1.5,"currency":"EUR"}]}`,
		"reaction":    `"reaction":{"message_id":"wamid.x","emoji":"👍"}`,
		"system":      `"system":{"type":"user_changed_number","wa_id":"16505550999","body":"x"}`,
		"unsupported": `"unsupported":{"type":"poll"},"errors":[{"code":131051,"title":"Message type unknown","error_data":{"details":"x"}}]`,
		"edit":        `"edit":{"original_message_id":"wamid.x","message":{"type":"text","text":{"body":"new"}}}`,
		"revoke":      `"revoke":{"original_message_id":"wamid.x"}`,
	}
	w := start(t)
	seen := 0
	for kind, object := range cases {
		status, body := w.call("POST", "/_sim/inbound",
			`{"phone_number_id":"`+phoneID+`","from":"`+ana+`","profile_name":"Ana","type":"`+kind+`",`+object+`,"wait":true}`)
		if status != 200 || dig(t, body, "delivered") != "1" {
			t.Errorf("%s: %d %s", kind, status, body)
			continue
		}
		bodies := w.idle()
		seen++
		got := bodies[seen-1]
		expect(t, kind+" type", dig(t, got, value("messages", 0, "type")...), kind)
		expect(t, kind+" id", dig(t, got, value("messages", 0, "id")...), dig(t, body, "id"))
		expect(t, kind+" from", dig(t, got, value("messages", 0, "from")...), "4915112345678")
		expect(t, kind+" timestamp", dig(t, got, value("messages", 0, "timestamp")...), "1767225600")
		expect(t, kind+" person", dig(t, got, value("messages", 0, "from_user_id")...), dig(t, got, value("contacts", 0, "user_id")...))
		expect(t, kind+" name", dig(t, got, value("contacts", 0, "profile", "name")...), "Ana")
		if kind == "text" && !strings.Contains(got, `h\u00e4llo \ud83d\udc4d`) {
			t.Errorf("text is not escaped as Meta does: %s", got)
		}
	}
}

func TestInboundMediaCanBeFetched(t *testing.T) {
	w := start(t, func(c *sim.Config, _ *sim.Settings) { c.PublicURL = "https://graph.example" })
	for _, kind := range []string{"image", "audio", "video", "document", "sticker"} {
		if _, err := w.sim.Inbound(t.Context(), sim.Inbound{From: ana, Wait: true, Message: map[string]any{"type": kind}}); err != nil {
			t.Fatal(err)
		}
		bodies := w.idle()
		got := bodies[len(bodies)-1]
		object := func(name string) string { return dig(t, got, value("messages", 0, kind, name)...) }
		link, ok := strings.CutPrefix(object("url"), "https://graph.example")
		if !ok {
			t.Fatalf("%s: url %s", kind, object("url"))
		}
		if status, data := w.call("GET", link, ""); status != 200 || !strings.HasPrefix(data, "GIF89a") {
			t.Errorf("%s: link gave %d %q", kind, status, data)
		}
		_, node := w.call("GET", "/v24.0/"+object("id"), "")
		expect(t, kind+" sha256", dig(t, node, "sha256"), object("sha256"))
	}
}

func TestPeopleWithoutNumber(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Window = sim.WindowSync })
	told, err := w.sim.Inbound(t.Context(), sim.Inbound{UserID: "US.13491", Username: "ana_1", Name: "Ana", Wait: true,
		Message: map[string]any{"text": map[string]any{"body": "x"}}})
	if err != nil || told.Delivered != 1 {
		t.Fatalf("%+v %v", told, err)
	}
	body := w.idle()[0]
	expect(t, "contacts", dig(t, body, value("contacts")...), `[{"profile":{"name":"Ana","username":"ana_1"},"user_id":"US.13491"}]`)
	expect(t, "from", dig(t, body, value("messages", 0, "from")...), "<nil>")
	expect(t, "from_user_id", dig(t, body, value("messages", 0, "from_user_id")...), "US.13491")
	status, answer := w.send(`{"messaging_product":"whatsapp","recipient":"US.13491","type":"text","text":{"body":"x"}}`)
	if status != 200 {
		t.Fatalf("reply: %d %s", status, answer)
	}
	last := w.idle()[1]
	expect(t, "recipient_id", dig(t, last, value("statuses", 0, "recipient_id")...), "<nil>")
	expect(t, "recipient_user_id", dig(t, last, value("statuses", 0, "recipient_user_id")...), "US.13491")
	expect(t, "status contacts", dig(t, last, value("contacts", 0, "user_id")...), "US.13491")
}

func TestKnownUserID(t *testing.T) {
	w := start(t)
	if _, err := w.sim.Inbound(t.Context(), sim.Inbound{From: ana, UserID: "DE.77", ReplyTo: "wamid.x", Wait: true}); err != nil {
		t.Fatal(err)
	}
	body := w.idle()[0]
	expect(t, "context", dig(t, body, value("messages", 0, "context")...), `{"from":"4915550100001","id":"wamid.x"}`)
	w.send(text(ana))
	list, _ := w.sim.Accepted(0, 0)
	expect(t, "user id of a later send", list[0].UserID, "DE.77")
}

func TestControlRefuses(t *testing.T) {
	w := start(t)
	cases := []struct{ path, body, word string }{
		{"inbound", `{}`, "from"},
		{"inbound", `{"from":"abc"}`, "from"},
		{"inbound", `{"from":"+49151","phone_number_id":"9"}`, "phone_number_id"},
		{"inbound", `{"user_id":"x"}`, "user_id"},
		{"inbound", `{"from":"+49151","count":1001,"together":true}`, "count"},
		{"events", `{"field":"x"}`, "value"},
		{"events", `{"feild":"x"}`, "feild"},
		{"statuses", `{"wamid":"wamid.x","status":"read"}`, "to"},
		{"preferences", `{"from":"+49151","value":"maybe"}`, "value"},
		{"templates", `{}`, "name"},
		{"templates", `{"name":"x","components":{}}`, "components"},
		{"faults", `{"action":"explode"}`, "action"},
		{"faults", `{"action":"failed"}`, "code"},
		{"faults", `{"action":"slow"}`, "delay_ms"},
		{"faults", `{"action":"http","status":200}`, "status"},
		{"faults", `{"action":"cut","probability":2}`, "probability"},
		{"faults", `{"action":"cut","when":"later"}`, "when"},
		{"faults", `{"action":"cut","to":"abc"}`, "to"},
		{"send", `{"text":"x"}`, "to"},
		{"config", `{"order":"wild"}`, "order"},
		{"config", `{"batch_max":1001}`, "batch_max"},
		{"config", `{"statuses":["seen"]}`, "statuses"},
		{"config", `{"late_seconds":-1}`, "late_seconds"},
	}
	for _, c := range cases {
		status, body := w.call("POST", "/_sim/"+c.path, c.body)
		if status != 400 || !strings.Contains(dig(t, body, "error"), c.word) {
			t.Errorf("%s %s: got %d %s", c.path, c.body, status, body)
		}
	}
	for _, path := range []string{"/_sim/nothing", "/_sim/accepted?since=x"} {
		if status, body := w.call("GET", path, ""); status < 400 || dig(t, body, "error") == "<nil>" {
			t.Errorf("%s: got %d %s", path, status, body)
		}
	}
}

func TestConfigChangesOnlyWhatItNames(t *testing.T) {
	w := start(t)
	status, body := w.call("POST", "/_sim/config", `{"duplicates":2,"app_secret":"other","wa_ids":{"1":"2"}}`)
	if status != 200 || strings.Contains(body, "app_secret") {
		t.Fatalf("%d %s", status, body)
	}
	c := w.sim.Settings()
	if c.Duplicates != 2 || len(c.Statuses) != 3 || c.Webhook == "" || c.WhatsAppIDs["1"] != "2" {
		t.Errorf("got %+v", c)
	}
	w.send(text(ana))
	if err := w.sim.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	if w.app.bad != 9 {
		t.Errorf("%d of 9 webhooks are signed with the new secret", w.app.bad)
	}
}
