package check

import (
	"encoding/binary"
	"strings"
)

// digits reports that v holds digits alone. Eight are read at a time, the last ones
// twice if need be.
func digits(v []byte) bool {
	const each = 0x0101010101010101
	for i := 0; len(v) >= 8 && i < len(v); i += 8 {
		x := binary.LittleEndian.Uint64(v[min(i, len(v)-8):]) ^ each*'0'
		if (x|(x+each*(0x80-10)))&(each<<7) != 0 {
			return false
		}
	}
	for i := 0; len(v) < 8 && i < len(v); i++ {
		if v[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// letters reports that v holds upper case letters alone.
func letters(v []byte) bool {
	for _, c := range v {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// alnum reports that v holds digits and upper case letters alone.
func alnum(v []byte) bool {
	for _, c := range v {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// same reports that all characters are equal.
func same(v []byte) bool {
	for _, c := range v {
		if c != v[0] {
			return false
		}
	}
	return len(v) > 0
}

// isOneOf reports that c stands in set.
func isOneOf(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }
