package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"postern/cmd/metasim/internal/hook"
)

// d360Hook is where 360dialog posts, and with which headers.
type d360Hook struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
}

// d360Webhook shows or sets the webhook of a number, or of its account.
func (s *Server) d360Webhook(w http.ResponseWriter, r *http.Request, id string, n Number) answer {
	d := &s.d360
	if r.Method == http.MethodGet {
		d.mu.Lock()
		h, set := d.hooks[id]
		d.mu.Unlock()
		if !set {
			return d360Error(http.StatusNotFound, http.StatusNotFound, "No webhook is set")
		}
		return success(h)
	}
	var in struct {
		d360Hook
		OverrideAll bool `json:"override_all"`
	}
	if !readD360(w, r, &in) {
		return d360Malformed()
	}
	if u, err := url.Parse(in.URL); err != nil || u.Host == "" {
		return d360Error(http.StatusBadRequest, http.StatusBadRequest, "The url is not valid")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hooks[id] = in.d360Hook
	if in.OverrideAll && id == n.Account {
		for _, other := range s.d360Numbers(n.Account) {
			delete(d.hooks, other)
		}
	}
	return success(in.d360Hook)
}

// d360Numbers are the numbers of an account that have keys, in order. The caller
// holds the lock.
func (s *Server) d360Numbers(account string) []string {
	var out []string
	for _, id := range s.d360.keys {
		if s.numbers.of(id).Account == account {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// channel is whose webhook an update goes to: a number's or account's at
// 360dialog, or Meta's, which is "". A number's own goes before its account's;
// what concerns the account alone goes to its own, or to that of its first
// number, which is not documented.
func (s *Server) channel(u hook.Update) string {
	d := &s.d360
	d.mu.Lock()
	defer d.mu.Unlock()
	numbers := s.d360Numbers(u.Account)
	first := u.PhoneID
	if first == "" && len(numbers) > 0 {
		first = numbers[0]
	}
	_, own := d.hooks[u.PhoneID]
	_, shared := d.hooks[u.Account]
	switch {
	case !slices.Contains(numbers, first) && first != s.cfg.D360.Sandbox || first == "":
		return ""
	case shared && !own:
		return u.Account
	}
	return first
}

// hasWebhook reports whether anybody is told of what concerns a number or
// account.
func (s *Server) hasWebhook(c *Settings, number, account string) bool {
	if at := s.channel(hook.Update{PhoneID: number, Account: account}); at != "" {
		s.d360.mu.Lock()
		defer s.d360.mu.Unlock()
		_, set := s.d360.hooks[at]
		return set
	}
	return c.Webhook != "" && !s.unsubscribed[account]
}

// endpoint is where a body goes, with the headers that prove whose it is.
func (s *Server) endpoint(first hook.Update, body []byte) (string, http.Header) {
	at := s.channel(first)
	if at == "" {
		url, secret := s.metaEndpoint(first)
		return url, http.Header{"X-Hub-Signature-256": {hook.Sign(secret, body)}}
	}
	s.d360.mu.Lock()
	h := s.d360.hooks[at]
	s.d360.mu.Unlock()
	proof := make(http.Header)
	for name, value := range h.Headers {
		proof.Set(name, value)
	}
	if secret := s.cfg.D360.PlatformSecret; secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		proof.Set("X-360dialog-Signature", hex.EncodeToString(mac.Sum(nil)))
	}
	return h.URL, proof
}

// D360NewKey asks for a key of a number.
type D360NewKey struct {
	PhoneID string `json:"phone_number_id"`
}

// D360Key is a key that 360dialog gave out.
type D360Key struct {
	Key string `json:"key"`
}

// NewD360Key makes a key as 360dialog's Hub does: the one before ends at once,
// and the number's webhook has to be set again.
func (s *Server) NewD360Key(in D360NewKey) (D360Key, error) {
	d := &s.d360
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, id := range d.keys {
		if id == in.PhoneID {
			d.issued++
			delete(d.keys, key)
			delete(d.hooks, id)
			made := fmt.Sprintf("%s_AK", strings.ToUpper(hex.EncodeToString(keyBytes(s.cfg.Seed, d.issued))))
			d.keys[made] = id
			return D360Key{made}, nil
		}
	}
	return D360Key{}, errors.New("phone_number_id: has no key at 360dialog")
}

// keyBytes are the same under the same seed.
func keyBytes(seed uint64, n int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "d360 key %d %d", seed, n))
	return sum[:16]
}
