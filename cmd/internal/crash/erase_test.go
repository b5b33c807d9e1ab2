package crash

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// erasures is how many people are erased by a gateway that is killed meanwhile.
const erasures = 5

// forgotten is a person of whom nothing may be left.
type forgotten struct{ number, user, name, words string }

// TestEraseKilled kills the gateway in the middle of erasing somebody. The
// next one finishes it by itself, or never heard of it and does it when asked
// again; the trail is proved either way.
func TestEraseKilled(t *testing.T) {
	t.Parallel()
	seed := number(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d", seed)
	w := newWorld(t, seed)
	w.serving(t)
	k := &killer{w: w, acc: newAccount(t, w, &ledger{}), rng: rand.New(rand.NewPCG(seed, 2))}
	w.hear(t, forgotten{number: "491713926999", user: "DE.699900112233", name: "Rotdorn", words: "Der Pirol bleibt hier."}, 1)
	begun := 0
	for n := range erasures {
		p := forgotten{
			number: fmt.Sprintf("49171392611%d", n), user: fmt.Sprintf("DE.6700112233%d", n),
			name: fmt.Sprintf("Zaunkoenig%dfeld", n), words: fmt.Sprintf("Losung%dwort Quittenbaum%d.", n, n),
		}
		values := append(p.forms(), w.hear(t, p, 150)...)
		if len(w.leftOf(t, values[:1])) == 0 { // the words: redaction leaves them
			t.Fatal("the words are in no file: the test looks in the wrong place")
		}
		if n%2 == 0 {
			k.killHeld(t, p, begun)
		} else {
			k.killErasing(t, p)
		}
		begun += w.erasedInTheEnd(t, p, begun)
		for _, place := range w.leftOf(t, values) {
			t.Errorf("round %d: %s", n, place)
		}
	}
	if report := k.verify(t); report.Erasures < erasures || report.Erased == 0 {
		t.Errorf("%d parts erased under %d erasure records", report.Erased, report.Erasures)
	}
	if len(w.leftOf(t, [][]byte{[]byte("Der Pirol bleibt hier.")})) == 0 {
		t.Error("another person's words are gone")
	}
	w.gate.end(t, syscall.SIGTERM)
	w.keyless(t)
}

// forms are the person's values as files may hold them, the words first.
func (p forgotten) forms() [][]byte {
	var out [][]byte
	for _, v := range []string{p.words, p.number, p.user, p.name, p.number[2:]} {
		out = append(out, []byte(v), []byte(hex.EncodeToString([]byte(v))))
	}
	return out
}

// hear lets a person write that often, until all is on record, and returns the
// messages' ids.
func (w *world) hear(t *testing.T, p forgotten, often int) [][]byte {
	t.Helper()
	var told struct {
		IDs       []string `json:"ids"`
		Updates   int      `json:"updates"`
		Delivered int      `json:"delivered"`
	}
	w.control(t, http.MethodPost, "/_sim/inbound", map[string]any{
		"phone_number_id": w.env["POSTERN_PHONE_ID"], "from": p.number, "user_id": p.user, "profile_name": p.name,
		"type": "text", "text": map[string]string{"body": p.words}, "count": often, "wait": true,
	}, &told)
	if told.Updates != often || told.Delivered != often {
		t.Fatalf("of %d messages %d were acknowledged", often, told.Delivered)
	}
	var out [][]byte
	for _, id := range told.IDs {
		out = append(out, []byte(id))
	}
	return out
}

// erase is the command line that erases somebody.
func (w *world) erase(ctx context.Context, p forgotten) *exec.Cmd {
	return exec.CommandContext(ctx, filepath.Join(programs, "postern"), "--config", w.env["POSTERN_CONFIG"], //nolint:gosec // our own program
		"subject", "erase", "+"+p.number, "--reason", "request", "--yes")
}

// killErasing kills the gateway at a random moment after somebody began to ask.
func (k *killer) killErasing(t *testing.T, p forgotten) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	asking := k.w.erase(ctx, p)
	check(t, asking.Start())
	pause(time.Duration(k.rng.Int64N(int64(400 * time.Millisecond))))
	k.w.kill(t)
	ended(t, asking)
}

