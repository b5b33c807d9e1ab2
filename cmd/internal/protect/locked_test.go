package protect

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// unlockable runs the program where the kernel locks no memory for it.
func unlockable(ctx context.Context, args ...string) *exec.Cmd {
	program := filepath.Join(programs, "postern")
	return exec.CommandContext(ctx, "sh", append([]string{"-c", `ulimit -l 0; exec "$0" "$@"`, program}, args...)...) //nolint:gosec // the program under test
}

// TestMemoryIsNotLocked: a refusal of the kernel is a warning, and with
// lock_memory: required no start.
func TestMemoryIsNotLocked(t *testing.T) {
	g := settle(t)
	g.start(t, unlockable(context.Background(), "serve"))
	await(t, g, `"message":"keys lie in memory that may be swapped out"`)
	await(t, g, "LimitMEMLOCK")

	g = settle(t)
	config := g.env["POSTERN_CONFIG"]
	text, err := os.ReadFile(config)
	check(t, err)
	check(t, os.WriteFile(config, append(text, "\nkeystore: {lock_memory: required}\n"...), 0o600))
	give(t, g.dir, stranger())
	ctx, cancel := context.WithTimeout(t.Context(), patience) // should it serve
	defer cancel()
	for _, command := range [][]string{{"serve"}, {"keys", "list"}} {
		c := as(stranger(), unlockable(ctx, append(command, "--config", config)...))
		c.Env = append(os.Environ(), "POSTERN_OPERATOR_KEY_FILE="+g.env["POSTERN_OPERATOR_KEY_FILE"])
		if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "lock memory of keys (allow the process to") {
			t.Errorf("%v: %v\n%s", command, err, out)
		}
	}
	g.start(t, exec.Command(filepath.Join(programs, "postern"), "serve")) //nolint:gosec // the program under test
	if strings.Contains(g.log.String(), "may be swapped out") {
		t.Errorf("a warning where memory is locked:\n%s", g.log)
	}
}
