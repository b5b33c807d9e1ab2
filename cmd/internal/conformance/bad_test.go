package conformance

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// badBody is a body no dialect takes. TO stands for the recipient, CLOUD for
// what Cloud and 360dialog v2 need before it.
type badBody struct {
	name, body          string
	contentType         string
	cloud, flat         int // codes; 0: not tried there
	cloudKind, flatKind string
}

const malformed = "request_malformed"

var badBodies = []badBody{
	{"duplicate keys", `{CLOUD"to":"TO","to":"TO","type":"text","text":{"body":"x"}}`, "", 100, 1025, malformed, malformed},
	{"duplicate keys below", `{CLOUD"to":"TO","type":"text","text":{"body":"x","body":"y"}}`, "", 100, 1025, malformed, malformed},
	{"duplicate keys by escape", `{CLOUD"to":"TO","type":"text","text":{"body":"x","b\u006fdy":"y"}}`, "", 100, 1025, malformed, malformed},
	{"trailing data", `{CLOUD"to":"TO","type":"text","text":{"body":"x"}}{}`, "", 100, 1025, malformed, malformed},
	{"trailing word", `{CLOUD"to":"TO","type":"text","text":{"body":"x"}} x`, "", 100, 1025, malformed, malformed},
	{"invalid UTF-8", `{CLOUD"to":"TO","type":"text","text":{"body":"` + "\xff" + `"}}`, "", 100, 1025, malformed, malformed},
	{"lone surrogate", `{CLOUD"to":"TO","type":"text","text":{"body":"\ud800"}}`, "", 100, 1025, malformed, malformed},
	{"depth 65", `{CLOUD"to":"TO","type":"text","text":{"body":"x"},"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "", 100, 1025, malformed, malformed},
	{"more than 1 MiB", `{CLOUD"to":"TO","type":"text","text":{"body":"` + strings.Repeat("x", 1<<20) + `"}}`, "", 100, 1009, "request_too_large", "request_too_large"},
	{"empty body", ``, "", 100, 1025, malformed, malformed},
	{"no object", `["TO"]`, "", 100, 1025, malformed, malformed},
	{"cut short", `{CLOUD"to":"TO","type":"text","text":{"body":"x"`, "", 100, 1025, malformed, malformed},
	{"comment", `{CLOUD"to":"TO",/* x */"type":"text","text":{"body":"x"}}`, "", 100, 1025, malformed, malformed},
	{"unknown type", `{CLOUD"to":"TO","type":"poll","poll":{}}`, "", 131051, 501, "request_unknown_type", "request_unknown_type"},
	{"a pinned message", `{CLOUD"to":"TO","type":"pin","pin":{"type":"pin","message_id":"wamid.x","expiration_days":7}}`, "", 131051, 501, "request_unknown_type", "request_unknown_type"},
	{"unknown property", `{CLOUD"to":"TO","type":"text","text":{"body":"x"},"priority":"high"}`, "", 100, 0, "request_unknown_property", ""},
	{"unknown property below", `{CLOUD"to":"TO","type":"text","text":{"body":"x","colour":"red"}}`, "", 100, 0, "request_unknown_property", ""},
	{"name in other case", `{CLOUD"to":"TO","type":"text","text":{"Body":"x"}}`, "", 100, 1008, "request_unknown_property", "request_missing"},
	{"second type object", `{CLOUD"to":"TO","type":"text","text":{"body":"x"},"image":{"id":"1"}}`, "", 100, 0, "request_unknown_property", ""},
	{"type object missing", `{CLOUD"to":"TO","type":"text"}`, "", 131008, 1008, "request_missing", "request_missing"},
	{"no recipient", `{CLOUD"type":"text","text":{"body":"x"}}`, "", 131008, 1008, "request_missing", "request_missing"},
	{"recipient is no number", `{CLOUD"to":"nobody","type":"text","text":{"body":"x"}}`, "", 131009, 1009, "request_invalid", "request_invalid"},
	{"group", `{CLOUD"to":"TO","recipient_type":"group","type":"text","text":{"body":"x"}}`, "", 100, 1002, "request_recipient_type", "request_recipient_type"},
	{"text too long", `{CLOUD"to":"TO","type":"text","text":{"body":"` + strings.Repeat("x", 4097) + `"}}`, "", 100, 1001, "request_too_long", "request_too_long"},
	{"no messaging_product", `{"to":"TO","type":"text","text":{"body":"x"}}`, "", 131008, 0, "request_missing", ""},
	{"other messaging_product", `{"messaging_product":"sms","to":"TO","type":"text","text":{"body":"x"}}`, "", 131009, 0, "request_invalid", ""},
	{"status that is not read", `{CLOUD"status":"played","message_id":"wamid.x"}`, "", 131009, 0, "request_invalid", ""},
	{"plain text", `{CLOUD"to":"TO","type":"text","text":{"body":"x"}}`, "text/plain", 100, 1025, "request_content_type", "request_content_type"},
	{"other charset", `{CLOUD"to":"TO","type":"text","text":{"body":"x"}}`, "application/json; charset=iso-8859-1", 100, 1025, "request_content_type", "request_content_type"},
	{"no content type", `{CLOUD"to":"TO","type":"text","text":{"body":"x"}}`, "-", 100, 1025, "request_content_type", "request_content_type"},
}

// testBadBodies: what could be read in two ways, or not at all, is refused in
// the dialect, sends nothing, and is on record by its class.
func testBadBodies(t *testing.T, s *site) {
	to := "+" + s.Env["DEMO_CONSENTED"]
	want := map[string]int{}
	s.each(t, func(t *testing.T, c *caller) {
		for _, b := range badBodies {
			status, code, kind, product := 400, b.cloud, b.cloudKind, `"messaging_product":"whatsapp",`
			if c.flat {
				code, kind, product = b.flat, b.flatKind, ""
			}
			if code == 0 {
				continue
			}
			t.Run(b.name, func(t *testing.T) {
				body := strings.ReplaceAll(strings.Replace(b.body, "CLOUD", product, 1), "TO", to)
				headers := []string{c.auth, "Content-Type: application/json"}
				if b.contentType != "" {
					headers[1] = "Content-Type: " + strings.TrimPrefix(b.contentType, "-")
				}
				details := refused(t, c, s.ask(t, "POST", c.send, body, headers...), status, code)
				if details == "" || strings.Contains(details, to) {
					t.Errorf("the sentence is empty or holds the recipient: %q", details)
				}
				want[c.name+" "+kind]++
			})
		}
	})
	if n := len(s.taken(s.base)); n != 0 {
		t.Errorf("%d sends were taken", n)
	}
	s.checkRefusals(t, want)
}

// checkRefusals counts refusals on record by dialect and class.
func (s *site) checkRefusals(t *testing.T, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	rig.Await(t, "every refusal on record", func() bool {
		clear(got)
		for _, r := range s.SQL(t, "SELECT dialect, reason, count(*) FROM audit WHERE result = 'refused' AND effect = 'deny' GROUP BY dialect, reason") {
			n, err := strconv.Atoi(r[2])
			fail(t, err)
			got[r[0]+" "+r[1]] = n
		}
		return sum(got) >= sum(want)
	})
	if !maps.Equal(got, want) {
		t.Errorf("refusals on record: %v\nwant %v", got, want)
	}
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// testDropped: the old dialects ignored what they did not know. It never
// leaves, and its names are on record.
func testDropped(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	for _, c := range []*caller{s.v1, s.onprem} {
		mark := s.mark()
		a := s.message(t, c, `{"to":"`+to+`","type":"text","priority":"high","+491713920001":1,"image":{"id":"1"},"text":{"body":"Hello","colour":"red"}}`)
		list := s.taken(mark)
		if a.Status != 201 || len(list) != 1 || strings.Contains(string(list[0].Body), "high") || strings.Contains(string(list[0].Body), "red") {
			t.Fatalf("%s: %d %s: %v", c.name, a.Status, a.Body, list)
		}
		input := s.show(t, list[0].Callback).Parts["input"]
		for _, name := range []string{`"priority"`, `"image"`, `"text.colour"`} {
			if !strings.Contains(input, name) {
				t.Errorf("%s: dropped %s is not on record: %s", c.name, name, input)
			}
		}
		if strings.Contains(input, "4917139") {
			t.Errorf("%s: a name that is a number is on record: %s", c.name, input)
		}
	}
}
