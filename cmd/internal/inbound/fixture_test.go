package inbound

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// person is somebody who writes. The numbers are of the range that the German
// regulator reserves for fiction.
const (
	person = "4917139200017"
	userID = "DE.7719280017"
)

// office is a gateway, Meta's side of it, and the four forms of events.
type office struct {
	*rig.Rig
	http     *http.Client
	last     int64      // the last timestamp given away
	token    string     // of the On-Premises app
	whole    *testing.T // the test that the gateway serves, topics and restarts included
	opts     rig.Options
	programs string          // folder of the built programs
	past     []*rig.Receiver // of the gateways before a restart

	cloud, v2, v1, onprem *form
}

// form is how one app gets its events.
type form struct {
	name   string // as records name the dialect
	app    string
	number string // phone_number_id
	auth   string // header line of a 360dialog key
	flat   bool
}

// open starts a gateway whose simulator sends no statuses by itself: what Meta
// says is written by each test.
func open(t *testing.T, o rig.Options) *office {
	t.Helper()
	settings := o.Settings
	o.Settings = func(s *sim.Settings) {
		s.Statuses = []string{}
		if settings != nil {
			settings(s)
		}
	}
	s := &office{whole: t, opts: o, last: time.Now().Add(-time.Hour).Unix()}
	s.begin()
	return s
}

// begin starts the gateway, on the folder of the one before if there was one.
func (s *office) begin() {
	s.whole.Helper()
	s.Rig = rig.Start(s.whole, s.opts)
	s.http = s.Client(s.whole)
	e := s.Env
	s.cloud = &form{name: "cloud", app: "cloud-demo", number: e["POSTERN_PHONE_ID"]}
	s.v2 = &form{name: "d360v2", app: "d360-demo", number: e["POSTERN_D360_PHONE_ID"], auth: "D360-API-KEY: " + e["POSTERN_D360_V2_KEY"]}
	s.v1 = &form{name: "d360v1", app: "d360-demo", number: e["POSTERN_D360_PHONE_ID"], auth: "D360-API-KEY: " + e["POSTERN_D360_V1_KEY"], flat: true}
	s.onprem = &form{name: "onprem", app: "onprem-demo", number: e["POSTERN_ONPREM_PHONE_ID"], flat: true}
}

// again stops the gateway and starts it in the same folder.
func (s *office) again() {
	s.whole.Helper()
	s.Stop()
	s.past = append(s.past, s.Hooks)
	s.opts.Keep = s.Dir
	s.begin()
}

// each runs a test once for every form, with the app's webhook set to it.
func (s *office) each(t *testing.T, f func(t *testing.T, c *form)) {
	t.Helper()
	for _, c := range []*form{s.cloud, s.v2, s.v1, s.onprem} {
		t.Run(c.name, func(t *testing.T) {
			if c.auth != "" {
				s.target(t, c, s.Hooks.URL, nil)
			}
			f(t, c)
		})
	}
}

// target sets a 360dialog app's webhook, as the app does itself.
func (s *office) target(t *testing.T, c *form, url string, headers map[string]string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"url": url, "headers": headers})
	check(t, err)
	if a := s.Do(t, "POST", "/v1/configs/webhook", string(body), c.auth); a.Status != 200 {
		t.Fatalf("set webhook: %d %s", a.Status, a.Body)
	}
}

// moment is a timestamp no other event has, so that an event can be told from
// the others wherever it arrives. It is a little while ago.
func (s *office) moment() string {
	s.last++
	return fmt.Sprint(s.last)
}

// post delivers a webhook as Meta does, signed, and gives the answer.
func (s *office) post(t *testing.T, body string) int {
	t.Helper()
	status, err := s.tryPost(body)
	check(t, err)
	return status
}

func (s *office) tryPost(body string) (int, error) {
	req, err := http.NewRequest(http.MethodPost, s.Env["POSTERN_WEBHOOK_URL"], strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", sign(s.Env["META_APP_SECRET"], []byte(body)))
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// taken posts a webhook that has to be recorded.
func (s *office) taken(t *testing.T, body string) {
	t.Helper()
	if status := s.post(t, body); status != 200 {
		t.Fatalf("webhook answered %d: %.300s", status, body)
	}
}

func sign(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body) //nolint:errcheck // hash.Hash never returns an error
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// envelope wraps members of a value, such as `"messages":[{...}]`, as Meta does.
func (s *office) envelope(number, members string) string {
	return `{"object":"whatsapp_business_account","entry":[` + s.entry(s.change(number, members)) + `]}`
}

func (s *office) entry(changes ...string) string {
	return `{"id":"` + s.Env["POSTERN_WABA_ID"] + `","changes":[` + strings.Join(changes, ",") + `]}`
}

func (s *office) change(number, members string) string {
	return `{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"493023125001","phone_number_id":"` +
		number + `"},` + members + `}}`
}

// text is the update of a person who wrote at a moment.
func text(from, id, at, words string) string {
	return `{"from":"` + from + `","id":"` + id + `","timestamp":"` + at + `","type":"text","text":{"body":"` + words + `"}}`
}

// contact is the person beside a message.
func contact(number, user, name string) string {
	return `"contacts":[{"profile":{"name":"` + name + `"},"wa_id":"` + number + `","user_id":"` + user + `"}]`
}

// at waits for the event of a moment.
func (s *office) at(t *testing.T, moment string) rig.Hook {
	t.Helper()
	return s.Hooks.With(t, `"timestamp":"`+moment+`"`)
}

// all waits for the events of all moments.
func (s *office) all(t *testing.T, moments []string) {
	t.Helper()
	rig.Await(t, "an event of each moment", func() bool {
		return !slices.ContainsFunc(moments, func(m string) bool { return s.count(`"timestamp":"`+m+`"`) == 0 })
	})
}

// count is how often webhooks came that hold the words.
func (s *office) count(words string) int {
	n := 0
	for _, r := range append(slices.Clone(s.past), s.Hooks) {
		for _, h := range r.All() {
			if bytes.Contains(h.Body, []byte(words)) {
				n++
			}
		}
	}
	return n
}

// flush waits until what was queued before is recorded.
func (s *office) flush(t *testing.T) {
	t.Helper()
	s.Admin(t, "trail.read", admin.TrailRead{What: "sql"}, nil)
}

// rows asks about everything recorded by now.
func (s *office) rows(t *testing.T, question string) [][]string {
	t.Helper()
	s.flush(t)
	return s.SQL(t, question)
}

// one is the only cell of an answer.
func (s *office) one(t *testing.T, question string) string {
	t.Helper()
	all := s.rows(t, question)
	if len(all) != 1 || len(all[0]) != 1 {
		t.Fatalf("%s: %v", question, all)
	}
	return all[0][0]
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sameJSON compares two JSON texts by value.
func sameJSON(t *testing.T, what, got, want string) {
	t.Helper()
	var g, w any
	for text, into := range map[*string]*any{&got: &g, &want: &w} {
		d := json.NewDecoder(strings.NewReader(*text))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%s is no JSON: %v: %s", what, err, *text)
		}
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// Stop lets the client go first: open connections hold a server for a second.
func (s *office) Stop() {
	s.http.CloseIdleConnections()
	s.Rig.Stop()
}
