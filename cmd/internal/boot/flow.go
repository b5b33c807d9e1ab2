package boot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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
	Keystore     bool          `json:"keystore"`      // the keys are in the keystore, and neither of these is set
	Endpoint     Webhook       `json:"endpoint"`      // of the app
	AppKey       Secret        `json:"app_key"`       // endpoint.public_key as PEM; not set: the app gets clear JSON
	Media        FlowMedia     `json:"media"`         // files that people pick
	Timeout      time.Duration `json:"timeout"`       // for the app to answer
	TokenRefusal string        `json:"token_refusal"` // "encrypted" or "plain": the body of a 427

	current, previous parsedKey
}

// FlowMedia says how files are opened that people pick in flows.
type FlowMedia struct {
	Hosts    []string `json:"hosts"`     // "name", "*.name", or "host:port"
	MaxBytes int64    `json:"max_bytes"` // of all files of a request together
	Form     string   `json:"form"`      // "inline" or "reference"
}

// Meta's content network as far as it is known: only the first name is written
// in Meta's pages.
var metaMediaHosts = []string{"lookaside.fbsbx.com", "*.whatsapp.net", "*.fbcdn.net"}

// App is the app's own key, nil where it gets clear JSON. A value that is no key
// any more gives an error: clear JSON would be no fallback.
func (f *Flow) App() (*flows.App, error) {
	if !f.AppKey.IsSet() {
		return nil, nil
	}
	return flows.ParseApp([]byte(f.AppKey.Value()))
}

// Keys are the current and, while they overlap, the previous key. A value that
// is no key any more is left out: requests under it are refused.
func (f *Flow) Keys() []*flows.Key {
	current, previous := f.Pair()
	return slices.DeleteFunc([]*flows.Key{current, previous}, func(k *flows.Key) bool { return k == nil })
}

// Pair is Keys by their roles, nil for none.
func (f *Flow) Pair() (current, previous *flows.Key) {
	return f.current.of(f.Key), f.previous.of(f.KeyPrevious)
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
	endpoint := s.sub("endpoint")
	f := &Flow{
		Keystore:     s.values["key"] != nil && s.values["key"].Value == inKeystore,
		AppKey:       endpoint.secret("public_key", false),
		Endpoint:     r.webhook(endpoint),
		Timeout:      s.duration("timeout", 9*time.Second, time.Second, 9*time.Second),
		TokenRefusal: s.text("token_refusal", "encrypted", "write encrypted or plain"),
	}
	r.expect(slices.Contains([]string{"encrypted", "plain"}, f.TokenRefusal), path+".token_refusal", "is not a form", "write encrypted or plain")
	r.flowKeys(s, f)
	f.Media = r.flowMedia(s.sub("media"), f.AppKey.IsSet())
	return f
}

// inKeystore stands where a reference to a key would: the keystore has it.
const inKeystore = "keystore"

// flowKeys reads where a number's keys are.
func (r *reader) flowKeys(s *section, f *Flow) {
	if f.Keystore {
		s.get("key")
		r.expect(s.get("key_previous") == nil, s.at("key_previous"), "has no place beside key: keystore", "leave it out: the keystore has both")
		return
	}
	f.Key, f.KeyPrevious = s.secret("key", true), s.previous("key_previous", "key")
	r.flowKey(f.Key, s.at("key"))
	r.flowKey(f.KeyPrevious, s.at("key_previous"))
}

func (r *reader) flowKey(text Secret, path string) {
	if !text.IsSet() {
		return
	}
	if _, err := flows.ParseKey([]byte(text.Value())); err != nil {
		r.reportAt(path, path+": "+err.Error(), "make one with: postern flows key create FILE")
	}
}

// flowMedia reads how files are opened. An app that decrypts by itself gets them
// as Meta sent them, unless the file says otherwise.
func (r *reader) flowMedia(s *section, decrypts bool) FlowMedia {
	defer s.done()
	form := "inline"
	if decrypts {
		form = "reference"
	}
	const hosts = "write names such as lookaside.fbsbx.com or *.fbcdn.net, or one host:port"
	m := FlowMedia{
		Hosts:    s.texts("hosts", hosts),
		MaxBytes: s.bytes("max_bytes", 10<<20, 1),
		Form:     s.text("form", form, "write inline or reference"),
	}
	if s.values["hosts"] == nil {
		m.Hosts = metaMediaHosts
	}
	for i, host := range m.Hosts {
		r.expect(mediaHost.MatchString(host), fmt.Sprintf("%s[%d]", s.at("hosts"), i), "is not a host", hosts)
	}
	r.expect(m.MaxBytes <= maxFlowMedia, s.at("max_bytes"), "is not a size in range", "write at most 64MiB: files are held in memory")
	r.expect(slices.Contains([]string{"inline", "reference"}, m.Form), s.at("form"), "is not a form", "write inline or reference")
	return m
}

const maxFlowMedia = 64 << 20

// mediaHost is a name in lower case, with or without a star for all below it,
// or one host with its port. A star stands for at least two labels.
var mediaHost = regexp.MustCompile(`^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$|^[a-z0-9.-]+:[1-9][0-9]{0,4}$`)

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
	if _, err := n.Flow.App(); n.Flow.AppKey.Value() != "" && err != nil {
		what, write, _ := strings.Cut(err.Error(), "; ")
		r.reportAt(path+".endpoint.public_key", path+".endpoint.public_key: "+what, write)
	}
}
