package upstream

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// mediaHosts are the domains from which Meta hands out files. Its token goes to
// no other.
var mediaHosts = []string{"facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com"}

// meta is Meta itself. Without a token it hands out what is for everybody.
type meta struct {
	base, token string
	client      *http.Client
}

func (m meta) route(method, path string) (call, error) {
	return call{method: method, url: m.base + path, client: m.client, sign: m.sign, read: asItIs}, nil
}

func (m meta) file(link string) (call, error) {
	if !m.hands(link) {
		return call{}, ErrForeign
	}
	return call{method: http.MethodGet, url: link, client: m.client, sign: m.sign, read: asItIs}, nil
}

func (m meta) sign(h http.Header) {
	if m.token != "" {
		h.Set("Authorization", "Bearer "+m.token)
	}
}

// hands reports whether a link may be asked with the token: at the host that
// calls go to, or over TLS at one of Meta's.
func (m meta) hands(link string) bool {
	u, err := url.Parse(link)
	if err != nil || u.User != nil || u.Opaque != "" {
		return false
	}
	if base, err := url.Parse(m.base); err == nil && u.Scheme == base.Scheme && u.Host == base.Host {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && slices.ContainsFunc(mediaHosts, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}
