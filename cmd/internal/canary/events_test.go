package canary_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// writes has a marked person write, and waits for the answer.
func (s *site) writes(in sim.Inbound) {
	s.t.Helper()
	in.Wait = true
	told, err := s.Sim.Inbound(s.t.Context(), in)
	if err != nil || told.Status != http.StatusOK {
		s.t.Errorf("inbound: %d %v", told.Status, err)
	}
}

// inbound holds something marked in each place, for each family of apps.
func (s *site) inbound() {
	for _, phone := range []string{s.Env["POSTERN_PHONE_ID"], s.Env["POSTERN_D360_PHONE_ID"], s.Env["POSTERN_ONPREM_PHONE_ID"]} {
		k := "inbound " + phone[len(phone)-1:] + " "
		mail := func(what string) string { return s.email(k + what) }
		who := func() sim.Inbound {
			n := s.number(k + "sender")
			return sim.Inbound{PhoneID: phone, From: n, UserID: s.userID(k + "user id"), Name: s.word(k + "profile name"), Username: s.word(k + "user name")}
		}
		for kind, object := range map[string]any{
			"text":     map[string]any{"body": "write " + mail("text") + " call " + s.grouped(k+"text", s.number(k+"text")) + " card " + s.card(k+"card")},
			"image":    map[string]any{"caption": mail("caption")},
			"document": map[string]any{"caption": mail("document"), "filename": mail("file") + ".pdf"},
			"location": map[string]any{"latitude": 48.1, "longitude": 11.5, "name": s.word(k + "place"), "address": s.word(k + "address")},
			"contacts": []any{map[string]any{
				"name": map[string]any{"formatted_name": s.word(k + "contact"), "first_name": s.word(k + "first")}, "phones": []any{map[string]any{"phone": s.grouped(k+"contact", s.number(k+"contact")), "wa_id": s.number(k + "contact id")}},
			}},
			"button":      map[string]any{"text": mail("button"), "payload": mail("payload")},
			"interactive": map[string]any{"type": "nfm_reply", "nfm_reply": map[string]any{"name": "flow", "body": "Sent", "response_json": `{"mail":"` + mail("flow") + `","flow_token":"` + s.word(k+"flow token") + `"}`}},
			"order":       map[string]any{"catalog_id": "1", "text": mail("order"), "product_items": []any{}},
			"system":      map[string]any{"type": "user_changed_number", "body": "User " + s.word(k+"system name") + " changed", "wa_id": s.number(k + "new number")},
			"hologram":    map[string]any{"unknown": mail("unknown type"), "deep": map[string]any{"er": []any{mail("deep")}}},
			"reaction":    map[string]any{"message_id": s.wamid(k+"reaction", s.number(k+"reaction")), "emoji": "x"},
		} {
			in := who()
			in.Message = map[string]any{"type": kind, kind: object, "context": map[string]any{"id": s.wamid(k+"context", in.From), "from": s.number(k + "context from")}}
			s.writes(in)
		}
		in := who()
		in.From, in.Message = "", map[string]any{"type": "text", "text": map[string]any{"body": "STOP"}}
		s.writes(in)
		in = who()
		in.Message = map[string]any{"type": "text", "id": s.wamid(k+"own id", in.From), "text": map[string]any{"body": "track ;" + s.card(k+"track") + "=29121010000000000000?"},
			s.number(k + "member name"): mail("unknown member"), "referral": map[string]any{"headline": mail("headline"), "source_url": "https://ads.example.org/" + s.word(k+"ad")}}
		s.writes(in)
		_, err := s.Sim.Preference(s.t.Context(), sim.Preference{PhoneID: phone, From: s.number(k + "preference"), Value: "stop", Wait: true})
		s.check(err)
		_, err = s.Sim.Status(s.t.Context(), sim.StatusEvent{WAMID: s.wamid(k+"unmatched", s.number(k+"unmatched")), Status: "sent", PhoneID: phone, To: s.number(k + "unmatched to"), Callback: s.word(k + "unmatched callback"), Wait: true})
		s.check(err)
		_, err = s.Sim.Send(phone, map[string]any{"messaging_product": "whatsapp", "to": "+" + s.number(k+"round"), "type": "text", "text": map[string]any{"body": mail("round the gate")}})
		s.check(err)
	}
	rig.Await(s.t, "the statuses", func() bool { return s.Sim.Pending() == 0 })
}

