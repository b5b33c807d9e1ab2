package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Times are the processors' times since the machine started, over all of them.
type Times struct {
	Busy  time.Duration // running something here
	Idle  time.Duration // waiting for the disk too
	Steal time.Duration // the host ran somebody else
}

// Sub is what passed since earlier.
func (t Times) Sub(earlier Times) Times {
	return Times{t.Busy - earlier.Busy, t.Idle - earlier.Idle, t.Steal - earlier.Steal}
}

// Total is all time there was.
func (t Times) Total() time.Duration { return t.Busy + t.Idle + t.Steal }

// System reads the processors' times.
func System() (Times, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return Times{}, fmt.Errorf("read processor times: %w", err)
	}
	return parseTimes(stat)
}

// parseTimes reads the first line: cpu user nice system idle iowait irq
// softirq steal, in ticks.
func parseTimes(stat []byte) (Times, error) {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return Times{}, errors.New("read processor times: /proc/stat has another form than known")
	}
	var n [8]time.Duration
	for i := range n {
		ticks, err := strconv.ParseInt(string(fields[i+1]), 10, 64)
		if err != nil {
			return Times{}, errors.New("read processor times: no number")
		}
		n[i] = time.Duration(ticks) * tick
	}
	return Times{Busy: n[0] + n[1] + n[2] + n[5] + n[6], Idle: n[3] + n[4], Steal: n[7]}, nil
}

// LoadAverage is the number of processes that wanted to run, over the last
// minute.
func LoadAverage() (float64, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, fmt.Errorf("read load: %w", err)
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0, errors.New("read load: no number")
	}
	return n, nil
}

// Processor is the name of the processor, empty where the system has none.
func Processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
