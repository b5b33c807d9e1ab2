package envoytest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Memory is what a process has in memory now and had at its most, in bytes. pid
// is Envoy's or another's.
func Memory(t testing.TB, pid int) (now, most int) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	return kib(t, string(raw), "VmRSS:") << 10, kib(t, string(raw), "VmHWM:") << 10
}

func kib(t testing.TB, status, name string) int {
	t.Helper()
	_, rest, _ := strings.Cut(status, name)
	words := strings.Fields(rest)
	if len(words) == 0 {
		t.Fatalf("/proc/PID/status has no %s", name)
	}
	n, err := strconv.Atoi(words[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
