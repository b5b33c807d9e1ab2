// Package machine reads what processes and the machine have used, from Linux'
// /proc. On any other system, or for a process of another user, it answers
// with an error and never with zeros.
package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// tick is the unit of times in /proc (USER_HZ, 100 on every Linux).
const tick = 10 * time.Millisecond

// Usage is what a process has used since it started, and its memory now.
type Usage struct {
	CPU      time.Duration // user and system
	Resident int64         // bytes
	Written  int64         // bytes given to write calls: files, sockets and pipes alike
	ToDisk   int64         // bytes of pages made dirty, which the disk has to take
}

// Sub is what was used since earlier; memory is that of u.
func (u Usage) Sub(earlier Usage) Usage {
	return Usage{u.CPU - earlier.CPU, u.Resident, u.Written - earlier.Written, u.ToDisk - earlier.ToDisk}
}

// ErrHidden: the process keeps what it wrote from everybody but root, as the
// gateway does.
var ErrHidden = errors.New("read bytes written: run as root to measure a gateway, which lets nobody else look at it")

// Process reads the usage of a process.
func Process(pid int) (Usage, error) {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return Usage{}, fmt.Errorf("read process: %w", err)
	}
	u, err := parseStat(stat)
	if err != nil {
		return Usage{}, err
	}
	written, err := os.ReadFile(dir + "io")
	if errors.Is(err, fs.ErrPermission) {
		return Usage{}, fmt.Errorf("%w: %w", ErrHidden, err)
	}
	if err != nil {
		return Usage{}, fmt.Errorf("read bytes written: %w", err)
	}
	if u.Written, err = field(written, "wchar:"); err != nil {
		return Usage{}, err
	}
	u.ToDisk, err = field(written, "write_bytes:")
	return u, err
}

// Fields of /proc/PID/stat after the name, from 0 (proc(5) counts from 1, with
// two before).
const (
	userTime   = 11
	systemTime = 12
	residentIn = 21
)

var errStat = errors.New("read process: /proc/PID/stat has another form than known")

// parseStat reads past the name, which may hold blanks and parentheses.
func parseStat(stat []byte) (Usage, error) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return Usage{}, errStat
	}
	fields := bytes.Fields(stat[end+1:])
	if len(fields) <= residentIn {
		return Usage{}, errStat
	}
	var n [3]int64
	for i, at := range []int{userTime, systemTime, residentIn} {
		var err error
		if n[i], err = strconv.ParseInt(string(fields[at]), 10, 64); err != nil {
			return Usage{}, errStat
		}
	}
	return Usage{CPU: time.Duration(n[0]+n[1]) * tick, Resident: n[2] * int64(os.Getpagesize())}, nil
}

// field finds the number behind a name at the beginning of a line.
func field(text []byte, name string) (int64, error) {
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			n, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read %s: no number", name)
			}
			return n, nil
		}
	}
	return 0, fmt.Errorf("read %s: not there", name)
}
