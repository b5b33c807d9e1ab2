package limit

import "time"

// managementBurst is the part of an hour's calls that may come at once; the rate
// is less by it, so that no hour ever holds more than it may.
const managementBurst = 0.1

// Manage counts one management call of an app on its business account.
func (l *Limiter) Manage(tenant, app string) Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	keys := manageKeys(tenant)
	if v := l.held(now, keys[:]...); v.Scope != None {
		return v
	}
	of := paceOf(l.cfg.Management*(1-managementBurst)/time.Hour.Seconds(), int(l.cfg.Management*managementBurst))
	account := at(l.manage, tenant)
	if wait := account.wait(of, app, now); wait > 0 {
		return Verdict{Scope: Management, Wait: time.Duration(wait)}
	}
	account.take(of, app, now)
	l.holds.leave(now, keys[:]...)
	return Verdict{}
}

func manageKeys(tenant string) [2]holdKey {
	return [2]holdKey{{scope: Account, name: tenant}, {scope: Management, name: tenant}}
}
