package admin_test

import (
	"strings"
	"testing"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/policy/facts"
	"postern/retention"
)

func TestRectify(t *testing.T) {
	g, boss, subject := asking(t)
	parsed, err := audit.ParseID(subject)
	if err != nil {
		t.Fatal(err)
	}
	mine, other := g.said(audit.SubjectID(parsed), 3), g.said(audit.NewSubjectID(), 3)
	in := admin.SubjectRectify{Who: access.Who, Zone: "Europe/Madrid", Record: mine.ID, Note: "DSAR-2026-0042", Why: "moved"}
	for name, change := range map[string]func(*admin.SubjectRectify){
		"nothing":        func(in *admin.SubjectRectify) { in.Zone, in.Record = "", audit.ID{} },
		"no zone":        func(in *admin.SubjectRectify) { in.Zone = "Madrid" },
		"no reason":      func(in *admin.SubjectRectify) { in.Why = "" },
		"no note":        func(in *admin.SubjectRectify) { in.Note = "" },
		"a sentence":     func(in *admin.SubjectRectify) { in.Note = "she moved" },
		"an owner to be": func(in *admin.SubjectRectify) { in.NewOwner, in.ProvedBy = "2099-01-01", "login" },
		"no proof":       func(in *admin.SubjectRectify) { in.NewOwner = "2026-02-01" },
		"a lone proof":   func(in *admin.SubjectRectify) { in.ProvedBy = "login" },
		"another's":      func(in *admin.SubjectRectify) { in.Record = other.ID },
		"no such record": func(in *admin.SubjectRectify) { in.Record = audit.NewID(g.clock()) },
	} {
		bad := in
		change(&bad)
		if _, err := ask[admin.Rectified](t, g.direct, boss, "subject.rectify", bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	asked := access
	asked.Type = retention.RequestRectification
	q := must[retention.Request](t, g.direct, boss, "subject.request", asked)
	got := must[admin.Rectified](t, g.direct, boss, "subject.rectify", in)
	if got.Request != q.ID {
		t.Errorf("answer %+v", got)
	}
	zone := ""
	for _, f := range must[admin.Known](t, g.direct, boss, "subject.show", access.Who).Facts {
		if f.Kind == facts.KindZone {
			zone = string(f.Value)
		}
	}
	if !strings.Contains(zone, "Europe/Madrid") || g.erasedBody(mine) {
		t.Errorf("zone %s", zone)
	}
	r, err := g.direct.Journal().Record(t.Context(), got.Record)
	if err != nil {
		t.Fatal(err)
	}
	labels := strings.Join(r.Labels, " ")
	if r.Ref != mine.ID || !strings.Contains(labels, "before:") || !strings.Contains(labels, "after:") || strings.Contains(labels, "Madrid") {
		t.Errorf("on record: %s with %v", r.Ref, r.Labels)
	}
}

// TestRectifyOwner begins an interval where the number changed hands, with how
// that was proved.
func TestRectifyOwner(t *testing.T) {
	g, boss, _ := asking(t)
	got := must[admin.Rectified](t, g.direct, boss, "subject.rectify", admin.SubjectRectify{
		Who: access.Who, NewOwner: "2026-02-01", ProvedBy: "id_document", Reference: "DSAR-2026-0042", Why: "new_owner",
	})
	identity := ""
	for _, f := range must[admin.Known](t, g.direct, boss, "subject.show", access.Who).Facts {
		if f.Kind == facts.KindIdentity {
			identity = f.Time + string(f.Value)
		}
	}
	if !strings.HasPrefix(identity, "2026-02-01T00:00:00Z") || !strings.Contains(identity, `"new"`) {
		t.Errorf("identity %s", identity)
	}
	r, err := g.direct.Journal().Record(t.Context(), got.Record)
	if err != nil {
		t.Fatal(err)
	}
	if labels := strings.Join(r.Labels, " "); !strings.Contains(labels, "field:owner since:2026-02-01") || !strings.Contains(labels, "proved_by:id_document reference:DSAR-2026-0042") {
		t.Errorf("on record: %v", r.Labels)
	}
}
