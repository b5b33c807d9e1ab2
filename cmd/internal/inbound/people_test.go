package inbound

import (
	"strings"
	"testing"
)

// sender is who wrote: the contacts and the sender's members of the update as
// Meta gives them, and what the old form makes of it.
type sender struct {
	name, contacts, from     string
	flatContact, flatSenders string
}

var senders = []sender{
	{"number only", `"contacts":[{"profile":{"name":"Kit"},"wa_id":"4917139200031"}],`, `"from":"4917139200031"`,
		`{"profile":{"name":"Kit"},"wa_id":"4917139200031"}`, `"from":"4917139200031"`},
	{"number and user id", `"contacts":[{"profile":{"name":"Kit"},"wa_id":"4917139200031","user_id":"DE.31","identity_key_hash":"DF2"}],`,
		`"from":"4917139200031","from_user_id":"DE.31"`, `{"profile":{"name":"Kit"},"wa_id":"4917139200031"}`, `"from":"4917139200031"`},
	{"user id only", `"contacts":[{"profile":{"name":"Kit","username":"kit_koe"},"user_id":"DE.31"}],`,
		`"from_user_id":"DE.31"`, `{"profile":{"name":"Kit"},"wa_id":"DE.31"}`, `"from":"DE.31"`},
	{"parent id", `"contacts":[{"profile":{"name":"Kit"},"user_id":"DE.31","parent_user_id":"DE.ENT.31"}],`,
		`"from_user_id":"DE.31","from_parent_user_id":"DE.ENT.31"`, `{"profile":{"name":"Kit"},"wa_id":"DE.31"}`, `"from":"DE.31"`},
	{"empty number", `"contacts":[{"profile":{"username":"kit_koe"},"wa_id":"","user_id":"DE.31"}],`,
		`"from":"","from_user_id":"DE.31"`, `{"profile":{"name":""},"wa_id":"DE.31"}`, `"from":"DE.31"`},
	{"no contacts", ``, `"from":"4917139200031"`, `{"profile":{"name":""},"wa_id":"4917139200031"}`, `"from":"4917139200031"`},
	{"the number stands in the contact only", `"contacts":[{"profile":{"name":"Kit"},"wa_id":"4917139200031","user_id":"DE.31"}],`,
		`"from_user_id":"DE.31"`, `{"profile":{"name":"Kit"},"wa_id":"4917139200031"}`, `"from":"4917139200031"`},
}

// testPeople: whoever writes reaches the app under a name it can answer to, and
// is one person in the trail.
func testPeople(t *testing.T, s *office) {
	s.each(t, func(t *testing.T, c *form) {
		before := s.one(t, "SELECT max(seq) FROM audit")
		moments := make([]string, len(senders))
		for i, p := range senders {
			moments[i] = s.moment()
			s.taken(t, s.envelope(c.number, p.contacts+`"messages":[{`+p.from+`,"id":"wamid.`+moments[i]+`","timestamp":"`+moments[i]+`","type":"text","text":{"body":"x"}}]`))
		}
		s.all(t, moments)
		for i, p := range senders {
			got := string(s.at(t, moments[i]).Body)
			want := p.contacts + `"messages":[{` + p.from + `,"id":"wamid.` + moments[i] + `"`
			if !c.flat && !strings.Contains(got, want) {
				t.Errorf("%s:\n got %s\nwant %s", p.name, got, want)
			}
			if c.flat {
				sameJSON(t, p.name, got, `{"contacts":[`+p.flatContact+`],"messages":[{`+p.flatSenders+`,"id":"gB`+between(got, `"id":"gB`, `"`)+
					`","timestamp":"`+moments[i]+`","type":"text","text":{"body":"x"}}]}`)
			}
		}
		// The first is known by number only; the second proves that both are one.
		if n := s.one(t, "SELECT count(DISTINCT subject) FROM audit WHERE kind = 'inbound' AND seq > "+before); n != "1" {
			t.Errorf("one person is %s in the trail", n)
		}
	})
}
