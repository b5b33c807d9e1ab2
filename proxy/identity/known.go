package identity

// Known reports whether an app has a credential that could identify it: a key,
// or an On-Premises user.
func (d *Directory) Known(app string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, c := range d.keys {
		if c.App == app {
			return true
		}
	}
	for _, u := range d.users {
		if u.App == app {
			return true
		}
	}
	return false
}
