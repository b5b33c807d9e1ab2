package dialect

import (
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
)

// Override is the address of an app's own for its events, and the word that the
// challenge to it holds (Webhooks, Webhook Overrides).
type Override struct {
	URL         string // "" ends the override
	VerifyToken string
}

// maxOverride bounds an address, in bytes, as upstream does.
const maxOverride = 200

// DecodeOverride reads what a change of subscriptions or of a number says of
// webhooks: override_callback_uri and verify_token, or webhook_configuration
// around them. given is false where it says nothing. Whether the address may be
// used at all is for the caller to check.
func DecodeOverride(contentType string, body []byte) (o Override, given bool, p *Problem) {
	if len(body) == 0 {
		return Override{}, false, nil
	}
	t, p := changeTree(contentType, body)
	if p != nil {
		return Override{}, false, p
	}
	at := int32(0)
	if of := t.child(0, "webhook_configuration"); of != none {
		if !t.is(of, '{') || t.count(0) > 1 {
			return Override{}, false, &Problem{Kind: Invalid, Param: "webhook_configuration", Details: "It is an object, and set by itself."}
		}
		at = of
	}
	address := t.child(at, "override_callback_uri")
	switch {
	case address == none && at != 0:
		return Override{}, false, &Problem{Kind: Missing, Param: "webhook_configuration.override_callback_uri", Details: "An empty address ends the override."}
	case address == none:
		return Override{}, false, nil
	case !t.is(address, '"'):
		return Override{}, false, &Problem{Kind: Invalid, Param: "override_callback_uri", Details: "It is a text."}
	}
	o = Override{URL: t.str(address), VerifyToken: t.str(at, "verify_token")}
	return o, true, o.problem()
}

func (o Override) problem() *Problem {
	switch u, err := url.Parse(o.URL); {
	case o.URL == "":
		return nil
	case err != nil || !webLink(o.URL) || u.Fragment != "" || len(o.URL) > maxOverride:
		return &Problem{Kind: Invalid, Param: "override_callback_uri", Details: "The address must be a complete https URL without credentials, of at most 200 characters."}
	case o.VerifyToken == "":
		return &Problem{Kind: Missing, Param: "verify_token", Details: "The address is asked to prove itself with this word."}
	}
	return nil
}

// EncodeSubscriptions is upstream's list of subscribed apps with the caller's own
// override in each: the list is of one app, the gateway's.
func EncodeSubscriptions(relayed []byte, override string) ([]byte, error) {
	t, err := parse(relayed, true)
	if err != nil || !t.is(t.child(0, "data"), '[') {
		return nil, ErrAnswer
	}
	if override == "" {
		return relayed, nil
	}
	out := []byte(`{"data":[`)
	data := t.child(0, "data")
	for n := t.nodes[data].first; n != none; n = t.nodes[n].next {
		if !t.is(n, '{') || t.nodes[n].first == none {
			return nil, ErrAnswer
		}
		if n != t.nodes[data].first {
			out = append(out, ',')
		}
		out = t.write(out, n)
		out = appendMember(out[:len(out)-1], "override_callback_uri", override)
		out = append(out, '}')
	}
	out = append(out, "]}"...)
	if !jsontext.Value(out).IsValid() {
		return nil, ErrAnswer
	}
	return out, nil
}
