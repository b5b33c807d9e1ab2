package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// accepted is one request that the simulator took: the truth about what left.
type accepted struct {
	Seq       int             `json:"seq"`
	Phone     string          `json:"phone_number_id"`
	Type      string          `json:"type"`
	To        string          `json:"to"`
	ByUser    bool            `json:"by_user_id"`
	WAMID     string          `json:"wamid"`
	MessageID string          `json:"message_id"`
	Template  string          `json:"template"`
	Callback  string          `json:"biz_opaque_callback_data"`
	Body      json.RawMessage `json:"body"`
}

// content is what stands at a member of the body that was sent up.
func (a accepted) content(t *testing.T, member string) any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(a.Body, &body); err != nil {
		t.Fatal(err)
	}
	return body[member]
}

// row is what the trail says of one call: its admission and what came of it.
type row struct {
	Seq      int
	Kind     string
	App      string
	Dialect  string
	Number   string
	Type     string
	Template string
	Effect   string
	Reason   string
	Result   string
}

// recordedType is a message's type as the trail has it: with its kind, if it
// is interactive.
func recordedType(t *testing.T, typ, content string) string {
	t.Helper()
	if typ != "interactive" {
		return typ
	}
	var c struct{ Type string }
	decode(t, []byte(content), &c)
	return typ + "/" + c.Type
}

// mark is a point in time of both witnesses.
type mark struct{ sim, trail int }

func (s *site) mark(t *testing.T) mark {
	t.Helper()
	var page struct{ Total int }
	decode(t, s.control(t, http.MethodGet, "/_sim/accepted?limit=1", ""), &page)
	rows := s.sql(t, "SELECT max(seq) AS seq FROM audit")
	return mark{page.Total, rows[0].Seq}
}

// left is what the simulator accepted since the mark.
func (s *site) left(t *testing.T, m mark) []accepted {
	t.Helper()
	var page struct{ Accepted []accepted }
	decode(t, s.control(t, http.MethodGet, "/_sim/accepted?since="+strconv.Itoa(m.sim), ""), &page)
	return page.Accepted
}

// recorded are the calls in the trail since the mark, with their outcomes.
func (s *site) recorded(t *testing.T, m mark) []row {
	t.Helper()
	return s.sql(t, fmt.Sprintf(`SELECT a.seq, a.kind, a.app, a.dialect, a.number, a.type, a.template, a.effect, a.reason,
		coalesce(s.result, '') AS result FROM audit a LEFT JOIN audit s ON s.kind = 'settle' AND s.ref = a.id
		WHERE a.kind IN ('admission', 'media', 'read') AND a.seq > %d ORDER BY a.seq`, m.trail))
}

func (s *site) sql(t *testing.T, question string) []row {
	t.Helper()
	var rows []row
	decode(t, s.postern(t, nil, "audit", "sql", "--json", question), &rows)
	return rows
}

// postern runs a command, which must succeed, and returns what it printed.
func (s *site) postern(t *testing.T, in io.Reader, args ...string) []byte {
	t.Helper()
	var out, told bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.bin, "postern"), append([]string{"--config", s.env["POSTERN_CONFIG"]}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &told
	if err := cmd.Run(); err != nil {
		t.Fatalf("postern %s: %v\n%s", strings.Join(args[:2], " "), err, told.String())
	}
	return out.Bytes()
}

// passed expects that exactly one call got through since the mark, was
// recorded as allowed and settled as accepted, and returns what left.
func (s *site) passed(t *testing.T, m mark, want row) accepted {
	t.Helper()
	list := s.left(t, m)
	if len(list) != 1 {
		t.Fatalf("the simulator accepted %d calls, not 1: %+v", len(list), list)
	}
	want.Effect, want.Result = "allow", "accepted"
	s.oneRecord(t, m, want)
	if list[0].Phone != want.Number || list[0].Callback == "" && want.Kind == "admission" {
		t.Errorf("sent from %q with callback data %q, not from %q with the admission's id", list[0].Phone, list[0].Callback, want.Number)
	}
	return list[0]
}

// stopped expects that nothing left since the mark and that the trail says why.
func (s *site) stopped(t *testing.T, m mark, want row) {
	t.Helper()
	want.Effect = "deny"
	s.oneRecord(t, m, want)
	if list := s.left(t, m); len(list) != 0 {
		t.Errorf("the simulator accepted %+v although it was refused", list)
	}
}

// unrecorded expects that a call left no trace on either side.
func (s *site) unrecorded(t *testing.T, m mark) {
	t.Helper()
	if list, rows := s.left(t, m), s.recorded(t, m); len(list)+len(rows) != 0 {
		t.Errorf("left %+v and recorded %+v, expected neither", list, rows)
	}
}

// oneRecord waits for the one settled record and compares it.
func (s *site) oneRecord(t *testing.T, m mark, want row) {
	t.Helper()
	var rows []row
	await(t, "the record", func() bool {
		rows = s.recorded(t, m)
		return len(rows) > 0 && (rows[0].Effect == "deny" || rows[0].Result != "")
	})
	if len(rows) != 1 {
		t.Fatalf("the trail has %d records, not 1: %+v", len(rows), rows)
	}
	rows[0].Seq = 0
	if rows[0] != want {
		t.Errorf("recorded %+v\nexpected %+v", rows[0], want)
	}
}

func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
}

// same compares values by their JSON.
func same(t *testing.T, what string, got any, want string) {
	t.Helper()
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	decode(t, raw, &a)
	decode(t, []byte(want), &b)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%s is\n%s\nexpected\n%s", what, raw, want)
	}
}

// holds checks that a text holds all words.
func holds(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q: %s", what, w, text)
		}
	}
}
