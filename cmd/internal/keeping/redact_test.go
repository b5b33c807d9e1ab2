package keeping

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// names redacts two words of this test's messages.
var names = admin.RedactPacks{
	Files: map[string]string{"pii/names.yaml": `pack: names
entities:
  STONE:
    class: C
    words: [zinnober, turmalin]
    examples: {match: ["Word of zinnober"], no_match: ["Word of stone"]}
policy:
  - {types: [STONE], sink: record, action: redact, why: "internal names"}
`},
	Packs: []string{"names"}, Record: map[string]string{"*": "keep"},
}

// as asks with an operator's own key.
func as(t *testing.T, r *rig.Rig, key, name string, in, out any) {
	t.Helper()
	raw, err := json.Marshal(in)
	must(t, err)
	answer, err := admin.NewClient(strings.TrimPrefix(r.Env["POSTERN_ADMIN_URL"], "http://")).Do(t.Context(), key, name, raw)
	must(t, err)
	must(t, json.Unmarshal(answer, out))
}

// redacted has the rig's operator ask, somebody else approve, and it done.
func redacted(t *testing.T, r *rig.Rig, second string) (out admin.Redacted) {
	t.Helper()
	var q admin.Redaction
	r.Admin(t, "redact.ask", admin.RedactAsk{Redact: admin.Redact{RedactPacks: names, Since: "2020-01-01"}, Why: "minimisation"}, &q)
	as(t, r, second, "redact.approve", admin.RedactionName{ID: q.ID}, &q)
	for out.Size == 0 || out.Next != 0 {
		r.Admin(t, "redact.apply", admin.RedactApply{RedactPacks: names, ID: q.ID}, &out)
	}
	return out
}

// TestRedactionOfAGateway: while it runs, bodies on record are treated by a pack,
// the trail proves it, and a backup from before does not bring them back.
func TestRedactionOfAGateway(t *testing.T) {
	t.Parallel()
	r, _ := backedUp(t)
	say(t, r, "Word of turmalin")
	var second admin.OperatorKey
	r.Admin(t, "operator.add", admin.OperatorAdd{Name: "second", Role: admin.RoleApprove}, &second)

	out := redacted(t, r, second.Key)
	if out.Revised != 2 || out.Signed == nil {
		t.Errorf("answer %+v", out)
	}
	c, err := out.Signed.Unchecked()
	if err != nil || len(c.Gone) != 1 || c.Gone[0].Count != 2 || c.Second != "second" || len(c.Place) < 2 {
		t.Errorf("certificate %+v: %v", c, err)
	}
	for question, want := range map[string]string{
		"SELECT count(*) FROM audit WHERE kind = 'admission' AND body = '' AND erased = 1":                        "2",
		"SELECT count(*) FROM audit a JOIN audit v ON v.ref = a.id WHERE v.kind = 'revision' AND v.time = a.time": "2",
		"SELECT count(*) FROM audit WHERE body LIKE '%zinnober%' OR body LIKE '%turmalin%'":                       "0",
		"SELECT sum(count) FROM audit_counts WHERE kind = 'admission'":                                            "2",
	} {
		if got := r.SQL(t, question)[0][0]; got != want {
			t.Errorf("%s: %s, want %s", question, got, want)
		}
	}
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"messages go on"}}`); a.Status != 200 {
		t.Errorf("send: %d %s", a.Status, a.Body)
	}
	r.Halt() // signs a last checkpoint
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	provenAlone(t, r, cfg)
	lost := cfg.Data + ".lost"
	must(t, os.Rename(cfg.Data, lost))
	back := restore(t, r, cfg, filepath.Join(lost, "keystore.json"))
	if back.Erasures < 1 {
		t.Errorf("restored: %+v", back)
	}
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(cfg.Data, name))
		if err == nil && bytes.Contains(raw, []byte("zinnober")) {
			t.Errorf("what was redacted since the backup is in %s again", name)
		}
	}
	r.Resume(t)
	r.Admin(t, "hold.complete", admin.HoldsComplete{Why: "checked"}, nil)
	audited(t, r, cfg, back)
}

// provenAlone verifies a halted gateway's trail with its checkpoints outside.
func provenAlone(t *testing.T, r *rig.Rig, cfg *boot.Config) {
	t.Helper()
	report := verified(t, r, cfg)
	if !report.OK() || report.Outside == 0 || report.Erased != 2 || report.ProvenTo.Size != report.Records {
		t.Errorf("%d outside, %d erased, proven to %d of %d: %v", report.Outside, report.Erased, report.ProvenTo.Size, report.Records, report.Findings)
	}
}
