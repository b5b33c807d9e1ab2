package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"postern/audit"
)

// crashDir makes this test binary the victim: it appends until it is killed
// and prints the id of every admission that was acknowledged.
const crashDir = "JOURNAL_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

func victim(dir string) {
	cfg := config(dir)
	cfg.Now, cfg.Checkpoint = time.Now, 3*time.Millisecond
	j, err := Open(context.Background(), cfg)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	lines := make(chan string, 64)
	for range 4 {
		go func() {
			for {
				r := admission(time.Now(), audit.NewSubjectID())
				if err := j.Append(context.Background(), Batch{Records: []audit.Record{r}}); err != nil {
					lines <- "error: " + err.Error()
				}
				lines <- r.ID.String()
				_ = j.Append(context.Background(), Batch{Records: []audit.Record{settle(time.Now(), &r, "accepted")}, Lazy: true})
			}
		}()
	}
	go func() {
		for {
			if err := j.DropLog(context.Background()); err != nil {
				lines <- "error: " + err.Error()
			}
		}
	}()
	for line := range lines {
		if _, err := fmt.Println(line); err != nil {
			os.Exit(1)
		}
	}
}

// TestKill kills the writer under load, again and again on one file: no
// acknowledged record is ever missing and the chain stays valid.
// JOURNAL_CRASH_ROUNDS sets how often.
func TestKill(t *testing.T) {
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("JOURNAL_CRASH_ROUNDS")); err == nil {
		rounds = n
	}
	dir := t.TempDir()
	for round := range rounds {
		acknowledged := killOnce(t, dir, time.Duration(20+round*13%90)*time.Millisecond)
		start := time.Now()
		j, err := Open(context.Background(), config(dir))
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		for _, id := range acknowledged {
			if !stored(t, j, id) {
				t.Fatalf("round %d: an acknowledged record is missing", round)
			}
		}
		n := checkChain(t, j)
		if report := verify(t, dir); !report.OK() {
			t.Fatalf("round %d: %v", round, report.Findings)
		}
		t.Logf("round %d: %d acknowledged, %d records, opened in %v", round, len(acknowledged), n, took)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killOnce runs the victim for a moment after its first acknowledgement and
// returns what it acknowledged.
func killOnce(t *testing.T, dir string, after time.Duration) (ids []audit.ID) {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	var kill *time.Timer
	for {
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if kill == nil {
			kill = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		id, err := audit.ParseID(line[:len(line)-1])
		if err != nil {
			t.Fatalf("victim said %q", line)
		}
		ids = append(ids, id)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the victim ended by itself")
	}
	return ids
}
