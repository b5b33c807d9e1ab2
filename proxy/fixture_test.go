package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policies"
	"postern/policy"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/proxy"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/identity"
	"postern/proxy/message"
	"postern/proxy/person"
)

// Numbers of the fixture: two of the bank, one of the clinic.
const (
	bankCloud   = "106540352242922"
	bankOnPrem  = "106540352242924"
	clinicCloud = "106540352242999"
	bankWABA    = "102290129340398"
	clinicWABA  = "102290129340399"
)

var accounts = map[string]proxy.Account{
	bankCloud:   {Tenant: "bank", WABA: bankWABA, App: "loans", Dialect: dialect.Cloud, Display: "493023125001"},
	bankOnPrem:  {Tenant: "bank", WABA: bankWABA, App: "cards", Dialect: dialect.OnPrem, Display: "493023125002"},
	clinicCloud: {Tenant: "clinic", WABA: clinicWABA, App: "visits", Dialect: dialect.Cloud, Display: "493023125003"},
}

func callerOf(number string) identity.Identity {
	a := accounts[number]
	return identity.Identity{Tenant: a.Tenant, App: a.App, Dialect: a.Dialect, Numbers: []string{number}}
}

// options change a house before it is opened.
type options struct {
	settings string // laid over the policy's settings
	hook     func(journal.Step) error
	now      time.Time
	adopted  time.Time // since when the numbers are here; zero if nobody knows
}

// house is a gate with all it stands on, in one folder.
type house struct {
	t    *testing.T
	o    options
	dir  string
	keys *keyring.Keyring

	journal *journal.Journal
	facts   *facts.State
	people  *person.Directory
	policy  *policy.Engine
	gate    *proxy.Gate

	mu        sync.Mutex
	at        time.Time
	delivered []delivery.Event
	alarms    []string
	commits   int
	decisions []string
	log       bytes.Buffer
	serial    int
}

// noon is a Wednesday: nothing rests.
var noon = time.Date(2026, 11, 4, 11, 0, 0, 0, time.UTC)

func newHouse(t *testing.T, o options) *house {
	t.Helper()
	if o.now.IsZero() {
		o.now = noon
	}
	h := &house{t: t, o: o, dir: t.TempDir(), at: o.now}
	var err error
	if h.keys, err = keyring.Create(filepath.Join(h.dir, "keys"), keyring.Config{Name: "test", Now: h.now}); err != nil {
		t.Fatal(err)
	}
	if h.policy, err = loadPolicy(o.settings); err != nil {
		t.Fatal(err)
	}
	h.open()
	t.Cleanup(func() { h.close(); h.keys.Close() })
	return h
}

// embedded is the policy as it comes, compiled once.
var embedded = sync.OnceValues(func() (*policy.Engine, error) { return policy.Load(context.Background(), policies.Files) })

func loadPolicy(settings string) (*policy.Engine, error) {
	if settings == "" {
		return embedded()
	}
	return policy.Load(context.Background(), policies.Files, fstest.MapFS{"settings.yaml": {Data: []byte(settings)}})
}

// open opens the store and builds a gate on it, as a start does.
func (h *house) open() {
	h.t.Helper()
	ctx := h.t.Context()
	var err error
	h.journal, err = journal.Open(ctx, journal.Config{
		Path: h.dir, Chain: "test", Now: h.now, MinFree: -1, Hook: h.o.hook, RecoverWait: 10 * time.Millisecond,
	})
	h.check(err)
	h.facts = facts.New()
	h.people, err = person.Load(ctx, person.Config{Journal: h.journal, Keys: h.keys, Now: h.now, Linked: func(tenant string, a, b audit.SubjectID, proven bool) {
		h.facts.Link(tenant, facts.Subject(a), facts.Subject(b), proven)
	}})
	h.check(err)
	h.check(h.journal.Facts(ctx, func(f journal.Fact) error { return h.facts.Apply(proxy.FactRow(f)) }))
	scanner, err := pii.New(pii.Config{Countries: []string{"DE"}})
	h.check(err)
	h.gate = proxy.New(proxy.Config{
		Journal: h.journal, Keys: h.keys, Policy: h.policy, Facts: h.facts, People: h.people, Scanner: scanner, Now: h.now,
		Log: zerolog.New(&lockedWriter{h: h}), Deliver: h.deliver, Observe: h, Unknown: time.Minute,
		Accounts: func(n string) (proxy.Account, bool) { a, ok := accounts[n]; a.Adopted = h.adopted(); return a, ok },
		Apps: func(tenant, waba string) []proxy.Account {
			var out []proxy.Account
			for _, n := range []string{bankCloud, bankOnPrem, clinicCloud} {
				if a := accounts[n]; a.Tenant == tenant && a.WABA == waba {
					out = append(out, a)
				}
			}
			return out
		},
	})
}

