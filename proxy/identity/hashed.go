package identity

import "time"

// Use counts the credentials that rest on a version of purpose app.
type Use struct{ Keys, Users, Tokens int64 }

// Hashed counts what a version hashed. A login does not name its version: each
// that began before until may be of it.
func (d *Directory) Hashed(version uint32, until time.Time) Use {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var u Use
	for _, c := range d.keys {
		if c.Version == version {
			u.Keys++
		}
	}
	for _, o := range d.users {
		if o.Version == version {
			u.Users++
		}
	}
	now := d.cfg.Now().Unix()
	for _, s := range d.tokens {
		if s.Expires > now && s.Expires-int64(TokenLife/time.Second) < until.Unix() {
			u.Tokens++
		}
	}
	return u
}
