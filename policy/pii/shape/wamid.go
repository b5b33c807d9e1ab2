package shape

import "encoding/base64"

const rowWAMID = "WAMID"

// wamid reads an id of a WhatsApp message. The Cloud API's is "wamid." and
// base64 of 1C 18, a length and the number in digits; on-premises clients'
// begins with 80 11 or 00 11, a length and the number as nibbles. Both were
// read off the samples in Meta's documentation. Who strips the prefix leaves
// the number in.
func wamid(s string, i int) (Match, bool) {
	body := i
	prefix := hasFold(s, i, "wamid.")
	switch {
	case prefix:
		body += 6
	case at(s, i+1) != 'B' || s[i] != 'H' && s[i] != 'g' && s[i] != 'A': // base64 of 1C 18, 80 11 and 00 11
		return Match{}, false
	}
	end := span(s, body, 200, isOpaque)
	for k := end; k < len(s) && k-body < 200 && (class[s[k]]&isOpaque != 0 || s[k] == '+' || s[k] == '/' || s[k] == '='); k++ {
		end = k + 1
	}
	if end-body < 20 && !(prefix && end-body >= 8) {
		return Match{}, false
	}
	holds := holdsNumber(s[body:end])
	if !prefix && !holds {
		return Match{}, false
	}
	return Match{Row: rowWAMID, Start: i, End: end, Checked: holds, OneIn: 1 << 10}, true
}

// holdsNumber decodes the first bytes.
func holdsNumber(v string) bool {
	var src [24]byte
	var out [18]byte
	n := min(len(v), len(src)) &^ 3
	for i := range n {
		src[i] = v[i]
		switch v[i] {
		case '-':
			src[i] = '+'
		case '_':
			src[i] = '/'
		}
	}
	k, err := base64.StdEncoding.Decode(out[:], src[:n])
	if err != nil || k < 9 {
		return false
	}
	if out[0] == 0x1C && out[1] == 0x18 {
		return spelledNumber(out[2:k])
	}
	return (out[0] == 0x80 || out[0] == 0x00) && out[1] == 0x11 && packedNumber(out[2:k])
}

// spelledNumber reads a length and digits.
func spelledNumber(b []byte) bool {
	n := int(b[0])
	if n < 7 || n > 15 {
		return false
	}
	for _, c := range b[1:min(n+1, len(b))] {
		if class[c]&isDigit == 0 {
			return false
		}
	}
	return true
}

// packedNumber reads a length, its highest bit set for an odd number of digits,
// and two digits a byte.
func packedNumber(b []byte) bool {
	n, odd := int(b[0]&0x7F), b[0]&0x80 != 0
	if n < 4 || n > 8 || len(b) < n+1 {
		return false
	}
	for i, c := range b[1 : n+1] {
		last := i == n-1 && odd
		if c>>4 > 9 || c&15 > 9 && !last {
			return false
		}
	}
	return true
}