func (h *house) adopted() int64 {
	if h.o.adopted.IsZero() {
		return 0
	}
	return h.o.adopted.UnixMicro()
}

func (h *house) close() {
	h.t.Helper()
	if h.journal != nil {
		h.check(h.journal.Close())
		h.journal = nil
	}
}

// restart is a crash-free stop and a start on the same folder.
func (h *house) restart() {
	h.t.Helper()
	h.close()
	h.open()
}

func (h *house) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

type lockedWriter struct{ h *house }

// Write implements io.Writer.
func (w *lockedWriter) Write(p []byte) (int, error) {
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	return w.h.log.Write(p)
}

func (h *house) deliver(events []delivery.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.delivered = append(h.delivered, events...)
}

// Decision implements proxy.Observer.
func (h *house) Decision(kind, effect, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.decisions = append(h.decisions, kind+" "+effect+" "+reason)
}

// Commit implements proxy.Observer.
func (h *house) Commit(time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commits++
}

// Alarm implements proxy.Observer.
func (h *house) Alarm(kind string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alarms = append(h.alarms, kind)
}

func (h *house) alarmed(kind string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, a := range h.alarms {
		if a == kind {
			n++
		}
	}
	return n
}

// hooks are the bodies queued so far, each with its app before it.
func (h *house) hooks() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]string, len(h.delivered))
	for i, e := range h.delivered {
		out[i] = e.Row.App + " " + string(e.Body)
	}
	return out
}

// learn stores facts as an import does.
func (h *house) learn(rows ...facts.Row) {
	h.t.Helper()
	now := h.now()
	rec := audit.Record{Version: 1, ID: audit.NewID(now), Kind: audit.KindConsent, Time: now.UnixMicro(), Actor: "test"}
	b := journal.Batch{Records: []audit.Record{rec}}
	proxy.AddFacts(&b, h.facts, rec.ID, rows...)
	h.check(h.journal.Append(context.Background(), b))
}

// person makes somebody known and gives the subject.
func (h *house) person(tenant string, p message.Party) facts.Person {
	h.t.Helper()
	who, rows, err := h.people.Resolve(h.t.Context(), tenant, p)
	h.check(err)
	b := journal.Batch{Records: []audit.Record{{
		Version: 1, ID: audit.NewID(h.now()), Kind: audit.KindConsent, Time: h.now().UnixMicro(), Actor: "test", Subject: who.Subject,
	}}}
	rows.AddTo(&b)
	h.check(h.journal.Append(h.t.Context(), b))
	return facts.Person{Tenant: tenant, Subject: facts.Subject(who.Subject)}
}

// consent records one of a number, as of an hour ago.
func (h *house) consent(number, category string) {
	h.t.Helper()
	h.learn(facts.ConsentGiven(h.person("bank", message.Party{Number: number}), category, facts.Ledger{Source: "web_form"}, h.now().Add(-time.Hour), time.Time{}))
}

// templates makes two templates without parameters known.
func (h *house) templates() {
	h.t.Helper()
	for name, category := range map[string]string{"offer": "MARKETING", "update": "UTILITY", "code": "AUTHENTICATION"} {
		h.learn(facts.Template{
			WABA: bankWABA, Name: name, Language: "en_US", Status: "APPROVED", Category: category,
			Components: []byte(`[{"type":"BODY","text":"Hello."}]`),
		}.Row("bank", h.now().Add(-time.Hour)))
	}
}

func holds(list []string, words ...string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s, w) })
	})
}

var errInjected = errors.New("injected")
