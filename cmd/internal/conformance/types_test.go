package conformance

import (
	"os"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
)

const metaFlat = `"meta":{"api_status":"stable","version":"2.53.2"}`

// accepted is the exact answer to an accepted send.
func accepted(c *caller, input, waID, id string, template bool) string {
	contact := `{"input":"` + input + `","wa_id":"` + waID + `"}`
	if c.flat {
		return `{"messages":[{"id":"` + id + `"}],"contacts":[` + contact + `],` + metaFlat + `}`
	}
	status := ""
	if template {
		status = `,"message_status":"accepted"`
	}
	return `{"messaging_product":"whatsapp","contacts":[` + contact + `],"messages":[{"id":"` + id + `"` + status + `}]}`
}

// testTypes sends every message type in every dialect: the answer to the byte,
// what left, and the records of both.
func testTypes(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	rows := map[string]string{} // expected record by admission
	s.each(t, func(t *testing.T, c *caller) {
		for _, m := range messages(t) {
			if c.flat && m.cloudOnly || !c.flat && m.flatOnly {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				mark := s.mark()
				a := s.message(t, c, strings.Replace(m.body, "{", `{"to":"+`+to+`",`, 1))
				list := s.taken(mark)
				if len(list) != 1 {
					t.Fatalf("%d sends left; answer %d %s", len(list), a.Status, a.Body)
				}
				sent := list[0]
				status, id := 200, sent.WAMID
				if c.flat {
					status, id = 201, dialect.OpaqueID(admission(t, sent.Callback))
				}
				if want := accepted(c, "+"+to, to, id, m.template != ""); a.Status != status || a.Body != want {
					t.Errorf("answer %d %s\n  want %d %s", a.Status, a.Body, status, want)
				}
				if a.Header.Get("X-Postern-Changed") != "" {
					t.Error("the message is marked as changed")
				}
				want := `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+` + to + `",` +
					`"biz_opaque_callback_data":"` + sent.Callback + `",` + strings.TrimPrefix(m.upstream, "{")
				sameJSON(t, "what left", sent.Body, []byte(want))
				rows[sent.Callback] = strings.Join([]string{c.name, c.app, c.number, m.record, m.category, m.template, "allow", "admitted"}, "|")
			})
		}
	})
	checkRecords(t, s, rows)
}

// checkRecords compares admissions with what was expected, and wants each
// settled as accepted.
func checkRecords(t *testing.T, s *site, want map[string]string) {
	t.Helper()
	settled := map[string]bool{}
	rig.Await(t, "every send to be settled", func() bool {
		for _, r := range s.SQL(t, "SELECT ref FROM audit WHERE kind = 'settle' AND result = 'accepted'") {
			settled[r[0]] = true
		}
		return len(settled) >= len(want)
	})
	got := map[string]string{}
	for _, r := range s.SQL(t, "SELECT id, dialect, app, number, type, category, template, effect, result FROM audit WHERE kind = 'admission'") {
		got[r[0]] = strings.Join(r[1:], "|")
	}
	for id, row := range want {
		if got[id] != row || !settled[id] {
			t.Errorf("record %q, want %q; settled: %t", got[id], row, settled[id])
		}
	}
}

// outMessage is one message of testdata/messages.txt.
type outMessage struct {
	name, body, upstream       string
	record, category, template string
	cloudOnly, flatOnly        bool
}

// messages reads the table: a line "name | type on record | category | template
// | dialects", the message without recipient, and what leaves where it differs.
func messages(t *testing.T) []outMessage {
	t.Helper()
	raw, err := os.ReadFile("testdata/messages.txt")
	fail(t, err)
	var out []outMessage
	for _, block := range strings.Split(strings.TrimSpace(string(raw)), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		if strings.HasPrefix(lines[0], "#") {
			continue
		}
		head := strings.Split(lines[0], "|")
		for i := range head {
			head[i] = strings.TrimSpace(head[i])
		}
		if len(head) != 5 || len(lines) < 2 || len(lines) > 3 {
			t.Fatalf("testdata/messages.txt: %q", lines[0])
		}
		out = append(out, outMessage{
			name: head[0], record: head[1], category: head[2], template: head[3],
			cloudOnly: head[4] == "cloud", flatOnly: head[4] == "flat",
			body: lines[1], upstream: lines[len(lines)-1],
		})
	}
	return out
}