// ended waits for a command that may have failed.
func ended(t *testing.T, c *exec.Cmd) {
	t.Helper()
	var exit *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
}

// killHeld kills it when the erasure is on record and can not be finished,
// since an auditor reads an older state.
func (k *killer) killHeld(t *testing.T, p forgotten, before int) {
	t.Helper()
	reader, err := journal.OpenReader(t.Context(), k.acc.trail.path)
	check(t, err)
	defer reader.Close()
	check(t, reader.Records(t.Context(), 0, 1, func(*audit.Record) error {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		asking := k.w.erase(ctx, p)
		check(t, asking.Start())
		await(t, "an erasure to be on record", func() bool {
			begun, _ := k.w.erasures(t)
			return begun == before+1
		})
		pause(time.Duration(k.rng.Int64N(int64(100 * time.Millisecond))))
		k.w.kill(t)
		ended(t, asking)
		return nil
	}))
	if begun, done := k.w.erasures(t); begun != before+1 || done != before {
		t.Errorf("%d erasures were begun and %d finished, while one could not be", begun, done)
	}
}

// erasures counts those that are on record as begun, and as done.
func (w *world) erasures(t *testing.T) (begun, done int) {
	t.Helper()
	reader, err := journal.OpenReader(t.Context(), filepath.Join(w.dir, "data", "journal.db"))
	check(t, err)
	defer reader.Close()
	check(t, reader.Records(t.Context(), 0, 1<<62, func(r *audit.Record) error {
		if r.Kind == audit.KindRequest && r.Type == "erase" {
			switch r.Result {
			case "begun":
				begun++
			case "done":
				done++
			}
		}
		return nil
	}))
	return begun, done
}

// erasedInTheEnd starts the gateway again. It finishes what was begun before;
// what never was is asked for again. It returns 1, the erasure that is over.
func (w *world) erasedInTheEnd(t *testing.T, p forgotten, before int) int {
	t.Helper()
	begun, _ := w.erasures(t)
	w.serving(t)
	if begun == before {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if out, err := w.erase(ctx, p).CombinedOutput(); err != nil {
			t.Fatalf("erase again: %v: %s", err, out)
		}
	}
	await(t, "the erasure to be finished", func() bool {
		_, done := w.erasures(t)
		return done == before+1
	})
	return 1
}

// leftOf are the gateway's files that hold one of the values. The simulator's
// are Meta's: it knows whom it sends to.
func (w *world) leftOf(t *testing.T, values [][]byte) []string {
	t.Helper()
	var out []string
	check(t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // a file that was replaced meanwhile
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), "metasim"):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for i, v := range values {
			if bytes.Contains(raw, v) {
				out = append(out, fmt.Sprintf("%s holds value %d", d.Name(), i))
			}
		}
		return err
	}))
	return out
}

// keyless: no data key, identifier or index entry of who was erased is left.
func (w *world) keyless(t *testing.T) {
	t.Helper()
	cfg, err := boot.Load(w.env["POSTERN_CONFIG"])
	check(t, err)
	store, err := boot.OpenStore(t.Context(), cfg, boot.StoreConfig{Now: time.Now})
	check(t, err)
	defer func() { check(t, store.Close()) }()
	people := map[audit.SubjectID]bool{}
	reader, err := journal.OpenReader(t.Context(), filepath.Join(w.dir, "data", "journal.db"))
	check(t, err)
	defer reader.Close()
	check(t, reader.Records(t.Context(), 0, 1<<62, func(r *audit.Record) error {
		if r.Kind == audit.KindRequest && r.Type == "erase" && r.Result == "begun" {
			people[r.Subject] = true
		}
		return nil
	}))
	if len(people) != erasures {
		t.Errorf("%d people were erased", len(people))
	}
	for id := range people {
		row, err := store.Journal.Subject(t.Context(), id)
		check(t, err)
		keys, err := store.Journal.KeysOf(t.Context(), id)
		check(t, err)
		if len(keys)+len(row.Index)+len(row.Identifiers) > 0 {
			t.Errorf("%d keys, %d index entries and %d bytes of identifiers are left", len(keys), len(row.Index), len(row.Identifiers))
		}
	}
}
