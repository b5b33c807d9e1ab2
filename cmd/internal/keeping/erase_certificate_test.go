package keeping

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// TestErasureIsCertified: the answer says where a person is gone from, signed,
// listed beside those of runs and proved with the public key alone.
func TestErasureIsCertified(t *testing.T) {
	t.Parallel()
	a := archive{rig.Start(t, rig.Options{})}
	const from, words = "4917139200655", "wendehals am teich"
	a.write(t, from, words)
	a.write(t, from, "STOP")
	if a.holds(t, words) != 1 {
		t.Fatal("the message is not in the file before")
	}
	var out admin.Erasure
	a.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + from}, Reason: "request", Confirm: "erase"}, &out)
	if out.Certificate.IsZero() || out.Signed == nil || a.holds(t, words) != 0 {
		t.Fatalf("answer %+v", out)
	}
	c, err := out.Signed.Unchecked()
	if err != nil {
		t.Fatal(err)
	}
	here, files := c.Place[0], c.Place[1]
	if here.State != retention.StateGone || here.Facts["salts"] < 3 || here.Facts["found"] != 0 || here.Facts["keys_left"] != 0 || here.Facts["rows_left"] != 0 {
		t.Errorf("journal: %+v", here)
	}
	if files.Name != "media" || files.State != retention.StateGone || len(c.Place) < 4 {
		t.Errorf("places: %+v", c.Place)
	}
	if c.Run != out.Record || c.Of != "subject" || c.Reason != "request" || !c.Complete || c.Keys != int64(out.Keys) || len(c.Gone) == 0 {
		t.Errorf("certificate: %+v", c)
	}
	if len(c.Stay) != 1 || c.Stay[0].Count < 1 || !strings.HasPrefix(c.Stay[0].Why, "suppression list") {
		t.Errorf("what stays: %+v", c.Stay)
	}
	if line, err := json.Marshal(c); err != nil || strings.Contains(string(line), from) || strings.Contains(string(line), out.Subject) {
		t.Errorf("it names the person (%v)", err)
	}
	var state admin.RetentionState
	a.Admin(t, "retention.status", struct{}{}, &state)
	if !slices.ContainsFunc(state.Certificates, func(i retention.Issued) bool { return i.ID == out.Certificate && i.Run == out.Record }) {
		t.Errorf("not listed: %+v", state.Certificates)
	}
	a.proved(t, out.Certificate)
}
