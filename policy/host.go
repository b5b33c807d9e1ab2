package policy

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hostKey is the form in which all writings of a host name are one, as browsers
// read them: small letters, full width and compatible characters as plain ones,
// every full stop a dot, what nobody sees left out, Punycode decoded.
func hostKey(host string) string {
	if plainHost(host) {
		return strings.TrimRight(host, ".")
	}
	host = strings.Map(hostRune, strings.ToLower(norm.NFKC.String(host)))
	labels := strings.Split(strings.TrimRight(host, "."), ".")
	for i, l := range labels {
		if code, isCode := strings.CutPrefix(l, "xn--"); isCode {
			if text, ok := punycode(code); ok {
				labels[i] = strings.ToLower(norm.NFC.String(text))
			}
		}
	}
	return strings.Join(labels, ".")
}

// plainHost is the common case, which costs nothing.
func plainHost(host string) bool {
	for i := range len(host) {
		if host[i] >= utf8.RuneSelf || host[i] >= 'A' && host[i] <= 'Z' {
			return false
		}
	}
	return !strings.Contains(host, "xn--")
}

// hostRune maps full stops of other scripts and drops what browsers ignore
// (UTS 46: soft hyphen, joiners, variation selectors, byte order mark).
func hostRune(r rune) rune {
	switch {
	case r == 0x3002 || r == 0xff0e || r == 0xff61:
		return '.'
	case r == 0x00ad || r == 0x034f || r >= 0x180b && r <= 0x180d || r >= 0x200b && r <= 0x200d || r == 0x2060 || r >= 0xfe00 && r <= 0xfe0f || r == 0xfeff:
		return -1
	}
	return r
}

// maxLabel bounds a label to decode, in bytes; names allow 63.
const maxLabel = 63

// punycode decodes one label without its prefix (RFC 3492, section 6.2).
func punycode(code string) (string, bool) {
	const base, damp, skew, start = 36, 700, 38, 128
	if code == "" || len(code) > maxLabel {
		return "", false
	}
	var out []rune
	if i := strings.LastIndexByte(code, '-'); i >= 0 {
		out, code = []rune(code[:i]), code[i+1:]
	}
	n, at, bias := rune(start), 0, 72
	for len(code) > 0 {
		from, weight := at, 1
		for k := base; ; k += base {
			digit, ok := punyDigit(code)
			if !ok || weight > 1<<24 || at > 1<<24 {
				return "", false
			}
			code = code[1:]
			at += digit * weight
			t := min(max(k-bias, 1), 26)
			if digit < t {
				break
			}
			weight *= base - t
		}
		size := len(out) + 1
		bias = adapt(at-from, size, from == 0, base, damp, skew)
		n += rune(at / size) //nolint:gosec // at is bounded above
		at %= size
		if n > utf8.MaxRune {
			return "", false
		}
		out = append(out[:at], append([]rune{n}, out[at:]...)...)
		at++
	}
	return string(out), true
}

func adapt(delta, size int, first bool, base, damp, skew int) int {
	if first {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / size
	k := 0
	for ; delta > (base-1)*26/2; k += base {
		delta /= base - 1
	}
	return k + base*delta/(delta+skew)
}

func punyDigit(code string) (int, bool) {
	if code == "" {
		return 0, false
	}
	switch c := code[0]; {
	case c >= 'a' && c <= 'z':
		return int(c - 'a'), true
	case c >= '0' && c <= '9':
		return int(c-'0') + 26, true
	}
	return 0, false
}
