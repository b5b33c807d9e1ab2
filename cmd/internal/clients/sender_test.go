package clients

import (
	"strings"
	"testing"
	"time"
)

// senderMeta stands in every answer of the On-Premises API.
type senderMeta struct {
	Version string
	Status  string `json:"api_status"`
}

// senderSent is the client's answer to a send.
type senderSent struct {
	Messages []struct{ ID string }
	Meta     senderMeta
}

func startSender(t *testing.T) (*node, string) {
	t.Helper()
	return startNode(t, "sender.mjs"), gate.env["POSTERN_URL"]
}

// senderToken logs the demo's On-Premises user in.
func senderToken(t *testing.T, client *node) string {
	t.Helper()
	var in struct {
		Users []struct {
			Token        string
			ExpiresAfter string `json:"expires_after"`
		}
		Meta senderMeta
	}
	client.ok(t, &in, "loginUser", gate.env["POSTERN_URL"],
		map[string]string{"username": gate.env["POSTERN_ONPREM_USER"], "password": gate.env["POSTERN_ONPREM_PASSWORD"]})
	if len(in.Users) != 1 || in.Users[0].Token == "" || in.Meta.Status != "stable" {
		t.Fatalf("login: %+v", in)
	}
	until, err := time.Parse("2006-01-02 15:04:05-07:00", in.Users[0].ExpiresAfter)
	if left := time.Until(until); err != nil || left < 6*24*time.Hour || left > 8*24*time.Hour {
		t.Errorf("the token expires after %q: %v", in.Users[0].ExpiresAfter, err)
	}
	return in.Users[0].Token
}

// onpremRow is the record of a template sent by the On-Premises app.
func onpremRow(template string) row {
	return row{Kind: "admission", App: "onprem-demo", Dialect: "onprem", Number: gate.env["POSTERN_ONPREM_PHONE_ID"], Type: "template", Template: template}
}

// senderData is what the client wants for a template message.
func senderData(phone, name string, components ...any) map[string]any {
	return map[string]any{"phone": phone, "template": map[string]any{
		"namespace": "0d15_4f12_demo", "name": name, "language": map[string]string{"policy": "deterministic", "code": "en_US"}, "components": components,
	}}
}

func texts(values ...string) map[string]any {
	params := []any{}
	for _, v := range values {
		params = append(params, map[string]string{"type": "text", "text": v})
	}
	return map[string]any{"type": "body", "parameters": params}
}

