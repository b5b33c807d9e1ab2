package check

import "testing"

// TestDigits holds what reads eight bytes at a time against every byte at every place.
func TestDigits(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for at := range n {
			for c := range 256 {
				v := []byte("01234567890123456789")[:n]
				v[at] = byte(c)
				if got, want := digits(v), c >= '0' && c <= '9'; got != want {
					t.Fatalf("%d bytes, %#x at %d: %t", n, c, at, got)
				}
			}
		}
	}
}
