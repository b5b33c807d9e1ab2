package limit

import (
	"slices"
	"time"
)

// contended is for how long an app that asked counts as one of those that want
// a bucket.
const contended = int64(10 * time.Second)

// shared is a bucket that several apps take from. While one app asks it has all
// of it. While more do each is sure of its equal share, and has beyond it what
// the others leave: who takes more than a share stops at half of the burst, so
// that a flood finds the bucket empty and the others do not.
type shared struct {
	full int64
	apps []taker // that ask
}

type taker struct {
	app  string
	full int64 // of its share
	seen int64 // when it asked last
}

// wait is how long until the app may take a token.
func (s *shared) wait(p pace, app string, now int64) int64 {
	if p.every == 0 {
		return 0
	}
	own := s.taker(app, now)
	share := p.share(len(s.apps))
	s.full, own.full = p.sane(s.full, now), share.sane(own.full, now)
	whole, part := p.wait(s.full, now), share.wait(own.full, now)
	if len(s.apps) == 1 || part == 0 {
		return whole
	}
	return min(p.waitHalf(s.full, now), max(part, whole))
}

// take takes a token that wait allowed.
func (s *shared) take(p pace, app string, now int64) {
	if p.every == 0 {
		return
	}
	own := s.taker(app, now)
	own.full = p.share(len(s.apps)).take(own.full, now)
	s.full = p.take(s.full, now)
}

// taker is the app among those that want the bucket; the rest is forgotten.
func (s *shared) taker(app string, now int64) *taker {
	s.apps = slices.DeleteFunc(s.apps, func(t taker) bool {
		return t.app != app && (now-t.seen > contended || t.seen > now)
	})
	i := slices.IndexFunc(s.apps, func(t taker) bool { return t.app == app })
	if i < 0 {
		i, s.apps = len(s.apps), append(s.apps, taker{app: app})
	}
	s.apps[i].seen = now
	return &s.apps[i]
}
