package reveal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// What people wrote and what the app added. Numbers of fiction.
const (
	writer  = "4917139200061"
	address = "lena.sommer@example.org"
	opaque  = "order-4711-callback"
)

// house is a gateway with operators of each role.
type house struct {
	*rig.Rig
	keys   map[string]string // of operators, by name
	broken atomic.Bool       // the journal can not write
	unsure atomic.Bool       // the journal does not hear that it wrote

	whole    *testing.T // which the gateway serves, restarts included
	section  string     // reveal of the configuration
	refusals int        // that the gateway has to have counted
}

func newHouse(t *testing.T, o rig.Options) *house {
	t.Helper()
	h := &house{keys: map[string]string{}, whole: t}
	o.Fault = h.fault
	h.Rig = rig.Start(t, o)
	for name, role := range map[string]admin.Role{
		"rita": admin.RoleReveal, "ralf": admin.RoleReveal, "rosa": admin.RoleReveal,
		"ann": admin.RoleApprove, "olaf": admin.RoleOperate, "reader": admin.RoleRead,
	} {
		h.hire(t, name, role)
	}
	return h
}

func (h *house) fault(step journal.Step) error {
	if h.broken.Load() && (step == journal.StepWrite || step == journal.StepRecover) || h.unsure.Load() && step == journal.StepCommitted {
		return errors.New("injected")
	}
	return nil
}

func (h *house) hire(t *testing.T, name string, role admin.Role) {
	t.Helper()
	var k admin.OperatorKey
	h.Admin(t, "operator.add", admin.OperatorAdd{Name: name, Role: role}, &k)
	h.keys[name] = k.Key
}

// as asks in an operator's name.
func as[Out any](t *testing.T, h *house, name, operation string, in any) (Out, error) {
	t.Helper()
	var out Out
	raw, err := json.Marshal(in)
	check(t, err)
	answer, err := admin.NewClient(strings.TrimPrefix(h.Env["POSTERN_ADMIN_URL"], "http://")).Do(t.Context(), h.keys[name], operation, raw)
	if err == nil {
		check(t, json.Unmarshal(answer, &out))
	}
	return out, err
}

func (h *house) reveal(t *testing.T, name string, in admin.Reveal) (admin.Revealed, error) {
	t.Helper()
	return as[admin.Revealed](t, h, name, "record.reveal", in)
}

// shown is what an operator has to be shown, by part.
func (h *house) shown(t *testing.T, name string, in admin.Reveal) map[string]string {
	t.Helper()
	out, err := h.reveal(t, name, in)
	check(t, err)
	parts := map[string]string{}
	for _, p := range out.Parts {
		parts[p.Name] = string(p.Body)
	}
	return parts
}

// refused wants nothing to be shown, with a code and words of the answer.
func (h *house) refused(t *testing.T, name string, in admin.Reveal, code admin.Code, words string) {
	t.Helper()
	out, err := h.reveal(t, name, in)
	var e *admin.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, words) || len(out.Parts) > 0 {
		t.Errorf("%s is answered %v, want %s with %q", name, err, code, words)
	}
	if e != nil && strings.Contains(e.Message, writer) {
		t.Errorf("a refusal repeats what was asked")
	}
	if code != admin.Unauthenticated {
		h.refusals++
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// send sends a text with the app's own value and gives its record.
func (h *house) send(t *testing.T, words string) audit.ID {
	t.Helper()
	a := h.Cloud(t, `{"to":"+`+h.Env["DEMO_CONSENTED"]+`","type":"text","biz_opaque_callback_data":"`+opaque+`","text":{"body":"`+words+`"}}`)
	if a.Status != http.StatusOK {
		t.Fatalf("send: %d", a.Status)
	}
	id, err := audit.ParseID(a.Header.Get("X-Postern-Receipt"))
	check(t, err)
	return id
}

// hear lets the writer say something and gives its record.
func (h *house) hear(t *testing.T, words string) audit.ID {
	t.Helper()
	told, err := h.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{
		From: "+" + writer, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	rows := h.SQL(t, "SELECT id FROM audit WHERE kind = 'inbound' ORDER BY seq DESC LIMIT 1")
	id, err := audit.ParseID(rows[0][0])
	check(t, err)
	return id
}

// opened are the records of what was done about opening, oldest first.
func (h *house) opened(t *testing.T) [][]string {
	t.Helper()
	return h.SQL(t, "SELECT type, actor, result, ref, labels, subject <> '', tenant FROM audit WHERE kind = 'trail_read' AND type LIKE 'reveal%' ORDER BY seq")
}

// metric is a line of the gateway's metrics.
func (h *house) metric(t *testing.T, line string) bool {
	t.Helper()
	return strings.Contains(h.At(t, http.MethodGet, h.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, line+"\n")
}

// again restarts the gateway in the same folder.
func (h *house) again(o rig.Options) {
	h.whole.Helper()
	h.Stop()
	o.Fault = h.fault
	o.Keep, o.Config = h.Dir, func(text string) string { return text + h.section }
	h.Rig, h.refusals = rig.Start(h.whole, o), 0
}

// set writes the section reveal into the configuration and takes it over.
func (h *house) set(t *testing.T, values string) {
	t.Helper()
	was := h.section
	h.section = "reveal: {" + values + "}\n"
	h.Rewrite(t, func(text string) string { return strings.TrimSuffix(text, was) + h.section })
	h.Admin(t, "config.reload", admin.None{}, nil)
}
