package sieve_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"postern/policy/pii/sieve"
)

var exprs = []string{
	`AC-\d{8}`, `(?i)kunde-?[a-z]{2}\d+`, `\d{8}`, `\d{4}[ ./-]?\d{4}`, `[A-Z]{2}\d{6}`, `(?i:k)\d`, `.x.`, `[^a]b`, `ä\d`, `[а-я]+\d`, `\bfoo\b`,
	`(ab|a)(c|bcd)`, `a{2,4}b?`, `1(-?2){1,6}3`, `[\x{4e00}-\x{9fff}]{2}号\d`,
}

func whole(text string, at int) bool {
	word := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
	}
	return at == 0 || at == len(text) || !word(text[at-1]) || !word(text[at])
}

// stands asks the expression itself, at every place.
func stands(e *regexp.Regexp, text string, all bool) bool {
	for i := range len(text) {
		at := e.FindStringIndex(text[i:])
		if at == nil {
			return false
		}
		if !all || whole(text, i+at[0]) && whole(text, i+at[1]) {
			return true
		}
	}
	return false
}

func prepared(t testing.TB, exprs []string, all bool) (*sieve.Sieve, []*regexp.Regexp) {
	t.Helper()
	var patterns []sieve.Pattern
	var compiled []*regexp.Regexp
	for _, e := range exprs {
		tree, err := syntax.Parse(e, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, sieve.Pattern{Prog: prog, Whole: all})
		compiled = append(compiled, regexp.MustCompile(e))
	}
	return sieve.New(patterns), compiled
}

func sift(s *sieve.Sieve, text string) uint64 {
	var may [1]uint64
	s.Sift(text, may[:])
	return may[0]
}

// TestNothingIsLeftOut compares with the expressions over texts of pieces that
// nearly match, with signs of other scripts and bytes that are no UTF-8.
func TestNothingIsLeftOut(t *testing.T) {
	pieces := strings.Fields("AC- A C 1234 12345678 9 kunde KUNDE- ab bcd a b x ä 号 中 ж жук foo 12 3 -2 K - \xff \x80 \xe4\xb8 1")
	pieces = append(pieces, " ", "\n", "\u212a", "")
	for _, all := range []bool{true, false} {
		s, compiled := prepared(t, exprs, all)
		r := rand.New(rand.NewPCG(1, 2))
		for range 20000 {
			var b strings.Builder
			for range r.IntN(8) {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
			text, may := b.String(), uint64(0)
			may = sift(s, text)
			for i, e := range compiled {
				if may>>i&1 == 0 && stands(e, text, all) {
					t.Fatalf("%s is left out in %q (whole words: %v)", e, text, all)
				}
			}
		}
	}
}

// TestMostIsLeftOut has ordinary text pass without a pattern, and a number that
// is too long.
func TestMostIsLeftOut(t *testing.T) {
	s, _ := prepared(t, exprs[:5], true)
	for text, want := range map[string]uint64{
		"": 0, "see you at 12:30": 0, "AC-1234567": 0, "AC-12345678": 0b101 | 0b1000, "call 491512345678": 0, "in 12345678": 0b1100,
		"XAC-12345678": 0b1100, "客户AC-12345678号": 0b1101, "ab123456 AB123456": 0b10000,
	} {
		if got := sift(s, text); got != want {
			t.Errorf("%q: %b, want %b", text, got, want)
		}
	}
}

// TestManyPatterns splits what one machine can not hold.
func TestManyPatterns(t *testing.T) {
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf(`[a-z]%c.{0,%d}\d{3}`, 'a'+i%26, 5+i))
	}
	s, compiled := prepared(t, many, false)
	for _, text := range []string{"xa 123", "zzzz", "ca-cb-cc 12 999", "no"} {
		may := sift(s, text)
		for i, e := range compiled {
			if may>>i&1 == 0 && e.MatchString(text) {
				t.Errorf("%s is left out in %q", e, text)
			}
		}
	}
}

// TestTextsWithoutDigits passes over machines all of whose patterns need one.
func TestTextsWithoutDigits(t *testing.T) {
	var patterns []sieve.Pattern
	for _, e := range []string{`AC-\d{4}`, `[a-z]{3}`, `X.{0,5}Y`} {
		tree, err := syntax.Parse(e, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		for _, digit := range []bool{true, false} {
			patterns = append(patterns, sieve.Pattern{Prog: prog, Digit: digit && e[0] == 'A'})
		}
	}
	s := sieve.New(patterns)
	for text, want := range map[string]uint64{"AC-x abc": 0b1100, "AC-1234": 0b11, "X and Y": 0b111100, "": 0} {
		if got := sift(s, text); got != want {
			t.Errorf("%q: %b, want %b", text, got, want)
		}
	}
}

func TestSiftAllocatesNothing(t *testing.T) {
	s, _ := prepared(t, exprs, true)
	may := make([]uint64, 1)
	if n := testing.AllocsPerRun(100, func() { s.Sift("AC-12345678 and more", may) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzSift: no pattern that stands in a text is left out.
func FuzzSift(f *testing.F) {
	for _, e := range exprs {
		f.Add(e, "AC-12345678 kunde-ab1 x号1", true)
	}
	f.Fuzz(func(t *testing.T, expr, text string, all bool) {
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil || len(expr) > 50 || len(text) > 200 {
			return
		}
		e, err := regexp.Compile(expr)
		if err != nil || e.MatchString("") || strings.ContainsAny(expr, "^$") || strings.Contains(expr, "\\A") || strings.Contains(expr, "\\z") {
			return // packs refuse it
		}
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil || len(prog.Inst) > 500 {
			return
		}
		s := sieve.New([]sieve.Pattern{{Prog: prog, Whole: all}})
		if sift(s, text) == 0 && stands(e, text, all) {
			t.Fatalf("%q is left out in %q", expr, text)
		}
	})
}
