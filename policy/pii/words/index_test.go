package words_test

import (
	"strings"
	"testing"

	"postern/policy/pii/words"
)

// found walks a text as a scan does.
func found(x *words.Index, text string) string {
	var out []string
	var room []words.Hit
	for at, inside := 0, false; ; {
		if at, inside = x.Next(text, at, inside); at == len(text) {
			return strings.Join(out, "|")
		}
		room = x.At(text, at, room[:0])
		for _, h := range room {
			out = append(out, text[at:h.End])
		}
		_, size := words.KindAt(text, at)
		at += size
	}
}

func TestIndex(t *testing.T) {
	x := words.NewIndex(build(t, "b en: free money, 419 scam\na en: free, stupi*, 419, ab12, x, don't tell, blue*\na zh: 号码, 银行\na de: straße, öl\n"))
	for _, tt := range []struct{ text, want string }{
		{"Free  Money!", "Free|Free  Money"},
		{"freedom of money", ""},
		{"how STUPIDLY", "STUPIDLY"},
		{"the 419 scam, 4190", "419|419 scam"},
		{"ab12 ab1 x1 x", "ab12|x|x"},
		{"DON’T TELL; dont tell", "DON’T TELL"},
		{"银行卡号码", "银行|号码"},
		{"中x free中", "x|free"},
		{"STRASSE, ÖL, ol", "STRASSE|ÖL|ol"},
		{"free\u0301 fre\u0301e", "free\u0301|fre\u0301e"},
		{"https://blueprint.example/free", "blueprint|free"},
		{"\xfffree\xff", "free"},
		{"xx xfree", ""},
		{"", ""},
	} {
		if got := found(x, tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestIndexSeesAllMatchSees compares the two on every place of texts made of
// the words themselves.
func TestIndexSeesAllMatchSees(t *testing.T) {
	list := "a en: a, ab, abc, abcd, abcde, a b, a 1, a1, abcd e, 1a, 12, é, aé, ée, stem*, sh*, it's\n"
	s := build(t, list)
	x := words.NewIndex(s)
	pieces := strings.Fields("a A ab abc ABCD abcde 1 12 1a a1 é aé Ée stemless shy it's b e zz")
	for _, p := range pieces {
		for _, q := range pieces {
			for _, gap := range []string{" ", "-", "", "  ", "\n", "中"} {
				text := p + gap + q
				entry, end := s.Match(text, 0)
				hits := x.At(text, 0, nil)
				if next, _ := x.Next(text, 0, false); entry != 0 && next != 0 {
					t.Errorf("%q: passed over", text)
				}
				seen := entry == 0
				for _, h := range hits {
					seen = seen || h.Entry == entry && h.End >= end
				}
				if !seen {
					t.Errorf("%q: Match ends at %d, hits %v", text, end, hits)
				}
			}
		}
	}
}
