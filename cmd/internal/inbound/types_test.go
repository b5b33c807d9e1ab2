package inbound

import (
	"regexp"
	"strings"
	"testing"
)

// kind is one form of inbound message: the members of Meta's update beside
// sender, id and time, and what apps of the old form get instead ("" where the
// members are the same).
type kind struct {
	name, recorded string // recorded is the record's type
	meta, flat     string
}

const unknown = `"type":"unknown","errors":[{"code":501,"title":"Message type is not currently supported","details":"Message type is not currently supported"}]`

// kinds are all the forms Meta documents (whatsapp.md 1.12, 3.8, 8.4).
var kinds = []kind{
	{"text", "text", `"type":"text","text":{"body":"Gr\u00fc\u00dfe \ud83d\udc4d <b> & \"x\""}`, ""},
	{"image", "image", `"type":"image","image":{"caption":"c","mime_type":"image/jpeg","sha256":"Zm9v","id":"11"}`, ""},
	{"image with url", "image", `"type":"image","image":{"mime_type":"image/jpeg","sha256":"Zm9v","id":"11","url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"}`,
		`"type":"image","image":{"mime_type":"image/jpeg","sha256":"Zm9v","id":"11"}`},
	{"audio", "audio", `"type":"audio","audio":{"mime_type":"audio/mpeg","sha256":"Zm9v","id":"12","voice":false}`,
		`"type":"audio","audio":{"mime_type":"audio/mpeg","sha256":"Zm9v","id":"12"}`},
	{"voice", "audio", `"type":"audio","audio":{"mime_type":"audio/ogg; codecs=opus","sha256":"Zm9v","id":"13","voice":true}`,
		`"type":"voice","voice":{"mime_type":"audio/ogg; codecs=opus","sha256":"Zm9v","id":"13"}`},
	{"video", "video", `"type":"video","video":{"caption":"c","mime_type":"video/mp4","sha256":"Zm9v","id":"14"}`, ""},
	{"document", "document", `"type":"document","document":{"caption":"c","filename":"a.pdf","mime_type":"application/pdf","sha256":"Zm9v","id":"15"}`, ""},
	{"sticker", "sticker", `"type":"sticker","sticker":{"mime_type":"image/webp","sha256":"Zm9v","id":"16","animated":true}`, ""},
	{"location", "location", `"type":"location","location":{"latitude":37.483307,"longitude":-122.14834000000001,"name":"N","address":"A","url":"https://example.com/l"}`, ""},
	{"contacts", "contacts", `"type":"contacts","contacts":[{"name":{"formatted_name":"Kit Koe","first_name":"Kit"},"phones":[{"phone":"+49 171 3920099","type":"CELL","wa_id":"4917139200099"}],` +
		`"emails":[{"email":"kit@example.org","type":"HOME"}],"birthday":"1990-01-02","org":{"company":"Koe"},"addresses":[{"street":"Weg 1","city":"Ulm"}]}]`, ""},
	{"contact with vcard", "contacts", `"type":"contacts","contacts":[{"name":{"formatted_name":"Kit Koe"},"vcard":"BEGIN:VCARD\nFN:Kit Koe\nTEL:+49 171 3920099\nEND:VCARD","origin":"request_contact_info"}]`, ""},
	{"button reply", "interactive/button_reply", `"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"b1","title":"Yes"}}`, ""},
	{"list reply", "interactive/list_reply", `"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"r1","title":"One","description":"d"}}`, ""},
	{"flow reply", "interactive/nfm_reply", `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"t\",\"mail\":\"kit@example.org\"}"}}`, ""},
	{"call permission", "interactive/call_permission_reply", `"type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept","expiration_timestamp":1767225600,"response_source":"user_action"}}`, ""},
	{"button", "button", `"type":"button","button":{"text":"More","payload":"more"}`, ""},
	{"button without payload", "button", `"type":"button","button":{"text":"More","payload":null}`, ""},
	{"order", "order", `"type":"order","order":{"catalog_id":"7","text":"please","product_items":[{"product_retailer_id":"sku1","quantity":2,"item_price":19.90,"currency":"EUR"}]}`, ""},
	{"request welcome", "request_welcome", `"type":"request_welcome"`, unknown},
	{"unsupported", "unsupported", `"type":"unsupported","errors":[{"code":131051,"title":"Message type unknown","message":"Message type unknown","error_data":{"details":"Message type is currently not supported."}}],"unsupported":{"type":"poll"}`, unknown},
	{"unknown of before", "unknown", `"type":"unknown","errors":[{"code":131051,"title":"Unsupported message type","details":"Message type is not currently supported"}]`, unknown},
	{"ephemeral", "ephemeral", `"type":"ephemeral"`, unknown},
	{"new type", "hologram", `"type":"hologram","hologram":{"scene":"a secret garden","depth":3.10,"by":{"first_name":"Kit"}}`, unknown},
	{"new type named oddly", "other", `"type":"Hologram 4917139200017","Hologram 4917139200017":{"scene":"a secret garden"}`, unknown},
	{"edit", "edit", `"type":"edit","edit":{"original_message_id":"wamid.NONE","message":{"type":"text","text":{"body":"new"}}}`, unknown},
	{"revoke", "revoke", `"type":"revoke","revoke":{"original_message_id":"wamid.NONE"}`, unknown},
	{"error beside the content", "text", `"type":"text","text":{"body":"x"},"errors":[{"code":131052,"title":"Media download error","error_data":{"details":"Too large"}}]`,
		`"type":"text","text":{"body":"x"},"errors":[{"code":400,"title":"Media download error","details":"Too large. The file that the person sent could not be fetched: ask for it again."}]`},
	{"new number", "system/user_changed_number", `"type":"system","system":{"type":"user_changed_number","wa_id":"4917139200098","user_id":"DE.98","body":"Kit changed from 4917139200017 to 4917139200098"}`,
		`"type":"system","system":{"type":"user_changed_number","wa_id":"4917139200098","new_wa_id":"4917139200098","body":"Kit changed from 4917139200017 to 4917139200098"}`},
	{"new identity", "system/customer_identity_changed", `"type":"system","identity":{"acknowledged":true,"created_timestamp":"1767225600","hash":"Hh="},"system":{"type":"customer_identity_changed","body":"Kit's security code changed"}`,
		`"type":"system","identity":{"acknowledged":true,"created_timestamp":"1767225600","hash":"Hh="},"system":{"type":"user_identity_changed","body":"Kit's security code changed"}`},
	{"forwarded", "text", `"type":"text","context":{"forwarded":true},"text":{"body":"x"}`, ""},
	{"forwarded often", "image", `"type":"image","context":{"frequently_forwarded":true},"image":{"mime_type":"image/jpeg","sha256":"Zm9v","id":"11"}`, ""},
	{"about a product", "text", `"type":"text","context":{"from":"493023125001","id":"wamid.NONE","referred_product":{"catalog_id":"7","product_retailer_id":"sku1"}},"text":{"body":"x"}`,
		`"type":"text","context":{"from":"493023125001","referred_product":{"catalog_id":"7","product_retailer_id":"sku1"}},"text":{"body":"x"}`},
	{"quotes what is not known", "text", `"type":"text","context":{"from":"493023125001","id":"wamid.NONE"},"text":{"body":"x"}`, `"type":"text","text":{"body":"x"}`},
	{"from an ad", "text", `"type":"text","referral":{"source_url":"https://fb.me/x","source_id":"120","source_type":"ad","body":"Buy","headline":"Now","media_type":"image","image_url":"https://example.com/i.jpg","ctwa_clid":"AR1","welcome_message":{"text":"Hello"}},"text":{"body":"x"}`, ""},
	{"in a group", "text", `"type":"text","group_id":"Y2FwaV9ncm91cA","text":{"body":"x"}`, ""},
	{"new members", "text", `"type":"text","text":{"body":"x","mood":{"level":1.50}},"novelty":[1e3,"\u00e4",null]`, ""},
}

