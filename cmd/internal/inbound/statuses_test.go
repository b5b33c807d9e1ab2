package inbound

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// sent is a message that an app sent.
type sent struct {
	own, upstream, trace string // the app's id, Meta's, and the gateway's callback data
	to                   string
}

// send sends a text to the person with consent, with callback data of the app's
// own where given.
func (s *office) send(t *testing.T, c *form, callback string) sent {
	t.Helper()
	to := s.Env["DEMO_CONSENTED"]
	body := `{"to":"+` + to + `","type":"text","text":{"body":"x"}` + callback + `}`
	_, mark := s.Sim.Accepted(0, 1000)
	path, auth := "/v1/messages", c.auth
	switch c {
	case s.cloud:
		path, auth = "/v25.0/"+c.number+"/messages", "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]
	case s.v2:
		path = "/messages"
	case s.onprem:
		auth = "Authorization: Bearer " + s.login(t)
	}
	if !c.flat {
		body = `{"messaging_product":"whatsapp",` + body[1:]
	}
	a := s.Do(t, "POST", path, body, auth)
	list, _ := s.Sim.Accepted(mark, 10)
	if a.Status/100 != 2 || len(list) != 1 {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	s.flush(t) // the answer is told before its record is durable
	return sent{own: between(a.Body, `"messages":[{"id":"`, `"`), upstream: list[0].WAMID, trace: list[0].Callback, to: to}
}

func (s *office) login(t *testing.T) string {
	t.Helper()
	if s.token != "" {
		return s.token
	}
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(s.Env["POSTERN_ONPREM_USER"], s.Env["POSTERN_ONPREM_PASSWORD"])
	a := s.Do(t, "POST", "/v1/users/login", "", "Authorization: "+r.Header.Get("Authorization"))
	s.token = between(a.Body, `"token":"`, `"`)
	return s.token
}

// state is the webhook of a state of a message. more are further members.
func (s *office) state(c *form, m sent, state, moment, more string) string {
	trace := ""
	if m.trace != "" {
		trace = `,"biz_opaque_callback_data":"` + m.trace + `"`
	}
	return s.envelope(c.number, `"contacts":[{"profile":{"name":"Kit"},"wa_id":"`+m.to+`","user_id":"DE.40"}],"statuses":[{"id":"`+m.upstream+
		`","status":"`+state+`","timestamp":"`+moment+`","recipient_id":"`+m.to+`","recipient_user_id":"DE.40"`+trace+more+`}]`)
}

// told compares the status an app got with what its dialect says. meta and flat
// are the further members in either form.
func (s *office) told(t *testing.T, c *form, m sent, state, moment, meta, flat, callback string) {
	t.Helper()
	got := string(s.at(t, moment).Body)
	if c.flat {
		sameJSON(t, state, got, `{"statuses":[{"id":"`+m.own+`","recipient_id":"`+m.to+`","status":"`+state+`","timestamp":"`+moment+
			`","type":"message","message":{"recipient_id":"`+m.to+`"}`+flat+`}]}`)
		return
	}
	m.trace = ""
	want := strings.TrimSuffix(s.state(c, m, state, moment, callback+meta), "}]}") + `,"time":` + moment + `}]}`
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", state, got, want)
	}
}

// further members of a status: what Meta adds, and what the old form holds.
const (
	metaBilling = `,"conversation":{"id":"613","expiration_timestamp":"1767312000","origin":{"type":"service"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`
	flatBilling = `,"conversation":{"id":"613","expiration_timestamp":1767312000,"origin":{"type":"service"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`
	metaErrors  = `,"errors":[{"code":131049,"title":"Not delivered","message":"Not delivered","error_data":{"details":"To keep the ecosystem healthy"},"href":"https://example.com/e"},{"code":131047,"title":"Re-engagement message"}]`
	flatErrors  = `,"errors":[{"code":1000,"title":"Generic error","details":"Cloud API code 131049: To keep the ecosystem healthy. Do not try again within 24 hours: Meta limits marketing messages per person.","href":"https://developers.facebook.com/docs/whatsapp/api/errors/"},` +
		`{"code":470,"title":"Re-engagement message","details":"More than 24 hours passed since the person last wrote: send a template.","href":"https://developers.facebook.com/docs/whatsapp/api/errors/"}]`
)

// testStates: states come in any order, twice, without callback data, after a
// failure and hours late; each is told once, in the app's own words.
func testStates(t *testing.T, s *office) {
	s.each(t, func(t *testing.T, c *form) {
		if c == s.onprem {
			a := s.Do(t, "PATCH", "/v1/settings/application", `{"webhooks":{"message":{"sent":"true"}}}`, "Authorization: Bearer "+s.login(t))
			if a.Status != 200 {
				t.Fatalf("ask for sent: %d %s", a.Status, a.Body)
			}
		}
		alarms := strings.Count(s.Log.String(), `"unmatched_`)
		m := s.send(t, c, "")
		states := []struct{ state, meta, flat string }{
			{"read", "", ""}, {"failed", metaErrors, flatErrors}, {"delivered", metaBilling, flatBilling}, {"sent", metaBilling, flatBilling}, {"deleted", "", ""},
		}
		for i, x := range states {
			if x.state == "sent" && c == s.v1 {
				continue // off by default in the old form
			}
			moment, n := s.moment(), m
			if i%2 == 0 {
				n.trace = "" // found by Meta's id alone
			}
			body := s.state(c, n, x.state, moment, x.meta)
			s.taken(t, body)
			s.taken(t, body)
			s.taken(t, s.state(c, m, x.state, s.moment(), "")) // once more, later
			s.told(t, c, m, x.state, moment, x.meta, x.flat, "")
		}
		rows := s.rows(t, "SELECT result, count(*) FROM audit WHERE kind = 'status' AND dialect = '"+c.name+"' GROUP BY result ORDER BY result")
		if got := fmt.Sprint(rows); got != "[[deleted 1] [delivered 1] [failed 1] [read 1] [sent 1]]" && (c != s.v1 || got != "[[deleted 1] [delivered 1] [failed 1] [read 1]]") {
			t.Errorf("on record: %s", got)
		}
		if n := strings.Count(s.Log.String(), `"unmatched_`); n != alarms {
			t.Errorf("%d alarms of sends round the gate", n-alarms)
		}
	})
}

