package envoy

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// call is one request of an app.
type call struct {
	name, method, path, body string
	headers                  []string
	status                   int
}

// calls are of every kind that takes another way through the gateway.
func (s *site) calls(t *testing.T) []call {
	phone, person := s.Env["POSTERN_PHONE_ID"], "+"+s.Env["DEMO_CONSENTED"]
	cloud, v2, v1 := "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"], "D360-API-KEY: "+s.Env["POSTERN_D360_V2_KEY"], "D360-API-KEY: "+s.Env["POSTERN_D360_V1_KEY"]
	onprem := "Authorization: Bearer " + s.OnPrem(t)
	text := func(to string) string {
		return `{"messaging_product":"whatsapp","to":"` + to + `","type":"text","text":{"body":"On its way"}}`
	}
	old := `{"to":"` + person + `","type":"text","text":{"body":"On its way"}}`
	messages := "/v25.0/" + phone + "/messages"
	return []call{
		{"text", "POST", messages, text(person), []string{cloud}, 200},
		{"text by the query's token", "POST", messages + "?access_token=" + s.Env["POSTERN_CLOUD_TOKEN"], text(person), nil, 200},
		{"template", "POST", messages, `{"messaging_product":"whatsapp","to":"` + person + `","type":"template","template":{"name":"` + s.Env["DEMO_TEMPLATE"] + `","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"42"}]}]}}`, []string{cloud}, 200},
		{"text of 360dialog v2", "POST", "/messages", text(person), []string{v2}, 200},
		{"text of 360dialog v1", "POST", "/v1/messages", old, []string{v1}, 201},
		{"text of On-Premises", "POST", "/v1/messages", old, []string{onprem}, 201},
		{"contacts", "POST", "/v1/contacts", `{"contacts":["` + person + `"]}`, []string{onprem}, 200},
		{"refused by policy", "POST", messages, text("+" + s.Env["DEMO_STRANGER"]), []string{cloud}, 400},
		{"refused by the dialect", "POST", messages, `{"messaging_product":"whatsapp","to":"` + person + `","type":"nothing"}`, []string{cloud}, 400},
		{"no JSON", "POST", messages, `{"to":`, []string{cloud}, 400},
		{"not a type that is read", "POST", messages, text(person), []string{cloud, "Content-Type: text/plain"}, 400},
		{"no credential", "POST", messages, text(person), nil, 401},
		{"a bad credential", "POST", messages, text(person), []string{"Authorization: Bearer nobody"}, 401},
		{"two credentials", "POST", messages + "?access_token=x", text(person), []string{cloud}, 401},
		{"another's number", "POST", "/v25.0/" + s.Env["POSTERN_D360_PHONE_ID"] + "/messages", text(person), []string{cloud}, 403},
		{"read of a number", "GET", "/v25.0/" + phone + "?fields=verified_name", "", []string{cloud}, 200},
		{"read of templates", "GET", "/v25.0/" + s.Env["POSTERN_WABA_ID"] + "/message_templates", "", []string{cloud}, 200},
		{"read of nothing", "GET", "/v25.0/1234567", "", []string{cloud}, 400},
		{"profile", "POST", "/v25.0/" + phone + "/whatsapp_business_profile", `{"messaging_product":"whatsapp","about":"open"}`, []string{cloud}, 200},
		{"profile of On-Premises", "PATCH", "/v1/settings/profile/about", `{"text":"open"}`, []string{onprem}, 200},
		{"mark as read of nothing", "POST", messages, `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.none"}`, []string{cloud}, 200},
		{"no such path", "GET", "/v25.0/" + phone + "/nothing", "", []string{cloud}, 404},
		{"a path with escapes", "GET", "/v25.0/" + phone + "%2fmessages", "", []string{cloud}, 404},
		{"a method nobody has", "OPTIONS", messages, "", []string{cloud}, 400},
		{"a body that is encoded", "POST", messages, text(person), []string{cloud, "Content-Encoding: gzip"}, 400},
		{"too large", "POST", messages, text(person) + strings.Repeat(" ", 1<<20), []string{cloud}, 400},
	}
}

