package dialect

import (
	"maps"
	"net/textproto"
	"slices"
	"strings"
)

// WebhookConfig is what 360dialog's /v1/configs/webhook and /waba_webhook hold.
type WebhookConfig struct {
	URL string
	// OverrideAll says, for the account, that numbers give up targets of their own.
	OverrideAll bool
	Headers     map[string]string // sent with every webhook, Authorization included
}

// closedHeaders cannot be chosen by the app: they frame or route the request.
var closedHeaders = []string{"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host", "Keep-Alive",
	"Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"X-Hub-Signature", "X-Hub-Signature-256"}

// DecodeWebhookConfig reads POST /v1/configs/webhook. Whether the URL may be
// used at all is for the caller to check.
func DecodeWebhookConfig(contentType string, body []byte) (WebhookConfig, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return WebhookConfig{}, p
	}
	c := WebhookConfig{URL: t.str(0, "url")}
	if !webLink(c.URL) || len(c.URL) > 2000 {
		return WebhookConfig{}, &Problem{Kind: Invalid, Param: "url", Details: "The URL must be a complete http or https URL without credentials."}
	}
	all := t.child(0, "override_all")
	if all != none && !t.is(all, 't') && !t.is(all, 'f') {
		return WebhookConfig{}, &Problem{Kind: Invalid, Param: "override_all", Details: "It is true or false."}
	}
	c.OverrideAll = t.is(all, 't')
	list := t.child(0, "headers")
	if list == none || t.nodes[list].kind == 'n' {
		return c, nil
	}
	if !t.is(list, '{') || t.count(list) > 20 {
		return WebhookConfig{}, &Problem{Kind: Invalid, Param: "headers", Details: "Headers are an object of at most 20 names and values."}
	}
	c.Headers = map[string]string{}
	for h := t.nodes[list].first; h != none; h = t.nodes[h].next {
		if !t.is(h, '"') || !openHeader(t.nodes[h].name, t.nodes[h].text) {
			return WebhookConfig{}, &Problem{Kind: Invalid, Param: "headers", Details: "A header name or value is not allowed."}
		}
		c.Headers[t.nodes[h].name] = t.nodes[h].text
	}
	return c, nil
}

// openHeader reports a header an app may choose: a plain name, a value of
// printable ASCII, and none of the closed ones.
func openHeader(name, value string) bool {
	if name == "" || len(name) > 64 || len(value) > 4096 {
		return false
	}
	for _, c := range []byte(name) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	for _, c := range []byte(value) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return !slices.Contains(closedHeaders, textproto.CanonicalMIMEHeaderKey(name)) && strings.TrimSpace(value) == value
}

// EncodeWebhookConfig answers GET and POST of /v1/configs/webhook.
func EncodeWebhookConfig(c WebhookConfig) (status int, body []byte) {
	out := appendText([]byte(`{"url":`), c.URL)
	if len(c.Headers) > 0 {
		out = append(out, `,"headers":{`...)
		for i, name := range slices.Sorted(maps.Keys(c.Headers)) {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendText(append(appendText(out, name), ':'), c.Headers[name])
		}
		out = append(out, '}')
	}
	return 200, append(out, '}')
}

// EncodeConfigPhone answers GET /v1/configs/phone_number.
func EncodeConfigPhone(number string) (status int, body []byte) {
	return 200, append(appendText([]byte(`{"phone_number":`), number), '}')
}
