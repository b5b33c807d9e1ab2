package crash

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
)

// limits rewrites the limits of the demo's configuration.
func limits(text string) func(string) string {
	return func(config string) string { return strings.Replace(config, "limits: {", "limits: {"+text+", ", 1) }
}

// TestDiskFull takes the free space of the disk away and gives it back: what
// the gateway refuses meanwhile it takes afterwards, without a restart.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var disk unix.Statfs_t
	check(t, unix.Statfs(dir, &disk))
	free := int64(disk.Bavail) * disk.Bsize
	margin := min(2<<30, free/4) // so far is the limit, and other work on the disk less
	if margin < 256<<20 {
		t.Fatalf("this test needs 1 GiB of free disk, and there are %d bytes", free)
	}
	r := rig.Start(t, rig.Options{Config: limits("pair_rate: 0, min_free_bytes: " + strconv.FormatInt(free-margin, 10))})
	awaitReadiness(t, r, http.StatusOK)
	all := families(t, r)
	for _, f := range all {
		f.taken(t, r, "Room enough")
	}
	before := left(r)

	ballast := occupy(t, filepath.Join(dir, "ballast"), 2*margin)
	awaitReadiness(t, r, http.StatusServiceUnavailable)
	for _, f := range all {
		f.refused(t, r, "No room")
	}
	id := writes(t, r, "Written to a full disk")
	webhookAnswered(t, r, id, http.StatusServiceUnavailable)
	if now := left(r); now != before {
		t.Fatalf("%d messages left", now-before)
	}

	check(t, os.Remove(ballast))
	awaitReadiness(t, r, http.StatusOK)
	webhookAnswered(t, r, id, http.StatusOK)
	r.Hooks.With(t, "Written to a full disk")
	for _, f := range all {
		f.taken(t, r, "Room again")
	}
	stops(t, r, 1)
	silent(t, r, "Room enough", "No room", "Written to a full disk")
	adds(t, r)
}

// occupy makes a file that takes the space without writing it.
func occupy(t *testing.T, path string, size int64) string {
	t.Helper()
	f, err := os.Create(path)
	check(t, err)
	defer f.Close()
	if err := unix.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
		t.Fatalf("occupy disk space: %v", err)
	}
	return path
}

// TestQueueFull holds the writer up until the queue before it is full: what
// finds no place is refused as overload and leaves nothing behind.
func TestQueueFull(t *testing.T) {
	t.Parallel()
	const queue, sends = 16, 60
	var held atomic.Bool
	arrived, gate := make(chan struct{}, 1), make(chan struct{})
	r := rig.Start(t, rig.Options{
		Config: limits("pair_rate: 0, queue: " + strconv.Itoa(queue)),
		Fault: func(s journal.Step) error {
			if held.Load() && s == journal.StepBegin {
				arrived <- struct{}{}
				<-gate
			}
			return nil
		},
	})
	warm(t, r)
	before := left(r)
	all := families(t, r)
	answers := make(chan string, sends+1)
	ask := func(f family) {
		a := f.send(t, r, "Into the queue")
		verdict := fmt.Sprintf("%s: %d %s", f.name, a.Status, a.Body)
		switch {
		case a.Status == f.down && strings.Contains(a.Body, f.code):
			verdict = "shed"
		case a.Status == http.StatusOK || a.Status == http.StatusCreated:
			verdict = "sent"
		}
		answers <- verdict
	}
	held.Store(true)
	go ask(all[0])
	<-arrived // the writer has it
	for n := range sends {
		go ask(all[n%len(all)])
	}
	count := map[string]int{}
	for range sends - queue { // these find no place
		count[<-answers]++
	}
	if count["shed"] != sends-queue {
		t.Errorf("while the writer waits: %v", count)
	}
	held.Store(false)
	close(gate)
	for range queue + 1 {
		count[<-answers]++
	}
	if n := left(r) - before; count["shed"]+count["sent"] != sends+1 || n != count["sent"] {
		t.Errorf("%d messages left: %v", n, count)
	}
	adds(t, r)
	silent(t, r, "Into the queue")
	if a := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", ""); !regexp.MustCompile(`postern_requests_total\{[^}]*status="503"\} [1-9]`).MatchString(a.Body) {
		t.Error("the metrics count no refused request")
	}
}
