package proxy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/proxy/message"
)

// TestPeopleWithoutNumber are known by their user id, and linked when a number
// comes.
func TestPeopleWithoutNumber(t *testing.T) {
	const id = "DE.13491208655302741918"
	h := newHouse(t, options{})
	h.templates()
	m := h.wrote(customer, "hello", h.now())
	delete(m, "from")
	m["from_user_id"] = id
	h.receive("bank", update(bankCloud, "messages", m))
	byID := `{"recipient":"` + id + `","type":"text","text":{"body":"Good day"}}`
	_, body := h.allowed(bankCloud, byID)
	if !strings.Contains(body, `"recipient":"`+id+`"`) {
		t.Errorf("left: %s", body)
	}
	r := h.records(audit.KindAdmission)[0]
	if r.Country != "DE" || !strings.Contains(part(r, audit.PartInput), `"has_user_id":true`) {
		t.Errorf("country %q, input %s", r.Country, part(r, audit.PartInput))
	}
	h.refused("window_closed", bankCloud, text(customer, "who is it?"))
	both := h.wrote(customer, "STOP", h.now())
	both["from_user_id"] = id
	h.receive("bank", update(bankCloud, "messages", both))
	h.consent(customer, "utility")
	h.refused("opted_out", bankCloud, template(customer, "update"))
	h.refused("opted_out", bankCloud, strings.Replace(template(customer, "update"), `"to":"+`+customer+`"`, `"recipient":"`+id+`"`, 1))
	h.restart()
	h.refused("opted_out", bankCloud, template(customer, "update"))
}

// TestNumberForms: the forms of one number are one person for opt-outs, and for
// consent only once upstream proved it (whatsapp.md 7.4).
func TestNumberForms(t *testing.T) {
	for _, c := range []struct{ name, mine, other string }{
		{"Brazil", "5511987654321", "551187654321"},
		{"Mexico", "5215512345678", "525512345678"},
		{"Argentina", "5491123456789", "541123456789"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, options{})
			h.templates()
			h.consent(c.mine, "utility")
			h.allowed(bankCloud, template(c.mine, "update"))
			h.refused("opt_in_missing", bankCloud, template(c.other, "update"))
			h.forward(time.Minute)
			h.says(c.other, "stop", h.now())
			h.refused("opted_out", bankCloud, template(c.mine, "update"))
			h.refused("opted_out", bankCloud, template(c.other, "update"))
			h.restart()
			h.refused("opted_out", bankCloud, template(c.mine, "update"))
			h.forward(time.Minute)
			h.says(c.other, "start", h.now())
			adm, _ := h.allowed(bankCloud, template(c.mine, "update"))
			h.check(h.settleAs(adm, h.wamid(), c.other)) // upstream answers with the other form
			h.flush()
			h.allowed(bankCloud, template(c.other, "update"))
			h.restart()
			h.allowed(bankCloud, template(c.other, "update"))
			subjects := map[audit.SubjectID]bool{}
			for _, r := range h.records(audit.KindAdmission) {
				subjects[r.Subject] = true
			}
			one, _ := h.people.Find("bank", message.Party{Number: c.mine})
			two, _ := h.people.Find("bank", message.Party{Number: c.other})
			if one.Subject != two.Subject || len(one.Family) != 0 {
				t.Errorf("the proven forms are two people: %v", subjects)
			}
		})
	}
}

// TestAnotherTenantsPerson is somebody else, whatever the number.
func TestAnotherTenantsPerson(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "STOP", h.now())
	h.receive("clinic", update(clinicCloud, "messages", h.wrote(customer, "hello", h.now())))
	h.allowed(clinicCloud, text(customer, "Good day"))
	subjects := []audit.SubjectID{}
	for _, r := range h.records(audit.KindInbound) {
		subjects = append(subjects, r.Subject)
	}
	slices.SortFunc(subjects, func(a, b audit.SubjectID) int { return strings.Compare(a.String(), b.String()) })
	if len(slices.Compact(subjects)) != 2 {
		t.Error("two tenants share a subject")
	}
}
