package proofs

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/stamp"
	"postern/audit/stamp/stamptest"
	"postern/cmd/internal/rig"
)

// TestStamps: checkpoints are stamped by an authority, openssl agrees, the trail
// holds against what was stamped, and an authority that is away stops nothing.
func TestStamps(t *testing.T) {
	t.Parallel()
	a := stamptest.New(t, time.Now(), time.Now().Add(240*time.Hour))
	with := func(url string) func(string) string {
		return func(text string) string {
			return strings.Replace(text, "every: 5s}", `every: 5s, stamp: {url: "`+url+`", ca: "`+a.Roots+`", every: 10s}}`, 1)
		}
	}
	r := rig.Start(t, rig.Options{Config: with(a.URL)})
	id := send(t, r)
	fetch(t, r, id, cloud(r))
	dir := filepath.Join(r.Dir, "checkpoints", stamp.Folder)
	var all []stamp.Stamped
	rig.Await(t, "a second stamp", func() bool {
		r.Clock.Forward(time.Minute)
		all, _ = stamp.Read(dir) //nolint:errcheck // no folder yet
		return len(all) > 1
	})
	roots, err := stamp.Roots(a.Roots)
	check(t, err)
	var notes []audit.OutsideCheckpoint
	for _, s := range all {
		at, err := stamp.Check(s.Note, s.Answer, roots)
		if err != nil || time.Since(at) > time.Hour {
			t.Errorf("stamp of %d: %s, %v", s.Size, at, err)
		}
		name := filepath.Join(dir, strconv.FormatUint(s.Size, 10))
		out, err := exec.CommandContext(t.Context(), "openssl", "ts", "-verify", "-data", name+".checkpoint", "-in", name+".tsr", "-CAfile", a.Roots).CombinedOutput() //nolint:gosec // files of the test
		if err != nil {
			t.Errorf("openssl: %v: %s", err, out)
		}
		notes = append(notes, audit.OutsideCheckpoint{From: name, Note: s.Note})
	}
	report := verifyWith(t, r, audit.VerifyOptions{Verifiers: []audit.Verifier{verifier(t, keys(t, r), 0)}, Against: notes})
	if !report.OK() || report.Outside != uint64(len(notes)) {
		t.Errorf("%d of %d stamped checkpoints hold: %v", report.Outside, len(notes), report.Findings)
	}
	if strings.Contains(r.Log.String(), "not time-stamped") {
		t.Error(r.Log.String())
	}
	r.Stop()

	gone := func(text string) string { return strings.Replace(text, a.URL, "http://127.0.0.1:1", 1) }
	r = rig.Start(t, rig.Options{Keep: r.Dir, Config: func(text string) string { return gone(with(a.URL)(text)) }})
	rig.Await(t, "somebody to hear that it is away", func() bool {
		r.Clock.Forward(time.Minute)
		return strings.Contains(r.Log.String(), "the time-stamping authority does not answer")
	})
	fetch(t, r, send(t, r), cloud(r))
}
