package clients

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// inbound is a message of a person, as Meta's webhook has it, and what the two
// Cloud clients read of it: kapso the member of its type in camel case, the
// typed client its own struct.
type inbound struct {
	name, typ, content string
	kapso, typed       string
}

// inbounds are the types of message that both clients have a reader for.
var inbounds = []inbound{
	{"text", "text", `{"body":"Grüße aus Köln 🍋 <&> \u2028"}`,
		`{"body":"Grüße aus Köln 🍋 <&> \u2028"}`, `{"body":"Grüße aus Köln 🍋 <&> \u2028"}`},
	{"image", "image", `{"id":"880011","mime_type":"image/jpeg","sha256":"c2hh","caption":"See"}`,
		`{"id":"880011","mimeType":"image/jpeg","sha256":"c2hh","caption":"See"}`,
		`{"id":"880011","mime_type":"image/jpeg","sha256":"c2hh","caption":"See"}`},
	// Meta's own link would lead round the gateway: the gateway's stands in its place.
	{"image with link", "image", `{"id":"880016","mime_type":"image/jpeg","sha256":"c2hh","url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=880016"}`,
		`{"id":"880016","mimeType":"image/jpeg","sha256":"c2hh","url":"(link)"}`, `{"id":"880016","mime_type":"image/jpeg","sha256":"c2hh"}`},
	{"voice", "audio", `{"id":"880012","mime_type":"audio/ogg; codecs=opus","sha256":"c2hh","voice":true}`,
		`{"id":"880012","mimeType":"audio/ogg; codecs=opus","sha256":"c2hh","voice":true}`,
		`{"id":"880012","mime_type":"audio/ogg; codecs=opus","sha256":"c2hh"}`},
	{"video", "video", `{"id":"880013","mime_type":"video/mp4","sha256":"c2hh"}`,
		`{"id":"880013","mimeType":"video/mp4","sha256":"c2hh"}`, `{"id":"880013","mime_type":"video/mp4","sha256":"c2hh"}`},
	{"document", "document", `{"id":"880014","mime_type":"application/pdf","sha256":"c2hh","filename":"a.pdf"}`,
		`{"id":"880014","mimeType":"application/pdf","sha256":"c2hh","filename":"a.pdf"}`,
		`{"id":"880014","mime_type":"application/pdf","sha256":"c2hh","filename":"a.pdf"}`},
	{"sticker", "sticker", `{"id":"880015","mime_type":"image/webp","sha256":"c2hh","animated":true}`,
		`{"id":"880015","mimeType":"image/webp","sha256":"c2hh","animated":true}`,
		`{"id":"880015","mime_type":"image/webp","sha256":"c2hh","animated":true}`},
	{"location", "location", `{"latitude":52.5,"longitude":13.25,"name":"Shop","address":"Road 1"}`,
		`{"latitude":52.5,"longitude":13.25,"name":"Shop","address":"Road 1"}`,
		`{"latitude":52.5,"longitude":13.25,"name":"Shop","address":"Road 1"}`},
	{"contacts", "contacts", `[{"name":{"formatted_name":"Ana Example","first_name":"Ana"},"phones":[{"phone":"+49 171 3920009","wa_id":"491713920009","type":"CELL"}]}]`,
		`[{"name":{"formattedName":"Ana Example","firstName":"Ana"},"phones":[{"phone":"+49 171 3920009","waId":"491713920009","type":"CELL"}]}]`,
		`[{"birthday":"","name":{"formatted_name":"Ana Example","first_name":"Ana","last_name":"","middle_name":"","suffix":"","prefix":""},"org":null,
			"phones":[{"phone":"+49 171 3920009","wa_id":"491713920009","type":"CELL"}]}]`},
	{"reaction", "reaction", `{"message_id":"wamid.HBgMabc","emoji":"👍"}`,
		`{"messageId":"wamid.HBgMabc","emoji":"👍"}`, `{"message_id":"wamid.HBgMabc","emoji":"👍"}`},
	{"button", "button", `{"payload":"YES-1","text":"Yes"}`, `{"payload":"YES-1","text":"Yes"}`, `{"payload":"YES-1","text":"Yes"}`},
	{"button reply", "interactive", `{"type":"button_reply","button_reply":{"id":"a","title":"Yes"}}`,
		`{"type":"button_reply","buttonReply":{"id":"a","title":"Yes"}}`, `{"id":"a","title":"Yes"}`},
	{"list reply", "interactive", `{"type":"list_reply","list_reply":{"id":"r1","title":"One","description":"First"}}`,
		`{"type":"list_reply","listReply":{"id":"r1","title":"One","description":"First"}}`, `{"id":"r1","title":"One","description":"First"}`},
	{"flow reply", "interactive", `{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"t-1\",\"k\":\"v\"}"}}`,
		`{"type":"nfm_reply","nfmReply":{"name":"flow","body":"Sent","responseJson":"{\"flow_token\":\"t-1\",\"k\":\"v\"}"}}`,
		`{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"t-1\",\"k\":\"v\"}"}`},
}

// come has the message arrive and returns its id and the app's webhook.
func (i inbound) come(t *testing.T, from string) (string, hook) {
	t.Helper()
	var told struct{ ID string }
	decode(t, gate.control(t, http.MethodPost, "/_sim/inbound", `{"phone_number_id":"`+gate.env["POSTERN_PHONE_ID"]+`","from":"`+from+`",
		"profile_name":"Ana Müller","type":"`+i.typ+`","`+i.typ+`":`+i.content+`}`), &told)
	h := gate.hooks.with(t, `"id":"`+told.ID+`"`)
	wellFormed(t, h)
	return told.ID, h
}

// wellFormed checks what every webhook of the Cloud app keeps to: one event,
// and nothing but ASCII, since one client escapes before it verifies.
func wellFormed(t *testing.T, h hook) {
	t.Helper()
	for _, b := range h.body {
		if b > 0x7e {
			t.Fatalf("the body is not ASCII: %s", h.body)
		}
	}
	var body struct {
		Entry []struct {
			Time    json.Number
			Changes []struct {
				Value struct{ Contacts, Messages, Statuses []json.RawMessage }
			}
		}
	}
	decode(t, h.body, &body)
	if len(body.Entry) != 1 || len(body.Entry[0].Changes) != 1 {
		t.Fatalf("not one change: %s", h.body)
	}
	v := body.Entry[0].Changes[0].Value
	if len(v.Messages)+len(v.Statuses) != 1 || len(v.Contacts) != 1 || strings.ContainsAny(body.Entry[0].Time.String(), `".`) {
		t.Errorf("not one event with its contact: %s", h.body)
	}
}