// testTypes: every form of message reaches the app as its dialect knows it, and
// the trail with nothing personal in the clear.
func testTypes(t *testing.T, s *office) {
	s.each(t, func(t *testing.T, c *form) {
		before := s.one(t, "SELECT max(seq) FROM audit")
		moments := make([]string, len(kinds))
		for i, k := range kinds {
			moments[i] = s.moment()
			s.taken(t, s.from(c, k.meta, moments[i], "wamid."+c.name+moments[i]))
		}
		s.all(t, moments)
		for i, k := range kinds {
			t.Run(k.name, func(t *testing.T) { s.arrived(t, c, k, moments[i]) })
		}
		recorded := s.rows(t, "SELECT type, effect, result, app FROM audit WHERE kind = 'inbound' AND seq > "+before+" ORDER BY seq")
		if len(recorded) != len(kinds) {
			t.Fatalf("%d messages are on record as %d", len(kinds), len(recorded))
		}
		for i, k := range kinds {
			if got := strings.Join(recorded[i], " "); got != k.recorded+" allow received "+c.app {
				t.Errorf("%s is recorded as %s", k.name, got)
			}
		}
		s.silent(t)
	})
}

// from is the webhook of Kit's message.
func (s *office) from(c *form, members, moment, id string) string {
	return s.envelope(c.number, `"contacts":[{"profile":{"name":"Kit Koe","username":"kit_koe"},"wa_id":"`+person+`","user_id":"`+userID+`"}],`+
		`"messages":[{"from":"`+person+`","from_user_id":"`+userID+`","id":"`+id+`","timestamp":"`+moment+`",`+members+`}]`)
}

