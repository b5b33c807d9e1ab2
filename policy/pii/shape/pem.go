package shape

import "strings"

const maxPEM = 16 << 10 // bytes of one block

// pem reads a block of a private key around the word BEGIN at i (RFC 7468;
// OpenSSH's and OpenPGP's forms). Without an end it is what looks like base64.
func pem(s string, i, to, floor int) (Match, bool) {
	if i-5 < floor || s[i-5:i] != "-----" || s[i:to] != "BEGIN" {
		return Match{}, false
	}
	head := s[to:min(len(s), to+48)]
	stop := strings.Index(head, "-----")
	if stop < 0 || !strings.Contains(head[:stop], "PRIVATE KEY") {
		return Match{}, false
	}
	body := to + stop + 5
	end := body
	for end < len(s) && end-body < maxPEM && pemChar(s[end]) {
		end++
	}
	switch {
	case strings.HasPrefix(s[end:], "-----END"):
		k := strings.Index(s[end+8:min(len(s), end+64)], "-----")
		end += 8 + max(k, 0) + 5
	default: // cut off: lines of base64, but no words of a sentence
		end = body
		for end < len(s) && end-body < maxPEM && s[end] != ' ' && pemChar(s[end]) {
			end++
		}
	}
	end = min(end, len(s))
	for end > body && class[s[end-1]]&isSpace != 0 {
		end--
	}
	return Match{Row: rowPEM, Start: i - 5, End: end, Checked: true, OneIn: 1 << 16}, true
}

func pemChar(c byte) bool {
	return class[c]&(isAlnum|isSpace) != 0 || c == '+' || c == '/' || c == '=' || c == ':' || c == ',' || c == '\\'
}
