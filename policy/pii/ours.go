package pii

import "strings"

// tokenHead begins a reversible token: tok_PHONE_v1_...
const tokenHead = "tok_"

// tokenName reports names of tokens: a version and a keyed hash in lower case
// Base32.
func tokenName(s string) bool {
	version, hash, ok := strings.Cut(strings.TrimPrefix(s, "v"), "_")
	if !ok || s[0] != 'v' || version == "" || len(version) > 9 || !allDigits(version) || len(hash) != 16 {
		return false
	}
	for i := range len(hash) {
		if c := hash[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// ParseToken takes a reversible token apart: the type of its value, and its
// name, as the Tokenizer gave it.
func ParseToken(s string) (t Type, name string, ok bool) {
	rest, ok := strings.CutPrefix(s, tokenHead)
	at := strings.LastIndex(rest[:max(0, strings.LastIndexByte(rest, '_'))], "_v") // a hash may begin with v, too
	if !ok || at <= 0 || !tokenName(rest[at+1:]) {
		return "", "", false
	}
	for i := range at {
		if c := rest[i]; !isUpper(c) && !isDigit(c) && c != '_' {
			return "", "", false
		}
	}
	return Type(rest[:at]), rest[at+1:], true
}
