package sieve

import (
	"encoding/binary"
	"math/bits"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// What one machine may take: places in programs, and states.
const (
	maxPlaces = 2048
	maxStates = 3000
)

// set is a set of places.
type set []uint64

func (s set) put(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s set) has(i int) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s set) join(o set) {
	for i, w := range o {
		s[i] |= w
	}
}

// appendKey appends what tells a set, and whether a word goes on, from others.
func (s set) appendKey(b []byte, word bool) []byte {
	for _, w := range s {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	if word {
		b = append(b, 1)
	}
	return b
}

// builder turns programs into a machine: a state is the set of places where
// their threads stand, and whether a word goes on there.
type builder struct {
	insts   []inst
	words   int    // of a set
	after   []set  // by place: where threads stand that read it
	starts  [2]set // where threads begin: all, and those of patterns that may begin inside a word
	reads   []set  // by class: places that read it
	begun   [][2]set
	m       machine
	states  []set
	numbers map[string]uint16

	ends set    // places where a match is
	next set    // room of a step
	key  []byte // room of a key
}

// inst is a place in the programs together.
type inst struct {
	syntax.Inst
	base    int // of its program
	pattern int
}

func newMachine(patterns []Pattern, chosen []int) (machine, bool) {
	b := builder{numbers: map[string]uint16{}}
	b.m.whole, b.m.digit = make([]bool, len(patterns)), true
	for _, i := range chosen {
		base := len(b.insts)
		for _, in := range patterns[i].Prog.Inst {
			b.insts = append(b.insts, inst{in, base, i})
		}
		b.m.whole[i] = patterns[i].Whole
		b.m.digit = b.m.digit && patterns[i].Digit
	}
	if len(b.insts) > maxPlaces {
		return machine{}, false
	}
	b.words = (len(b.insts) + 63) / 64
	b.starts, b.ends, b.next = [2]set{b.empty(), b.empty()}, b.empty(), b.empty()
	base := 0
	for _, i := range chosen {
		b.follow(b.starts[0], base+patterns[i].Prog.Start)
		if !patterns[i].Whole {
			b.follow(b.starts[1], base+patterns[i].Prog.Start)
		}
		base += len(patterns[i].Prog.Inst)
	}
	b.classify()
	return b.m, b.walk()
}

func (b *builder) empty() set { return make(set, b.words) }

// follow puts the places that are reached from one without reading.
func (b *builder) follow(to set, at int) {
	seen := b.empty()
	stack := []int{at}
	for len(stack) > 0 {
		at = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen.has(at) {
			continue
		}
		seen.put(at)
		switch in := &b.insts[at]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.base+int(in.Out), in.base+int(in.Arg))
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			stack = append(stack, in.base+int(in.Out))
		case syntax.InstFail:
		default:
			to.put(at)
		}
	}
}

// Kinds of bytes outside ASCII: one that begins a rune, one that goes on.
const (
	lead   = utf8.RuneSelf
	inside = utf8.RuneSelf + 1
	kinds  = utf8.RuneSelf + 2
)

// kindOf gives a byte itself or its kind.
func kindOf(c int) int {
	switch {
	case c < utf8.RuneSelf:
		return c
	case c < 0xC0:
		return inside
	}
	return lead
}

// classify puts bytes that all places read alike in one class.
func (b *builder) classify() {
	b.after = make([]set, len(b.insts))
	read := make([]set, kinds)
	for k := range read {
		read[k] = b.empty()
	}
	for at := range b.insts {
		if b.insts[at].Op == syntax.InstMatch {
			b.ends.put(at)
		}
		if !consumes(b.insts[at].Op) {
			continue
		}
		b.after[at] = b.empty()
		b.follow(b.after[at], b.insts[at].base+int(b.insts[at].Out))
		for k := range kinds {
			if b.insts[at].takes(k) {
				read[k].put(at)
			}
		}
	}
	classes := map[string]uint8{}
	for c := range 256 {
		k := kindOf(c)
		key := string(read[k].appendKey(nil, wordByte(k))) + string(rune(max(k-lead+1, 0)))
		class, ok := classes[key]
		if !ok {
			class = uint8(len(classes)) //nolint:gosec // at most one for each kind
			classes[key] = class
			b.reads = append(b.reads, read[k])
			b.m.isWord = append(b.m.isWord, wordByte(k))
			b.begun = append(b.begun, [2]set{b.step(b.empty(), b.starts[0], read[k]), b.step(b.empty(), b.starts[1], read[k])})
		}
		b.m.class[c] = class
	}
	b.m.classes = len(b.reads)
}

func consumes(op syntax.InstOp) bool {
	return op == syntax.InstRune || op == syntax.InstRune1 || op == syntax.InstRuneAny || op == syntax.InstRuneAnyNotNL
}

// takes reports whether a place reads a kind of byte.
func (in *inst) takes(kind int) bool {
	if kind < utf8.RuneSelf {
		return in.MatchRune(rune(kind))
	}
	if in.Op != syntax.InstRune && in.Op != syntax.InstRune1 {
		return true
	}
	for _, r := range in.Rune {
		if r >= utf8.RuneSelf {
			return true
		}
	}
	return len(in.Rune) == 1 && foldsWide(in.Rune[0]) // with a flag, K is the sign of Kelvin as well
}

func foldsWide(r rune) bool {
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

func wordByte(k int) bool {
	return k >= '0' && k <= '9' || k >= 'A' && k <= 'Z' || k >= 'a' && k <= 'z'
}

// step adds where the threads of a set stand that can read.
func (b *builder) step(to, from, read set) set {
	for i, w := range from {
		for w &= read[i]; w != 0; w &= w - 1 {
			to.join(b.after[i<<6+bits.TrailingZeros64(w)])
		}
	}
	return to
}

// walk makes the states that can be reached, the beginning first.
func (b *builder) walk() bool {
	b.number(b.empty(), false)
	for at := 0; at < len(b.states); at++ {
		for class := range b.m.classes {
			if len(b.states) > maxStates {
				return false
			}
			b.m.next = append(b.m.next, b.lead(at, class))
		}
	}
	return true
}

// lead gives where a state leads by a class.
func (b *builder) lead(at, class int) uint16 {
	word := b.m.isWord[class]
	in := b.m.word[at] && word
	clear(b.next)
	to := b.step(b.next, b.states[at], b.reads[class])
	begin := 0
	if in {
		begin = 1
	}
	to.join(b.begun[class][begin])
	if class == int(b.m.class[0x80]) {
		for i, w := range b.states[at] { // the rune is not over
			to[i] |= w &^ b.ends[i]
		}
	}
	next := b.number(to, word)
	for _, i := range b.m.tells[at] {
		if !in || !b.m.whole[i] {
			return next | says
		}
	}
	return next
}

// number gives the number of a state, a new one if it is new.
func (b *builder) number(places set, word bool) uint16 {
	b.key = places.appendKey(b.key[:0], word)
	if n, ok := b.numbers[string(b.key)]; ok {
		return n
	}
	n := uint16(len(b.states)) //nolint:gosec // below maxStates
	b.numbers[string(b.key)] = n
	b.states, b.m.word = append(b.states, slices.Clone(places)), append(b.m.word, word)
	var tells []int
	for i, w := range places {
		for w &= b.ends[i]; w != 0; w &= w - 1 {
			tells = append(tells, b.insts[i<<6+bits.TrailingZeros64(w)].pattern)
		}
	}
	b.m.tells = append(b.m.tells, tells)
	return n
}
