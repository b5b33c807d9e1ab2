package boot

import (
	"slices"
	"sync/atomic"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/crypto/flows"
)

// Flow is the data endpoint of a number's flows. Meta posts to
// https://WEBHOOK-LISTENER/flow/NUMBER-ID.
type Flow struct {
	Key          Secret        `json:"key"` // private RSA key as PEM
	KeyPrevious  Secret        `json:"key_previous"`
	Endpoint     Webhook       `json:"endpoint"`      // of the app
	Timeout      time.Duration `json:"timeout"`       // for the app to answer
	TokenRefusal string        `json:"token_refusal"` // "encrypted" or "plain": the body of a 427

	current, previous parsedKey
}

// Keys are the current and, while they overlap, the previous key. A value that
// is no key any more is left out: requests under it are refused.
func (f *Flow) Keys() []*flows.Key {
	var out []*flows.Key
	for _, k := range []*flows.Key{f.current.of(f.Key), f.previous.of(f.KeyPrevious)} {
		if k != nil {
			out = append(out, k)
		}
	}
	return out
}

// parsedKey keeps the key that a secret held when it was last looked at.
type parsedKey struct{ last atomic.Pointer[textKey] }

type textKey struct {
	text string
	key  *flows.Key
}

func (p *parsedKey) of(s Secret) *flows.Key {
	text := s.Value()
	if last := p.last.Load(); last != nil && last.text == text {
		return last.key
	}
	key, err := flows.ParseKey([]byte(text))
	if err != nil {
		key = nil
	}
	p.last.Store(&textKey{text, key})
	return key
}

// flow reads a number's flows, nil where it has none.
func (r *reader) flow(n *yaml.Node, path string) *Flow {
	if n == nil {
		return nil
	}
	s := r.section(n, path)
	defer s.done()
	f := &Flow{
		Key:          s.secret("key", true),
		KeyPrevious:  s.previous("key_previous", "key"),
		Endpoint:     r.webhook(s.sub("endpoint")),
		Timeout:      s.duration("timeout", 9*time.Second, time.Second, 9*time.Second),
		TokenRefusal: s.text("token_refusal", "encrypted", "write encrypted or plain"),
	}
	r.expect(slices.Contains([]string{"encrypted", "plain"}, f.TokenRefusal), path+".token_refusal", "is not a form", "write encrypted or plain")
	r.flowKey(f.Key, path+".key")
	r.flowKey(f.KeyPrevious, path+".key_previous")
	return f
}

func (r *reader) flowKey(text Secret, path string) {
	if !text.IsSet() {
		return
	}
	if _, err := flows.ParseKey([]byte(text.Value())); err != nil {
		r.reportAt(path, path+": "+err.Error(), "make one with: postern flows key create FILE")
	}
}

// checkFlow finds contradictions of a number's flows.
func (r *reader) checkFlow(c *Config, t Tenant, n Number, path string) {
	switch {
	case n.Flow == nil:
		return
	case n.Flow.Endpoint.URL == "":
		r.reportAt(path, path+".endpoint.url is missing", "write the URL that takes the flows' requests")
	case t.appOf(n.ID).Name == "":
		r.reportAt(path, path+": no app has this number", "list the number with the app that serves its flows")
	}
	r.checkWebhook(c, App{Webhook: n.Flow.Endpoint}, path+".endpoint")
}