// TestSenderTemplates sends with the client's one way to send: parameters in
// the body, media in the header, buttons whose index is a number.
func TestSenderTemplates(t *testing.T) {
	client, url := startSender(t)
	token, person := senderToken(t, client), gate.person(t)
	for _, c := range []struct {
		name       string
		components []any
		want       string
	}{
		{"order_update", []any{texts("4711")}, `[{"type":"body","parameters":[{"type":"text","text":"4711"}]}]`},
		{"parcel_photo", []any{
			map[string]any{"type": "header", "parameters": []any{map[string]any{"type": "image", "image": map[string]string{"link": "https://cdn.example/a.jpg"}}}},
			texts("4711", "the door"),
			map[string]any{"type": "button", "sub_type": "url", "index": 0, "parameters": []any{map[string]string{"type": "text", "text": "4711"}}},
			map[string]any{"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": []any{map[string]string{"type": "payload", "payload": "NOT_MINE"}}},
		}, `[{"type":"header","parameters":[{"type":"image","image":{"link":"https://cdn.example/a.jpg"}}]},
			{"type":"body","parameters":[{"type":"text","text":"4711"},{"type":"text","text":"the door"}]},
			{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"4711"}]},
			{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"NOT_MINE"}]}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := gate.mark(t)
			var sent senderSent
			client.ok(t, &sent, "sendMessageTemplateText", url, token, senderData("+"+person, c.name, c.components...))
			a := gate.passed(t, m, onpremRow(c.name+"/en_US"))
			same(t, "what left", a.content(t, "template"), `{"name":"`+c.name+`","language":{"code":"en_US"},"components":`+c.want+`}`)
			if len(sent.Messages) != 1 || sent.Messages[0].ID == "" || strings.HasPrefix(sent.Messages[0].ID, "wamid.") || sent.Meta.Status != "stable" {
				t.Fatalf("the client got %+v", sent)
			}
			for _, status := range []string{"delivered", "read"} { // "sent" comes only to who asked for it
				h := gate.hooks.with(t, `"id":"`+sent.Messages[0].ID+`"`, `"status":"`+status+`"`)
				var flat struct {
					Entry    []any
					Statuses []struct {
						ID        string
						Recipient string `json:"recipient_id"`
					}
				}
				decode(t, h.body, &flat)
				if len(flat.Entry) != 0 || len(flat.Statuses) != 1 || flat.Statuses[0].Recipient != person {
					t.Errorf("the webhook is not of the old API: %s", h.body)
				}
			}
		})
	}
}

// TestSenderContacts checks numbers: one that can be, with and without plus,
// and one that can not.
func TestSenderContacts(t *testing.T) {
	client, url := startSender(t)
	token, person := senderToken(t, client), gate.person(t)
	m := gate.mark(t)
	var checked struct {
		Contacts []map[string]string
		Meta     senderMeta
	}
	client.ok(t, &checked, "checkContacts", url, token, []string{"+" + person, person, "12"})
	same(t, "contacts", checked.Contacts, `[{"input":"+`+person+`","status":"valid","wa_id":"`+person+`"},
		{"input":"`+person+`","status":"valid","wa_id":"`+person+`"},{"input":"12","status":"invalid"}]`)
	if checked.Meta.Status != "stable" {
		t.Errorf("meta: %+v", checked.Meta)
	}
	gate.unrecorded(t, m)
}

// TestSenderRefusals: the client tells its app the HTTP status and nothing
// else, so the status has to be right.
func TestSenderRefusals(t *testing.T) {
	client, url := startSender(t)
	token, person := senderToken(t, client), gate.person(t)
	for _, c := range []struct {
		name, phone, template, status, reason string
		params                                []string
	}{
		{"no consent", gate.env["DEMO_STRANGER"], "order_update", "403", "opt_in_missing", []string{"42"}},
		{"unknown template", person, "nobody_knows", "404", "template", []string{"42"}},
		{"paused template", person, "paused_notice", "400", "template_paused", nil},
		{"card number", person, "order_update", "400", "pii", []string{"4111 1111 1111 1111"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := gate.mark(t)
			var components []any
			if c.params != nil {
				components = []any{texts(c.params...)}
			}
			a := client.call(t, "sendMessageTemplateText", url, token, senderData("+"+c.phone, c.template, components...))
			if a.Error == nil {
				t.Fatalf("the client did not throw but gave %s", a.Value)
			}
			holds(t, "the error", a.Error.Message, "failed to send message", "status code "+c.status)
			want := onpremRow(c.template + "/en_US")
			want.Reason = c.reason
			gate.stopped(t, m, want)
		})
	}
}

// TestSenderCredentials: wrong ones are answered 401 and not recorded one by
// one; a token of the Cloud app opens nothing here.
func TestSenderCredentials(t *testing.T) {
	client, url := startSender(t)
	m := gate.mark(t)
	for name, a := range map[string]answer{
		"login":    client.call(t, "loginUser", url, map[string]string{"username": gate.env["POSTERN_ONPREM_USER"], "password": "wrong-password"}),
		"contacts": client.call(t, "checkContacts", url, "not-a-token", []string{"+" + gate.env["DEMO_CONSENTED"]}),
		"messages": client.call(t, "sendMessageTemplateText", url, gate.env["POSTERN_CLOUD_TOKEN"],
			senderData("+"+gate.env["DEMO_CONSENTED"], "order_update", texts("42"))),
	} {
		if a.Error == nil {
			t.Errorf("%s: the client did not throw but gave %s", name, a.Value)
			continue
		}
		holds(t, name, a.Error.Message, "status code 401")
	}
	gate.unrecorded(t, m)
}
