package conformance

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/proxy/dialect"
)

// subscribe makes the app's webhooks come in this caller's form.
func (s *site) subscribe(t *testing.T, c *caller) {
	t.Helper()
	if c != s.v1 && c != s.v2 {
		return
	}
	a := s.ask(t, "POST", "/v1/configs/webhook", `{"url":"`+s.Hooks.URL+`"}`, c.auth)
	if a.Status != 200 {
		t.Fatalf("set webhook: %d %s", a.Status, a.Body)
	}
}

// written lets the person write and returns upstream's id and the app's.
func (s *site) written(t *testing.T, c *caller, from, words string) (upstream, own string) {
	t.Helper()
	told, err := s.Sim.Inbound(t.Context(), sim.Inbound{
		PhoneID: c.number, From: from, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	fail(t, err)
	var v any
	fail(t, json.Unmarshal(s.Hooks.With(t, words).Body, &v))
	if !c.flat {
		v = at(v, "entry", 0, "changes", 0, "value")
	}
	own, _ = at(v, "messages", 0, "id").(string)
	return told.ID, own
}

// sent sends a text and returns upstream's id and the app's.
func (s *site) sent(t *testing.T, c *caller, to, words string) (upstream, own string) {
	t.Helper()
	mark := s.mark()
	a := s.message(t, c, text(to, words))
	list := s.taken(mark)
	if len(list) != 1 {
		t.Fatalf("not sent: %d %s", a.Status, a.Body)
	}
	own, _ = at(a.JSON(t), "messages", 0, "id").(string)
	return list[0].WAMID, own
}

// testReplies: ids an app names are mapped to upstream's, whichever the app
// was given; an id nobody gave it is refused where the gateway gives them.
func testReplies(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		s.subscribe(t, c)
		theirs, theirOwn := s.written(t, c, to, "Question for "+c.name)
		ours, ourOwn := s.sent(t, c, to, "Answer of "+c.name)
		for _, id := range []struct{ upstream, own string }{{theirs, theirOwn}, {ours, ourOwn}} {
			if c.flat && (id.own == id.upstream || !strings.HasPrefix(id.own, "gB")) || !c.flat && id.own != id.upstream {
				t.Fatalf("the app knows %q of %q", id.own, id.upstream)
			}
			s.checkMapped(t, c, to, id.upstream, id.own)
		}
		s.checkRead(t, c, theirs, theirOwn)
		s.checkUnknown(t, c, to)
	})
}

// checkMapped quotes and reacts to a message.
func (s *site) checkMapped(t *testing.T, c *caller, to, upstream, own string) {
	t.Helper()
	for object, path := range map[string][]any{
		`"type":"text","text":{"body":"Quoted"},"context":{"message_id":"` + own + `"}`:         {"context", "message_id"},
		`"type":"reaction","reaction":{"message_id":"` + own + `","emoji":"\ud83d\udc4d"}`:      {"reaction", "message_id"},
		`"type":"reaction","reaction":{"message_id":"` + own + `","emoji":""}`:                  {"reaction", "message_id"},
		`"type":"image","image":{"id":"1"},"context":{"message_id":"` + own + `"},"to":"+` + to: {"context", "message_id"},
	} {
		body := `{"to":"+` + to + `",` + object + `}`
		if strings.HasSuffix(object, to) {
			body = `{` + object + `"}`
		}
		mark := s.mark()
		a := s.message(t, c, body)
		list := s.taken(mark)
		if len(list) != 1 {
			t.Errorf("%s: not sent: %d %s", c.name, a.Status, a.Body)
			continue
		}
		var left any
		fail(t, json.Unmarshal(list[0].Body, &left))
		if got := at(left, path...); got != upstream {
			t.Errorf("%s: %v left as %v, want %s", c.name, path, got, upstream)
		}
	}
}

