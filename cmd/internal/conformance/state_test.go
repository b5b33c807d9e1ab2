package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// taken are the sends that the simulator took since the mark.
func (s *site) taken(mark int64) []sim.Accepted {
	list, _ := s.Sim.Accepted(mark, 1000)
	return list
}

func (s *site) mark() int64 {
	mark := s.base
	for {
		list, next := s.Sim.Accepted(mark, 1000)
		if len(list) == 0 {
			return mark
		}
		mark = next
	}
}

// people makes persons who consented to everything and wrote a moment ago. The
// numbers are of the range the German regulator reserves for fiction.
func (s *site) people(t *testing.T, first, n int) []string {
	t.Helper()
	at := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	data := "fact,number,category,source,evidence,time,business\n"
	var out []string
	for i := range n {
		p := fmt.Sprintf("4917139200%02d", first+i)
		out = append(out, p)
		for _, category := range []string{"marketing", "utility", "authentication"} {
			data += "consent,+" + p + "," + category + ",web_form,form-1," + at + ",\n"
		}
		for _, c := range []*caller{s.cloud, s.v2, s.onprem} {
			data += "window,+" + p + ",,,," + at + "," + c.number + "\n"
		}
	}
	var done admin.Imported
	s.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data}, &done)
	if len(done.Problems) > 0 {
		t.Fatalf("import: %+v", done.Problems[0])
	}
	return out
}

// begin makes counts begin anew. The reading it records comes behind all that
// waited to be recorded.
func (s *site) begin(t *testing.T) {
	t.Helper()
	s.Admin(t, "trail.read", admin.TrailRead{What: "sql"}, nil)
	s.since = s.Rig.SQL(t, "SELECT max(seq) FROM audit")[0][0]
	s.base = s.mark()
}

// SQL asks about what was recorded since the topic began.
func (s *site) SQL(t *testing.T, question string) [][]string {
	t.Helper()
	question = strings.NewReplacer("FROM audit", "FROM recent", "JOIN audit", "JOIN recent").Replace(question)
	return s.Rig.SQL(t, "WITH recent AS (SELECT * FROM audit WHERE seq > "+s.since+") "+question)
}

// quiet sends no statuses for the rest of the test.
func (s *site) quiet(t *testing.T) {
	t.Helper()
	old := s.Sim.Settings()
	t.Cleanup(func() {
		if err := s.Sim.Configure(old); err != nil {
			t.Errorf("statuses again: %v", err)
		}
	})
	changed := old
	changed.Statuses = nil
	fail(t, s.Sim.Configure(changed))
}

// row waits for the one row a question gives.
func (s *site) row(t *testing.T, question string) []string {
	t.Helper()
	var rows [][]string
	rig.Await(t, "a row: "+question, func() bool {
		rows = s.SQL(t, question)
		return len(rows) > 0
	})
	if len(rows) != 1 {
		t.Fatalf("%d rows: %s", len(rows), question)
	}
	return rows[0]
}

func (s *site) count(t *testing.T, where string) string {
	t.Helper()
	return s.SQL(t, "SELECT count(*) FROM audit WHERE "+where)[0][0]
}

// show is a record as an operator sees it.
func (s *site) show(t *testing.T, id string) admin.Shown {
	t.Helper()
	var out admin.Shown
	record, err := audit.ParseID(id)
	fail(t, err)
	s.Admin(t, "record.show", admin.Record{ID: record}, &out)
	return out
}
