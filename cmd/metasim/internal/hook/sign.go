package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf16"
	"unicode/utf8"
)

// Sign returns the value of X-Hub-Signature-256: HMAC-SHA256 of the body under
// the app secret, in lower-case hex behind "sha256=".
func Sign(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Escape writes every character outside ASCII as \uXXXX in lower-case hex, as
// Meta does before it signs. The input is valid JSON.
func Escape(body []byte) []byte {
	if ascii(body) {
		return body
	}
	out := make([]byte, 0, len(body)+len(body)/2)
	for len(body) > 0 {
		if body[0] < utf8.RuneSelf {
			out = append(out, body[0])
			body = body[1:]
			continue
		}
		r, size := utf8.DecodeRune(body)
		body = body[size:]
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			out = appendUnit(appendUnit(out, high), low)
			continue
		}
		out = appendUnit(out, r)
	}
	return out
}

func ascii(body []byte) bool {
	for _, c := range body {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendUnit(out []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
