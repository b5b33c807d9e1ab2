package clients

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
)

// normalized is what the client makes of a webhook.
type normalized struct {
	Object   string
	Phone    string `json:"phoneNumberId"`
	Display  string `json:"displayPhoneNumber"`
	Contacts []struct {
		WaID    string `json:"waId"`
		UserID  string `json:"userId"`
		Profile struct{ Name string }
	}
	Messages []map[string]json.RawMessage
	Statuses []struct {
		ID, Status, Timestamp string
		Recipient             string `json:"recipientId"`
		Callback              string `json:"bizOpaqueCallbackData"`
		Errors                []struct{ Code int }
	}
}

// verified has the client check the signature of a webhook, of one that was
// changed, and with another secret.
func (n *node) verified(t *testing.T, h hook) {
	t.Helper()
	for _, c := range []struct {
		body   []byte
		secret string
		want   bool
	}{
		{h.body, gate.env["DEMO_WEBHOOK_SECRET"], true},
		{bytes.Replace(h.body, []byte(`"timestamp":"1`), []byte(`"timestamp":"2`), 1), gate.env["DEMO_WEBHOOK_SECRET"], false},
		{h.body, gate.env["META_APP_SECRET"], false}, // it is signed anew, not passed on
	} {
		var got bool
		n.ok(t, &got, "server.verifySignature",
			map[string]string{"appSecret": c.secret, "rawBody": string(c.body), "signatureHeader": h.header.Get("X-Hub-Signature-256")})
		if got != c.want {
			t.Errorf("the client says %v of the signature %q", got, h.header.Get("X-Hub-Signature-256"))
		}
	}
}

// normalize has the client read a webhook.
func (n *node) normalize(t *testing.T, h hook) normalized {
	t.Helper()
	n.verified(t, h)
	var out normalized
	n.ok(t, &out, "server.normalizeWebhook", json.RawMessage(h.body))
	if out.Object != "whatsapp_business_account" || out.Phone != gate.env["POSTERN_PHONE_ID"] || out.Display == "" {
		t.Errorf("the client reads %+v", out)
	}
	return out
}

// fileLink is a link to a file of a message.
var fileLink = regexp.MustCompile(`https://127\.0\.0\.1:\d+/whatsapp_business/attachments/\?ext=\d+(&|\\u0026)hash=[\w-]+(&|\\u0026)mid=[0-9a-f-]+`)

// TestKapsoWebhooks reads every type of message.
func TestKapsoWebhooks(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	for _, i := range inbounds {
		t.Run(i.name, func(t *testing.T) {
			id, h := i.come(t, person)
			out := client.normalize(t, h)
			if len(out.Contacts) != 1 || out.Contacts[0].WaID != person || out.Contacts[0].UserID == "" || out.Contacts[0].Profile.Name != "Ana Müller" {
				t.Errorf("contacts: %+v", out.Contacts)
			}
			if len(out.Messages) != 1 {
				t.Fatalf("messages: %+v", out.Messages)
			}
			m := out.Messages[0]
			same(t, "the id", m["id"], `"`+id+`"`)
			same(t, "the sender", m["from"], `"`+person+`"`)
			same(t, "the type", m["type"], `"`+i.typ+`"`)
			same(t, "the content", json.RawMessage(fileLink.ReplaceAll(m[i.typ], []byte("(link)"))), i.kapso)
			var own struct{ Direction string }
			decode(t, m["kapso"], &own)
			if own.Direction != "inbound" {
				t.Errorf("the client takes it for %q", own.Direction)
			}
			rows := gate.sql(t, "SELECT kind, type, effect FROM audit WHERE kind = 'inbound' ORDER BY seq DESC LIMIT 1")
			if len(rows) != 1 || rows[0] != (row{Kind: "inbound", Type: recordedType(t, i.typ, i.content), Effect: "allow"}) {
				t.Errorf("recorded %+v", rows)
			}
		})
	}
}

// TestKapsoStatuses: the app gets back the id it was given and the data it
// gave, for what was delivered and for what failed.
func TestKapsoStatuses(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	m := gate.mark(t)
	var sent kapsoSent
	client.ok(t, &sent, "messages.sendText", kapsoTo(t, person, `{"body":"Hello","bizOpaqueCallbackData":"order-4711"}`))
	a := gate.passed(t, m, cloudRow("text"))
	if a.Callback == "" || a.Callback == "order-4711" {
		t.Errorf("the callback data that left is %q", a.Callback)
	}
	for _, status := range []string{"sent", "delivered", "read"} {
		h := gate.hooks.with(t, `"id":"`+a.WAMID+`"`, `"status":"`+status+`"`)
		wellFormed(t, h)
		out := client.normalize(t, h)
		if len(out.Statuses) != 1 || len(out.Contacts) != 1 || out.Contacts[0].UserID == "" {
			t.Fatalf("the client reads %+v", out)
		}
		if s := out.Statuses[0]; s.ID != sent.Messages[0].ID || s.Status != status || s.Recipient != person || s.Callback != "order-4711" || s.Timestamp == "" {
			t.Errorf("the client reads %+v", s)
		}
	}
	gate.control(t, "POST", "/_sim/faults", `{"to":"`+person+`","action":"failed","code":131026,"times":1}`)
	client.ok(t, &sent, "messages.sendText", kapsoTo(t, person, `{"body":"Lost"}`))
	out := client.normalize(t, gate.hooks.with(t, `"id":"`+sent.Messages[0].ID+`"`, `"status":"failed"`))
	if len(out.Statuses) != 1 || len(out.Statuses[0].Errors) != 1 || out.Statuses[0].Errors[0].Code != 131026 || out.Statuses[0].Callback != "" {
		t.Errorf("the client reads %+v", out.Statuses)
	}
}