// post sends a webhook of Meta's by hand.
func (s *site) post(body string, signed bool, headers ...string) rig.Reply {
	s.t.Helper()
	m := hmac.New(sha256.New, []byte(s.Env["META_APP_SECRET"]))
	m.Write([]byte(body)) //nolint:errcheck // hash.Hash never returns an error
	signature := hex.EncodeToString(m.Sum(nil))
	if !signed {
		signature = strings.Repeat("0", 64)
	}
	return s.At(s.t, http.MethodPost, s.Env["POSTERN_WEBHOOK_URL"], body, append([]string{"X-Hub-Signature-256: sha256=" + signature}, headers...)...)
}

// value is the webhook of one value.
func (s *site) value(phone string, members map[string]any) string {
	s.t.Helper()
	members["metadata"] = map[string]any{"phone_number_id": phone, "display_phone_number": s.number("display")}
	raw, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{"id": s.Env["POSTERN_WABA_ID"], "changes": []any{map[string]any{"field": "messages", "value": members}}}}})
	s.check(err)
	return string(raw)
}

// badWebhooks are not signed, not readable, or of a shape nobody knows.
func (s *site) badWebhooks() {
	phone := s.Env["POSTERN_PHONE_ID"]
	text := func(what string) map[string]any {
		return map[string]any{"id": s.wamid(what, "4915123456789"), "from": s.number(what), "timestamp": fmt.Sprint(s.Clock.Now().Unix()), "type": "text", "text": map[string]any{"body": s.email(what)}}
	}
	for i, body := range []string{
		`{"` + s.word("cut webhook"), s.word("no JSON"), "", `[]`, `{"object":"` + s.email("object") + `"}`,
		`{"entry":[{"id":"1","changes":[{"field":"` + s.number("field") + `","value":{"x":"` + s.email("unknown field") + `","` + s.number("unknown name") + `":1}}]}]}`,
		s.value("99", map[string]any{"messages": []any{text("unknown number")}}),
		s.value(phone, map[string]any{"messages": []any{map[string]any{"id": s.wamid("nobody", "4915123456789"), "type": "text", "text": map[string]any{"body": s.word("nobody text")}}}}),
		s.value(phone, map[string]any{"messages": []any{map[string]any{"from": s.number("odd"), "id": 5, "type": []any{s.email("odd type")}}}}),
		s.value(phone, map[string]any{"messages": []any{map[string]any{"id": s.wamid("long type", "4915123456789"), "from": s.number("long type"), "type": s.email("type"), "timestamp": "1"}}}),
		s.value(phone, map[string]any{"messages": []any{map[string]any{"id": s.wamid("sub", "4915123456789"), "from": s.number("sub"), "type": "system", "timestamp": "1", "system": map[string]any{"type": s.number("system type"), "body": s.word("system body")}}}}),
		s.value(phone, map[string]any{"statuses": []any{map[string]any{"id": s.wamid("state", "4915123456789"), "status": s.email("state"), "recipient_id": s.number("state"), "errors": []any{map[string]any{"code": 1, "title": s.number("title"), "message": s.email("message")}}}}}),
		s.value(phone, map[string]any{"errors": []any{map[string]any{"code": 130429, "title": "Limit", "error_data": map[string]any{"details": "for " + s.grouped("error details", s.number("error details"))}}}}),
		s.value(phone, map[string]any{"message_echoes": []any{map[string]any{"id": s.wamid("echo", "4915123456789"), "to": s.number("echo"), "type": "text", "text": map[string]any{"body": s.email("echo")}}}}),
		`{"entry":[{"id":"` + s.Env["POSTERN_WABA_ID"] + `","changes":[{"field":"account_update","value":{"phone_number":"` + s.number("account update") + `","event":"X","ban_info":{"reason":"` + s.email("ban") + `"}}}]}]}`,
	} {
		if a := s.post(body, true, "X-Marked: "+s.word("webhook header")); a.Status != http.StatusOK {
			s.t.Errorf("signed webhook %d: %d", i, a.Status)
		}
		if a := s.post(body, false); a.Status < 400 || a.Body != "" {
			s.t.Errorf("unsigned webhook %d: %d", i, a.Status)
		}
	}
	s.Hooks.With(s.t, `"account_update"`) // the account's apps hear of it
	url := s.Env["POSTERN_WEBHOOK_URL"]
	for _, a := range []rig.Reply{
		s.post(`{"x":"`+s.word("oversize")+strings.Repeat("x", 5<<20)+`"}`, true),
		s.At(s.t, http.MethodGet, url+"?hub.mode=subscribe&hub.verify_token="+s.word("wrong verify token")+"&hub.challenge="+s.word("challenge"), ""),
		s.At(s.t, http.MethodPost, url+"/"+s.word("webhook path"), s.word("webhook body")),
		s.At(s.t, http.MethodPost, strings.Replace(url, "/demo", "/"+s.word("tenant"), 1), `{}`, "X-Hub-Signature-256: "+s.word("signature")),
	} {
		if a.Status < 400 {
			s.t.Errorf("bad webhook: %d", a.Status)
		}
		s.others = append(s.others, []byte(a.Body))
	}
}

