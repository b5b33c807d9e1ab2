package limit

import (
	"sync"
	"time"
)

// perAccount is how many templates Meta lets a business account create within
// an hour (whatsapp.md 3.6).
const perAccount = 100

// creations remembers when templates were handed in, per account: at most
// perAccount instants each, oldest first.
type creations struct {
	mu sync.Mutex
	at map[string][]time.Time
}

// Template counts one new template of a business account. It says how long to
// wait where an hour's worth was handed in; the template then does not count.
func (l *Limiter) Template(account string) time.Duration {
	now := l.cfg.Now()
	l.made.mu.Lock()
	defer l.made.mu.Unlock()
	at := l.made.at[account]
	for len(at) > 0 && now.Sub(at[0]) >= time.Hour {
		at = at[1:]
	}
	if len(at) >= perAccount {
		return at[0].Add(time.Hour).Sub(now)
	}
	if l.made.at == nil {
		l.made.at = map[string][]time.Time{}
	}
	l.made.at[account] = append(at, now)
	return 0
}

// TemplateBack takes the last of an account's templates back: it was not
// handed in after all.
func (l *Limiter) TemplateBack(account string) {
	l.made.mu.Lock()
	defer l.made.mu.Unlock()
	if at := l.made.at[account]; len(at) > 0 {
		l.made.at[account] = at[:len(at)-1]
	}
}
