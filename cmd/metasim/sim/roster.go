package sim

import (
	"slices"
	"sync"
)

// roster is which numbers there are, in the order in which they came.
type roster struct {
	mu  sync.RWMutex
	all []Number
}

// of is the number with an id; its ID is empty where there is none.
func (r *roster) of(id string) Number {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i := slices.IndexFunc(r.all, func(n Number) bool { return n.ID == id })
	if i < 0 {
		return Number{}
	}
	return r.all[i]
}

// in are the numbers of an account.
func (r *roster) in(account string) []Number {
	return r.where(func(n Number) bool { return n.Account == account })
}

// dialled are all that have the same digits, one an account at most.
func (r *roster) dialled(digits string) []Number {
	return r.where(func(n Number) bool { return n.digits == digits })
}

func (r *roster) where(wanted func(Number) bool) (out []Number) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, n := range r.all {
		if wanted(n) {
			out = append(out, n)
		}
	}
	return out
}

func (r *roster) add(n Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, n)
}

// forget drops all but the first ones.
func (r *roster) forget(but int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = r.all[:min(but, len(r.all))]
}