// deliveries fail until they are dead letters, and are replayed.
func (s *site) deliveries() {
	s.Hooks.Answer(http.StatusInternalServerError)
	for _, phone := range []string{s.Env["POSTERN_PHONE_ID"], s.Env["POSTERN_ONPREM_PHONE_ID"]} {
		s.writes(sim.Inbound{PhoneID: phone, From: s.number("undelivered"), Name: s.word("undelivered name"), Message: map[string]any{"type": "text", "text": map[string]any{"body": s.email("undelivered text")}}})
	}
	var pending, dead []any
	rig.Await(s.t, "a failed delivery", func() bool {
		s.Admin(s.t, "deliveries.list", map[string]any{"dead": false, "after": 0, "limit": 100}, &pending)
		return len(pending) > 0
	})
	s.Clock.Forward(8 * 24 * time.Hour)
	s.session = "" // it is over too
	rig.Await(s.t, "a dead letter", func() bool {
		s.Admin(s.t, "deliveries.list", map[string]any{"dead": true, "after": 0, "limit": 100}, &dead)
		return len(dead) > 0
	})
	for _, list := range [][]any{pending, dead} {
		raw, err := json.Marshal(list)
		s.check(err)
		s.others = append(s.others, raw)
	}
	s.Hooks.Answer(http.StatusOK)
	s.Admin(s.t, "deliveries.replay", map[string]any{"app": "cloud-demo"}, nil)
}

// journalFaults: nothing can be recorded, so nothing passes; then it can again.
func (s *site) journalFaults() {
	ways := s.dialects()
	to := s.opened("recipient while down")
	s.broken.Store(true)
	for _, w := range ways {
		a := s.send(w, `{"to":"+`+to+`","type":"text","text":{"body":"`+s.email(w.name+" while down")+`"}}`, "Idempotency-Key: "+s.word("key while down"))
		if a.Status < 500 {
			s.t.Errorf("%s while nothing is recorded: %d", w.name, a.Status)
		}
		s.others = append(s.others, []byte(a.Body))
	}
	body := s.value(s.Env["POSTERN_PHONE_ID"], map[string]any{"messages": []any{map[string]any{"id": s.wamid("down", "4915123456789"), "from": s.number("down"), "type": "text", "timestamp": "1", "text": map[string]any{"body": s.email("down")}}}})
	if a := s.post(body, true); a.Status != http.StatusServiceUnavailable {
		s.t.Errorf("webhook while nothing is recorded: %d", a.Status)
	}
	err := s.TryAdmin(s.t, "consent.add", map[string]any{"tenant": "demo", "number": "+" + s.number("consent while down"), "category": "utility", "source": "web_form", "evidence": s.word("evidence while down")}, nil)
	if err == nil {
		s.t.Error("a consent was taken while nothing is recorded")
	} else {
		s.others = append(s.others, []byte(err.Error()))
	}
	s.Do(s.t, http.MethodPatch, "/v1/settings/application", `{"webhooks":{"url":"`+s.Hooks.URL+"?x="+s.word("setting while down")+`"}}`, ways[3].auth)
	s.broken.Store(false)
	rig.Await(s.t, "the journal", func() bool {
		return s.At(s.t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Status != 0 && s.post(body, true).Status == http.StatusOK
	})
}
