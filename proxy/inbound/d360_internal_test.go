package inbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"testing"
)

// TestD360Proof: the header and the signature, each alone and both, with the
// values that overlap; nothing passes where nothing is set.
func TestD360Proof(t *testing.T) {
	const body = `{"object":"whatsapp_business_account"}`
	sign := func(secret, body string) []byte {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(body)) //nolint:errcheck // hash.Hash never returns an error
		return m.Sum(nil)
	}
	values := [][]byte{[]byte("now"), []byte("before")}
	header, signature, both := &D360{Header: "X-Secret", Values: values}, &D360{Header: "X-Secret", Signing: values}, &D360{Header: "X-Secret", Values: values, Signing: values}
	hexed := func(secret, body string) string { return hex.EncodeToString(sign(secret, body)) }
	for name, tc := range map[string]struct {
		d              *D360
		secret, signed string
		want           bool
	}{
		"header":                {header, "now", "", true},
		"header before":         {header, "before", "", true},
		"header wrong":          {header, "nowx", "", false},
		"header missing":        {header, "", hexed("now", body), false},
		"signature in hex":      {signature, "", hexed("now", body), true},
		"signature with a name": {signature, "", "sha256=" + hexed("now", body), true},
		"signature in Base64":   {signature, "", base64.StdEncoding.EncodeToString(sign("now", body)), true},
		"signature before":      {signature, "", hexed("before", body), true},
		"signature of another":  {signature, "", hexed("other", body), false},
		"signature of less":     {signature, "", hexed("now", body[:10]), false},
		"signature cut":         {signature, "", hexed("now", body)[:62], false},
		"signature missing":     {signature, "now", "", false},
		"both":                  {both, "now", hexed("before", body), true},
		"both, one wrong":       {both, "x", hexed("now", body), false},
		"both, other wrong":     {both, "now", hexed("x", body), false},
		"nothing set":           {&D360{Header: "X-Secret"}, "", "", false},
		"nothing set, a header": {&D360{Header: "X-Secret"}, "now", hexed("now", body), false},
		"an empty value":        {&D360{Header: "X-Secret", Values: [][]byte{{}}}, "", "", false},
		"an empty secret":       {&D360{Signing: [][]byte{{}}}, "", hexed("", body), false},
	} {
		head := http.Header{}
		head.Set("X-Secret", tc.secret)
		head.Set("X-360dialog-Signature", tc.signed)
		proves, ok := Tenant{D360: tc.d}.proof(head)
		if ok = ok && proves([]byte(body)); ok != tc.want {
			t.Errorf("%s: %t", name, ok)
		}
	}
}
