package pack

import (
	_ "embed"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"postern/policy/pii/catalog"
)

// The budget of a pattern, in steps of an automaton that reads the text once:
// the same figures on every machine.
const (
	maxPattern = 1000 // bytes of its text
	maxProgram = 2000 // instructions it compiles to
	// maxSteps is the mean for a byte of ordinary chat, most of which a pattern
	// does not look at because what it must hold is not there.
	maxSteps = 8
	// maxWorst is the mean for a byte of the worst text there is a sample of.
	maxWorst = 200
)

// sample is ordinary chat, a message a line, in the languages that are most
// written. It holds no personal data.
//
//go:embed sample.txt
var sample string

// worst are texts that keep many attempts of a pattern alive.
var worst = []string{
	strings.Repeat("a", 512), strings.Repeat("1", 512), strings.Repeat("A1", 256), strings.Repeat("a ", 256),
	strings.Repeat("12-", 170), strings.Repeat("x.y@", 128), strings.Repeat("ä中", 128),
}

// commonness is the part of ordinary messages, one of so many, in which a pattern may be
// found that nothing else has to speak for.
const commonness = 8

// ordinary counts the messages of the sample in which a pattern is found by itself.
func (e *entity) ordinary() (found, of int) {
	if e.pattern == nil || e.needs != catalog.Nothing {
		return 0, 0
	}
	for line := range strings.Lines(sample) {
		of++
		for from := 0; from < len(line); {
			start, end, ok := e.pattern.find(line, from)
			if !ok {
				break
			}
			if e.check == nil || e.check(plainly(line[start:end])) {
				found++
				break
			}
			from = max(end, from+1)
		}
	}
	return found, of
}

// cost is what a pattern takes, in hundredths of a step for each byte.
type cost struct{ usual, worst int }

// measure counts the steps of a program over the samples; g tells which of the
// messages it is run on.
func measure(p *syntax.Prog, g gate) cost {
	var c cost
	n := 0
	for line := range strings.Lines(sample) {
		if from := g.opens(line, 0); from >= 0 {
			n += steps(p, line[from:])
		}
	}
	c.usual = 100 * n / len(sample)
	for _, text := range worst {
		c.worst = max(c.worst, 100*steps(p, text)/len(text))
	}
	return c
}

// steps counts the instructions that are looked at while a text is searched.
func steps(p *syntax.Prog, text string) int {
	m := machine{prog: p, here: newQueue(len(p.Inst)), next: newQueue(len(p.Inst))}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		m.step(r)
	}
	return m.count
}

// machine simulates a program on all its threads at once.
type machine struct {
	prog       *syntax.Prog
	here, next *queue
	stack      []uint32
	count      int
}

func (m *machine) step(r rune) {
	m.add(m.here, uint32(m.prog.Start)) //nolint:gosec // an index of instructions
	m.next.clear()
	for _, pc := range m.here.list {
		m.count++
		in := &m.prog.Inst[pc]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if in.MatchRune(r) {
				m.add(m.next, in.Out)
			}
		}
	}
	m.here, m.next = m.next, m.here
}

// add takes up an instruction and what it leads to without reading.
func (m *machine) add(q *queue, pc uint32) {
	m.stack = append(m.stack[:0], pc)
	for len(m.stack) > 0 {
		pc = m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if !q.put(pc) {
			continue
		}
		m.count++
		switch in := &m.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			m.stack = append(m.stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			m.stack = append(m.stack, in.Out)
		}
	}
}

// queue is a set of instructions in the order they came.
type queue struct {
	list []uint32
	in   []bool
}

func newQueue(n int) *queue { return &queue{in: make([]bool, n)} }

func (q *queue) put(pc uint32) bool {
	if q.in[pc] {
		return false
	}
	q.in[pc] = true
	q.list = append(q.list, pc)
	return true
}

func (q *queue) clear() {
	for _, pc := range q.list {
		q.in[pc] = false
	}
	q.list = q.list[:0]
}