// checkRead marks a person's message as read, with a typing indicator where
// the dialect has one.
func (s *site) checkRead(t *testing.T, c *caller, upstream, own string) {
	t.Helper()
	want := `{"messaging_product":"whatsapp","status":"read","message_id":"` + upstream + `"}`
	mark := s.mark()
	var a rig.Reply
	if c.flat {
		a = s.ask(t, "PUT", c.send+"/"+own, `{"status":"read"}`, c.auth)
		sameJSON(t, "answer", []byte(a.Body), []byte("{"+metaFlat+"}"))
	} else {
		a = s.message(t, c, `{"status":"read","message_id":"`+own+`","typing_indicator":{"type":"text"}}`)
		sameJSON(t, "answer", []byte(a.Body), []byte(`{"success":true}`))
		want = strings.TrimSuffix(want, "}") + `,"typing_indicator":{"type":"text"}}`
	}
	list := s.taken(mark)
	if a.Status != 200 || len(list) != 1 {
		t.Fatalf("mark as read: %d %s", a.Status, a.Body)
	}
	sameJSON(t, "what left", list[0].Body, []byte(want))
	row := s.row(t, "SELECT effect, result, subject FROM audit WHERE kind = 'read' AND dialect = '"+c.name+"'")
	asked := s.row(t, "SELECT DISTINCT subject FROM audit WHERE kind = 'inbound' AND number = '"+c.number+"'")
	if row[0] != "allow" || row[1] != "admitted" || row[2] != asked[0] {
		t.Errorf("record of a read: %v, the message was of %v", row, asked)
	}
	if c.flat {
		return
	}
	if a := s.ask(t, "PUT", c.send, `{"messaging_product":"whatsapp","status":"read","message_id":"`+own+`"}`, c.auth); a.Status != 200 {
		t.Errorf("mark as read by PUT: %d %s", a.Status, a.Body)
	}
	s.row(t, "SELECT count(*) FROM audit WHERE kind = 'read' AND dialect = '"+c.name+"' HAVING count(*) = 2")
}

// checkUnknown names ids that nobody gave the app. The Cloud dialects hand
// them on: upstream is the one who knows its ids.
func (s *site) checkUnknown(t *testing.T, c *caller, to string) {
	t.Helper()
	if !c.flat {
		mark := s.mark()
		a := s.message(t, c, `{"to":"+`+to+`","type":"text","text":{"body":"x"},"context":{"message_id":"wamid.dW5rbm93bg"}}`)
		if list := s.taken(mark); len(list) != 1 || !strings.Contains(string(list[0].Body), "wamid.dW5rbm93bg") {
			t.Errorf("%s: upstream's own id: %d %s", c.name, a.Status, a.Body)
		}
		return
	}
	before := s.count(t, "reason = 'request_not_found' AND dialect = '"+c.name+"'")
	mark := s.mark()
	ids := []string{"gBGGFlCGg0cvAglAxydbAoy-gwNo", "wamid.dW5rbm93bg", dialect.OpaqueID([16]byte{1}), dialect.OpaqueInboundID([16]byte{2})}
	for _, id := range ids {
		refused(t, c, s.message(t, c, `{"to":"+`+to+`","type":"text","text":{"body":"x"},"context":{"message_id":"`+id+`"}}`), 404, 1006)
		refused(t, c, s.message(t, c, `{"to":"+`+to+`","type":"reaction","reaction":{"message_id":"`+id+`","emoji":"x"}}`), 404, 1006)
		refused(t, c, s.ask(t, "PUT", c.send+"/"+id, `{"status":"read"}`, c.auth), 404, 1006)
	}
	if n := len(s.taken(mark)); n != 0 || before != "0" {
		t.Errorf("%s: %d sends left", c.name, n)
	}
	s.row(t, fmt.Sprintf("SELECT count(*) FROM audit WHERE reason = 'request_not_found' AND dialect = '%s' HAVING count(*) = %d", c.name, 3*len(ids)))
}
