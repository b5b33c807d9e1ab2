package identity

import (
	"slices"
	"strings"

	"postern/proxy/dialect"
)

// Proof is how an app shows who it is. The zero value is by its key.
type Proof string

// Proofs.
const (
	ByKey         Proof = "key"
	ByCertificate Proof = "certificate"
	ByBoth        Proof = "both"
)

// Certified is a caller with the names in the verified client certificate of
// its connection (none without one). by is who its credential says it is, the
// zero value where it gave none; dia is the dialect it speaks.
//
// A certificate of one app beside the credential of another is nobody, and so
// is one whose names belong to two apps, or to none where the app has names.
func (d *Directory) Certified(by Identity, names []string, dia dialect.Dialect) (Identity, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	owner, ambiguous := d.owner(names)
	if ambiguous || by.App != "" && owner != "" && owner != by.App {
		return Identity{}, false
	}
	if by.App == "" {
		if owner == "" || d.apps[owner].Proof != ByCertificate {
			return Identity{}, false
		}
		return d.identity(owner, dia)
	}
	app := d.apps[by.App]
	certified := owner == by.App
	if !certified && (app.Proof == ByCertificate || app.Proof == ByBoth || len(names) > 0 && len(app.Certificates) > 0) {
		return Identity{}, false
	}
	return by, true
}

// owner is the app that the names belong to. It is called with mu held.
func (d *Directory) owner(names []string) (app string, ambiguous bool) {
	if len(names) == 0 {
		return "", false
	}
	for _, a := range d.apps {
		if !slices.ContainsFunc(a.Certificates, func(n string) bool { return slices.Contains(names, n) || slices.Contains(names, strings.ToLower(n)) }) {
			continue
		}
		if app != "" {
			return "", true
		}
		app = a.Name
	}
	return app, false
}
