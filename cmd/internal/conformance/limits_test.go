package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// heldOff is how calls read that an earlier answer of Meta's holds off.
var heldOff = []struct {
	code, cloud          int // and its status
	flatStatus, flatCode int
}{
	{130429, 429, 429, 1015},
	{131056, 429, 429, 1015},
	{80007, 429, 429, 1015},
	{4, 429, 429, 1015},
	{131057, 500, 503, 1016},
	{368, 403, 403, 1031},
	{131031, 403, 403, 1031},
}

// patient is a site whose upstream may take its time, and where no time passes
// by itself.
func patient(t *testing.T, limits string, settings func(*sim.Settings)) *site {
	t.Helper()
	s := open(t, rig.Options{Settings: settings, Config: func(text string) string {
		text = strings.Replace(text, "timeout: 1s", "timeout: 50s", 1)
		return strings.Replace(text, "limits: {per_number_rate: 0,", "limits: {"+limits, 1)
	}})
	s.Clock.Stop()
	return s
}

// TestHeldOff: what Meta refused once for its limits is refused here with the
// same code until its time is over, in every dialect, and nothing is recorded.
func TestHeldOff(t *testing.T) {
	s := patient(t, "per_number_rate: 0,", nil)
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		for _, h := range heldOff {
			t.Run(itoa(h.code), func(t *testing.T) {
				s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: h.code})
				s.message(t, c, text(to, "Hello")) // the table of errors has how this reads
				mark, admitted := s.mark(), s.count(t, "kind = 'admission'")
				status, code := h.cloud, h.code
				if c.flat {
					status, code = h.flatStatus, h.flatCode
				}
				a := s.message(t, c, text(to, "Hello"))
				refused(t, c, a, status, code)
				if asks := status == 429 || status == 503; (a.Header.Get("Retry-After") != "") != asks {
					t.Errorf("status %d with Retry-After %q", status, a.Header.Get("Retry-After"))
				}
				if len(s.taken(mark)) != 0 || s.count(t, "kind = 'admission'") != admitted {
					t.Error("what is held off was recorded or left")
				}
				s.calm(h.code)
				if a := s.message(t, c, text(to, "Hello")); a.Status >= 300 {
					t.Errorf("after its time: %d %s", a.Status, a.Body)
				}
			})
		}
	})
}

// ready is what readyz says of a number.
func (s *site) ready(t *testing.T, number string) (state struct {
	Throughput string `json:"throughput"`
	Beside     bool   `json:"beside_business_app"`
	Held       int    `json:"held"`
	Limit      string `json:"messaging_limit"`
}) {
	t.Helper()
	a := s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/readyz", "")
	said := map[string]json.RawMessage{}
	fail(t, json.Unmarshal([]byte(a.Body), &said))
	numbers := map[string]json.RawMessage{}
	fail(t, json.Unmarshal(said["numbers"], &numbers))
	fail(t, json.Unmarshal(numbers[number], &state))
	return state
}

// TestRestricted: a restriction is seen by operators, concerns its number alone,
// and a word of Meta's has the next message try, long before its time is over.
func TestRestricted(t *testing.T) {
	s := patient(t, "per_number_rate: 0,", nil)
	to := s.Env["DEMO_CONSENTED"]
	metrics := func() string { return s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body }
	s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: 368})
	refused(t, s.cloud, s.message(t, s.cloud, text(to, "Hello")), 403, 368)
	refused(t, s.cloud, s.message(t, s.cloud, text(to, "Hello")), 403, 368)
	if got := s.ready(t, s.cloud.number).Held; got != 368 {
		t.Errorf("readyz says %d", got)
	}
	var status []admin.NumberStatus
	s.Admin(t, "number.status", admin.NumbersAsked{Number: s.cloud.number}, &status)
	if len(status) != 1 || !status[0].Restricted {
		t.Errorf("the number's status: %+v", status)
	}
	for _, line := range []string{
		`postern_held_off{code="368",scope="number"} 1`, `postern_alarms_total{alarm="held_off"} 1`, `postern_limited_total{code="368",scope="number"} 1`,
	} {
		if !strings.Contains(metrics(), line) {
			t.Errorf("metrics have no %s", line)
		}
	}
	s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: 131031})
	s.message(t, s.v2, text(to, "Hello"))
	for _, x := range []struct {
		who        *caller
		path, says string
	}{{s.v1, "/v1/health", "disconnected"}, {s.onprem, "/v1/health", `"connected"`}} {
		if a := s.ask(t, "GET", x.path, "", x.who.auth); !strings.Contains(a.Body, x.says) {
			t.Errorf("%s %s: %s", x.who.name, x.path, a.Body)
		}
	}
	if a := s.message(t, s.onprem, text(to, "Hello")); a.Status != 201 {
		t.Errorf("another number: %d %s", a.Status, a.Body)
	}
	s.Clock.Forward(time.Minute)
	refused(t, s.cloud, s.message(t, s.cloud, text("491713920077", "Hello")), 400, 131047) // by policy: no probe
	s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: 368, Details: "Still so."})
	if a := s.message(t, s.cloud, text(to, "Hello")); !strings.Contains(a.Body, "Still so.") {
		t.Errorf("Meta was not asked again: %d %s", a.Status, a.Body)
	}
	refused(t, s.cloud, s.message(t, s.cloud, text(to, "Hello")), 403, 368)
	_, err := s.Sim.Event(t.Context(), sim.Event{Field: "account_update", Value: []byte(`{"event":"ACCOUNT_RESTRICTION"}`), Wait: true})
	fail(t, err)
	rig.Await(t, "a message to go after Meta's word", func() bool { return s.message(t, s.cloud, text(to, "Hello")).Status == 200 })
	if got := s.ready(t, s.cloud.number).Held; got != 0 {
		t.Errorf("readyz says %d after a message went", got)
	}
	if !strings.Contains(metrics(), `postern_held_off{code="368",scope="number"} 0`) {
		t.Error("metrics go on saying that the number is held off")
	}
}

