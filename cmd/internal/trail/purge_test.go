package trail

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// newest is the newest certificate; the zero value while there is none.
func newest(t *testing.T, r *rig.Rig) (c retention.Certificate) {
	t.Helper()
	var state admin.RetentionState
	r.Admin(t, "retention.status", struct{}{}, &state)
	if state.Failed != "" {
		t.Fatal(state.Failed)
	}
	if len(state.Certificates) == 0 {
		return c
	}
	var f retention.CertificateFile
	r.Admin(t, "retention.proof", admin.RetentionCertificate{ID: state.Certificates[0].ID}, &f)
	c, err := f.Unchecked()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func inClickHouse(t *testing.T, c retention.Certificate) retention.Place {
	t.Helper()
	for _, p := range c.Place {
		if p.Name == "clickhouse" {
			return p
		}
	}
	t.Fatalf("the certificate says nothing of ClickHouse: %+v", c.Place)
	return retention.Place{}
}

// TestPurgedThere: what a run takes goes from ClickHouse too. The certificate
// names what is left of it there, and a later one says that nothing is.
func TestPurgedThere(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	r, database := shipWith(t, e, "}\nretention: {at: \"off\"", map[string]string{"retention.yaml": "version: 1\nclasses:\n  messages: {days: 30, action: purge}\n"})
	migrate(t, r)
	for i := range 3 {
		a := r.Cloud(t, fmt.Sprintf(`{"to":"+%s","type":"text","text":{"body":"Goldammer %d"}}`, r.Env["DEMO_CONSENTED"], i))
		if a.Status != http.StatusOK {
			t.Fatalf("send: %d %s", a.Status, a.Body)
		}
	}
	shipped := func() bool { return strings.Contains(metrics(t, r), "postern_clickhouse_lag_records 0\n") }
	question := "SELECT count() FROM " + database + ".audit WHERE body LIKE '%Goldammer%'"
	rig.Await(t, "the messages in ClickHouse", func() bool { return shipped() && e.Query(t, question) == "3" })
	for range 5 {
		r.Clock.Forward(8 * 24 * time.Hour)
		// Sent or refused, it is on record: the clock is believed.
		r.Cloud(t, fmt.Sprintf(`{"to":"+%s","type":"text","text":{"body":"later"}}`, r.Env["DEMO_CONSENTED"]))
	}
	rig.Await(t, "the rest in ClickHouse", shipped)
	r.Admin(t, "retention.run", admin.RetentionRun{Confirm: "purge"}, nil)
	var c, later retention.Certificate
	rig.Await(t, "the certificate", func() bool {
		c = newest(t, r)
		return c.Version != 0
	})
	if len(c.Gone) == 0 {
		t.Fatalf("nothing went: %+v", c)
	}
	if n := e.Query(t, question); inClickHouse(t, c).State == retention.StateGone && n != "0" {
		t.Errorf("it says gone, and %s of the messages are in ClickHouse", n)
	}
	for _, table := range []string{"records", "held"} {
		e.Query(t, "ALTER TABLE "+database+"."+table+" MODIFY SETTING old_parts_lifetime = 0")
	}
	rig.Await(t, "a certificate that says gone", func() bool {
		for _, table := range []string{"records", "held"} { // has the engine look for old parts now
			e.Query(t, "ALTER TABLE "+database+"."+table+" DROP PARTITION ('none', 190001)")
		}
		r.Clock.Forward(11 * time.Minute)
		later = newest(t, r)
		return inClickHouse(t, later).State == retention.StateGone
	})
	if n := e.Query(t, question); n != "0" || later.Run != c.Run || later.Completes.IsZero() != (later.Looked == 0) {
		t.Errorf("%s messages are in ClickHouse; run %s, completes %s", n, later.Run, later.Completes)
	}
}
