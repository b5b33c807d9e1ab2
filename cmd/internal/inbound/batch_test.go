package inbound

import (
	"fmt"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// testBatches: Meta may put a thousand updates, several numbers and several
// fields into one POST; apps get one event in each of theirs, in order for a
// person.
func testBatches(t *testing.T, s *office) {
	s.target(t, s.v2, s.Hooks.URL, nil)
	const people, each = 50, 20
	forms := []*form{s.cloud, s.v2, s.onprem}
	filler := strings.Repeat("x", 2800)
	var changes []string
	for i, c := range forms {
		var contacts, messages []string
		for n := range people * each / len(forms) {
			who := fmt.Sprintf("49171392%04d", 1000*(i+1)+n%people)
			contacts = append(contacts, `{"profile":{"name":"`+who+`"},"wa_id":"`+who+`"}`)
			messages = append(messages, text(who, fmt.Sprintf("wamid.batch-%d-%d", i, n), s.moment(), fmt.Sprintf("no %d of %s %s", n/people, c.name, filler)))
		}
		changes = append(changes, s.change(c.number, `"contacts":[`+strings.Join(contacts[:people], ",")+`],"messages":[`+strings.Join(messages, ",")+`]`))
	}
	body := `{"object":"whatsapp_business_account","entry":[` + s.entry(changes...) + `]}`
	if len(body) < 2_900_000 || len(body) > 3<<20 {
		t.Fatalf("%d bytes are no full webhook", len(body))
	}
	total := people * each / len(forms) * len(forms)
	before := len(s.Hooks.All())
	s.taken(t, body)
	rig.Await(t, "every update", func() bool { return len(s.Hooks.All())-before >= total })
	s.taken(t, body) // Meta did not hear the answer
	last := map[string]int{}
	for _, h := range s.Hooks.All()[before:] {
		one := string(h.Body)
		if strings.Count(one, `"timestamp"`) != 1 || strings.Count(one, `"wa_id"`) != 1 {
			t.Fatalf("more than one event in a POST: %.400s", one)
		}
		who, no := between(one, `"from":"`, `"`), 0
		if _, err := fmt.Sscanf(between(one, `"body":"no `, ` of`), "%d", &no); err != nil {
			t.Fatal(err)
		}
		if between(one, `"name":"`, `"`) != who {
			t.Errorf("the contact of %s is of somebody else: %.400s", who, one)
		}
		if key := who + between(one, ` of `, ` `); no != last[key] {
			t.Errorf("%s: number %d came when %d was due", key, no, last[key])
		} else {
			last[key]++
		}
	}
	if n := s.one(t, "SELECT count(*) FROM audit WHERE kind = 'inbound' AND body LIKE '%no %'"); n != fmt.Sprint(total) || len(s.Hooks.All())-before != total {
		t.Errorf("%s on record and %d delivered, want %d", n, len(s.Hooks.All())-before, total)
	}
}

// testMixed: what can not be understood, or is of nobody here, keeps nothing
// else of the same POST from its app.
func testMixed(t *testing.T, s *office) {
	undecodable, good := s.one(t, "SELECT count(*) FROM audit WHERE kind = 'undecodable'"), []string{}
	fine := func() string {
		good = append(good, s.moment())
		return text(person, "wamid.mixed"+good[len(good)-1], good[len(good)-1], "fine")
	}
	lost := s.moment()
	s.taken(t, `{"object":"whatsapp_business_account","entry":[`+strings.Join([]string{
		s.entry(
			s.change(s.cloud.number, `"messages":[7,"x",null,[],{},{"id":5,"type":[]},{"from":{},"timestamp":"never","type":"text","text":[]},`+fine()+`],"statuses":[1,{}],"errors":[3]`),
			s.change(s.onprem.number, `"messages":[`+fine()+`],"contacts":{"no":"list"}`),
			s.change("999", `"messages":[`+text(person, "wamid.lost", lost, "not ours")+`]`),
			`{"field":"messages","value":null}`, `{"field":7,"value":{"messages":[]}}`, `null`, `[]`,
			s.change(s.cloud.number, `"messages":{"no":"list"}`),
			s.change(s.cloud.number, `"metadata2":1,"messages":[`+fine()+`]`),
		),
		`{"id":"1","changes":{}}`, `17`, `{}`,
		s.entry(s.change(s.cloud.number, `"messages":[`+fine()+`]`)),
	}, ",")+`]}`)
	s.all(t, good)
	for _, m := range good {
		if n := s.count(`"timestamp":"` + m + `"`); n != 1 {
			t.Errorf("%d webhooks of one message", n)
		}
	}
	if n := s.count(lost); n != 0 {
		t.Error("an app got what was for a number of nobody here")
	}
	if n := s.one(t, "SELECT count(*) FROM audit WHERE kind = 'undecodable' AND labels = 'unknown_number'"); n == "0" || n == undecodable {
		t.Errorf("%s of a number that is nobody's", n)
	}
}

// testFields: every field Meta has, known here or not, reaches the apps of the
// Cloud forms byte for byte, each once; the old form has no words for them.
func testFields(t *testing.T, s *office) {
	s.target(t, s.v2, s.Hooks.URL, nil)
	number := `"messaging_product":"whatsapp","metadata":{"display_phone_number":"493023125001","phone_number_id":"%s"},`
	for _, f := range []struct {
		field, value string
		own          bool // of one number
	}{
		{"account_update", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"X","expiration":1767225600}]}`, false},
		{"account_alerts", `{"alert_type":"X","alert_severity":"INFORMATIONAL"}`, false},
		{"phone_number_quality_update", `{"display_phone_number":"493023125001","event":"ONBOARDING","max_daily_conversations_per_business":"TIER_250"}`, false},
		{"security", `{"event":"PIN_CHANGED","requester":"1"}`, false},
		{"business_username_update", `{"display_phone_number":"493023125001","username":"savings.bank","status":"approved"}`, false},
		{"business_username_updates", `{"display_phone_number":"493023125001","username":"savings.bank","status":"reserved"}`, false},
		{"business_capability_update", `{"max_phone_numbers_per_business":2}`, false},
		{"message_template_status_update", `{"event":"APPROVED","message_template_id":9007199254740993,"message_template_name":"never_seen","message_template_language":"en_US","reason":"NONE"}`, false},
		{"user_preferences", `{` + number + `"contacts":[{"profile":{"name":"Kit"},"wa_id":"` + person + `"}],"user_preferences":[{"wa_id":"` + person + `","detail":"d","category":"marketing_messages","value":"stop","timestamp":1767225600}]}`, true},
		{"calls", `{` + number + `"calls":[{"id":"wacid.1","from":"` + person + `","event":"connect","timestamp":"1767225600"}]}`, true},
		{"smb_app_state_sync", `{` + number + `"state_sync":[{"type":"contact","contact":{"full_name":"Kit Koe","phone_number":"` + person + `"},"action":"add"}]}`, true},
		{"history", `{` + number + `"history":[{"metadata":{"phase":0},"threads":[{"id":"` + person + `","messages":[]}]}]}`, true},
		{"field_of_tomorrow", `{"deep":[[1.10,{"x":null}]],"text":"\u00e4 \ud83d\udc4d"}`, false},
		{"messages", `{` + number + `"errors":[{"code":130429,"title":"Rate limit hit","message":"m","error_data":{"details":"d"}}]}`, true},
	} {
		t.Run(f.field, func(t *testing.T) {
			for _, c := range []*form{s.cloud, s.v2, s.onprem} {
				if !f.own && c != s.cloud {
					continue // one webhook is for all apps of the account
				}
				value, moment, before := strings.Replace(f.value, "%s", c.number, 1), s.moment(), len(s.Hooks.All())
				body := `{"object":"whatsapp_business_account","entry":[{"id":"` + s.Env["POSTERN_WABA_ID"] + `","time":` + moment + `,"changes":[{"field":"` + f.field + `","value":` + value + `}]}]}`
				s.taken(t, body)
				if f.field != "user_preferences" && f.field != "message_template_status_update" {
					s.taken(t, body) // those two may change to and fro within a second
				}
				s.reached(t, before, body, c, f.own)
			}
		})
	}
	s.silent(t)
}

// reached checks who got a webhook: all apps of the Cloud forms for the
// account, one app for a number.
func (s *office) reached(t *testing.T, before int, body string, c *form, own bool) {
	t.Helper()
	want := map[bool]int{false: 2, true: 1}[own]
	if c.flat {
		want = 0
		if strings.Contains(body, `"errors"`) {
			h := s.Hooks.With(t, `{"errors":[`)
			sameJSON(t, "errors", string(h.Body), `{"errors":[{"code":429,"title":"Rate limit hit","details":"d. The number reached its throughput: wait and send more slowly.","href":"https://developers.facebook.com/docs/whatsapp/api/errors/"}]}`)
			return
		}
	}
	rig.Await(t, "the apps", func() bool { return len(s.Hooks.All())-before >= want })
	s.settled(t)
	all := s.Hooks.All()[before:]
	if len(all) != want {
		t.Errorf("%s: %d webhooks, want %d", c.name, len(all), want)
	}
	for _, h := range all {
		if string(h.Body) != body {
			t.Errorf("\n got %s\nwant %s", h.Body, body)
		}
	}
}

// settled waits until nothing is on its way to an app.
func (s *office) settled(t *testing.T) {
	t.Helper()
	rig.Await(t, "all deliveries", func() bool { return len(s.waiting(t, false)) == 0 })
}
