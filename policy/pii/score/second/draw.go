package second

import (
	"math/rand/v2"
	"strings"
)

// draw is a source of choices. The same seed makes the same choices in every
// version of Go: the generator's algorithm is fixed.
type draw struct{ *rand.Rand }

func newDraw(seed uint64) draw { return draw{rand.New(rand.NewPCG(seed, 0x706f737465726e))} } //nolint:gosec // repeatable on purpose

func (d draw) chance(percent int) bool { return d.IntN(100) < percent }

// between is a number from lo to hi, both possible.
func (d draw) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

func (d draw) from(alphabet string) string {
	r := []rune(alphabet)
	return string(r[d.IntN(len(r))])
}

func (d draw) many(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(d.from(alphabet))
	}
	return b.String()
}

const (
	decimal = "0123456789"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower   = "abcdefghijklmnopqrstuvwxyz"
)

func (d draw) digits(n int) string { return d.many(decimal, n) }

func pick[T any](d draw, list []T) T { return list[d.IntN(len(list))] }

// one picks among words written with '|' between.
func (d draw) one(list string) string { return strings.TrimSpace(pick(d, strings.Split(list, "|"))) }

// fill writes a pattern: '#' is any digit, '%' one that is not 0, '@' a capital
// letter, everything else itself.
func (d draw) fill(pattern string) string {
	var b strings.Builder
	for _, c := range pattern {
		switch c {
		case '#':
			b.WriteString(d.digits(1))
		case '%':
			b.WriteString(d.from("123456789"))
		case '@':
			b.WriteString(d.from(upper))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// group writes a value in groups of these sizes, sep between.
func group(value, sep string, sizes ...int) string {
	var parts []string
	for _, n := range sizes {
		if n >= len(value) {
			break
		}
		parts, value = append(parts, value[:n]), value[n:]
	}
	return strings.Join(append(parts, value), sep)
}
