package conformance

import (
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// policyCase is a message that policy refuses, with what each family of
// dialects is told: whatsapp.md 8.5, second table.
type policyCase struct {
	reason, body       string // TO, STRANGER and STOPPED stand for people
	cloudStatus, cloud int
	flatStatus, flat   int
}

func orderUpdate(to string) string {
	return `{"to":"+` + to + `","type":"template","template":{"name":"order_update","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"42"}]}]}}`
}

func notice(name string) string {
	return `{"to":"+TO","type":"template","template":{"name":"` + name + `","language":{"code":"en_US"}}}`
}

var policyCases = []policyCase{
	{reason: "opt_in_missing", body: orderUpdate("STRANGER"), cloudStatus: 403, cloud: 10, flatStatus: 403, flat: 1005},
	{reason: "window_closed", body: text("STRANGER", "Hello"), cloudStatus: 400, cloud: 131047, flatStatus: 400, flat: 470},
	{reason: "opted_out", body: orderUpdate("STOPPED"), cloudStatus: 400, cloud: 131050, flatStatus: 403, flat: 1005},
	{reason: "pii", body: text("TO", "Card 4111 1111 1111 1111"), cloudStatus: 400, cloud: 131009, flatStatus: 400, flat: 1009},
	{reason: "template", body: notice("nothing_like_it"), cloudStatus: 404, cloud: 132001, flatStatus: 404, flat: 2001},
	{reason: "template_not_approved", body: notice("rejected_notice"), cloudStatus: 404, cloud: 132001, flatStatus: 404, flat: 2001},
	{reason: "template_paused", body: notice("paused_notice"), cloudStatus: 400, cloud: 132015, flatStatus: 400, flat: 2061},
	{reason: "template_disabled", body: notice("disabled_notice"), cloudStatus: 400, cloud: 132016, flatStatus: 400, flat: 2062},
	{reason: "template_parameters", body: notice("order_update"), cloudStatus: 400, cloud: 132000, flatStatus: 400, flat: 2000},
}

// testPolicyRefusals: what policy refuses reads in the dialect's own code and
// status, says why in a sentence and names the reason (needs 03, 05, 06, 07).
func testPolicyRefusals(t *testing.T, s *site) {
	people := s.people(t, 30, 2)
	stopped := people[0]
	var done admin.Imported
	at := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	s.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: "fact,number,scope,source,time\noptout,+" + stopped + ",all,branch," + at + "\n"}, &done)
	if len(done.Problems) > 0 {
		t.Fatalf("import: %+v", done.Problems[0])
	}
	names := strings.NewReplacer("TO", people[1], "STRANGER", s.Env["DEMO_STRANGER"], "STOPPED", stopped)
	want := map[string]int{}
	s.each(t, func(t *testing.T, c *caller) {
		for _, p := range policyCases {
			t.Run(p.reason, func(t *testing.T) {
				a := s.message(t, c, names.Replace(p.body))
				status, code := p.cloudStatus, p.cloud
				if c.flat {
					status, code = p.flatStatus, p.flat
				}
				details := refused(t, c, a, status, code)
				if !strings.HasPrefix(details, "policy:"+p.reason+": ") || len(details) < len(p.reason)+20 || a.Header.Get("X-Postern-Reason") != p.reason {
					t.Errorf("reason %q in %q", a.Header.Get("X-Postern-Reason"), details)
				}
				if a.Header.Get("Retry-After") != "" {
					t.Error("need 06: a refusal says when to retry")
				}
				want[c.name+" "+p.reason]++
			})
		}
	})
	s.checkRefusals(t, want)
	if n := len(s.taken(s.base)); n != 0 {
		t.Errorf("%d sends were taken", n)
	}
}

// TestQuietHours: where time decides the refusal names the next instant.
func TestQuietHours(t *testing.T) {
	s := open(t, rig.Options{Policies: map[string]string{"settings.yaml": `quiet_hours: {hours: {mon: ["00:00-24:00"], tue: ["00:00-24:00"], wed: ["00:00-24:00"], thu: ["00:00-24:00"], fri: ["00:00-24:00"], sat: ["00:00-24:00"], sun: ["00:00-23:00"]}}` + "\n"}})
	to := s.people(t, 34, 1)[0]
	offer := strings.Replace(orderUpdate(to), "order_update", "spring_offer", 1)
	for s.Clock.Now().UTC().Weekday() != time.Wednesday { // at most six days: logins hold seven
		s.Clock.Forward(24 * time.Hour)
	}
	s.each(t, func(t *testing.T, c *caller) {
		a := s.message(t, c, offer)
		status, code := 400, 131049
		if c.flat {
			status, code = 403, 1005
		}
		if details := refused(t, c, a, status, code); !strings.HasPrefix(details, "policy:quiet_hours: ") || !strings.Contains(details, "Next allowed: 20") {
			t.Errorf("details %q", details)
		}
	})
}

// TestChanged: a message that policy changed leaves changed and says so.
func TestChanged(t *testing.T) {
	s := open(t, rig.Options{Policies: map[string]string{"settings.yaml": "personal_data: {outbound: {EMAIL: mask}}\n"}})
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		mark := s.mark()
		a := s.message(t, c, text(to, "Write to clerk@shop.example"))
		list := s.taken(mark)
		if a.Status > 201 || len(list) != 1 || a.Header.Get("X-Postern-Changed") != "true" {
			t.Fatalf("%d %v %s", a.Status, a.Header, a.Body)
		}
		if strings.Contains(string(list[0].Body), "clerk@") || s.show(t, list[0].Callback).Changed != true {
			t.Errorf("left %s", list[0].Body)
		}
	})
}

// TestLimits: rate limits are the one refusal that asks to come back.
func TestLimits(t *testing.T) {
	s := open(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, "pair_rate: 0", "pair_rate: 0.01, pair_burst: 2", 1)
	}, Settings: func(c *sim.Settings) { c.Statuses = nil }})
	people := s.people(t, 35, 4)
	for i, c := range s.callers() {
		mark := s.mark()
		for range 2 {
			s.message(t, c, text(people[i], "Hello"))
		}
		a := s.message(t, c, text(people[i], "Hello"))
		code := 131056
		if c.flat {
			code = 1015
		}
		refused(t, c, a, 429, code)
		if a.Header.Get("Retry-After") == "" || len(s.taken(mark)) != 2 {
			t.Errorf("%s: Retry-After %q after %d sends", c.name, a.Header.Get("Retry-After"), len(s.taken(mark)))
		}
	}
}
