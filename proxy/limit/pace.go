package limit

import "time"

// pace is a token bucket as the generic cell rate algorithm has it: all that is
// kept of one is a single instant, at which it is full again. Instants and
// lengths are nanoseconds on the limiter's clock.
type pace struct {
	every int64 // between two tokens; 0 has no limit
	slack int64 // how far a burst may run ahead
}

// paceOf is a pace of so many a second, burst of them at once.
func paceOf(perSecond float64, burst int) pace {
	if perSecond <= 0 {
		return pace{}
	}
	every := max(int64(float64(time.Second)/perSecond), 1)
	return pace{every, every * int64(max(burst, 1)-1)}
}

// bySecond is a pace whose burst is a second's worth.
func bySecond(perSecond float64) pace { return paceOf(perSecond, int(perSecond)) }

// wait is how long until a token is there, 0 if one is.
func (p pace) wait(full, now int64) int64 { return p.waitBeside(full, now, 0) }

// waitHalf is wait for who leaves half of the burst to others.
func (p pace) waitHalf(full, now int64) int64 { return p.waitBeside(full, now, (p.slack+p.every)/2) }

func (p pace) waitBeside(full, now, left int64) int64 {
	if p.every == 0 {
		return 0
	}
	return max(full-p.slack+left-now, 0)
}

// take is when the bucket is full once a token more is gone.
func (p pace) take(full, now int64) int64 {
	if p.every == 0 {
		return now
	}
	return max(full, now) + p.every
}

// sane bounds how empty a bucket is, before it is asked: a clock that was set
// back, or a rate that was raised, must not shut it for longer than one token takes.
func (p pace) sane(full, now int64) int64 { return min(full, now+p.slack+p.every) }

// share is the pace of one of n that take the same turns. Its burst lasts as
// long as all their bursts together do.
func (p pace) share(n int) pace { return pace{p.every * int64(n), p.slack} }
