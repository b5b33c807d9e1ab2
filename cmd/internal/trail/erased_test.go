package trail

import (
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// latest is the newest certificate of an erasure.
func latest(t *testing.T, r *rig.Rig, of audit.ID) retention.Certificate {
	t.Helper()
	var state admin.RetentionState
	r.Admin(t, "retention.status", struct{}{}, &state)
	for _, issued := range state.Certificates {
		if issued.Run != of {
			continue
		}
		var f retention.CertificateFile
		r.Admin(t, "retention.proof", admin.RetentionCertificate{ID: issued.ID}, &f)
		c, err := f.Unchecked()
		must(t, err)
		return c
	}
	t.Fatal("the erasure has no certificate")
	return retention.Certificate{}
}

// notClean: the certificate does not say gone, and names why if ClickHouse had
// carried the erasure out by then.
func notClean(t *testing.T, c retention.Certificate, what string) {
	t.Helper()
	p := inClickHouse(t, c)
	if _, looked := p.Facts["rows"]; p.State == retention.StateGone || looked && (p.Facts["rows"] != 0 || p.Facts[what] == 0) {
		t.Errorf("with %s: %+v", what, p)
	}
}

// TestErasedThere: the certificate of a person's erasure does not call
// ClickHouse clean while parts are put aside there, or a mutation is not
// finished, or replaced parts are on its disk; a later one does.
func TestErasedThere(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	r, database := ship(t, e, "")
	migrate(t, r)
	write(t, r, r.Env["DEMO_CONSENTED"], "Rohrdommel im Schilf")
	write(t, r, stranger, "Neuntoeter im Schilf")
	rig.Await(t, "both messages in ClickHouse", func() bool { return shipped(t, r) && shows(t, e, database, "Schilf") == "2" })
	alter := func(table, change string) { e.Query(t, "ALTER TABLE "+database+"."+table+" "+change) }

	partition := e.Query(t, "SELECT partition_id FROM system.parts WHERE database = '"+database+"' AND table = 'records' AND active AND partition LIKE '(\\'audit\\'%' LIMIT 1")
	alter("records", "DETACH PARTITION ID '"+partition+"'")
	first, c := erasePerson(t, r, r.Env["DEMO_CONSENTED"])
	notClean(t, c, "detached")
	rig.Await(t, "the first message to go", func() bool { return shows(t, e, database, "Rohrdommel") == "0" })
	alter("records", "ATTACH PARTITION ID '"+partition+"'")

	e.Query(t, "INSERT INTO "+database+".held SELECT * FROM "+database+".records WHERE seq = 0")
	e.Query(t, "SYSTEM STOP MERGES "+database+".held")
	alter("held", "UPDATE result = 'x' WHERE 1 SETTINGS mutations_sync = 0")
	second, c := erasePerson(t, r, stranger)
	notClean(t, c, "mutations")
	rig.Await(t, "the second message to go", func() bool { return shows(t, e, database, "Schilf") == "0" })
	e.Query(t, "SYSTEM START MERGES "+database+".held")

	for _, table := range []string{"records", "held"} {
		alter(table, "MODIFY SETTING old_parts_lifetime = 0")
	}
	rig.Await(t, "certificates that say gone", func() bool {
		for _, table := range []string{"records", "held"} { // has the engine look for old parts now
			alter(table, "DROP PARTITION ('none', 190001)")
		}
		r.Clock.Forward(11 * time.Minute)
		return inClickHouse(t, latest(t, r, first.Record)).State == retention.StateGone && inClickHouse(t, latest(t, r, second.Record)).State == retention.StateGone
	})
	if later := latest(t, r, second.Record); later.Completes.IsZero() || later.Looked == 0 || later.Of != "subject" {
		t.Errorf("the later certificate: %+v", later)
	}
}
