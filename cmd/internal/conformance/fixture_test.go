package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
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
	further := furtherTemplates(t)
	o.Watch = func(simulator http.Handler) http.Handler { return s.tap.watch(further(simulator)) }
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

// taken are the sends that the simulator took since the mark.
func (s *site) taken(mark int64) []sim.Accepted {
	list, _ := s.Sim.Accepted(mark, 1000)
	return list
}

func (s *site) mark() int64 {
	mark := s.base
	for {
		list, next := s.Sim.Accepted(mark, 1000)
		if len(list) == 0 {
			return mark
		}
		mark = next
	}
}

// people makes persons who consented to everything and wrote a moment ago. The
// numbers are of the range the German regulator reserves for fiction.
func (s *site) people(t *testing.T, first, n int) []string {
	t.Helper()
	at := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	data := "fact,number,category,source,evidence,time,business\n"
	var out []string
	for i := range n {
		p := fmt.Sprintf("4917139200%02d", first+i)
		out = append(out, p)
		for _, category := range []string{"marketing", "utility", "authentication"} {
			data += "consent,+" + p + "," + category + ",web_form,form-1," + at + ",\n"
		}
		for _, c := range []*caller{s.cloud, s.v2, s.onprem} {
			data += "window,+" + p + ",,,," + at + "," + c.number + "\n"
		}
	}
	var done admin.Imported
	s.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data}, &done)
	if len(done.Problems) > 0 {
		t.Fatalf("import: %+v", done.Problems[0])
	}
	return out
}

// begin makes counts begin anew. The reading it records comes behind all that
// waited to be recorded.
func (s *site) begin(t *testing.T) {
	t.Helper()
	s.Admin(t, "trail.read", admin.TrailRead{What: "sql"}, nil)
	s.since = s.Rig.SQL(t, "SELECT max(seq) FROM audit")[0][0]
	s.base = s.mark()
}

// SQL asks about what was recorded since the topic began.
func (s *site) SQL(t *testing.T, question string) [][]string {
	t.Helper()
	question = strings.NewReplacer("FROM audit", "FROM recent", "JOIN audit", "JOIN recent").Replace(question)
	return s.Rig.SQL(t, "WITH recent AS (SELECT * FROM audit WHERE seq > "+s.since+") "+question)
}

// quiet sends no statuses for the rest of the test.
func (s *site) quiet(t *testing.T) {
	t.Helper()
	old := s.Sim.Settings()
	t.Cleanup(func() {
		if err := s.Sim.Configure(old); err != nil {
			t.Errorf("statuses again: %v", err)
		}
	})
	changed := old
	changed.Statuses = nil
	fail(t, s.Sim.Configure(changed))
}

// row waits for the one row a question gives.
func (s *site) row(t *testing.T, question string) []string {
	t.Helper()
	var rows [][]string
	rig.Await(t, "a row: "+question, func() bool {
		rows = s.SQL(t, question)
		return len(rows) > 0
	})
	if len(rows) != 1 {
		t.Fatalf("%d rows: %s", len(rows), question)
	}
	return rows[0]
}

func (s *site) count(t *testing.T, where string) string {
	t.Helper()
	return s.SQL(t, "SELECT count(*) FROM audit WHERE "+where)[0][0]
}

// sameJSON compares two JSON texts by value.
func sameJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var g, w any
	for raw, into := range map[*[]byte]*any{&got: &g, &want: &w} {
		d := json.NewDecoder(bytes.NewReader(*raw))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%s is no JSON: %v: %s", what, err, *raw)
		}
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// at follows names and places in decoded JSON; nil where there is nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

// refusal is what a dialect says when it refuses: the code, and the sentence.
func refusal(t *testing.T, c *caller, a rig.Reply) (code int, details string) {
	t.Helper()
	v := a.JSON(t)
	if v["messages"] != nil {
		t.Errorf("a refusal holds messages: %s", a.Body)
	}
	if !c.flat {
		e := v["error"]
		for _, name := range []string{"message", "type", "fbtrace_id"} {
			if word, _ := at(e, name).(string); word == "" {
				t.Errorf("a refusal lacks %s: %s", name, a.Body)
			}
		}
		n, _ := at(e, "code").(float64)
		d, _ := at(e, "error_data", "details").(string)
		return int(n), d
	}
	if title, _ := at(v, "errors", 0, "title").(string); title == "" || at(v, "errors", 1) != nil {
		t.Errorf("a refusal needs one error with a title: %s", a.Body)
	}
	n, _ := at(v, "errors", 0, "code").(float64)
	d, _ := at(v, "errors", 0, "details").(string)
	return int(n), d
}

// refused checks status and code of a refusal and returns its sentence.
func refused(t *testing.T, c *caller, a rig.Reply, status, code int) string {
	t.Helper()
	got, details := refusal(t, c, a)
	if a.Status != status || got != code {
		t.Errorf("%s: refused with %d and code %d, want %d and %d: %s", c.name, a.Status, got, status, code, a.Body)
	}
	return details
}

// show is a record as an operator sees it.
func (s *site) show(t *testing.T, id string) admin.Shown {
	t.Helper()
	var out admin.Shown
	record, err := audit.ParseID(id)
	fail(t, err)
	s.Admin(t, "record.show", admin.Record{ID: record}, &out)
	return out
}

// Stop lets the client go first: open connections hold a server for a second.
func (s *site) Stop() {
	s.http.CloseIdleConnections()
	s.Rig.Stop()
}