// arrived compares what the app got with what its dialect says.
func (s *office) arrived(t *testing.T, c *form, k kind, moment string) {
	t.Helper()
	h := s.at(t, moment)
	got := string(h.Body)
	if c.flat {
		s.arrivedFlat(t, c, k, moment, got)
		return
	}
	// The bytes are Meta's, but for the time of the entry and links of Meta's.
	want := s.from(c, k.meta, moment, "wamid."+c.name+moment)
	want = strings.TrimSuffix(want, "}]}") + `,"time":` + moment + `}]}`
	want = strings.Replace(want, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", "(link)", 1)
	got = strings.Replace(got, s.Env["POSTERN_URL"]+"/whatsapp_business/attachments/?"+between(got, "/attachments/?", `"`), "(link)", 1)
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", k.name, got, want)
	}
	signature := h.Header.Get("X-Hub-Signature-256")
	if c == s.cloud && signature != sign(s.Env["DEMO_WEBHOOK_SECRET"], h.Body) || c == s.v2 && signature != "" {
		t.Errorf("signature %q", signature)
	}
}

// Ids of files: old clients know them by UUIDs of the gateway's.
var (
	ourFile   = regexp.MustCompile(`"sha256":"Zm9v","id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"`)
	theirFile = regexp.MustCompile(`"sha256":"Zm9v","id":"\d+"`)
)

func (s *office) arrivedFlat(t *testing.T, c *form, k kind, moment, got string) {
	t.Helper()
	id := between(got, `"id":"gB`, `"`)
	if id == "" || strings.Contains(got, "wamid.") {
		t.Errorf("ids of upstream's: %s", got)
	}
	members := k.flat
	if members == "" {
		members = k.meta
	}
	got = ourFile.ReplaceAllString(got, `"sha256":"Zm9v","id":"(file)"`)
	members = theirFile.ReplaceAllString(members, `"sha256":"Zm9v","id":"(file)"`)
	sameJSON(t, k.name, got, `{"contacts":[{"profile":{"name":"Kit Koe"},"wa_id":"`+person+`"}],"messages":[{"from":"`+person+`","id":"gB`+id+
		`","timestamp":"`+moment+`",`+members+`}]}`)
}

// between is what stands between two words, "" if nothing does.
func between(text, before, after string) string {
	_, rest, ok := strings.Cut(text, before)
	if !ok {
		return ""
	}
	out, _, _ := strings.Cut(rest, after)
	return out
}

// silent checks that nothing personal stands in the clear in the trail or the
// log: numbers, ids, names, addresses, and content whose form nobody knows.
func (s *office) silent(t *testing.T) {
	t.Helper()
	personal := []string{
		person, userID, "Kit", "Koe", "kit_koe", "kit@example.org", "4917139200099", "4917139200098", "3920099", "wamid.", "Weg 1", "1990-01-02",
		"37.483307", "122.148", "Hh=", "a secret garden", "DE.98", "AR1", "\"t\\\"",
	}
	clear := s.Log.String()
	for _, row := range s.rows(t, "SELECT body, detail, facts, findings, labels, type FROM audit WHERE kind <> 'trail_read'") {
		clear += strings.Join(row, "\n") + "\n"
	}
	for _, word := range personal {
		if i := strings.Index(clear, word); i >= 0 {
			t.Errorf("%q is in the clear: %s", word, clear[max(0, i-200):min(len(clear), i+100)])
		}
	}
}
