package second

import (
	"strings"
)

// disguises are ways to write a value so that a person reads it and a pattern
// does not. They apply to values of digits, ASCII letters and separators.
var disguises = []struct {
	name string
	do   func(d draw, v string) string
}{
	{"zero_width", func(d draw, v string) string { return between(v, d.one("\u200b|\u200c|\u2060|\ufeff"), 1) }},
	{"soft_hyphen", func(_ draw, v string) string { return between(v, "\u00ad", 3) }},
	{"bidi", func(_ draw, v string) string { return "\u202a" + v + "\u202c" }},
	{"full_width", func(_ draw, v string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r - '!' + '！'
			}
			return r
		}, v)
	}},
	{"script_digits", func(d draw, v string) string { return digitsFrom(v, []rune("٠۰०০๐௦౦၀០")[d.IntN(9)]) }},
	{"math_digits", func(d draw, v string) string { return digitsFrom(v, []rune("𝟎𝟘𝟢𝟬𝟶")[d.IntN(5)]) }},
	{"keycap", func(_ draw, v string) string {
		var b strings.Builder
		for _, r := range v {
			if b.WriteRune(r); r >= '0' && r <= '9' {
				b.WriteString("\ufe0f\u20e3")
			}
		}
		return b.String()
	}},
	{"homoglyph", func(d draw, v string) string {
		if strings.Contains(v, "@") {
			return strings.NewReplacer("a", "а", "e", "е", "o", "о", "p", "р", "c", "с").Replace(v)
		}
		return d.one(strings.Replace(v, "0", "O", 1) + "|" + strings.ReplaceAll(v, "0", "О") + "|" + strings.Replace(v, "1", "l", 1) + "|" + strings.Replace(v, "1", "I", 1))
	}},
	{"spaced", func(_ draw, v string) string {
		return between(strings.NewReplacer("(0)", "", "(", "", ")", "", " ", "", "-", "").Replace(v), " ", 1)
	}},
	{"newline", func(_ draw, v string) string { return regroup(v, "\n") }},
	{"markdown", func(d draw, v string) string {
		mark := d.one("*|_|~")
		return mark + regroup(v, mark+" "+mark) + mark
	}},
	{"emoji", func(d draw, v string) string { return regroup(v, d.one("➖|🔹|✨|➡️")) }},
	{"odd_spaces", func(d draw, v string) string {
		return regroup(v, pick(d, []string{"\u00a0", "\u2009", "\u202f", "\u3000", "\u2011", "\u2013", "\u2212"}))
	}},
	{"dots", func(_ draw, v string) string { return regroup(v, ".") }},
}

// spelled writes an e-mail address so that programs do not read it.
func spelled(d draw, v string) string {
	return d.one(strings.NewReplacer("@", " (at) ", ".", " (dot) ").Replace(v) + "|" + strings.NewReplacer("@", "[at]", ".", "[dot]").Replace(v) + "|" + strings.Replace(v, "@", " at ", 1) + "|" + strings.Replace(v, "@", " @ ", 1))
}

// between puts mark after every n-th letter or digit that another follows.
func between(v, mark string, n int) string {
	var b strings.Builder
	seen := 0
	for i := range len(v) {
		b.WriteByte(v[i])
		if seen++; seen%n == 0 && i+1 < len(v) {
			b.WriteString(mark)
		}
	}
	return b.String()
}

func digitsFrom(v string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, v)
}

// regroup writes sep where groups end; a value without groups gets fours.
func regroup(v, sep string) string {
	if !strings.ContainsAny(v, " -") {
		return fours(v, sep)
	}
	return strings.NewReplacer(" ", sep, "-", sep).Replace(v)
}

// breakChecksum changes one digit, so that no check of single digits holds.
func breakChecksum(d draw, v string) string {
	var at []int
	for i := range len(v) {
		if v[i] >= '0' && v[i] <= '9' && i > 3 {
			at = append(at, i)
		}
	}
	i := pick(d, at)
	c := (digit(v[i])+d.between(1, 8))%10 + '0'
	return v[:i] + string(rune(c)) + v[i+1:]
}
