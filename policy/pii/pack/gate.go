package pack

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// gate is what a text must hold for a pattern to match: a literal, or a byte
// of a class. It keeps patterns from being run where they cannot match.
type gate struct {
	literal string // in lower case ASCII; "" if there is none
	class   *[256]bool
}

// opens gives where a pattern that begins at or behind from may be looked for,
// -1 if it cannot match. With a literal or a class the text is searched from
// the start, for what is required may stand behind the beginning of the value.
func (g gate) opens(text string, from int) int {
	switch {
	case g.literal != "":
		if containsFold(text[from:], g.literal) {
			return from
		}
		return -1
	case g.class != nil:
		for i := from; i < len(text); i++ {
			if g.class[text[i]] {
				return from
			}
		}
		return -1
	}
	return from
}

// containsFold reports whether lit, in lower case, stands in text in any case.
func containsFold(text, lit string) bool {
	low, up := lit[0], lit[0]
	if low >= 'a' && low <= 'z' {
		up = low - 32
	}
	for i := 0; i+len(lit) <= len(text); i++ {
		if c := text[i]; (c == low || c == up) && strings.EqualFold(text[i:i+len(lit)], lit) {
			return true
		}
	}
	return false
}

// gateOf derives the gate that opens least from what every match must hold.
func gateOf(re *syntax.Regexp) gate {
	var best gate
	lowest := len(sample) + 1
	required(re.Simplify(), func(g gate) {
		n := 0
		for line := range strings.Lines(sample) {
			if g.opens(line, 0) >= 0 {
				n += len(line)
			}
		}
		if n < lowest || n == lowest && len(g.literal) > len(best.literal) {
			best, lowest = g, n
		}
	})
	return best
}

// required names what every match of re must hold.
func required(re *syntax.Regexp, found func(gate)) {
	switch re.Op {
	case syntax.OpLiteral:
		literals(re.Rune, found)
	case syntax.OpCharClass:
		if c := bytesOf(re.Rune); c != nil {
			found(gate{class: c})
		}
	case syntax.OpCapture, syntax.OpPlus:
		required(re.Sub[0], found)
	case syntax.OpRepeat:
		if re.Min > 0 {
			required(re.Sub[0], found)
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			required(sub, found)
		}
	}
}

// literals gives the runs of ASCII in a literal: case is folded there alone.
func literals(rs []rune, found func(gate)) {
	run := make([]byte, 0, len(rs))
	for i := range len(rs) + 1 {
		if i < len(rs) && rs[i] < 0x80 {
			run = append(run, byte(rs[i]))
			continue
		}
		if len(run) > 0 {
			found(gate{literal: strings.ToLower(string(run))})
		}
		run = run[:0]
	}
}

// bytesOf gives the bytes a rune of the ranges can begin with, nil if they are
// nearly all.
func bytesOf(ranges []rune) *[256]bool {
	var c [256]bool
	n := 0
	for i := 0; i+1 < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if hi >= 0x80 { // what is not ASCII: any lead byte will do
			for b := 0xC2; b < 0xF5; b++ {
				c[b] = true
			}
		}
		for r := lo; r <= hi && r < 0x80; r++ {
			c[r] = true
			n++
		}
	}
	if n > 96 {
		return nil
	}
	return &c
}

// needsDigit reports an expression of which every match holds a digit of ASCII.
func needsDigit(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return slices.ContainsFunc(re.Rune, func(r rune) bool { return r >= '0' && r <= '9' })
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i] < '0' || re.Rune[i+1] > '9' {
				return false
			}
		}
		return len(re.Rune) > 0
	case syntax.OpCapture, syntax.OpPlus:
		return needsDigit(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && needsDigit(re.Sub[0])
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, needsDigit)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !needsDigit(sub) })
	}
	return false
}
