package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long the writer waits for readers to let go of the log that it is to cut.
// Every send waits with it: it begins with a short while, and asks again.
const (
	shortPatience = 5  // milliseconds
	longPatience  = 50 // of the tries behind the first
	firstTries    = 20
	cutTries      = 100
	cutAgain      = 100 * time.Millisecond
)

// What of a log, in pages, the writer may be left to copy itself, and how often
// that is tried: each time what came during the last copy is left.
const (
	littleLog = 256
	copyTries = 5
)

// DropLog waits until the log, which still holds the old pages, is copied, begun
// anew and overwritten. A reader of an older moment holds it back; the writer
// never waits for one, and has little to copy: the rest was brought to the disk
// before it is asked.
func (j *Journal) DropLog(ctx context.Context) error {
	for try := 0; ; try++ {
		err := j.askToCopy(ctx)
		if err == nil {
			err = j.beginLog(ctx, try)
		}
		if err == nil {
			return j.wipe(ctx)
		}
		if !errors.Is(err, errHeld) {
			return err
		}
		if try >= cutTries && j.copying.Load() == 0 {
			return fmt.Errorf("erase: %w: end the query that runs and erase again", err)
		}
		j.rest(cutAgain) // closed meanwhile, the next try says so
	}
}

// beginLog copies what is left of the log and begins it anew, which takes a
// write: its first pages lie over the oldest of the log before then.
func (j *Journal) beginLog(ctx context.Context, try int) error {
	patience := shortPatience
	if try >= firstTries {
		patience = longPatience
	}
	return j.alone(ctx, func() error {
		if err := j.patient(patience, func() error { return j.copyLog("RESTART") }); err != nil {
			return err
		}
		if err := j.writePage(); err != nil {
			return fmt.Errorf("begin the log anew: %w", err)
		}
		if frames, _, err := j.w.checkpoint("NOOP"); err != nil || frames > littleLog {
			return errors.Join(err, errHeld) // somebody began to read in between
		}
		return nil
	})
}

// writePage writes the first page as it is. An UPDATE that changes nothing would
// write none.
func (j *Journal) writePage() error {
	version, err := j.w.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	return j.w.script(fmt.Sprintf("PRAGMA user_version=%d", version))
}

// askToCopy has the log copied by who does that beside the writer. It answers
// errHeld where a reader keeps more than a little of it.
func (j *Journal) askToCopy(ctx context.Context) error {
	if fileSize(j.path+logSuffix) <= littleLog*frameSize || j.down.Load() {
		return nil
	}
	copied := make(chan error, 1)
	select {
	case j.copies <- copied:
		return <-copied
	case <-j.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// copyAhead copies what no reader holds back and brings it to the disk in pieces,
// then what came meanwhile, of which little is left.
func (j *Journal) copyAhead(c *conn) (*conn, error) {
	c, err := j.copier(c)
	if err != nil {
		return nil, err
	}
	_, _, err = c.checkpoint("PASSIVE")
	if err == nil {
		err = j.flush()
	}
	var frames, left int64
	if err == nil {
		frames, left, err = c.copyMost(0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy log: %w", err), ignoreDamage(c.close()))
	}
	if frames < 0 || left > littleLog {
		return c, errHeld
	}
	return c, nil
}
