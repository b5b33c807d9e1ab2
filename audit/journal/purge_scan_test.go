package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"math/big"
	"os"
	"path/filepath"
	"testing"
)

// TestSearchFinds each value that is in a file, wherever it lies, and no other.
func TestSearchFinds(t *testing.T) {
	const piece = 1 << 20
	random := func(n int) []byte {
		out := make([]byte, n)
		_, _ = rand.Read(out) // never fails
		return out
	}
	for _, values := range []int{0, 1, 40, 5000} {
		path, text := filepath.Join(t.TempDir(), "pages"), random(2*piece+777)
		clear(text[piece/2 : piece/2+4096]) // a page that holds nothing
		want := make([][]byte, values)
		for i := range want {
			want[i] = random(soughtBytes + 16)
		}
		lies := map[int]int{0: 0, 1: piece - 7, 2: 2*piece - soughtBytes, 3: len(text) - soughtBytes, 4: 2000, 5: 2000 + soughtBytes, 6: piece / 2, 7: piece/2 + 19}
		planted := 0
		for i, at := range lies {
			if i < values {
				copy(text[at:], want[i][:soughtBytes])
				planted++
			}
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path) //nolint:gosec // the test's own
		if err != nil {
			t.Fatal(err)
		}
		s := newSearch(append(want, []byte("too short")))
		if err := s.through(context.Background(), f, func(piece func() error) error { return piece() }); err != nil || len(s.found) != planted || s.bytes != int64(len(text)) {
			t.Errorf("of %d values %d were found in %d bytes, %d are there (%v)", values, len(s.found), s.bytes, planted, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSearchAgrees with a plain look through texts of few letters, where values
// overlap and begin alike.
func TestSearchAgrees(t *testing.T) {
	letters := func(n int) []byte {
		out := make([]byte, n)
		for i := range out {
			c, err := rand.Int(rand.Reader, big.NewInt(2))
			if err != nil {
				t.Fatal(err)
			}
			out[i] = 'a' + byte(c.Int64())
		}
		return out
	}
	some := 0
	for range 20 {
		text, want := letters(3000), make([][]byte, 60)
		for i := range want {
			want[i] = letters(soughtBytes)
		}
		want[0] = text[777 : 777+soughtBytes]
		s, found := newSearch(want), map[[soughtBytes]byte]bool{}
		s.in(text)
		for _, v := range want {
			if bytes.Contains(text, v) {
				found[[soughtBytes]byte(v)] = true
			}
		}
		for v := range found {
			if !s.found[v] {
				t.Errorf("%q is there and was not found", v[:])
			}
		}
		if len(s.found) != len(found) {
			t.Errorf("%d values were found, %d are there", len(s.found), len(found))
		}
		some += len(found)
	}
	if some <= 20 {
		t.Error("no text held more than the value that was put there")
	}
}
