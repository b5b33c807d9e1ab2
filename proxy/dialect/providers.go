package dialect

import (
	"errors"
	"slices"
	"strings"
)

// Provider is a host of files that the old client fetched links from with
// credentials: a bearer token, or user and password of Basic.
type Provider struct {
	Name     string `json:"name"`
	Bearer   string `json:"bearer,omitempty"`
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
}

// MaxProviders is how many an app may have.
const MaxProviders = 50

var errProviders = errors.New("media providers are not such as an app can set")

// DecodeProviders reads POST /v1/settings/application/media/providers: a list,
// each with its name, type "www" and one kind of credentials.
func DecodeProviders(contentType string, body []byte) ([]Provider, *Problem) {
	t, p := oldList(contentType, body)
	if p != nil {
		return nil, p
	}
	var out []Provider
	for n := t.nodes[0].first; n != none; n = t.nodes[n].next {
		one, p := t.provider(n)
		switch {
		case p != nil:
			return nil, p
		case len(out) == MaxProviders:
			return nil, &Problem{Kind: Invalid, Param: "providers", Details: "An app has at most 50 providers."}
		case slices.ContainsFunc(out, func(o Provider) bool { return o.Name == one.Name }):
			return nil, &Problem{Kind: Invalid, Param: "name", Details: "Two providers of the list have one name."}
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		return nil, &Problem{Kind: Missing, Param: "providers", Details: "A list of providers is needed."}
	}
	return out, nil
}

func (t *tree) provider(n int32) (Provider, *Problem) {
	if !t.is(n, '{') {
		return Provider{}, &Problem{Kind: Invalid, Param: "providers", Details: "Every provider must be an object."}
	}
	one := Provider{Name: t.str(n, "name")}
	if kind := t.str(n, "type"); kind != "www" {
		return one, &Problem{Kind: Invalid, Param: "type", Details: "The type must be \"www\"."}
	}
	config := t.child(n, "config")
	one.Bearer, one.User, one.Password = t.str(config, "bearer"), t.str(config, "basic", "username"), t.str(config, "basic", "password")
	return one, one.problem()
}

// problem is why a provider can not be used, nil if it can.
func (o Provider) problem() *Problem {
	switch {
	case !providerName(o.Name):
		return &Problem{Kind: Invalid, Param: "name", Details: "A name has 1 to 64 letters, digits, '.', '-' and '_'."}
	case (o.Bearer == "") == (o.User == ""):
		return &Problem{Kind: Invalid, Param: "config", Details: "A provider has either a bearer token, or basic with username and password."}
	case !headerText(o.Bearer, 4096) || !headerText(o.User, 256) || !headerText(o.Password, 256) || strings.Contains(o.User, ":"):
		return &Problem{Kind: Invalid, Param: "config", Details: "Credentials are printable ASCII, a token of at most 4096 characters, a username without a colon."}
	}
	return nil
}

func providerName(name string) bool {
	return len(name) <= 64 && strings.Trim(name, ".") != "" && plainPath("/"+name) && !strings.Contains(name, "/")
}

func headerText(s string, most int) bool {
	return len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// CheckProviders says whether an app could have set a list.
func CheckProviders(list []Provider) error {
	for i, o := range list {
		again := slices.ContainsFunc(list[:i], func(b Provider) bool { return b.Name == o.Name })
		if i == MaxProviders || again || o.problem() != nil {
			return errProviders
		}
	}
	return nil
}

// withheld stands in answers for credentials, which are never given back.
const withheld = "********"

// EncodeProviders answers GET and POST of the providers: what kind of
// credentials each has, never which.
func EncodeProviders(list []Provider) (status int, body []byte) {
	out := []byte(`{"settings":{"application":{"media":{"providers":[`)
	for i, o := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(append(out, `{"name":`...), o.Name)
		out = append(out, `,"type":"www","config":{`...)
		if o.Bearer != "" {
			out = append(out, `"bearer":"`+withheld+`"`...)
		} else {
			out = append(out, `"basic":{"username":"`+withheld+`","password":"`+withheld+`"}`...)
		}
		out = append(out, '}', '}')
	}
	return 200, appendMeta(append(out, `]}}}`...))
}

// oldList parses a JSON list sent to the old API.
func oldList(contentType string, body []byte) (*tree, *Problem) {
	body, p := jsonBody(OnPrem, contentType, body)
	if p != nil {
		return nil, p
	}
	t, err := parse(body, false)
	if err != nil {
		return nil, malformed(err)
	}
	if !t.is(0, '[') {
		return nil, &Problem{Kind: Malformed, Details: "The body must be one JSON list."}
	}
	return t, nil
}
