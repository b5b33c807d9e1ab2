package pack

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"postern/policy/pii/catalog"
	"postern/policy/pii/check"
)

// pattern is an expression of a pack, behind its gate.
type pattern struct {
	expr  *regexp.Regexp
	gate  gate
	tree  *syntax.Regexp
	prog  *syntax.Prog
	whole bool          // neighbours are no ASCII letters or digits
	check catalog.Check // of what the groups of the expression hold; nil if there are none
}

// compile reads an expression in RE2 syntax and refuses what costs too much.
func compile(text string, fold, whole bool) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("longer than %d bytes (%d); use a deny list for many words", maxPattern, len(text))
	}
	flags := syntax.Perl
	if fold {
		flags |= syntax.FoldCase
		text = "(?i:" + text + ")"
	}
	tree, err := syntax.Parse(text, flags)
	if err != nil {
		return nil, fmt.Errorf("%w; patterns are RE2: no look-ahead, no back references", plain(err))
	}
	expr, err := regexp.Compile(text)
	if err != nil {
		return nil, plain(err)
	}
	if anchored(tree) {
		return nil, fmt.Errorf("^, $, \\A and \\z stand for the ends of the message; leave them out, values are found as whole words anywhere")
	}
	if expr.MatchString("") {
		return nil, fmt.Errorf("matches the empty text, so it would be found everywhere; require a letter or digit")
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, plain(err)
	}
	p := &pattern{expr: expr, gate: gateOf(tree), tree: tree, prog: prog, whole: whole}
	return p, p.affordable(prog)
}

// plain leaves out the position within the expression's own text.
func plain(err error) error {
	return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

func (p *pattern) affordable(prog *syntax.Prog) error {
	if n := len(prog.Inst); n > maxProgram {
		return fmt.Errorf("compiles to %d instructions, more than %d; repeat less", n, maxProgram)
	}
	c := measure(prog, p.gate)
	switch {
	case c.usual > 100*maxSteps:
		return fmt.Errorf("takes %d.%02d steps for each byte of ordinary chat, more than %d; require a text such as \"AC-\" that is rare elsewhere", c.usual/100, c.usual%100, maxSteps)
	case c.worst > 100*maxWorst:
		return fmt.Errorf("takes up to %d steps for each byte, more than %d; repeat less, and nothing that is repeated already", c.worst/100, maxWorst)
	}
	return nil
}

// anchored reports signs that look at the ends of the text.
func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return true
	}
	for _, sub := range re.Sub {
		if anchored(sub) {
			return true
		}
	}
	return false
}

// find gives the first value at or behind from. A match inside a word counts
// only if the pattern says so.
func (p *pattern) find(text string, from int) (start, end int, ok bool) {
	for from < len(text) {
		if from = p.gate.opens(text, from); from < 0 {
			return 0, 0, false
		}
		at := p.expr.FindStringSubmatchIndex(text[from:])
		if at == nil {
			return 0, 0, false
		}
		start, end = from+at[0], from+at[1]
		if (!p.whole || !inWord(text, start) && !inWord(text, end)) && p.passes(text[from:], at) {
			return start, end, true
		}
		from = max(end, start+1)
	}
	return 0, 0, false
}

// passes judges what the groups hold.
func (p *pattern) passes(text string, at []int) bool {
	if p.check == nil {
		return true
	}
	var v []byte
	for i := 2; i+1 < len(at); i += 2 {
		if at[i] >= 0 { // the group took part
			v = append(v, plainly(text[at[i]:at[i+1]])...)
		}
	}
	return p.check(v)
}

// plainly are the letters and digits of a value, letters in upper case, as checks take
// them.
func plainly(value string) []byte {
	var v []byte
	for _, c := range []byte(value) {
		if !alnum(c) {
			continue
		}
		if c >= 'a' && c <= 'z' {
			c -= 32
		}
		v = append(v, c)
	}
	return v
}

// inWord reports that an ASCII word goes on over the place. Other scripts never
// hide what stands beside them.
func inWord(text string, at int) bool {
	return at > 0 && at < len(text) && alnum(text[at-1]) && alnum(text[at])
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// expression writes a shape of the catalogue as an expression: separators of
// the shape may be left out. What varies stands in groups.
func expression(shape string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(shape); i++ {
		repeats := i+1 < len(shape) && shape[i+1] == '{'
		switch c := shape[i]; {
		case c == '#' || c == '@' || c == '*':
			b.WriteString("(" + classOf[c])
			if !repeats {
				b.WriteByte(')')
			}
		case c == '{':
			n := strings.IndexByte(shape[i:], '}')
			if n < 0 || i == 0 || i+n+1 != len(shape) {
				return "", fmt.Errorf("{6,12} stands at the end of a shape, behind #, @ or *")
			}
			b.WriteString(shape[i:i+n+1] + ")")
			i += n
		case c == ' ' || c == '-' || c == '.' || c == '/':
			b.WriteString(`[ ./-]?`)
		case alnum(c):
			b.WriteString(`(?i:` + string(c) + `)`)
		default:
			return "", fmt.Errorf("%q has no meaning in a shape; write # for a digit, @ for a letter, * for either, letters and digits for themselves, and space, -, . or / between", c)
		}
	}
	return b.String(), nil
}

var classOf = map[byte]string{'#': `[0-9]`, '@': `[A-Za-z]`, '*': `[0-9A-Za-z]`}

// checked gives the check of a name: a published system, or that of a built-in
// entity. Nil if there is none.
func checked(name string) catalog.Check {
	if c := check.Family(name); c != nil {
		return c
	}
	for _, r := range catalog.Rows() {
		for _, f := range r.Forms {
			if r.Name == name && f.Check != nil {
				return f.Check
			}
		}
	}
	return nil
}
