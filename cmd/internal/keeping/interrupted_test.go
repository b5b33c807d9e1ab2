package keeping

import (
	"encoding/json"
	"testing"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// TestInterruptedRunGoesOn with the gateway's start, though none is due by itself.
func TestInterruptedRunGoesOn(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Config: func(text string) string { return text + "retention: {at: \"off\"}\n" }})
	r.Halt()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	direct, err := admin.Open(t.Context(), cfg, r.Clock.Now)
	must(t, err)
	now := r.Clock.Now()
	run := retention.Run{ID: audit.NewID(now), Actor: "ann", Moment: now.UnixMicro(), Revision: "of before"}
	raw, err := json.Marshal(run)
	must(t, err)
	must(t, direct.Journal().Append(t.Context(), journal.Batch{Settings: []journal.Setting{{Scope: "retention", Key: "run", Value: raw, Time: run.Moment}}}))
	must(t, direct.Close())
	r.Resume(t)
	rig.Await(t, "the certificate", func() bool {
		var st admin.RetentionState
		r.Admin(t, "retention.status", admin.None{}, &st)
		for _, c := range st.Certificates {
			if c.Run == run.ID {
				return true
			}
		}
		return false
	})
}
