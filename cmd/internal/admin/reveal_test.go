package admin_test

import (
	"slices"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// revealing is a gateway of two tenants on which something may be opened.
func revealing(t *testing.T) (g *gateway, boss string) {
	t.Helper()
	g = newGateway(t)
	g.config.Tenants = append(g.config.Tenants, boot.Tenant{Name: "clinic", LegalEntity: "Example Clinic"})
	g.config.Reveal = boot.Reveal{Expires: time.Hour, PerHour: 5}
	return g, g.operator("boss", admin.RoleApprove, "")
}

func (g *gateway) revealer(name, boss string, tenants ...string) string {
	g.t.Helper()
	return must[admin.OperatorKey](g.t, g.direct, boss, "operator.add", admin.OperatorAdd{Name: name, Role: admin.RoleReveal, Tenants: tenants}).Key
}

// admission appends a record of a tenant that holds nothing sealed.
func (g *gateway) admission(tenant string) audit.ID {
	g.t.Helper()
	now := g.clock()
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(), Tenant: tenant, App: "shop",
		Subject: audit.NewSubjectID(), Direction: "outbound", Type: "text", Effect: audit.EffectDeny,
	}
	if err := g.direct.Journal().Append(g.t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
		g.t.Fatal(err)
	}
	return r.ID
}

func TestRevealersAreOfNamedTenants(t *testing.T) {
	g, boss := revealing(t)
	for _, in := range []admin.OperatorAdd{
		{Name: "eve", Role: admin.RoleReveal}, // of which of the two
		{Name: "eve", Role: admin.RoleReveal, Tenants: []string{"demo", "nobody"}},
		{Name: "eve", Role: admin.RoleReveal, Tenants: []string{"demo", ""}},
		{Name: "eve", Role: admin.RoleRead, Tenants: []string{"demo"}},
		{Name: "eve", Role: admin.RoleApprove, Tenants: []string{"demo"}},
		{Name: "eve", Role: "reveal,read"},
	} {
		_, err := ask[admin.OperatorKey](t, g.direct, boss, "operator.add", in)
		wantCode(t, err, admin.Invalid)
	}
	eve, both := g.revealer("eve", boss, "clinic"), g.revealer("both", boss, "clinic", tenant, "clinic")
	list := must[[]admin.Operator](t, g.direct, boss, "operator.list", admin.None{})
	if len(list[0].Tenants) > 0 || !slices.Equal(list[1].Tenants, []string{"clinic", "demo"}) || !slices.Equal(list[2].Tenants, []string{"clinic"}) {
		t.Errorf("operators %+v", list)
	}
	id := g.admission(tenant)
	in := admin.Reveal{ID: id, Parts: []string{"original"}, Reason: "CASE-1"}
	_, err := ask[admin.Revealed](t, g.direct, eve, "record.reveal", in)
	wantCode(t, err, admin.Forbidden)
	_, err = ask[admin.Sealed](t, g.direct, eve, "record.sealed", admin.Record{ID: id})
	wantCode(t, err, admin.Forbidden)
	_, err = ask[admin.Revealed](t, g.direct, both, "record.reveal", in) // may, and there is nothing
	wantCode(t, err, admin.NotFound)
	if s := must[admin.Sealed](t, g.direct, both, "record.sealed", admin.Record{ID: id}); s.Parts[0].State != "none" || s.Parts[0].Note == "" {
		t.Errorf("sealed %+v", s)
	}
}

// TestRoleRevealIsApart: it gives nothing but asking and opening, and nobody
// else has it, whoever may say who may do what.
func TestRoleRevealIsApart(t *testing.T) {
	g, boss := revealing(t)
	eve := g.revealer("eve", boss, tenant)
	id := g.admission(tenant)
	for name, in := range map[string]any{
		"app.add": admin.AppAdd{App: "shop"}, "config.reload": admin.None{}, "operator.add": admin.OperatorAdd{Name: "x", Role: admin.RoleReveal},
		"operator.revoke": admin.Name{Name: "boss"}, "keys.rotate": admin.KeyRotate{Purpose: "app"},
	} {
		_, err := ask[any](t, g.direct, eve, name, in)
		wantCode(t, err, admin.Forbidden)
	}
	must[[]admin.RevealRequest](t, g.direct, eve, "reveal.requests", admin.None{})
	must[admin.Shown](t, g.direct, eve, "record.show", admin.Record{ID: id})
	for name, in := range map[string]any{
		"record.reveal": admin.Reveal{ID: id, Parts: []string{"original"}, Reason: "CASE-1"}, "record.sealed": admin.Record{ID: id},
		"reveal.approve": admin.RevealApprove{Request: id},
	} {
		_, err := ask[any](t, g.direct, boss, name, in)
		wantCode(t, err, admin.Forbidden)
	}
}

// TestRevealNeedsALimit: a configuration that says nothing lets nobody open.
func TestRevealNeedsALimit(t *testing.T) {
	g, boss := revealing(t)
	eve := g.revealer("eve", boss, tenant)
	g.config.Reveal = boot.Reveal{}
	in := admin.Reveal{ID: g.admission(tenant), Parts: []string{"original"}, Reason: "CASE-1"}
	_, err := ask[admin.Revealed](t, g.direct, eve, "record.reveal", in)
	wantCode(t, err, admin.Conflict)
}
