package delivery

import "net/http"

// ownConnections copies a client together with its pool: two apps behind one
// host must not wait for each other's connections.
func ownConnections(c *http.Client) *http.Client {
	own := *c
	if t, ok := c.Transport.(interface{ OwnConnections() http.RoundTripper }); ok {
		own.Transport = t.OwnConnections()
	}
	return &own
}

// connections are the lane's, made anew when the app names other authorities
// for the certificates of its webhook. Where they can not be used, nothing more
// is trusted than before.
func (l *lane) connections() *http.Client {
	authorities := l.d.cfg.Settings.Authorities(l.app)
	l.mu.Lock()
	defer l.mu.Unlock()
	if authorities == l.trusted {
		return l.client
	}
	old := l.client
	l.client, l.trusted = ownConnections(l.d.cfg.Client), authorities
	if t, ok := l.d.cfg.Client.Transport.(interface {
		Trusting(authorities string) (http.RoundTripper, error)
	}); ok && authorities != "" {
		own, err := t.Trusting(authorities)
		if err != nil {
			l.d.cfg.OnError(err)
		} else {
			l.client.Transport = own
		}
	}
	old.CloseIdleConnections()
	return l.client
}
