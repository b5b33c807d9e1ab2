package check_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii/catalog"
)

// The vectors of a row lie in testdata, in a file of its name in lower case: a
// line for each value, with a tab and "valid" or "invalid" behind it. Values
// come from published examples and from an implementation that is not ours.
// A value is valid if one of the row's checks accepts it, so a row whose forms
// have several checks needs one file.
const (
	vectorsMin  = 40
	vectorsEach = 10 // at least so many of the valid and of the invalid
)

func TestVectors(t *testing.T) {
	for _, row := range catalog.Rows() {
		path := vectorFile(row.Name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		t.Run(row.Name, func(t *testing.T) {
			checks := checksOf(row)
			if len(checks) == 0 {
				t.Fatalf("%s has vectors, but the row has no check", path)
			}
			counts := map[bool]int{}
			for i, line := range strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n") {
				value, want, ok := strings.Cut(line, "\t")
				if !ok || (want != "valid" && want != "invalid") {
					t.Fatalf("%s:%d: want value, tab, valid or invalid", path, i+1)
				}
				counts[want == "valid"]++
				if accepts(checks, value) != (want == "valid") {
					t.Errorf("%s:%d: %s is not judged %s", path, i+1, value, want)
				}
			}
			if counts[true] < vectorsEach || counts[false] < vectorsEach || counts[true]+counts[false] < vectorsMin {
				t.Errorf("%s has %d valid and %d invalid values: too few", path, counts[true], counts[false])
			}
		})
	}
}

// Two rows may share a check; the vectors of one then stand for both.
func TestEveryCheckHasVectors(t *testing.T) {
	covered := map[uintptr]bool{}
	names := map[string]bool{}
	for _, row := range catalog.Rows() {
		names[filepath.Base(vectorFile(row.Name))] = true
		if _, err := os.Stat(vectorFile(row.Name)); err == nil {
			for _, c := range checksOf(row) {
				covered[reflect.ValueOf(c).Pointer()] = true
			}
		}
	}
	for _, row := range catalog.Rows() {
		for _, c := range checksOf(row) {
			if !covered[reflect.ValueOf(c).Pointer()] {
				t.Errorf("%s: a check of the row has no vectors: write %s", row.Name, vectorFile(row.Name))
			}
		}
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !names[filepath.Base(f)] {
			t.Errorf("%s belongs to no row", f)
		}
	}
}

// Any input is allowed, and stays as it is.
func TestChecksTakeAnything(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, row := range catalog.Rows() {
		for _, c := range checksOf(row) {
			for i := range 2000 {
				takes(t, row.Name, c, anything(rnd, i%41))
			}
		}
	}
}

func FuzzChecks(f *testing.F) {
	f.Add([]byte("52998224725"))
	f.Add([]byte("X"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, v []byte) {
		for _, row := range catalog.Rows() {
			for _, c := range checksOf(row) {
				takes(t, row.Name, c, v)
			}
		}
	})
}

func takes(t *testing.T, name string, c catalog.Check, v []byte) {
	was := slices.Clone(v)
	first := c(v)
	if !bytes.Equal(v, was) {
		t.Fatalf("%s: the check changed %q", name, was)
	}
	if c(v) != first {
		t.Fatalf("%s: the check judges %q in two ways", name, was)
	}
}

// anything gives n bytes: digits, upper case letters with digits, or all.
func anything(rnd *rand.Rand, n int) []byte {
	const chars = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	limit := []int{10, 36, 256}[rnd.IntN(3)]
	v := make([]byte, n)
	for i := range v {
		if limit > len(chars) {
			v[i] = byte(rnd.IntN(limit))
		} else {
			v[i] = chars[rnd.IntN(limit)]
		}
	}
	return v
}

func checksOf(row catalog.Row) (checks []catalog.Check) {
	for _, f := range row.Forms {
		if f.Check != nil {
			checks = append(checks, f.Check)
		}
	}
	return checks
}

func accepts(checks []catalog.Check, v string) bool {
	return slices.ContainsFunc(checks, func(c catalog.Check) bool { return c([]byte(v)) })
}

func vectorFile(row string) string { return "testdata/" + strings.ToLower(row) + ".txt" }

func read(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
