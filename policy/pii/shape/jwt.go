package shape

import "encoding/base64"

// isJWT reports a compact JOSE object (RFC 7515, 7.1; RFC 7516): a header of
// JSON in base64url, then two parts or more.
func isJWT(v string) bool {
	_, ok := jwt(v, 0)
	return ok
}

// jwt gives the end of the object that begins at i.
func jwt(s string, i int) (end int, ok bool) {
	if len(s)-i < 24 || s[i] != 'e' || s[i+1] != 'y' {
		return 0, false
	}
	end = span(s, i, 1024, isOpaque)
	if at(s, end) != '.' || !jsonHead(s[i:end]) {
		return 0, false
	}
	parts := 1
	for at(s, end) == '.' && parts < 5 {
		next := span(s, end+1, 8192, isOpaque)
		if next == end+1 && parts != 1 {
			break
		}
		end = next
		parts++
	}
	return end, parts >= 2
}

// jsonHead decodes the beginning of a header: {"name":
func jsonHead(v string) bool {
	n := min(len(v), 16) &^ 3
	var src, out [16]byte
	copy(src[:], v[:n])
	k, err := base64.RawURLEncoding.Decode(out[:], src[:n])
	if err != nil || k < 6 {
		return false
	}
	i := 1
	for i < k && (out[i] == ' ' || out[i] == '\n' || out[i] == '\r') {
		i++
	}
	return out[0] == '{' && out[i] == '"' && i+1 < k && out[i+1] >= 'a' && out[i+1] <= 'z'
}
