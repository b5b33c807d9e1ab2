package limit

import "time"

// Answer is what upstream said to a call that Take or Manage let go.
type Answer struct {
	Began time.Time     // when it was let go
	Code  int           // of upstream's error, 0 where it took the call
	Lost  bool          // there was none that says anything: another call may be a probe
	Retry time.Duration // Retry-After, 0 without one
}

// Held is something that one of Meta's answers holds off.
type Held struct {
	Scope Scope
	Name  string // the number, or the tenant of an account; "" for a pair
	Code  int
	Until time.Time // then a call is let through to see whether it still does
}

// Answered learns from upstream's answer to a message: a code of backOffs holds
// off what it is about, anything else ends what held it off before. It gives what
// was not held off so far.
func (l *Limiter) Answered(m Message, a Answer) (Held, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := m.keys(l.pairs.key(m))
	return l.learn(a, backOffs, keys[:]...)
}

// ManageAnswered is Answered for a management call.
func (l *Limiter) ManageAnswered(tenant string, a Answer) (Held, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := manageKeys(tenant)
	return l.learn(a, manageBackOffs, keys[:]...)
}

func (l *Limiter) learn(a Answer, of map[int]backOff, keys ...holdKey) (Held, bool) {
	now, began := l.now(), int64(a.Began.Sub(l.began))
	b, refused := of[a.Code]
	for _, k := range keys {
		if !refused || k.scope != b.scope {
			l.holds.answered(began, a.Lost, k)
			continue
		}
		fresh := l.holds.refused(k, a.Code, b, a.Retry, began, now)
		h := l.holds[k]
		if a.Code == CodeThroughput {
			at(l.numbers, k.name).full = h.until + l.paceOf(k.name).slack // and then without a burst
		}
		if fresh {
			return Held{k.scope, k.name, h.code, l.began.Add(time.Duration(h.until))}, true
		}
	}
	return Held{}, false
}

// held is what Meta's answers say of a call, nothing while one may go.
func (l *Limiter) held(now int64, keys ...holdKey) Verdict {
	scope, code, wait := l.holds.next(now, keys...)
	return Verdict{Scope: scope, Code: code, Wait: time.Duration(wait)}
}

// Changed says that Meta told of a change of numbers: what restricts them may be
// over, and the next message is let through to see.
func (l *Limiter) Changed(numbers []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, n := range numbers {
		if h := l.holds[holdKey{scope: Number, name: n}]; h != nil && restricts(h.code) {
			h.until, h.probe = min(h.until, now), 0
		}
	}
}

// restricts reports a code that is about what a number may do, not how fast.
func restricts(code int) bool {
	return code == CodeRestricted || code == CodeLocked || code == CodeMaintenance
}

// Restricted reports a number that Meta lately said may send nothing: while that
// holds it off, and as long again. Who sends only through a healthy number would
// else never send the message that ends it.
func (l *Limiter) Restricted(number string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, now := l.holds[holdKey{scope: Number, name: number}], l.now()
	return h != nil && !h.open && restricts(h.code) && now >= h.since && now < h.until+h.length()
}

// Held lists what is held off now. A restriction stays in it until upstream took
// a message again, a rate until its time is over.
func (l *Limiter) Held() []Held {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var out []Held
	for k, h := range l.holds {
		if !h.open && now >= h.since && (now < h.until || restricts(h.code)) {
			out = append(out, Held{k.scope, k.name, h.code, l.began.Add(time.Duration(h.until))})
		}
	}
	return out
}
