package machine

import (
	"os"
	"testing"
	"time"
)

func TestParseQueued(t *testing.T) {
	got, err := parseQueued([]byte("1307865 8155675 2\n"))
	if err != nil || got != 8155675*time.Nanosecond {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "1 2", "1 x 2", "1 2 3 4"} {
		if _, err := parseQueued([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestQueuedIsOfAProcess(t *testing.T) {
	if _, err := Queued(os.Getpid()); err != nil {
		t.Error(err)
	}
	if _, err := Queued(1 << 30); err == nil {
		t.Error("a process that is not there has waited")
	}
}
