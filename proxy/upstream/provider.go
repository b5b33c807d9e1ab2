package upstream

import (
	"errors"
	"net/http"
	"net/url"
)

// provider is who connects a tenant to WhatsApp. It knows calls in Meta's words,
// and what they are to it.
type provider interface {
	// route says how a call is made. A *Blocked says that it is not offered.
	route(method, path string) (call, error)
	// file says how a file is asked for, by the link that upstream gave.
	file(link string) (call, error)
}

// call is a request as its provider knows it.
type call struct {
	method, url string
	client      *http.Client
	sign        func(http.Header)   // adds the credential
	read        func(Answer) Answer // gives the answer in Meta's words
	known       *Answer             // the answer, where asking again would do harm
}

// Blocked says that whoever connects the tenant to WhatsApp does not offer a
// call. Nothing left.
type Blocked struct{ Reason string }

func (b *Blocked) Error() string { return "not offered by upstream: " + b.Reason }

var errCredential = errors.New("the tenant has no credential for upstream; write its token, or d360_key beside the number, and reload")

func (c *Client) provider(who Credential) (provider, error) {
	switch {
	case who.D360 != nil:
		base, err := url.Parse(who.D360.BaseURL)
		if err != nil || !guarded(base) {
			return nil, errors.New("d360.base_url must be an https URL; http only for a simulator on loopback")
		}
		if len(who.D360.Keys) == 0 {
			return nil, errCredential
		}
		return d360{D360: *who.D360, client: c.d360, misses: &c.misses}, nil
	case who.Token != "":
		return meta{base: c.base, token: who.Token, client: c.meta}, nil
	}
	return nil, errCredential
}

func asItIs(a Answer) Answer { return a }
