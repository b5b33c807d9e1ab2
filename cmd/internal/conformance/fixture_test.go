package conformance

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// site is a gateway and the four ways to call it.
type site struct {
	*rig.Rig
	http *http.Client

	cloud, v2, v1, onprem *caller

	base  int64  // what the simulator had taken when the topic began
	since string // the last record then
	tap   *tap
}

// caller is one app in one dialect.
type caller struct {
	name    string // as records name the dialect
	app     string
	number  string // phone_number_id
	auth    string // header line
	send    string // path of a send
	product bool   // messages carry messaging_product
	flat    bool
}

// open starts a gateway whose limits do not get in the way of tables, whose
// upstream takes any media id and gives up after a second.
func open(t *testing.T, o rig.Options) *site {
	t.Helper()
	settings, config := o.Settings, o.Config
	o.Settings = func(s *sim.Settings) {
		s.AnyMedia, s.Approval = true, sim.Auto
		if settings != nil {
			settings(s)
		}
	}
	o.Config = func(text string) string {
		text = strings.Replace(text, "timeout: 10s", "timeout: 1s", 1)
		text = strings.Replace(text, "per_app_rate: 0", "per_app_rate: 0, pair_rate: 0", 1)
		if config != nil {
			text = config(text)
		}
		return text
	}
	s := &site{since: "-1", tap: &tap{}}
	o.Watch = s.tap.watch
	if o.Keep == "" {
		further := furtherTemplates(t)
		o.Watch = func(simulator http.Handler) http.Handler { return s.tap.watch(further(simulator)) }
	}
	s.Rig = rig.Start(t, o)
	s.http = s.Client(t)
	e := s.Env
	s.cloud = &caller{
		name: "cloud", app: "cloud-demo", number: e["POSTERN_PHONE_ID"], auth: "Authorization: Bearer " + e["POSTERN_CLOUD_TOKEN"],
		send: "/v25.0/" + e["POSTERN_PHONE_ID"] + "/messages", product: true,
	}
	s.v2 = &caller{
		name: "d360v2", app: "d360-demo", number: e["POSTERN_D360_PHONE_ID"], auth: "D360-API-KEY: " + e["POSTERN_D360_V2_KEY"],
		send: "/messages", product: true,
	}
	s.v1 = &caller{
		name: "d360v1", app: "d360-demo", number: e["POSTERN_D360_PHONE_ID"], auth: "D360-API-KEY: " + e["POSTERN_D360_V1_KEY"],
		send: "/v1/messages", flat: true,
	}
	s.onprem = &caller{
		name: "onprem", app: "onprem-demo", number: e["POSTERN_ONPREM_PHONE_ID"], auth: "Authorization: Bearer " + s.login(t),
		send: "/v1/messages", flat: true,
	}
	return s
}

func (s *site) login(t *testing.T) string {
	t.Helper()
	a := s.ask(t, "POST", "/v1/users/login", "", s.basic(s.Env["POSTERN_ONPREM_PASSWORD"]))
	users, ok := a.JSON(t)["users"].([]any)
	if a.Status != 200 || !ok || len(users) != 1 {
		t.Fatalf("login: %d %s", a.Status, a.Body)
	}
	token, _ := users[0].(map[string]any)["token"].(string)
	return token
}

func (s *site) basic(password string) string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(s.Env["POSTERN_ONPREM_USER"], password)
	return "Authorization: " + r.Header.Get("Authorization")
}

func (s *site) callers() []*caller { return []*caller{s.cloud, s.v2, s.v1, s.onprem} }

// each runs a test once for every dialect.
func (s *site) each(t *testing.T, f func(t *testing.T, c *caller)) {
	t.Helper()
	for _, c := range s.callers() {
		t.Run(c.name, func(t *testing.T) { f(t, c) })
	}
}

// ask makes one request at the app listener over kept connections.
func (s *site) ask(t *testing.T, method, path, body string, headers ...string) rig.Reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.Env["POSTERN_URL"]+path, strings.NewReader(body))
	fail(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := s.http.Do(req)
	fail(t, err)
	raw, err := io.ReadAll(resp.Body)
	fail(t, err)
	fail(t, resp.Body.Close())
	if got := resp.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("%s %s answers with content type %q", method, path, got)
	}
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(raw)}
}

// message sends a message object, written without messaging_product.
func (s *site) message(t *testing.T, c *caller, body string, headers ...string) rig.Reply {
	t.Helper()
	if c.product {
		body = `{"messaging_product":"whatsapp",` + strings.TrimPrefix(body, "{")
	}
	return s.ask(t, "POST", c.send, body, append([]string{c.auth}, headers...)...)
}

func text(to, body string) string {
	return `{"to":"+` + to + `","type":"text","text":{"body":"` + body + `"}}`
}

func fail(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Stop lets the client go first: open connections hold a server for a second.
func (s *site) Stop() {
	s.http.CloseIdleConnections()
	s.Rig.Stop()
}
