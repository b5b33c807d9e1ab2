package admin_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/policy/facts"
	"postern/retention"
)

// parcel is the file of an export.
func parcel(t *testing.T, g *gateway, key string, in admin.SubjectExport) *zip.Reader {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := g.direct.Hand(t.Context(), key, "subject.export", raw, func([]byte) (io.Writer, error) { return &whole, nil }); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(whole.Bytes()), int64(whole.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// exported is the page of an export, as JSON.
func exported(t *testing.T, g *gateway, key string, in admin.SubjectExport) string {
	t.Helper()
	f, err := parcel(t, g, key, in).Open("export.json")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestExportLeavesOut what belongs to another tenant, and what upstream calls the
// person's identity.
func TestExportLeavesOut(t *testing.T) {
	g, boss := revealing(t)
	who := admin.Who{Tenant: tenant, Number: stranger}
	subject := must[admin.Found](t, g.direct, boss, "consent.add", admin.Consent{Who: who, Category: "marketing", Source: "branch"}).Subject
	eve := g.revealer("eve", boss, tenant)
	parsed, err := audit.ParseID(subject)
	if err != nil {
		t.Fatal(err)
	}
	id, now := audit.SubjectID(parsed), g.clock()
	named := facts.Identity{Hash: "DF2lS5v2W6x=", Since: now}.Acknowledged(facts.Person{Tenant: tenant}, "app", now)
	b := journal.Batch{Facts: []journal.Fact{
		{Tenant: tenant, Subject: id, Kind: named.Kind, Value: named.Value, Time: named.Time},
		{Tenant: "clinic", Subject: id, Kind: facts.KindZone, Value: []byte(`{"zone":"Europe/Madrid"}`), Time: now.UnixMicro()},
	}}
	for _, of := range []string{tenant, "clinic"} {
		b.Records = append(b.Records, audit.Record{
			Version: audit.Version, ID: audit.NewID(g.clock()), Kind: audit.KindInbound, Time: now.UnixMicro(), Tenant: of, Number: "1", Subject: id, Direction: "inbound",
			Type: "text", Parts: []audit.Part{audit.NewPart(audit.PartBody, []byte(`{"text":{"body":"written to `+of+`"}}`))},
		})
	}
	b.Records = append(b.Records, audit.Record{
		Version: audit.Version, ID: audit.NewID(g.clock()), Kind: audit.KindUnmatchedSend, Time: now.UnixMicro(), Tenant: tenant, Number: "1", Subject: id,
		Direction: "outbound", Type: "status/sent", Result: "unmatched",
	})
	if err := g.direct.Journal().Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	must[retention.Request](t, g.direct, boss, "subject.request", admin.SubjectRequest{Who: who, Type: retention.RequestAccess, ProvedBy: "login"})
	page := exported(t, g, eve, admin.SubjectExport{Who: who})
	for _, words := range []string{"written to demo", "status/sent", "marketing", `"same"`, stranger} {
		if !strings.Contains(page, words) {
			t.Errorf("%q is missing in\n%s", words, page)
		}
	}
	for _, words := range []string{"written to clinic", "Madrid", "DF2lS5v2W6x="} {
		if strings.Contains(page, words) {
			t.Errorf("%q is in it", words)
		}
	}
}

// TestExportIsByAnother than who took the request, though that one have role reveal
// since, and by who may open records of the tenant.
func TestExportIsByAnother(t *testing.T) {
	g, boss := revealing(t)
	who := admin.Who{Tenant: tenant, Number: stranger}
	must[admin.Found](t, g.direct, boss, "consent.add", admin.Consent{Who: who, Category: "marketing", Source: "branch"})
	eve := g.operator("eve", admin.RoleApprove, boss)
	must[retention.Request](t, g.direct, eve, "subject.request", admin.SubjectRequest{Who: who, Type: retention.RequestAccess, ProvedBy: "login"})
	must[admin.None](t, g.direct, boss, "operator.revoke", admin.Name{Name: "eve"})
	for name, key := range map[string]string{"took it": g.revealer("eve", boss, tenant), "of another tenant": g.revealer("dan", boss, "clinic")} {
		if _, err := exports(t, g, key, admin.SubjectExport{Who: who}); err == nil {
			t.Errorf("%s, and was given it", name)
		} else {
			wantCode(t, err, admin.Forbidden)
		}
	}
	if _, err := exports(t, g, g.revealer("kim", boss, tenant), admin.SubjectExport{Who: who}); err != nil {
		t.Errorf("another: %v", err)
	}
	_, err := ask[admin.AffectedPersons](t, g.direct, g.revealer("lou", boss, "clinic"), "affected.numbers", admin.Affected{Tenant: tenant, Since: "2026-01-01", Reference: "CASE-7"})
	wantCode(t, err, admin.Forbidden)
}

// TestRestrictionIsOfThePerson: of every subject that proved to be the person's,
// whichever is named.
func TestRestrictionIsOfThePerson(t *testing.T) {
	g, boss, first := asking(t)
	second := must[admin.Found](t, g.direct, boss, "consent.add", admin.Consent{Who: admin.Who{Number: "4917139200099"}, Category: "utility", Source: "branch"}).Subject
	var ids [2]audit.SubjectID
	for i, text := range []string{first, second} {
		id, err := audit.ParseID(text)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = audit.SubjectID(id)
	}
	row, err := g.direct.Journal().Subject(t.Context(), ids[1])
	row.Alias = ids[0]
	if err = errors.Join(err, g.direct.Journal().Append(t.Context(), journal.Batch{Subjects: []journal.Subject{row}})); err != nil {
		t.Fatal(err)
	}
	g.reopen()
	for i, of := range []string{first, second} {
		lift := i == 1
		must[admin.Restriction](t, g.direct, boss, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Subject: of}, Why: "disputed", Lift: lift})
		for n, id := range ids {
			known, err := g.direct.Journal().FactsOf(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(known, func(f journal.Fact) bool { return f.Kind == facts.KindRestrict })
			if at < 0 {
				t.Fatalf("lift %v: nothing is known of subject %d", lift, n)
			}
			if restricted, err := facts.IsRestricted(known[at].Value); err != nil || restricted == lift {
				t.Errorf("lift %v: subject %d is restricted: %v (%v)", lift, n, restricted, err)
			}
		}
	}
}

// TestNumbersAsTheyAreWritten: signs do not matter, and one that is dialled only
// inside of a country is nobody's, rather than unknown.
func TestNumbersAsTheyAreWritten(t *testing.T) {
	g, boss, subject := asking(t)
	for _, number := range []string{stranger, "+" + stranger, "+49 151 1234-5678", "+49 (151) 123 456 78", "49.151.12345678"} {
		if got := must[admin.Known](t, g.direct, boss, "subject.show", admin.Who{Number: number}); got.Subject != subject {
			t.Errorf("%s is subject %s", number, got.Subject)
		}
	}
	for _, number := range []string{"004915112345678", "015112345678", "+49 (0)151 12345678", "+49 0151 12345678", "49015112345678", "(0151) 12345678"} {
		_, err := ask[admin.Known](t, g.direct, boss, "subject.show", admin.Who{Number: number})
		wantCode(t, err, admin.Invalid)
		if err == nil || !strings.Contains(err.Error(), "without the 0") {
			t.Errorf("%s: %v", number, err)
		}
	}
}
