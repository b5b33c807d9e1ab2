package proxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
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

// request is a send by the app of the number; body without messaging_product.
func (h *house) request(number, body string) proxy.Request {
	h.t.Helper()
	who := callerOf(number)
	if who.Dialect == dialect.Cloud {
		body = `{"messaging_product":"whatsapp",` + body[1:]
	}
	msg, p := dialect.DecodeSend(who.Dialect, "application/json", []byte(body))
	if p != nil {
		h.t.Fatalf("decode: %s %s %s", p.Kind, p.Param, p.Details)
	}
	return proxy.Request{Caller: who, Number: number, Message: msg, Raw: []byte(body)}
}

func text(to, body string) string {
	return fmt.Sprintf(`{"to":"+%s","type":"text","text":{"body":%q}}`, to, body)
}

func template(to, name string) string {
	return fmt.Sprintf(`{"to":"+%s","type":"template","template":{"name":%q,"language":{"code":"en_US"}}}`, to, name)
}

// admit takes a request through the gate.
func (h *house) admit(number, body string) (*proxy.Admission, *dialect.Problem) {
	h.t.Helper()
	adm, answer, p := h.gate.Admit(h.t.Context(), h.request(number, body))
	if answer != nil {
		h.t.Fatal("an earlier answer without Idempotency-Key")
	}
	return adm, p
}

// allowed admits what must be admitted, takes the body and settles.
func (h *house) allowed(number, body string) (*proxy.Admission, string) {
	h.t.Helper()
	adm, p := h.admit(number, body)
	if p != nil {
		h.t.Fatalf("refused: %s %s", p.Reason, p.Details)
	}
	out, ok := adm.Take()
	if !ok {
		h.t.Fatal("nothing to send")
	}
	return adm, string(out)
}

// sent is allowed with upstream's answer.
func (h *house) sent(number, body, wamid string) *proxy.Admission {
	h.t.Helper()
	adm, _ := h.allowed(number, body)
	h.check(h.gate.Settle(h.t.Context(), adm, proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: wamid}}))
	return adm
}

// refused admits what must be refused and wants the reason.
func (h *house) refused(reason, number, body string) {
	h.t.Helper()
	adm, p := h.admit(number, body)
	if adm != nil || p == nil || p.Reason != reason {
		h.t.Fatalf("want a refusal by %q, got %+v", reason, p)
	}
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

// wamid is a fresh message id of upstream's.
func (h *house) wamid() string {
	h.serial++
	return "wamid.HBgMNDkxNzEzOTIwMDAx" + strconv.Itoa(h.serial)
}

// update is Meta's webhook with updates in one list of a number's value.
func update(number, list string, items ...map[string]any) []byte {
	waba, ok := accounts[number]
	if !ok {
		waba = proxy.Account{WABA: "1"}
	}
	raw, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{
		"id": waba.WABA, "changes": []any{map[string]any{"field": "messages", "value": map[string]any{
			"messaging_product": "whatsapp", "metadata": map[string]any{"phone_number_id": number, "display_phone_number": "493023125001"},
			list: items,
		}}},
	}}})
	if err != nil {
		panic(err)
	}
	return raw
}

// wrote is a text of a person.
func (h *house) wrote(from, body string, at time.Time) map[string]any {
	return map[string]any{"id": h.wamid(), "from": from, "timestamp": strconv.FormatInt(at.Unix(), 10), "type": "text", "text": map[string]any{"body": body}}
}

// status is a state of a message.
func (h *house) status(wamid, state, opaque string, at time.Time) map[string]any {
	s := map[string]any{"id": wamid, "status": state, "timestamp": strconv.FormatInt(at.Unix(), 10), "recipient_id": "491713920001"}
	if opaque != "" {
		s["biz_opaque_callback_data"] = opaque
	}
	return s
}

// receive takes a webhook that must be recorded.
func (h *house) receive(tenant string, raw []byte) {
	h.t.Helper()
	h.check(h.gate.Receive(h.t.Context(), tenant, raw))
}

// says has the person write to the bank's Cloud number.
func (h *house) says(from, body string, at time.Time) {
	h.t.Helper()
	h.receive("bank", update(bankCloud, "messages", h.wrote(from, body, at)))
}

// flush waits until everything queued before is committed.
func (h *house) flush() {
	h.t.Helper()
	now := h.now()
	h.check(h.journal.Append(context.Background(), journal.Batch{Records: []audit.Record{{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "test", Type: "flush",
	}}}))
}

// records are the trail's records of a kind, in order.
func (h *house) records(kind audit.Kind) []audit.Record {
	h.t.Helper()
	h.flush()
	var out []audit.Record
	h.check(h.journal.Records(context.Background(), 0, func(r *audit.Record) error {
		if r.Kind == kind {
			c := *r
			c.Parts = slices.Clone(r.Parts)
			out = append(out, c)
		}
		return nil
	}))
	return out
}

// part is a clear part of a record as text, "" if there is none.
func part(r audit.Record, name string) string {
	for _, p := range r.Parts {
		if p.Name == name {
			return string(p.Body)
		}
	}
	return ""
}

// original opens what was kept sealed of a record; "" if nothing was.
func (h *house) original(r audit.Record) string {
	h.t.Helper()
	sealed := part(r, audit.PartOriginal)
	if sealed == "" {
		return ""
	}
	opener, err := h.people.Opener(h.t.Context(), r.Subject, "messages", person.Month(time.UnixMicro(r.Time)))
	h.check(err)
	plain, err := opener.Unseal(append(r.ID[:], audit.PartOriginal...), []byte(sealed))
	h.check(err)
	return string(plain)
}

// queued opens the stored body of the n-th delivery.
func (h *house) queued(n int) string {
	h.t.Helper()
	h.mu.Lock()
	row := h.delivered[n].Row
	h.mu.Unlock()
	opener, err := h.people.Opener(h.t.Context(), row.Subject, delivery.Class, row.Month)
	h.check(err)
	plain, err := opener.Unseal(row.ID[:], row.Body)
	h.check(err)
	return string(plain)
}

func holds(list []string, words ...string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s, w) })
	})
}

var errInjected = errors.New("injected")
