package limit

import (
	"slices"
	"time"
)

// Codes of Meta's (whatsapp.md 3.9) after which asking again at once is of no use.
const (
	CodeApp         = 4      // calls of Meta's app, over all its accounts
	CodeRestricted  = 368    // blocked for violations of its rules
	CodeAccount     = 80007  // calls of the business account
	CodeManagement  = 80008  // management calls of the business account
	CodeThroughput  = 130429 // messages of the number
	CodeLocked      = 131031 // account locked
	CodePair        = 131056 // messages to one person
	CodeMaintenance = 131057 // the number's throughput is being raised
)

// backOff is how long calls are held off after a code: first, then so many times
// longer whenever it comes again soon after, up to most.
type backOff struct {
	scope  Scope
	first  time.Duration
	factor int
	most   time.Duration
}

// backOffs are for codes that upstream gave to a message.
var backOffs = map[int]backOff{
	CodeThroughput:  {Number, time.Second, 2, time.Minute},
	CodePair:        {Pair, time.Second, 4, 256 * time.Second}, // whatsapp.md 3.10: 4^X
	CodeAccount:     {Account, 10 * time.Second, 2, 15 * time.Minute},
	CodeApp:         {Account, time.Minute, 2, time.Hour},
	CodeMaintenance: {Number, 5 * time.Second, 2, time.Minute},
	CodeRestricted:  {Number, time.Minute, 2, 15 * time.Minute},
	CodeLocked:      {Number, time.Minute, 2, 15 * time.Minute},
}

// manageBackOffs are for codes that upstream gave to a management call. There
// 131031 is a wrong PIN, and 368 may be what the call is to lift. They hold off
// such calls alone: an app that asks too often must not keep messages from going
// that upstream was never asked to take.
var manageBackOffs = map[int]backOff{
	CodeAccount:    {Management, 10 * time.Second, 2, 15 * time.Minute},
	CodeManagement: {Management, time.Minute, 2, time.Hour},
	CodeApp:        {Management, time.Minute, 2, time.Hour},
}

// longest bounds what upstream's Retry-After may ask for.
const longest = time.Hour

// probeLasts is how long others wait for the answer to a probe before another
// call becomes one.
const probeLasts = 10 * time.Second

// maxHolds bounds what is remembered of upstream's refusals. Beyond it the ones
// that end first are forgotten, which only allows again.
const maxHolds = 10_000

// holdKey is what is held off: an account, a number or a pair.
type holdKey struct {
	scope Scope
	name  string
	pair  uint64
}

// hold is one refusal of upstream's and what follows from it: nothing goes until
// its end. Then what was too fast goes on at its pace; of all else one call goes
// as a probe, and the rest once upstream answers one with anything but the code.
// None lasts longer without a probe than its back off, or upstream's own
// Retry-After, which is an hour at most.
type hold struct {
	code  int
	since int64
	until int64
	probe int64 // when the last one left, 0 for none
	open  bool  // upstream answered otherwise; kept to see whether the code comes again
}

// length is how long it holds off.
func (h *hold) length() int64 { return h.until - h.since }

// wait is how long calls have to wait, 0 where one may go.
func (h *hold) wait(now int64) int64 {
	switch {
	case h.open || now < h.since: // or the clock was set back
		return 0
	case now < h.until:
		return h.until - now
	case h.code != CodeThroughput && h.code != CodePair && h.probe != 0 && now >= h.probe && now < h.probe+int64(probeLasts):
		return h.probe + int64(probeLasts) - now
	}
	return 0
}

// holds are all that upstream's answers hold off.
type holds map[holdKey]*hold

// next is the longest wait of the keys, and the code that it is for.
func (m holds) next(now int64, keys ...holdKey) (Scope, int, int64) {
	var scope, code, longest = None, 0, int64(0)
	for _, k := range keys {
		if h := m[k]; h != nil {
			if wait := h.wait(now); wait > longest {
				scope, code, longest = k.scope, h.code, wait
			}
		}
	}
	return scope, code, longest
}

// leave notes that a call goes, which is a probe where one is due.
func (m holds) leave(now int64, keys ...holdKey) {
	for _, k := range keys {
		if h := m[k]; h != nil && !h.open {
			h.probe = now
		}
	}
}

// refused takes a code over. It reports a hold that was not there before.
func (m holds) refused(k holdKey, code int, b backOff, retry time.Duration, began, now int64) bool {
	h := m[k]
	if h != nil && began < h.until && h.code == code {
		return false // it left before the first of its kind was known
	}
	length := b.first
	if h != nil && h.code == code && now < h.until+h.length() {
		length = min(time.Duration(h.length())*time.Duration(b.factor), b.most)
	}
	length = max(length, min(retry, longest))
	until := now + int64(length)
	if h != nil && began < h.until && until <= h.until {
		return false // another code holds it off for longer
	}
	m.bound(now)
	m[k] = &hold{code: code, since: now, until: until}
	return h == nil || h.code != code || h.open
}

// answered opens what upstream did not refuse to a call that began after the
// hold. A lost answer only makes room for another probe.
func (m holds) answered(began int64, lost bool, k holdKey) {
	h := m[k]
	switch {
	case h == nil || began < h.until:
	case lost:
		h.probe = 0
	default:
		h.open = true
	}
}

// bound makes room for one more.
func (m holds) bound(now int64) {
	if len(m) < maxHolds {
		return
	}
	ends := make([]int64, 0, len(m))
	for _, h := range m {
		ends = append(ends, h.until)
	}
	slices.Sort(ends)
	for k, h := range m {
		if h.until <= max(ends[len(ends)/2], now) {
			delete(m, k)
		}
	}
}
