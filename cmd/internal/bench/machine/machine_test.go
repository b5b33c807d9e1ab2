package machine

import (
	"os"
	"testing"
	"time"
)

func TestParseStatPassesOverTheName(t *testing.T) {
	line := []byte("4242 (odd) name (x) S 1 4242 4242 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 8 0 1000 200000000 2560 18446744073709551615 1 1\n")
	u, err := parseStat(line)
	if err != nil {
		t.Fatal(err)
	}
	if u.CPU != 2*time.Second {
		t.Errorf("CPU %v, want 2 s of 200 ticks", u.CPU)
	}
	if want := 2560 * int64(os.Getpagesize()); u.Resident != want {
		t.Errorf("resident %d, want %d", u.Resident, want)
	}
	for _, bad := range []string{"", "no name", "1 (x) S 1 2", "1 (x) S 1 1 1 0 -1 1 1 0 0 0 a 1 0 0 20 0 1 0 1 1 1 1"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestParseTimesKeepsStealApart(t *testing.T) {
	got, err := parseTimes([]byte("cpu  100 10 50 800 40 5 5 30 0 0\ncpu0 1 1 1 1 1 1 1 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Times{Busy: 1700 * time.Millisecond, Idle: 8400 * time.Millisecond, Steal: 300 * time.Millisecond}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, err := parseTimes([]byte("cpu  100 10\n")); err == nil {
		t.Error("a short line was read")
	}
}

func TestProcessSeesWhatThisProcessDoes(t *testing.T) {
	before, err := Process(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20
	if err := os.WriteFile(t.TempDir()+"/x", make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	after, err := Process(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if used := after.Sub(before); used.Written < size {
		t.Errorf("%d bytes written, want at least the %d of the file", used.Written, size)
	}
	if after.Resident < 1<<20 {
		t.Errorf("resident %d bytes, too few for a Go program", after.Resident)
	}
}

func TestProcessThatIsGoneIsAnError(t *testing.T) {
	if _, err := Process(1 << 30); err == nil {
		t.Error("a process that cannot exist was read")
	}
}

func TestSystemTimesPass(t *testing.T) {
	first, err := System()
	if err != nil {
		t.Fatal(err)
	}
	if first.Total() <= 0 {
		t.Fatalf("total %v", first.Total())
	}
	if _, err := LoadAverage(); err != nil {
		t.Error(err)
	}
}

func TestSyncTimesLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	took, err := SyncTimes(dir, 4096, 3, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if len(took) != 3 || took[0] <= 0 {
		t.Errorf("took %v, want three durations", took)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%d files left, error %v", len(left), err)
	}
}

func TestInMemoryKnowsSharedMemory(t *testing.T) {
	got, err := InMemory("/dev/shm")
	if err != nil || !got {
		t.Errorf("InMemory(/dev/shm) = %v, %v, want true", got, err)
	}
	if got, err := InMemory("/proc"); err != nil || got {
		t.Errorf("InMemory(/proc) = %v, %v, want false", got, err)
	}
	if _, err := InMemory(t.TempDir() + "/missing"); err == nil {
		t.Error("a folder that is not there was looked at")
	}
}

func TestNapIsNotShort(t *testing.T) {
	const asked = 3 * time.Millisecond
	start := time.Now()
	Nap(asked)
	if took := time.Since(start); took < asked {
		t.Errorf("slept %v, want at least %v", took, asked)
	}
}
