package pii

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestViewInAnyPlace: how something reads does not hang on how far from the start or the
// end it stands, nor on what signs stand around it.
func TestViewInAnyPlace(t *testing.T) {
	for in, want := range map[string]string{
		"٤": "4", "４": "4", "\u00a0": " ", "\u00ad": "", "\u200b": "", "4️⃣": "4", "𝟒": "4", "ﾊﾞ": "バ", "ᄀ\u1161": "가", "·": ".", "\u2011": "-", "é": "é", "中": "中", "🙂": "🙂",
		"\xff": "\xff", "\xe2\x80": "\xe2\x80", "\xc2": "\xc2", "\xf0\x9d": "\xf0\x9d", "\x80": "\x80", "\xe2a\x8b": "\xe2a\x8b", "\xc2a0": "\xc2a0", "・": "・", "a・": "a・", "4・4": "4.4", "a，b": "a, b", "４，４": "4,4", "4，4": "4, 4",
	} {
		for _, fill := range []string{"a", "é", "中", "🙂", "\xe2"} {
			for n := range 20 {
				for m := range 10 {
					head, tail := strings.Repeat(fill, n), strings.Repeat(fill, m)
					if strings.HasPrefix(in, "\x80") && n > 0 || fill == "\xe2" && m > 0 || !utf8.ValidString(in) && !utf8.ValidString(head) || fill == "\xe2" && n > 0 {
						continue // they would make another sign together
					}
					var v view
					if v.read(head + in + tail); v.text != head+want+tail {
						t.Fatalf("%q between %d and %d of %q reads %q", in, n, m, fill, v.text)
					}
					for i := range len(v.text) {
						if from := v.from(i); want == in && from != i {
							t.Fatalf("%q behind %d of %q: place %d is %d", in, n, fill, i, from)
						}
					}
				}
			}
		}
	}
}

// TestRestOfPieces: of what was found in a text alone, what the number from before runs
// over gives way, what stands behind it stays, in order; what does not reach from one
// text into the next is nothing.
func TestRestOfPieces(t *testing.T) {
	own := []Finding{span("CALLERS", Certain, 0, 99), span("A", Likely, 2, 8), span("B", Likely, 9, 12), span("C", Likely, 14, 20)}
	seam := 10
	for _, c := range []struct {
		start, end int
		want       string
	}{
		{4, 19, "CALLERS[0:99] CARD[0:9] B[9:12] C[14:20]"}, {4, 20, "CALLERS[0:99] CARD[0:10] C[14:20]"}, {4, 11, "CALLERS[0:99] CARD[0:1] A[2:8] B[9:12] C[14:20]"},
		{10, 19, "CALLERS[0:99] A[2:8] B[9:12] C[14:20]"}, {4, 10, "CALLERS[0:99] A[2:8] B[9:12] C[14:20]"}, {0, 40, "CALLERS[0:99] CARD[0:30]"},
	} {
		var got []string
		for _, f := range rest(append([]Finding(nil), own...), 1, span("CARD", Certain, c.start, c.end), seam) {
			got = append(got, strings.Replace(f.String(), "/"+f.Level.String(), "", 1))
			if (f.Type == "CARD") != (f.Reasons&ByPieces != 0) {
				t.Errorf("%v says %v", f, f.Reasons.Names())
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%d-%d: %v, want %s", c.start, c.end, got, c.want)
		}
	}
}
