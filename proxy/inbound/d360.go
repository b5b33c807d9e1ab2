package inbound

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
)

// D360 is how webhooks of 360dialog's prove that they are the tenant's: by a
// secret in a header that was given with the webhook's URL, by an HMAC-SHA256 of
// the body with the platform secret in x-360dialog-signature (360DOCS, Signature
// validation), or by both. What is set must be right, and where nothing is set
// no webhook is taken.
type D360 struct {
	Header  string
	Values  [][]byte // of the header: the current and, while they overlap, the previous one
	Signing [][]byte // platform secrets, as above
}

func (d *D360) proof(head http.Header) (proves func(body []byte) bool, ok bool) {
	if len(d.Values)+len(d.Signing) == 0 || len(d.Values) > 0 && !carries(d.Values, head.Get(d.Header)) {
		return nil, false
	}
	if len(d.Signing) == 0 {
		return func([]byte) bool { return true }, true
	}
	given, ok := d360Signature(head.Get("X-360dialog-Signature"))
	return func(body []byte) bool { return signed(d.Signing, given, body) }, ok
}

// carries compares in constant time with each value in force.
func carries(values [][]byte, given string) bool {
	ok := false
	for _, v := range values {
		ok = len(v) > 0 && subtle.ConstantTimeCompare(v, []byte(given)) == 1 || ok
	}
	return ok
}

// d360Signature reads a signature in hex or Base64: 360dialog does not say which
// it writes.
func d360Signature(header string) ([]byte, bool) {
	header = strings.TrimPrefix(header, "sha256=")
	if sum, err := hex.DecodeString(header); err == nil && len(sum) == sha256.Size {
		return sum, true
	}
	sum, err := base64.StdEncoding.DecodeString(header)
	return sum, err == nil && len(sum) == sha256.Size
}
