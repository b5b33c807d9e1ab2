package identity

import (
	"crypto/sha256"
	"crypto/subtle"

	"postern/proxy/dialect"
)

// MonitorSum is how a Directory holds the key of an app's monitor: App.Monitor.
// It is a secret of the configuration, long enough not to be guessed.
func MonitorSum(key string) [32]byte { return sha256.Sum256([]byte(key)) }

// Monitor is the On-Premises app whose monitor has this key, as nobody of its
// users. It is for reading health and figures alone; where it may be used is for
// the caller to see to. A key of two apps is nobody's.
func (d *Directory) Monitor(key string) (Identity, bool) {
	sum := MonitorSum(key)
	d.mu.RLock()
	defer d.mu.RUnlock()
	app, found := "", 0
	for name, a := range d.apps {
		if a.Monitor != [32]byte{} && a.Family == familyOnPrem {
			if subtle.ConstantTimeCompare(a.Monitor[:], sum[:]) == 1 {
				app = name
				found++
			}
		}
	}
	if found != 1 {
		return Identity{}, false
	}
	return d.identity(app, dialect.OnPrem)
}
