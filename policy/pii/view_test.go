package pii

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestView(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                 "plain",
		"٤١١١ ۴۱ ४१ ４１":         "4111 41 41 41",
		"+49\u00a0151\u2011":    "+49 151-",
		"4️⃣1️⃣ 🙂":              "41 🙂",
		"\u202a+1 2\u202c":      "+1 2",
		"カード 4ー1":               "カード 4-1",
		"ＤＥ８９":                  "DE89",
		"𝟒𝟏":                    "41",
		"\xff\u200b\xff1\u200b": "\xff\xff1",
		"\u200b":                "",
		"ﾏｲﾅﾝﾊﾞｰ ﾊﾟ ﾞ":          "マイナンバー パ \u3099",
		"ハ\u3099\u3099ホ\u309aう\u3099ヴか\u3099た\u3099つ\u3099テ\u3099な\u3099": "バ\u3099ポゔヴがだづデな\u3099",
		"\u1100\u1161\u11a8가\u11a8ᄀx": "각각ᄀx",
		"83，5分 ８３，５":                  "83, 5分 83,5",
	} {
		var v view
		v.read(in)
		if v.text != want {
			t.Errorf("%q reads %q, want %q", in, v.text, want)
		}
		for i := range len(v.text) {
			if from := v.from(i); i > 0 && from <= v.from(i-1) || from >= len(in) {
				t.Errorf("%q: place %d maps to %d of %d", in, i, from, len(in))
			}
		}
	}
}

func TestViewMapsBack(t *testing.T) {
	var v view
	in := "a\u200b٤\u200b١ü４ z"
	v.read(in)
	if v.text != "a41ü4 z" {
		t.Fatalf("reads %q", v.text)
	}
	if got, want := in[v.from(1):v.to(3)], "٤\u200b١"; got != want {
		t.Errorf("digits map to %q, want %q", got, want)
	}
	if got, want := in[v.from(5):v.to(6)], "４"; got != want {
		t.Errorf("full width maps to %q, want %q", got, want)
	}
	if got := in[v.from(3):v.to(5)]; got != "ü" {
		t.Errorf("letter maps to %q", got)
	}
}

// FuzzView: places map in order to bounds of runes.
func FuzzView(f *testing.F) {
	for _, s := range []string{"٤\u200b١ü４ z", "4️⃣", "\xff\u200b", "\u202a1", "カー1ー"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v view
		v.read(text)
		last := -1
		for i := range v.text {
			_, size := utf8.DecodeRuneInString(v.text[i:])
			from, to := v.from(i), v.to(i+size)
			if from <= last || to <= from || to > len(text) || utf8.ValidString(text) && (!utf8.RuneStart(text[from]) || to < len(text) && !utf8.RuneStart(text[to])) {
				t.Fatalf("%q place %d maps to %d-%d", text, i, from, to)
			}
			last = from
		}
	})
}

// TestLookalikesInLongText: a long text is read again only around what looks like
// something else, with what it finds in the same place as in a short one.
func TestLookalikesInLongText(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	const value = "card 4lll 1111 1111 1111"
	for _, fill := range []string{"and so on\n", "and so on, ", "и так далее ", "é"} {
		for _, n := range []int{0, 30, 100, 500, 900} {
			head := strings.Repeat(fill, n) + "\n"
			text := head + value + "\n" + strings.Repeat(fill, n) + head + value
			found := s.Scan(text, Hint{}, nil)
			if len(found) != 2 || found[0].Type != CreditCard || found[0].Start != len(head)+5 || found[1].End != len(text) {
				t.Errorf("%d of %q: %v", n, fill, found)
			}
		}
	}
}
