package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

var errQueued = errors.New("read scheduling: /proc/PID/task/TID/schedstat has another form than known")

// Queued is how long threads of a process have stood ready while no processor was
// free for them, together, since each began. Those that have ended are not in it.
func Queued(pid int) (sum time.Duration, err error) {
	tasks, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/schedstat")
	if err != nil || len(tasks) == 0 {
		return 0, errors.Join(errors.New("read scheduling: no such process"), err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task) //nolint:gosec // of /proc
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just ended
		}
		if err != nil {
			return 0, fmt.Errorf("read scheduling: %w", err)
		}
		waited, err := parseQueued(text)
		if err != nil {
			return 0, err
		}
		sum += waited
	}
	return sum, nil
}

// parseQueued reads the second of three numbers: nanoseconds on a processor,
// nanoseconds ready without one, turns (the kernel's sched-stats.rst).
func parseQueued(text []byte) (time.Duration, error) {
	fields := bytes.Fields(text)
	if len(fields) != 3 {
		return 0, errQueued
	}
	n, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0, errQueued
	}
	return time.Duration(n), nil
}