// testCallback: what an app added to a message comes back as it wrote it.
func testCallback(t *testing.T, s *office) {
	s.target(t, s.v2, s.Hooks.URL, nil)
	for _, c := range []*form{s.cloud, s.v2} {
		for _, own := range []string{"trace-1", `0199aa00bb11cc22dd33ee44ff556677`, `Gr\u00fc\u00dfe \"<&>\" \ud83d\udc4d`, strings.Repeat("x", 512)} {
			m := s.send(t, c, `,"biz_opaque_callback_data":"`+own+`"`)
			moment := s.moment()
			s.taken(t, s.state(c, m, "delivered", moment, ""))
			s.told(t, c, m, "delivered", moment, "", "", `,"biz_opaque_callback_data":"`+own+`"`)
		}
	}
}

// testLate: states that come after two days, and after a restart, still find
// their message, with what the app added.
func testLate(t *testing.T, s *office) {
	forms := []*form{s.cloud, s.v2, s.onprem}
	var all []sent
	for _, c := range forms {
		callback := `,"biz_opaque_callback_data":"later"`
		if c.flat {
			callback = ""
		}
		all = append(all, s.send(t, c, callback))
	}
	s.again()
	s.Clock.Forward(47 * time.Hour)
	s.target(t, s.v2, s.Hooks.URL, nil)
	for i, c := range forms {
		for _, state := range []string{"delivered", "read"} {
			moment, callback := s.moment(), `,"biz_opaque_callback_data":"later"`
			s.taken(t, s.state(c, all[i], state, moment, ""))
			s.told(t, c, all[i], state, moment, "", "", callback)
			all[i].trace = ""
		}
	}
	if n := s.one(t, "SELECT count(*) FROM audit WHERE kind = 'unmatched_send'"); n != "0" {
		t.Errorf("%s sends round the gate", n)
	}
}

// testRoundTheGate: only a message nobody admitted counts as sent round the
// gate; states from before the number came here are no alarm of that kind.
func testRoundTheGate(t *testing.T, s *office) {
	now := fmt.Sprint(time.Now().Unix())
	for _, x := range []struct{ state, moment, alarm string }{
		{"sent", now, "unmatched_send"}, {"delivered", now, "unmatched_status"}, {"sent", s.moment(), "unmatched_status"}, {"failed", s.moment(), "unmatched_status"},
	} {
		for _, c := range []*form{s.cloud, s.onprem} {
			alarms, hooks := strings.Count(s.Log.String(), `"`+x.alarm+`"`), len(s.Hooks.All())
			strange := sent{upstream: "wamid.round" + c.name + x.state + x.moment, to: person, trace: "not-ours"}
			s.taken(t, s.state(c, strange, x.state, x.moment, ""))
			s.taken(t, s.state(c, strange, x.state, x.moment, ""))
			if n := strings.Count(s.Log.String(), `"`+x.alarm+`"`); n != alarms+1 || len(s.Hooks.All()) != hooks {
				t.Errorf("%s at %s: %d alarms, %d webhooks", x.state, x.moment, n-alarms, len(s.Hooks.All())-hooks)
			}
		}
	}
	rows := s.rows(t, "SELECT type, labels, count(*) FROM audit WHERE kind = 'unmatched_send' GROUP BY type, labels ORDER BY type, labels")
	if got := fmt.Sprint(rows); got != "[[status/delivered may_predate_gate 2] [status/failed may_predate_gate 2] [status/sent  2] [status/sent may_predate_gate 2]]" {
		t.Errorf("on record: %s", got)
	}
}

// testGroup: each participant's state of a message to a group is told, and a
// payment's states are not the message's.
func testGroup(t *testing.T, s *office) {
	m := s.send(t, s.cloud, "")
	for _, who := range []string{"4917139200051", "4917139200052"} {
		moment := s.moment()
		body := s.state(s.cloud, m, "delivered", moment, `,"recipient_type":"group","recipient_participant_id":"`+who+`"`)
		s.taken(t, body)
		s.taken(t, body)
		s.at(t, moment)
	}
	for _, c := range []*form{s.cloud, s.onprem} {
		m := s.send(t, c, "")
		var moments []string
		for _, transaction := range []string{"1", "2"} {
			moments = append(moments, s.moment())
			s.taken(t, s.state(c, m, "failed", moments[len(moments)-1], `,"type":"payment","payment":{"reference_id":"r","transaction":{"id":"`+transaction+`"}}`))
		}
		last := s.moment()
		s.taken(t, s.state(c, m, "delivered", last, ""))
		s.at(t, last)
		told := s.count(`"timestamp":"`+moments[0]+`"`) + s.count(`"timestamp":"`+moments[1]+`"`)
		if want := map[bool]int{false: 2, true: 0}[c.flat]; told != want {
			t.Errorf("%s: %d failed payments told, want %d", c.name, told, want)
		}
	}
}
