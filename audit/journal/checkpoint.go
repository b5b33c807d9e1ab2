package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// checkpoints copies the log into the file now and then on a connection of its
// own, so that the writer never waits for it, and watches the space. It owns
// that connection.
func (j *Journal) checkpoints() {
	defer j.wg.Done()
	giveWay()
	var c *conn
	tick := time.NewTicker(j.cfg.Checkpoint)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-j.done:
			if c != nil {
				j.report(ignoreDamage(c.close()))
			}
			return
		case copied := <-j.copies:
			var err error
			c, err = j.copyAhead(c)
			copied <- err
			continue
		case <-tick.C:
		}
		if n%5 == 0 {
			j.report(j.measure())
		}
		if dirty := j.dirty.Load(); dirty == 0 || n%5 != 0 && dirty < minDirty || j.down.Load() {
			continue
		}
		var err error
		if c, err = j.passive(c); err != nil {
			j.report(fmt.Errorf("copy log: %w", err))
		}
	}
}

// giveWay keeps the goroutine on a thread of low priority until it ends. A copy
// is 5 ms of processor time without a pause: at the writer's priority it held
// back one commit in a hundred for as long. Where it is not allowed the copy
// is only less polite.
func giveWay() {
	const nice = 10
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, nice) //nolint:errcheck // see above
}

// minDirty commits make an early checkpoint worth its two fsyncs.
const minDirty = 100

// copier is the connection that copies the log, which is dialled where there is none.
func (j *Journal) copier(c *conn) (*conn, error) {
	if c != nil {
		return c, nil
	}
	return dial(context.Background(), dsn(j.path, pageSize, false))
}

// passive copies what no reader holds back. On failure the connection is
// dropped and dialled again next time.
func (j *Journal) passive(c *conn) (*conn, error) {
	c, err := j.copier(c)
	if err != nil {
		return nil, err
	}
	j.dirty.Store(0)
	frames, _, err := c.copyMost(maxLog)
	full := frames*frameSize > maxLog
	if err == nil && full {
		err = j.flush()
	}
	if err == nil && full {
		_, _, err = c.copyMost(maxLog) // what came during the flush
	}
	if err != nil {
		return nil, errors.Join(err, ignoreDamage(c.close()))
	}
	if full {
		j.logFull.Store(true)
	}
	return c, nil
}

// flush brings what was copied to the disk while nobody waits. SQLite does that
// only once the log is copied whole, which under load is when the writer starts
// it over: recording stood still for 45 ms then, for 32 MiB of log.
//
// It goes piece by piece, and where others are recorded with as long a pause behind
// each: all at once it fills the disk's queue, and each commit meanwhile takes ten
// times as long.
func (j *Journal) flush() error {
	const piece, short = 2 << 20, 100 * time.Microsecond
	const all = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	commits := j.commits.Load()
	for at, size := int64(0), fileSize(j.path); at < size; at += piece {
		began := j.cfg.Now()
		if err := unix.SyncFileRange(int(j.disk.Fd()), at, piece, all); err != nil {
			break // a file system without it: all at once
		}
		if took := j.cfg.Now().Sub(began); took > short && j.commits.Load() != commits {
			j.rest(min(took, longestRest))
		}
	}
	if err := unix.Fdatasync(int(j.disk.Fd())); err != nil {
		return fmt.Errorf("flush the copied log: %w", err)
	}
	return nil
}

// frameSize is a page in the log: it has a header (https://sqlite.org/walformat.html, 2).
const frameSize = pageSize + 24

// copyMost copies the log while it is written, and says how many frames it holds
// and how many of them are left. One of more bytes than long is to be started over
// and is copied until little is left, each time what came during the last: the
// writer copies the rest, and nobody is recorded meanwhile.
func (c *conn) copyMost(long int64) (frames, left int64, err error) {
	for range copyTries {
		var copied int64
		frames, copied, err = c.checkpoint("PASSIVE")
		if left = frames - copied; err != nil || frames*frameSize <= long || left <= littleLog {
			break
		}
	}
	return frames, left, err
}

// checkpoint returns how many frames the log holds and how many are copied; -1
// for both where another checkpoint is under way. NOOP copies nothing. Only these
// two are content with less than the whole log: any other answers errHeld.
func (c *conn) checkpoint(mode string) (frames, copied int64, err error) {
	err = c.query("PRAGMA wal_checkpoint("+mode+")", func(row []driver.Value) error {
		frames, copied = asInt(row[1]), asInt(row[2])
		if mode != "PASSIVE" && mode != "NOOP" && (asInt(row[0]) != 0 || frames != copied) {
			return errHeld
		}
		return nil
	})
	return frames, copied, err
}

// errHeld: somebody reads an older moment of the store, or copies the log.
var errHeld = errors.New("a reader holds the log")

// copyLog copies the whole log.
func (j *Journal) copyLog(mode string) error {
	_, _, err := j.w.checkpoint(mode)
	if code(err) == busyCode {
		err = errHeld
	}
	if err != nil {
		return fmt.Errorf("copy log: %w", err)
	}
	return nil
}

// truncateLog copies the log and cuts it to nothing.
func (j *Journal) truncateLog() error { return j.copyLog("TRUNCATE") }

// tidyLog is truncateLog where a reader may keep it from that.
func (j *Journal) tidyLog() error {
	if err := j.patient(50, j.truncateLog); err != nil && !errors.Is(err, errHeld) {
		return err
	}
	return nil
}

// restartLog begins the log anew where no reader holds it, without waiting for
// one; else the next passive checkpoint asks again.
func (j *Journal) restartLog() error {
	if j.w == nil {
		return nil
	}
	if err := j.patient(0, func() error { return j.copyLog("RESTART") }); err != nil && !errors.Is(err, errHeld) {
		return err
	}
	return nil
}

// patient runs fn with another patience for locks, in milliseconds.
func (j *Journal) patient(ms int, fn func() error) error {
	if err := j.w.script(fmt.Sprintf("PRAGMA busy_timeout=%d", ms)); err != nil {
		return err
	}
	return errors.Join(fn(), j.w.script("PRAGMA busy_timeout=2000"))
}

// measure compares the file and the disk with the limits.
func (j *Journal) measure() error {
	tight := false
	if j.cfg.MaxBytes > 0 {
		tight = fileSize(j.path)+fileSize(j.path+logSuffix) >= j.cfg.MaxBytes
	}
	if j.cfg.MinFree > 0 {
		free, err := FreeBytes(filepath.Dir(j.path))
		if err != nil {
			return err
		}
		tight = tight || free < j.cfg.MinFree
	}
	if j.tight.Swap(tight) != tight && tight {
		return ErrNoSpace
	}
	return nil
}

func fileSize(path string) int64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return st.Size()
}
