package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestExportCommands list, follow, replay and check an archive.
func TestExportCommands(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "archive")
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return text + fmt.Sprintf("exports:\n  - {name: archive, kind: lines, dir: %q, every: 1s, kinds: [life, config]}\n", archive)
	}})
	t.Setenv("POSTERN_CONFIG", r.Env["POSTERN_CONFIG"])
	t.Setenv("POSTERN_OPERATOR_KEY", "")
	t.Setenv("POSTERN_OPERATOR_KEY_FILE", r.Env["POSTERN_OPERATOR_KEY_FILE"])
	try := func(want string, code int, args ...string) {
		t.Helper()
		got, out, failed := command(append([]string{"export"}, args...)...)
		if got != code || !strings.Contains(strings.Join(strings.Fields(out+failed), " "), want) {
			t.Errorf("%v: exit %d\n%s%s", args, got, out, failed)
		}
	}
	try("archive lines "+archive, exitOK, "list")
	try(`"kinds": [ "life", "config" ]`, exitOK, "list", "--json")
	try("archive ok ", exitOK, "status")
	for _, want := range [][]string{{"Chain ", "Nothing is missing and every link holds."}, {`"findings": []`, `"first_seq"`, "--json"}} {
		rig.Await(t, "a file is written", func() bool { // its manifest comes after it
			args := []string{"export", "check", archive}
			if len(want) > 2 {
				args = append(args, want[2])
			}
			code, out, _ := command(args...)
			return code == exitOK && strings.Contains(out, want[0]) && strings.Contains(out, want[1])
		})
	}
	try("name the first record with --from SEQ", exitUsage, "replay", "archive")
	try("name an earlier one", exitFailed, "replay", "archive", "--from", "1000000")
	try("Export archive sends record 0", exitOK, "replay", "archive", "--from", "0")
	r.Stop()
	try("archive stopped ", exitOK, "status")
	try("Export archive sends record 0", exitOK, "replay", "archive", "--from", "0")
	try("archive stopped 0 ", exitOK, "status")
	try("nothing was exported under this name", exitFailed, "replay", "other", "--from", "0")
	damaged := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(damaged, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	try("events.jsonl:1: it is no event", exitFound, "check", damaged)
	try("open export", exitFailed, "check", damaged+"x")
}
