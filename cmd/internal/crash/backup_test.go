package crash

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"postern/retention/backup"
)

// TestKillWhileBackingUp kills the gateway while it copies the store under load:
// what is listed is whole, and nothing of the rest stays.
func TestKillWhileBackingUp(t *testing.T) {
	t.Parallel()
	seed := number(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d", seed)
	w := newWorld(t, seed)
	raw, err := os.ReadFile(w.env["POSTERN_CONFIG"])
	check(t, err)
	check(t, os.WriteFile(w.env["POSTERN_CONFIG"], append(raw, "backup: {dir: ./backups, every: 700h}\n"...), 0o600))
	w.serving(t)
	l, rng := newLoad(t, w), rand.New(rand.NewPCG(seed, 3))
	for range 4 {
		l.start(rng, 2, 10*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		asking := w.command(ctx, "backup", "create", "--prune")
		check(t, asking.Start())
		pause(time.Duration(rng.Int64N(int64(500 * time.Millisecond))))
		w.kill(t)
		ended(t, asking)
		cancel()
		l.finish()
		left := filepath.Join(w.dir, "data", "backup.tmp", "left") // the gateway's own next copy may lie there soon
		check(t, os.MkdirAll(filepath.Dir(left), 0o700))
		check(t, os.WriteFile(left, nil, 0o600))
		w.serving(t)
		if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a copy lies beside the journal: %v", err)
		}
	}
	// The gateway may be at its own yet; after the one that is asked for none is due.
	await(t, "a backup that is not killed", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return w.command(ctx, "backup", "create", "--prune").Run() == nil
	})
	var all []backup.Listed
	check(t, json.Unmarshal(w.told(t, "backup", "list", "--json"), &all))
	names := map[string]bool{}
	for _, b := range all {
		names[b.Name] = true
		w.told(t, "backup", "verify", b.Name)
	}
	entries, err := os.ReadDir(filepath.Join(w.dir, "backups", "backups", all[0].Store))
	check(t, err)
	for _, e := range entries {
		if !names[e.Name()] {
			t.Errorf("of %s, which is no backup, something is left", e.Name())
		}
	}
	w.gate.end(t, syscall.SIGTERM)
}

// command is one of the command line.
func (w *world) command(ctx context.Context, words ...string) *exec.Cmd {
	return exec.CommandContext(ctx, filepath.Join(programs, "postern"), append([]string{"--config", w.env["POSTERN_CONFIG"]}, words...)...) //nolint:gosec // our own program
}

// told runs a command that succeeds, and gives what it printed.
func (w *world) told(t *testing.T, words ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := w.command(ctx, words...).Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Fatalf("%v: %v: %s", words, err, exit.Stderr)
	}
	return out
}
