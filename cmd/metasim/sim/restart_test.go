package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/cmd/metasim/sim"
)

// kept runs the simulator over a folder.
func kept(dir string) func(*sim.Config, *sim.Settings) {
	return func(c *sim.Config, s *sim.Settings) { c.StateDir, s.Window = dir, sim.WindowSync }
}

func TestRestartKeepsTheTruth(t *testing.T) {
	dir := t.TempDir()
	w := start(t, kept(dir))
	if _, err := w.sim.Inbound(t.Context(), sim.Inbound{From: ana, UserID: "DE.77", Name: "Ana"}); err != nil {
		t.Fatal(err)
	}
	w.send(text(ana))
	if _, err := w.sim.Preference(t.Context(), sim.Preference{From: ana, Value: "stop"}); err != nil {
		t.Fatal(err)
	}
	_, upload := w.upload("image/jpeg", "bytes", "messaging_product=whatsapp", nil)
	if _, err := w.sim.ChangeTemplate(t.Context(), sim.TemplateChange{Name: "order_update", Status: "PAUSED"}); err != nil {
		t.Fatal(err)
	}
	w.call("POST", "/"+phoneID+"/whatsapp_business_profile", `{"messaging_product":"whatsapp","about":"kept"}`)
	w.idle()
	before, _ := w.sim.Accepted(0, 0)
	hooks, _ := w.sim.Webhooks(0, 0)
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}

	w = start(t, kept(dir))
	after, next := w.sim.Accepted(0, 0)
	if fmt.Sprint(after) != fmt.Sprint(before) || next != 1 || after[0].UserID != "DE.77" {
		t.Errorf("accepted: %+v, want %+v", after, before)
	}
	if again, _ := w.sim.Webhooks(0, 0); len(again) != len(hooks) {
		t.Errorf("%d webhooks, want %d", len(again), len(hooks))
	}
	if status, body := w.send(text(ana)); status != 200 {
		t.Errorf("the window is closed: %d %s", status, body)
	}
	w.send(templated(ana, "spring_offer", oneParameter))
	status, body := w.send(templated(ana, "order_update", oneParameter))
	w.expectCode("template", status, body, 400, 132015)
	list, _ := w.sim.Accepted(1, 0)
	if len(list) != 2 || list[0].Seq != 2 || list[0].WAMID == before[0].WAMID || list[1].Failed != 131050 {
		t.Errorf("after the restart: %+v", list)
	}
	if status, _ := w.call("GET", "/"+dig(t, upload, "id"), ""); status != 200 {
		t.Errorf("media: %d", status)
	}
	_, body = w.call("GET", "/"+phoneID+"/whatsapp_business_profile", "")
	expect(t, "profile", dig(t, body, "data", 0, "about"), "kept")
}

func TestRestartResumesWebhooks(t *testing.T) {
	dir := t.TempDir()
	w := start(t, kept(dir), func(_ *sim.Config, s *sim.Settings) {
		s.Window, s.DelaysMS = sim.WindowOff, []int{0, 3_600_000}
	})
	w.send(text(ana))
	w.await("the first status", func() bool {
		list, _ := w.sim.Webhooks(0, 0)
		return len(list) > 0
	})
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	w = start(t, kept(dir))
	expect(t, "resumed", strings.Join(statuses(t, w.idle()), " "), "delivered read")
}

func TestReset(t *testing.T) {
	dir := t.TempDir()
	w := start(t, kept(dir))
	if _, err := w.sim.Inbound(t.Context(), sim.Inbound{From: ana}); err != nil {
		t.Fatal(err)
	}
	_, first := w.send(text(ana))
	w.fault(sim.Fault{Action: sim.ActionCut, To: "+16505550101"})
	if _, err := w.sim.ChangeTemplate(t.Context(), sim.TemplateChange{Name: "mine"}); err != nil {
		t.Fatal(err)
	}
	w.idle()
	if status, body := w.call("POST", "/_sim/reset", ""); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	check := func(what string) {
		t.Helper()
		list, next := w.sim.Accepted(0, 0)
		if len(list) != 0 || next != 1 || len(w.sim.Faults()) != 0 {
			t.Errorf("%s: %v next %d", what, list, next)
		}
		status, body := w.send(text(ana))
		w.expectCode(what+": window", status, body, 400, 131047)
		status, body = w.send(templated(ana, "mine", ""))
		w.expectCode(what+": template", status, body, 404, 132001)
	}
	check("after the reset")
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	w = start(t, kept(dir))
	check("after a restart")
	_, second := w.send(templated(ana, "order_update", oneParameter))
	if dig(t, first, "messages", 0, "id") == dig(t, second, "messages", 0, "id") {
		t.Error("an id was given twice")
	}
}

func TestListsAreBounded(t *testing.T) {
	w := start(t, func(c *sim.Config, s *sim.Settings) {
		c.AcceptedCap, c.WebhooksCap, s.Statuses = 3, 2, []string{"sent"}
	})
	for range 5 {
		w.send(text(ana))
	}
	w.idle()
	list, next := w.sim.Accepted(0, 0)
	if len(list) != 3 || list[0].Seq != 3 || next != 5 {
		t.Errorf("accepted %+v next %d", list, next)
	}
	if list, next = w.sim.Accepted(3, 1); len(list) != 1 || list[0].Seq != 4 || next != 4 {
		t.Errorf("limited %+v next %d", list, next)
	}
	if hooks, _ := w.sim.Webhooks(0, 0); len(hooks) != 2 || hooks[0].Seq != 4 {
		t.Errorf("webhooks %+v", hooks)
	}
	_, body := w.call("GET", "/_sim/accepted", "")
	expect(t, "oldest", dig(t, body, "oldest"), "3")
}

func TestConfigIsChecked(t *testing.T) {
	good := sim.Number{ID: "1", Display: "+4915550100001", Account: "2"}
	cases := map[string]sim.Config{
		"no numbers":    {Tokens: []string{"t"}},
		"no tokens":     {Numbers: []sim.Number{good}},
		"empty token":   {Numbers: []sim.Number{good}, Tokens: []string{""}},
		"letters in id": {Numbers: []sim.Number{{ID: "x", Display: "+49", Account: "2"}}, Tokens: []string{"t"}},
		"twice":         {Numbers: []sim.Number{good, good}, Tokens: []string{"t"}},
	}
	for what, cfg := range cases {
		if _, err := sim.New(cfg); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
