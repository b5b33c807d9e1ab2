package machine

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// SyncTimes appends size bytes to a file in dir and forces them to the disk, n
// times, and returns how long each took, in order. The file is removed.
func SyncTimes(dir string, size, n int, now func() time.Time) (took []time.Duration, err error) {
	f, err := os.CreateTemp(dir, "sync-")
	if err != nil {
		return nil, fmt.Errorf("make file to measure the disk: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	block := make([]byte, size)
	for range n {
		start := now()
		if _, err := f.Write(block); err != nil {
			return nil, fmt.Errorf("measure the disk: %w", err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return nil, fmt.Errorf("measure the disk: %w", err)
		}
		took = append(took, now().Sub(start))
	}
	return took, nil
}

// InMemory reports whether dir lies in memory and not on a disk.
func InMemory(dir string) (bool, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return false, fmt.Errorf("look at the file system: %w", err)
	}
	return fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.RAMFS_MAGIC, nil
}

// Nap sleeps more exactly than time.Sleep, which wakes up to a millisecond
// late while the process is idle. It occupies a thread.
func Nap(d time.Duration) {
	left := unix.NsecToTimespec(d.Nanoseconds())
	for errors.Is(unix.Nanosleep(&left, &left), unix.EINTR) {
		continue
	}
}

// Worked is how long the processor has worked for the calling thread, which is
// locked to its goroutine.
func Worked() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0, fmt.Errorf("read the thread's time: %w", err)
	}
	return time.Duration(t.Nano()), nil
}
