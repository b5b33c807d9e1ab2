package main

import (
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// TestDiffOverRecords holds a stricter pack against what records keep: what was
// found by type, and what stands in their text still.
func TestDiffOverRecords(t *testing.T) {
	p := newPlace(t, "127.0.0.1:1")
	found := strings.Replace(string(input(true)), `"findings":[]`, `"findings":[{"type":"PHONE","entity":"PHONE","class":"A","topic":"","level":"certain","count":2,"where":"text"}]`, 1)
	at := time.Now().Add(-time.Hour)
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(), Tenant: "demo", App: "shop",
		Number: "1", Direction: "outbound", Type: "text", Effect: audit.EffectAllow,
		Parts: []audit.Part{audit.NewPart(audit.PartInput, []byte(found)), audit.NewPart(audit.PartBody, []byte(`{"text":{"body":"AC-12345 for ****89"}}`))},
	}
	if err := p.direct.Journal().Append(t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
		t.Fatal(err)
	}
	p.admit(at, audit.EffectAllow, "", input(true))
	p.write("acme.yaml", `pack: acme
entities:
  ACME_NO: {type: RECORD_ID, pattern: 'AC-\d{5}', examples: {match: [AC-12345], no_match: [AC-1234]}}
policy:
  - {types: [PHONE], sink: record, action: drop}
`)
	if err := p.direct.Close(); err != nil {
		t.Fatal(err)
	}
	out := must(t, "1 text looked at, 2 kinds of change.", "pii", "diff", "--pack", p.dir+"/acme.yaml", "--since", "1d")
	for _, want := range []string{
		"1 record without a text that can be read", "record   PHONE (PHONE): mask -> drop, 2 times, in " + r.ID.String(),
		"record   ACME_NO (RECORD_ID): not found -> redact, 1 times, in " + r.ID.String(),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	must(t, `"texts": 0`, "pii", "diff", "--pack", p.dir+"/acme.yaml", "--since", "30m", "--json")
	must(t, "rows:1", "audit", "sql", "SELECT result FROM audit WHERE type = 'diff'")
	if code, _, _ := command("pii", "diff", "--pack", "gdpr", "--since", "yesterday"); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}
