package admin_test

import (
	"strings"
	"testing"

	"postern/cmd/internal/admin"
)

func TestConsentLedger(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	who := admin.Who{Number: "+49 151 12345678"}
	_, err := ask[admin.Known](t, g.direct, key, "consent.show", who)
	wantCode(t, err, admin.NotFound)
	given := must[admin.Found](t, g.direct, key, "consent.add", admin.Consent{
		Who: who, Category: "marketing", Source: "web_form", Evidence: "form-7", Notice: "v3", Language: "de",
		At: "2026-02-01T10:00:00Z", Until: "2028-02-01T00:00:00Z",
	})
	g.reopen()
	known := must[admin.Known](t, g.direct, key, "consent.show", admin.Who{Tenant: tenant, Number: stranger})
	if known.Subject != given.Subject || len(known.Facts) != 1 || known.Facts[0].Key != "marketing" || known.Facts[0].Until != "2028-02-01T00:00:00Z" {
		t.Fatalf("known %+v", known)
	}
	for _, want := range []string{`"given":true`, `"source":"web_form"`, `"evidence":"form-7"`, `"entity":"Example Ltd"`, `"actor":"ann"`} {
		if !strings.Contains(string(known.Facts[0].Value), want) {
			t.Errorf("the ledger lacks %s: %s", want, known.Facts[0].Value)
		}
	}
	must[admin.Found](t, g.direct, key, "consent.revoke", admin.Consent{Who: who, Category: "marketing"})
	_, err = ask[admin.Found](t, g.direct, key, "consent.add", admin.Consent{Who: who, Category: "marketing", Source: "call", At: "2026-02-02T10:00:00Z"})
	wantCode(t, err, admin.Conflict)
	must[admin.Found](t, g.direct, key, "consent.revoke", admin.Consent{Who: who, Category: "all"})
	known = must[admin.Known](t, g.direct, key, "subject.show", who)
	if len(known.Facts) != 2 || len(known.Records) < 3 || known.Records[0].Actor != "ann" {
		t.Errorf("known %+v", known)
	}
	must[admin.Found](t, g.direct, key, "consent.add", admin.Consent{Who: who, Category: "marketing", Source: "call", OptIn: true})
	g.storedNowhere(stranger, "12345678")
}

func TestConsentRefusals(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	good := admin.Consent{Who: admin.Who{Number: stranger}, Category: "marketing", Source: "web_form"}
	for name, change := range map[string]func(*admin.Consent){
		"no person":        func(c *admin.Consent) { c.Number = "" },
		"no number":        func(c *admin.Consent) { c.Number = "call me" },
		"unknown tenant":   func(c *admin.Consent) { c.Tenant = "other" },
		"unknown category": func(c *admin.Consent) { c.Category = "all of it" },
		"all":              func(c *admin.Consent) { c.Category = "all" },
		"no source":        func(c *admin.Consent) { c.Source = "" },
		"future":           func(c *admin.Consent) { c.At = "2027-01-01T00:00:00Z" },
		"no time":          func(c *admin.Consent) { c.At = "yesterday" },
		"ended":            func(c *admin.Consent) { c.Until = "2026-01-01T00:00:00Z" },
		"subject":          func(c *admin.Consent) { c.Number, c.Subject = "", strings.Repeat("0", 32) },
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			change(&c)
			_, err := ask[admin.Found](t, g.direct, key, "consent.add", c)
			wantCode(t, err, admin.Invalid)
			if err != nil && strings.Contains(err.Error(), c.Number) && c.Number != "" {
				t.Error("the error repeats the number")
			}
		})
	}
	if n := len(g.records()); n != 1 {
		t.Errorf("%d records, want the operator's alone", n)
	}
}
