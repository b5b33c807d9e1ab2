package pii

import (
	"slices"
	"strings"
	"unicode/utf8"
)

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

// longestToken is more than a token of the longest type has, in bytes.
const longestToken = 128

// spare takes back what was found in tokens of ours: the word before one, or its look,
// is no reason to make a token of the token.
func (p *pass) spare() {
	if len(p.found) > 0 && strings.Contains(p.text, tokenHead) {
		p.found = slices.DeleteFunc(p.found, func(f Finding) bool { return inToken(p.text, f.Start, f.End) })
	}
}

// inToken reports that a token holds all letters and digits from start to end.
func inToken(text string, start, end int) bool {
	for start < end && !tokenByte(text[start]) && text[start] < utf8.RuneSelf {
		start++
	}
	first, last := start, start
	for first > 0 && start-first < longestToken && tokenByte(text[first-1]) {
		first--
	}
	for last < len(text) && last-start < longestToken && tokenByte(text[last]) {
		last++
	}
	for end > last && !tokenByte(text[end-1]) && text[end-1] < utf8.RuneSelf {
		end--
	}
	_, _, ok := ParseToken(text[first:last])
	return ok && end <= last
}

// tokenByte reports the signs of tokens.
func tokenByte(c byte) bool { return isAlnum(c) || c == '_' }
