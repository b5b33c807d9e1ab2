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

// DropLog waits until the log, which still holds the old pages, is copied and
// cut. A reader of an older moment holds it back; the writer never waits for one,
// and has little to copy: the rest was brought to the disk before it is asked.
func (j *Journal) DropLog(ctx context.Context) error {
	for try := 0; ; try++ {
		err := j.askToCopy(ctx)
		if err == nil {
			err = j.cut(ctx, try)
		}
		if err == nil || !errors.Is(err, errHeld) {
			return err
		}
		if try >= cutTries && j.copying.Load() == 0 {
			return fmt.Errorf("erase: %w: end the query that runs and erase again", err)
		}
		timer := time.NewTimer(cutAgain)
		select {
		case <-timer.C:
		case <-j.done:
			timer.Stop()
			return ErrClosed
		}
	}
}

func (j *Journal) cut(ctx context.Context, try int) error {
	patience := shortPatience
	if try >= firstTries {
		patience = longPatience
	}
	return j.alone(ctx, func() error { return j.patient(patience, j.truncateLog) })
}

// askToCopy has the log copied by who does that beside the writer. It answers
// errHeld where a reader keeps more than a little of it.
func (j *Journal) askToCopy(ctx context.Context) error {
	if fileSize(j.path+"-wal") <= littleLog*frameSize || j.down.Load() {
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
	var frames, copied int64
	for range copyTries {
		if err == nil {
			frames, copied, err = c.checkpoint("PASSIVE")
		}
		if err != nil || frames-copied <= littleLog {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy log: %w", err), ignoreDamage(c.close()))
	}
	if frames < 0 || frames-copied > littleLog {
		return c, errHeld
	}
	return c, nil
}
