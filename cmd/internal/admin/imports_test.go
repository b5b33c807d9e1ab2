package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/audit"
	"postern/cmd/internal/admin"
)

func TestImportReportsEveryLine(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	data := strings.Join([]string{
		"fact,number,category,scope,source,time,business",
		"consent,+4915112345678,marketing,,web_form,2026-01-01,",
		"consent,not a number,marketing,,web_form,2026-01-01,",
		"optout,4915112345679,,all,,2026-01-01,",
		"window,4915112345678,,,,2026-03-01T11:00:00Z,1",
		"window,4915112345678,,,,2026-03-01T11:00:00Z,99",
		"revoke,4915112345678,marketing,,call,2026-01-05,",
		"consent,4915112345678,marketing,,web_form,2026-01-03,",
		"consent,4915112345678,marketing,,web_form,2027-01-03,",
	}, "\n")
	check := must[admin.Imported](t, g.direct, key, "facts.import", admin.Import{Format: "csv", Data: data, Check: true})
	if check.Read != 8 || len(check.Problems) != 3 || len(g.records()) != 1 {
		t.Errorf("check %+v, %d records", check, len(g.records()))
	}
	done := must[admin.Imported](t, g.direct, key, "facts.import", admin.Import{Format: "csv", Data: data})
	if done.Read != 8 || done.Stored != 4 || done.Read != done.Stored+len(done.Problems) {
		t.Fatalf("done %+v", done)
	}
	for i, want := range []int{3, 6, 8, 9} {
		p := done.Problems[i]
		if p.Line != want || p.Column < 1 || p.Reason == "" || strings.Contains(p.Reason, "49151") {
			t.Errorf("problem %+v, want line %d", p, want)
		}
	}
	records := g.records()
	last := records[len(records)-1]
	if len(records) != 5 || last.Kind != audit.KindConsent || last.Type != "import" || last.Actor != "ann" || last.Subject.IsZero() {
		t.Errorf("%d records, last %+v", len(records), last)
	}
	g.reopen()
	known := must[admin.Known](t, g.direct, key, "subject.show", admin.Who{Number: "4915112345678"})
	if len(known.Facts) != 2 || !strings.Contains(fmt.Sprint(known.Facts), `"given":false`) ||
		!strings.Contains(fmt.Sprint(known.Facts), `"entity":"Example Ltd","actor":"ann"`) {
		t.Errorf("facts %v", known.Facts)
	}
	g.storedNowhere("4915112345678", "4915112345679")
}

func TestImportOfManyPeople(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	var data strings.Builder
	for i := range 1050 {
		fmt.Fprintf(&data, `{"fact":"consent","number":"49151%08d","category":"utility","source":"web_form","time":"2026-01-01"}`+"\n", i)
	}
	done := must[admin.Imported](t, g.direct, key, "facts.import", admin.Import{Format: "jsonl", Data: data.String()})
	if done.Stored != 1050 || len(done.Problems) != 0 {
		t.Fatalf("stored %d, problems %d", done.Stored, len(done.Problems))
	}
	must[admin.Found](t, g.direct, key, "subject.find", admin.Who{Number: "4915100001049"})
}

func TestImportRefusesFile(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	for _, in := range []admin.Import{{Format: "xlsx", Data: "x"}, {Format: "csv", Data: ""}, {Format: "csv", Tenant: "other"}} {
		_, err := ask[admin.Imported](t, g.direct, key, "facts.import", in)
		wantCode(t, err, admin.Invalid)
	}
}
