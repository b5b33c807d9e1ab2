package limit

import (
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// maxGuessers bounds the sources whose attempts are remembered.
const maxGuessers = 50_000

// Guess counts a login attempt of a source: ten at once and one every three
// seconds. A password is slow to check on purpose, and nobody guesses quickly.
func (l *Limiter) Guess(remote string) bool {
	from := sourceOf(remote)
	if !from.IsValid() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.guesses[from]
	if b == nil {
		if len(l.guesses) >= maxGuessers {
			clear(l.guesses)
		}
		b = rate.NewLimiter(rate.Every(3*time.Second), 10)
		l.guesses[from] = b
	}
	return b.AllowN(l.cfg.Now(), 1)
}

// sourceOf is whoever stands behind an address with port: an IPv4 address, or
// the /64 network of an IPv6 one, which a single host can have all to itself.
func sourceOf(remote string) netip.Prefix {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	return netip.PrefixFrom(addr, min(addr.BitLen(), 64)).Masked()
}
