package dialect

import (
	"strings"
	"time"
)

// Login is the body of POST /v1/users/login beside the Basic credentials.
type Login struct{ NewPassword string }

// DecodeLogin reads a login's body. Clients send none, with or without a JSON
// content type; a first login carries new_password.
func DecodeLogin(contentType string, body []byte) (Login, *Problem) {
	if strings.TrimSpace(string(body)) == "" {
		return Login{}, nil
	}
	t, p := oldBody(contentType, body)
	if p != nil {
		return Login{}, p
	}
	n := t.child(0, "new_password")
	if n == none || t.nodes[n].kind == 'n' {
		return Login{}, nil
	}
	if !t.is(n, '"') || t.nodes[n].text == "" || len(t.nodes[n].text) > 256 {
		return Login{}, &Problem{Kind: Invalid, Param: "new_password", Details: "The new password must be a string of 1 to 256 bytes."}
	}
	return Login{NewPassword: t.nodes[n].text}, nil
}

// oldBody parses a JSON object sent to the old dialects' other calls, where
// unknown properties never mattered.
func oldBody(contentType string, body []byte) (*tree, *Problem) {
	body, p := jsonBody(OnPrem, contentType, body)
	if p != nil {
		return nil, p
	}
	return decodeStrict(body)
}

// EncodeLogin answers a login. Clients parse expires_after with a blank between
// date and time and a numeric zone, and want exactly one user.
func EncodeLogin(token string, expires time.Time) (status int, body []byte) {
	out := appendText([]byte(`{"users":[{"token":`), token)
	out = appendText(append(out, `,"expires_after":`...), expires.UTC().Format("2006-01-02 15:04:05-07:00"))
	return 200, appendMeta(append(out, '}', ']'))
}
