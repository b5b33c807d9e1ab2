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

// TestRectifyIdentifier attaches a number with how that was proved, and detaches
// it; what is another's is refused with what to do.
func TestRectifyIdentifier(t *testing.T) {
	g, boss, subject := asking(t)
	second := &admin.Identifier{Number: "+49 171 3920077"}
	in := admin.SubjectRectify{Who: access.Who, Attach: second, At: "2026-02-01", ProvedBy: "callback", Reference: "DSAR-2026-0042", Why: "second_number"}
	for name, change := range map[string]func(*admin.SubjectRectify){
		"no proof":      func(in *admin.SubjectRectify) { in.ProvedBy = "" },
		"no reason":     func(in *admin.SubjectRectify) { in.Why = "" },
		"two at once":   func(in *admin.SubjectRectify) { in.Detach = second },
		"more with it":  func(in *admin.SubjectRectify) { in.Zone = "Europe/Madrid" },
		"no number":     func(in *admin.SubjectRectify) { in.Attach = &admin.Identifier{Number: "seven"} },
		"nothing named": func(in *admin.SubjectRectify) { in.Attach = &admin.Identifier{} },
		"to come":       func(in *admin.SubjectRectify) { in.At = "2099-01-01" },
		"at alone": func(in *admin.SubjectRectify) {
			in.Attach, in.Zone, in.ProvedBy, in.Reference = nil, "Europe/Madrid", "", ""
		},
		"its own": func(in *admin.SubjectRectify) { in.Attach = &admin.Identifier{Number: access.Number} },
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
	if found := must[admin.Found](t, g.direct, boss, "subject.find", admin.Who{Number: second.Number}); found.Subject != subject {
		t.Errorf("found %+v", found)
	}
	r, err := g.direct.Journal().Record(t.Context(), got.Record)
	if err != nil {
		t.Fatal(err)
	}
	labels := strings.Join(r.Labels, " ")
	if !strings.Contains(labels, "field:number change:attached at:2026-02-01") || !strings.Contains(labels, "proved_by:callback reference:DSAR-2026-0042") || strings.Contains(labels, "491713920077") {
		t.Errorf("on record: %v", r.Labels)
	}
	out := in
	out.Attach, out.Detach, out.At = nil, second, ""
	must[admin.Rectified](t, g.direct, boss, "subject.rectify", out)
	if _, err := ask[admin.Found](t, g.direct, boss, "subject.find", admin.Who{Number: second.Number}); err == nil {
		t.Error("found after it was detached")
	}
	out.Detach = &admin.Identifier{Number: access.Number}
	if _, err := ask[admin.Rectified](t, g.direct, boss, "subject.rectify", out); err == nil || !strings.Contains(err.Error(), "new_owner") {
		t.Errorf("the last one: %v", err)
	}
}
