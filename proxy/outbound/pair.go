package outbound

import (
	"hash/maphash"

	"postern/proxy"
)

// pairSeed makes the names of pairs mean nothing outside this process.
var pairSeed = maphash.MakeSeed()

func pairHash(s string) [16]byte {
	var out [16]byte
	for i, part := range []uint64{maphash.String(pairSeed, s), maphash.String(pairSeed, s+"\x00")} {
		for b := range 8 {
			out[8*i+b] = byte(part >> (8 * b)) //nolint:gosec // the low byte is what is meant
		}
	}
	return out
}

// account is the account of the caller's number.
func (h *Handler) account(c *call) (proxy.Account, bool) {
	for _, n := range c.who.Numbers {
		if a, ok := h.cfg.Accounts(n); ok {
			return a, true
		}
	}
	return proxy.Account{}, false
}
