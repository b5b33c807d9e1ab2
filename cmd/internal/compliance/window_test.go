package compliance

import (
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestWindowAndTemplates: outside the window only what WhatsApp approved.
func TestWindowAndTemplates(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.rule(t, quietNever)
	t.Run("template changes", func(t *testing.T) { templatesChange(t, o) }) // first: its webhooks bear the simulator's time
	t.Run("window", func(t *testing.T) { windowAndMargin(t, o) })
	t.Run("what opens it", func(t *testing.T) { whatOpensTheWindow(t, o) })
	t.Run("templates", func(t *testing.T) { templateFirst(t, o) })
}

func windowAndMargin(t *testing.T, o *office) {
	const day = 24 * time.Hour
	o.Clock.Stop()
	to, other := o.anybody(), o.anybody()
	o.want(t, "never wrote", text(to, "Hello"), "window_closed")
	o.wrote(t, to, day-2*time.Minute)
	o.want(t, "two minutes left", text(to, "Hello"), "sent")
	o.Clock.Forward(time.Minute)
	o.want(t, "the margin begins", text(to, "Hello"), "window_closed")
	o.rule(t, quietNever+"window: {margin_seconds: 0}\n")
	o.want(t, "no margin", text(to, "Hello"), "sent")
	o.Clock.Forward(time.Minute)
	o.want(t, "24 hours are over", text(to, "Hello"), "window_closed")
	o.wrote(t, other, time.Minute)
	o.want(t, "the window of somebody else", text(to, "Hello"), "window_closed")
	a := o.Do(t, "POST", "/messages", `{"messaging_product":"whatsapp",`+text(other, "Hello")[1:], "D360-API-KEY: "+o.Env["POSTERN_D360_V2_KEY"])
	if a.Header.Get("X-Postern-Reason") != "window_closed" {
		t.Errorf("a window with another number of the business: %d %s", a.Status, a.Body)
	}
	o.rule(t, quietNever)
}

func whatOpensTheWindow(t *testing.T, o *office) {
	for name, m := range map[string]map[string]any{
		"text":     says("Good morning"),
		"reaction": {"type": "reaction", "reaction": map[string]any{"message_id": "wamid.x", "emoji": "👍"}},
		"button":   {"type": "button", "button": map[string]any{"text": "Yes", "payload": "YES"}},
		"list":     {"type": "interactive", "interactive": map[string]any{"type": "list_reply", "list_reply": map[string]any{"id": "1", "title": "One"}}},
		"order":    {"type": "order", "order": map[string]any{"catalog_id": "1", "product_items": []any{}}},
	} {
		to := o.anybody()
		o.hear(t, to, m)
		o.want(t, name, text(to, "Hello"), "sent")
	}
	for name, m := range map[string]map[string]any{
		"system": {"type": "system", "system": map[string]any{"type": "user_changed_number", "body": "changed"}},
		"edit":   {"type": "edit", "edit": map[string]any{"original_message_id": "wamid.x", "message": map[string]any{"type": "text"}}},
	} {
		to := o.anybody()
		o.hear(t, to, m)
		o.want(t, name, text(to, "Hello"), "window_closed")
	}
}

func templateFirst(t *testing.T, o *office) {
	to := o.member(t)
	image := `{"type":"header","parameters":[{"type":"image","image":{"id":"42"}}]}`
	url := func(p string) string {
		return `{"type":"button","sub_type":"url","index":"` + p + `","parameters":[` + word("4711") + `]}`
	}
	named := func(name, v string) string {
		return `{"type":"text","parameter_name":"` + name + `","text":"` + v + `"}`
	}
	photo := func(components string) string { return template(to, "parcel_photo", "en_US", components) }
	visit := func(p ...string) string { return template(to, "appointment", "en_US", body(p...)) }
	for _, c := range []struct{ what, message, want string }{
		{"unknown", template(to, "nothing_like_it", "en_US", ""), "template"},
		{"known in another language", template(to, "spring_offer", "de", body(word("Ana"))), "template"},
		{"in a language like it", template(to, "order_update", "en", body(word("1"))), "template"},
		{"in its other language", template(to, "order_update", "de", body(word("1"))), "sent"},
		{"paused", template(to, "paused_notice", "en_US", ""), "template_paused"},
		{"disabled", template(to, "disabled_notice", "en_US", ""), "template_disabled"},
		{"rejected", template(to, "rejected_notice", "en_US", ""), "template_not_approved"},
		{"parameter missing", template(to, "order_update", "en_US", ""), "template_parameters"},
		{"parameter surplus", template(to, "order_update", "en_US", body(word("1"), word("2"))), "template_parameters"},
		{"all kinds", photo(image + "," + body(word("1"), word("2")) + "," + url("0")), "sent"},
		{"header missing", photo(body(word("1"), word("2")) + "," + url("0")), "template_parameters"},
		{"header of another kind", photo(`{"type":"header","parameters":[` + word("x") + `]},` + body(word("1"), word("2")) + "," + url("0")), "template_parameters"},
		{"button missing", photo(image + "," + body(word("1"), word("2"))), "template_parameters"},
		{"button of another place", photo(image + "," + body(word("1"), word("2")) + "," + url("1")), "template_parameters"},
		{"named", visit(named("first_name", "Ana"), named("visit_day", "May 1")), "sent"},
		{"named otherwise", visit(named("first_name", "Ana"), named("day", "May 1")), "template_parameters"},
		{"named and numbered", visit(word("Ana"), word("May 1")), "template_parameters"},
		{"component it lacks", template(to, "order_update", "en_US", body(word("1"))+`,`+url("0")), "template_parameters"},
		{"authentication", code(to), "sent"},
	} {
		o.want(t, c.what, c.message, c.want)
	}
	o.rule(t, quietNever+"templates: {categories: [utility]}\n")
	o.want(t, "a category that is not sent", offer(to), "template_category")
	o.want(t, "a category that is", notice(to), "sent")
	o.rule(t, quietNever)
}

// templatesChange: WhatsApp's word of a template counts from the moment of its
// webhook.
func templatesChange(t *testing.T, o *office) {
	to := o.member(t)
	change := func(c sim.TemplateChange) {
		t.Helper()
		c.Name, c.Language, c.Wait = "spring_offer", "en_US", true
		if _, err := o.Sim.ChangeTemplate(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	o.want(t, "approved", offer(to), "sent")
	change(sim.TemplateChange{Status: "PAUSED"})
	o.want(t, "paused", offer(to), "template_paused")
	change(sim.TemplateChange{Status: "APPROVED"})
	o.want(t, "approved again", offer(to), "sent")
	other := o.anybody()
	o.consent(t, other, "utility")
	o.want(t, "marketing without consent", offer(other), "opt_in_missing")
	change(sim.TemplateChange{Category: "UTILITY"})
	o.Clock.Forward(6 * time.Minute) // the list is read every five
	rig.Await(t, "the category that WhatsApp moved it to", func() bool { return o.reason(t, offer(other)) == "sent" })
	o.want(t, "consent for the category it had", offer(to), "sent")
	change(sim.TemplateChange{Category: "MARKETING"})
	o.Clock.Forward(6 * time.Minute)
	rig.Await(t, "marketing again", func() bool { return o.reason(t, offer(other)) == "opt_in_missing" })
}
