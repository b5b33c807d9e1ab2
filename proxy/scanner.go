package proxy

import (
	"sync/atomic"

	"postern/policy/pii"
	"postern/policy/pii/pack"
)

// scanning is a scanner with what the packs and lexicons of a policy add.
type scanning struct {
	packs   *pack.Set
	scanner *pii.Scanner
}

// scanners holds the one for the policy in force; it is built again when the
// policy changes.
type scanners struct{ now atomic.Pointer[scanning] }

// scanner finds personal data as the policy in force wants it. Policy was
// refused if its packs did not stand together; should they not stand with the
// countries, what is built in is still found, and an alarm tells.
func (g *Gate) scanner() *pii.Scanner {
	packs := g.cfg.Policy.Packs()
	if now := g.scanners.now.Load(); now != nil && now.packs == packs {
		return now.scanner
	}
	next := &scanning{packs: packs, scanner: g.cfg.Scanner}
	if packs.Adds() {
		built, err := pii.New(packs.Config(g.cfg.Countries...))
		if err != nil {
			g.cfg.Log.Error().Err(err).Msg("packs can not be looked for")
			g.cfg.Observe.Alarm("policy_error")
		} else {
			next.scanner = built
		}
	}
	g.scanners.now.Store(next)
	return next.scanner
}