// TestThroughput: a number sends as fast as Meta lets it, learnt at the start and
// when Meta tells of a change.
func TestThroughput(t *testing.T) {
	s := patient(t, "per_number_rate: 1000,", func(c *sim.Settings) { c.Statuses = nil })
	rig.Await(t, "the first answer about throughput", func() bool { return s.ready(t, s.v2.number).Throughput == "STANDARD" })
	if got := s.ready(t, s.v2.number).Limit; got != "TIER_100K" {
		t.Errorf("messaging limit %q", got)
	}
	c := s.Sim.Settings()
	c.BesideApp, c.Throughputs = []string{s.v2.number}, map[string]string{s.cloud.number: "HIGH"}
	fail(t, s.Sim.Configure(c))
	_, err := s.Sim.Event(t.Context(), sim.Event{Field: "phone_number_quality_update", Value: []byte(`{"event":"THROUGHPUT_UPGRADE"}`), Wait: true})
	fail(t, err)
	rig.Await(t, "the new throughputs", func() bool {
		return s.ready(t, s.cloud.number).Throughput == "HIGH" && s.ready(t, s.v2.number).Beside
	})
	to := s.Env["DEMO_CONSENTED"]
	for i := range 20 {
		if a := s.message(t, s.v2, text(to, "Hello")); a.Status != 200 {
			t.Fatalf("message %d beside the app: %d %s", i, a.Status, a.Body)
		}
	}
	refused(t, s.v2, s.message(t, s.v2, text(to, "Hello")), 429, 130429)
	refused(t, s.v1, s.message(t, s.v1, text(to, "Hello")), 429, 1015)
	for i := range 100 {
		if a := s.message(t, s.cloud, text(to, "Hello")); a.Status != 200 {
			t.Fatalf("message %d of an upgraded number: %d %s", i, a.Status, a.Body)
		}
	}
}

// TestManagementCalls: reads and changes of an account are counted together, and
// refused in every dialect before they are recorded.
func TestManagementCalls(t *testing.T) {
	s := patient(t, "management_per_hour: 30, per_number_rate: 0,", nil)
	profile := "/v25.0/" + s.cloud.number + "/whatsapp_business_profile"
	for i := range 3 {
		if a := s.ask(t, "GET", profile, "", s.cloud.auth); a.Status != 200 {
			t.Fatalf("read %d: %d %s", i, a.Status, a.Body)
		}
	}
	about := `{"messaging_product":"whatsapp","about":"Open on Sundays"}`
	for _, x := range []struct {
		who                *caller
		method, path, body string
		code               int
	}{
		{s.cloud, "GET", profile, "", 80008},
		{s.cloud, "POST", profile, about, 80008},
		{s.v2, "POST", "/whatsapp_business_profile", about, 80008},
		{s.v2, "POST", "/message_templates", `{"name":"late","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"It is late."}]}`, 80008},
		{s.onprem, "GET", "/v1/settings/business/profile", "", 1015},
		{s.onprem, "PATCH", "/v1/settings/profile/about", `{"text":"Open"}`, 1015},
		{s.v1, "GET", "/v1/settings/business/profile", "", 1015},
	} {
		a := s.ask(t, x.method, x.path, x.body, x.who.auth)
		refused(t, x.who, a, 429, x.code)
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s: no Retry-After", x.method, x.path)
		}
	}
	if n := s.count(t, "kind = 'manage'"); n != "0" {
		t.Errorf("%s calls on record", n)
	}
	if a := s.message(t, s.cloud, text(s.Env["DEMO_CONSENTED"], "Hello")); a.Status != 200 {
		t.Errorf("a message: %d %s", a.Status, a.Body)
	}
}
