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