// OnPrem logs the On-Premises app in.
func (s *site) OnPrem(t *testing.T) string {
	t.Helper()
	a := s.Do(t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+basic(s.Env["POSTERN_ONPREM_USER"], s.Env["POSTERN_ONPREM_PASSWORD"]))
	if a.Status != http.StatusOK {
		t.Fatalf("login: %d %s", a.Status, a.Body)
	}
	return a.JSON(t)["users"].([]any)[0].(map[string]any)["token"].(string)
}

// own are parts of answers that are new each time.
var own = regexp.MustCompile(`wamid\.[A-Za-z0-9+/=_-]+|gBEG[A-Za-z0-9_-]+|[0-9a-f]{32}|"id":"[^"]{16,}"`)

func bare(answer string) string { return own.ReplaceAllString(answer, "*") }

// TestBothEdgesAnswerAlike: the same calls at the gateway's own listener and at
// Envoy's have the same answers and leave the same records.
func TestBothEdgesAnswerAlike(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) *site{
		"unix":                  func(t *testing.T) *site { return frontproxy(t, rig.Options{ExtProc: rig.ExtProcUnix}) },
		"tcp":                   func(t *testing.T) *site { return frontproxy(t, rig.Options{ExtProc: rig.ExtProcTCP}) },
		"unix, by its own word": func(t *testing.T) *site { return configured(t, rig.Options{ExtProc: rig.ExtProcUnix}) },
		"tcp, by its own word":  func(t *testing.T) *site { return configured(t, rig.Options{ExtProc: rig.ExtProcTCP}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			all := s.calls(t)
			direct, behind := s.answers(t, s.Direct, all), s.answers(t, s.Env["POSTERN_URL"], all)
			for i, c := range all {
				alike(t, c, direct[i], behind[i])
			}
			s.recordedAlike(t)
		})
	}
}

func (s *site) answers(t *testing.T, at string, all []call) []rig.Reply {
	t.Helper()
	out := make([]rig.Reply, len(all))
	for i, c := range all {
		out[i] = s.At(t, c.method, at+c.path, c.body, c.headers...)
	}
	return out
}

func alike(t *testing.T, c call, direct, behind rig.Reply) {
	t.Helper()
	if direct.Status != c.status || behind.Status != c.status {
		t.Errorf("%s: %d %s, by Envoy %d %s, want %d", c.name, direct.Status, direct.Body, behind.Status, behind.Body, c.status)
	}
	if bare(direct.Body) != bare(behind.Body) {
		t.Errorf("%s: %s, by Envoy %s", c.name, direct.Body, behind.Body)
	}
	for _, h := range []http.Header{direct.Header, behind.Header} {
		h.Del("Connection")
		h.Del("Date")
	}
	if a, b := slices.Sorted(maps.Keys(direct.Header)), slices.Sorted(maps.Keys(behind.Header)); !slices.Equal(a, b) {
		t.Errorf("%s: headers %v, by Envoy %v", c.name, a, b)
	}
	if a, b := direct.Header.Get("Content-Type"), behind.Header.Get("Content-Type"); a != b {
		t.Errorf("%s: %s, by Envoy %s", c.name, a, b)
	}
}

// recordedAlike compares the records of apps' calls: each stands there twice.
func (s *site) recordedAlike(t *testing.T) {
	t.Helper()
	var odd []string
	rig.Await(t, "the same records of both edges", func() bool {
		odd = nil
		for _, row := range s.SQL(t, `SELECT kind, type, category, effect, reasons, result, code, dialect, number, body, changed, count(*) FROM audit
			WHERE kind IN ('admission', 'read', 'manage', 'settle') GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 HAVING count(*) % 2 = 1`) {
			odd = append(odd, fmt.Sprint(row))
		}
		settled := s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle'")
		admitted := s.SQL(t, "SELECT count(*) FROM audit WHERE kind IN ('admission', 'read', 'manage') AND effect = 'allow'")
		return len(odd) == 0 && settled[0][0] == admitted[0][0] && settled[0][0] != "0"
	})
}
