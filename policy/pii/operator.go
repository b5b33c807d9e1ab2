package pii

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"postern/policy/pii/catalog"
)

// Operator is what is done with a finding. Anything but the constants below,
// the empty operator included, redacts.
type Operator string

// Operators.
const (
	Keep   Operator = "keep"   // leave the value
	Alert  Operator = "alert"  // leave the value; the caller raises an alert
	Mask   Operator = "mask"   // show a part, at most a third; which: MaskKeeping
	Redact Operator = "redact" // a label, [PHONE_1], the same for the same value within a message; of one's own: RedactAs
	Drop   Operator = "drop"   // remove the value
	Hash   Operator = "hash"   // a keyed hash of the canonical value, [PHONE:...]
	Token  Operator = "token"  // the same as a token whose value is kept sealed, tok_PHONE_v1_...
	Block  Operator = "block"  // refuse the message; what is left of it is redacted
)

// ParseOperator reads an operator's name, with how it is done if that is said.
func ParseOperator(name string) (Operator, error) {
	switch o := Operator(name); {
	case o.known(), o.done():
		return o, nil
	}
	return Redact, fmt.Errorf("operator %q is not known; write keep, alert, mask, redact, drop, hash, token or block", name)
}

// known reports the operators above.
func (o Operator) known() bool {
	switch o {
	case Keep, Alert, Mask, Redact, Drop, Hash, Token, Block:
		return true
	}
	return false
}

// Sink is where a text goes.
type Sink uint8

// Sinks. Record, stricter than Forward, is the zero value. In a Log nothing of
// a value may show: what is not dropped is redacted.
const (
	Record  Sink = iota // what is kept
	Forward             // what leaves to the other side
	Log                 // what operators read
)

// Hasher makes keyed hashes that may be kept. Kind is the finding's type and
// separates domains; the result holds only letters, digits, '_', '-', '.' and
// '=', so that it survives a second pass: lower case Base32 does.
type Hasher interface {
	Hash(kind string, value []byte) string
}

// Tokenizer makes reversible tokens. Name gives version and keyed hash of a
// value, "v1_" and lower case Base32, the same for the same value, and has its
// owner keep the value sealed under them; "" if that can not be.
type Tokenizer interface {
	Token(kind string, canonical []byte, written string) (name string)
}

// AnyType as key of Treatment.Operators stands for every type not named.
const AnyType Type = "*"

// Treatment says what happens to what was found. The zero value redacts all,
// for the record.
type Treatment struct {
	Sink      Sink
	Operators map[Type]Operator
	Hasher    Hasher    // nil: hash redacts
	Tokenizer Tokenizer // nil: token redacts
	Short     bool      // what is replaced becomes "***": for texts that may not grow
	From      Level     // weaker findings are left as they are
}

// NewTreatment reads operators as a policy decision names them, by type with
// "*" for the rest.
func NewTreatment(sink Sink, operators map[string]string, h Hasher) (Treatment, error) {
	t := Treatment{Sink: sink, Hasher: h, Operators: make(map[Type]Operator, len(operators))}
	for kind, name := range operators {
		o, err := ParseOperator(name)
		if err != nil {
			return Treatment{}, fmt.Errorf("type %s: %w", kind, err)
		}
		t.Operators[Type(kind)] = o
	}
	return t, nil
}

// Operator gives what is done with a finding: by its entity, else its type,
// else "*". In the record block means redact, and what must never be stored is
// redacted or dropped. It is one of the constants, without how it is done.
func (t Treatment) Operator(f Finding) Operator { return t.verb(&f, t.named(&f)) }

// verb is Operator for a finding for which an operator was given.
func (t *Treatment) verb(f *Finding, given Operator) Operator {
	never := t.Sink != Forward && NeverStored(f.Type) || t.Sink == Log
	if f.Level < t.From && !never {
		return Keep
	}
	o := given.Verb()
	switch {
	case o == Drop:
		return Drop
	case never, o == Block && t.Sink != Forward, o == Hash && t.Hasher == nil, o == Token && (t.Tokenizer == nil || NeverStored(f.Type)):
		return Redact
	}
	if o.known() {
		return o
	}
	return Redact
}

// Treated is a text after treatment.
type Treated struct {
	Text    string
	Changed bool
	Blocked bool // a finding asks to refuse the message
}

// named is the operator that was given for a finding. "*" does not speak of
// words of lexicons: they say what a message is about and are nobody's data.
func (t *Treatment) named(f *Finding) Operator {
	if o, ok := t.Operators[Type(f.Entity)]; ok {
		return o
	}
	if o, ok := t.Operators[f.Type]; ok && Type(f.Entity) != f.Type {
		return o
	}
	if f.Type == catalog.Term {
		return Keep
	}
	return t.Operators[AnyType]
}

// rounds is how often Treat looks again. A value that is taken out can free
// another that stood in its shadow; two rounds settle nearly all texts.
const rounds = 6

// Treat scans a text and treats it, and looks at the result again until nothing
// more is found, so that treating twice changes nothing. It appends the
// findings in the text as given to dst.
func (s *Scanner) Treat(text string, hint Hint, t Treatment, labels *Labels, dst []Finding) (Treated, []Finding) {
	base := len(dst)
	dst = s.Scan(text, hint, dst)
	if len(dst) == base {
		return Treated{Text: text}, dst
	}
	if labels == nil {
		labels = &Labels{}
	}
	out := t.Apply(text, dst[base:], labels)
	next := out
	for i := 0; next.Changed && i < rounds; i++ {
		next = t.Apply(out.Text, s.Scan(out.Text, hint, nil), labels)
		out.Text, out.Blocked = next.Text, out.Blocked || next.Blocked
	}
	return out, dst
}

// labelRoom is how many bytes a label may be longer than its value, usually.
const labelRoom = 24

// Apply treats the findings of one text; they are ordered and free of overlap,
// as Scan gives them. Labels keeps numbers stable over the texts of a message;
// nil numbers this text alone.
func (t Treatment) Apply(text string, found []Finding, labels *Labels) Treated {
	if labels == nil {
		labels = &Labels{}
	}
	out := Treated{Text: text}
	var b []byte
	done := 0
	for i := range found {
		f := &found[i]
		given := t.named(f)
		o := t.verb(f, given)
		if o == Keep || o == Alert {
			continue
		}
		if b == nil {
			b = make([]byte, 0, len(text)+labelRoom*(len(found)-i))
		}
		out.Blocked = out.Blocked || o == Block
		value := text[f.Start:f.End]
		b = append(b, text[done:f.Start]...)
		done = f.End
		if o == Drop {
			b, done = squeeze(b, text, done)
			continue
		}
		b = t.replace(b, o, given, f, value, labels)
	}
	if done == 0 {
		return out
	}
	b = append(b, text[done:]...)
	out.Text = unsafe.String(unsafe.SliceData(b), len(b)) // nothing writes to it any more
	out.Changed = out.Text != text
	return out
}

// squeeze leaves one space where a value was dropped between two, and none at
// the ends.
func squeeze(b []byte, text string, done int) ([]byte, int) {
	spaceBefore := len(b) == 0 || b[len(b)-1] == ' '
	if spaceBefore && byteAt(text, done) == ' ' {
		done++
	}
	if done == len(text) && len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b, done
}

// short stands for a value where a label would be too long. No value is shorter.
const short = "***"

// replace appends what stands in place of a value: o is what is done, given how.
func (t *Treatment) replace(b []byte, o, given Operator, f *Finding, value string, labels *Labels) []byte {
	if t.Short {
		return append(b, short...)
	}
	var plain []byte
	if o != Mask {
		plain = canonical(*f, value)
	}
	switch o {
	case Mask:
		return append(b, maskAs(given, *f, value)...)
	case Hash:
		if h := t.keyed(string(f.Type), plain); h != "" {
			return appendHash(b, string(f.Type), h)
		}
	case Token:
		if name := t.Tokenizer.Token(string(f.Type), plain, value); tokenName(name) {
			return append(append(append(append(b, tokenHead...), f.Type...), '_'), name...)
		}
	}
	kind := f.Type
	if own := given.Label(); own != "" && given.done() {
		kind = Type(own)
	}
	return append(b, labels.label(kind, plain)...)
}

// appendHash appends "[KIND:hash]".
func appendHash(b []byte, kind, hash string) []byte {
	return append(append(append(append(append(b, '['), kind...), ':'), hash...), ']')
}

// hash gives "[KIND:hash]", or "" if there is no usable hash.
func (t *Treatment) hash(kind string, value []byte) string {
	if h := t.keyed(kind, value); h != "" {
		return string(appendHash(nil, kind, h))
	}
	return ""
}

// keyed gives the keyed hash of a value, "" if there is no usable one.
func (t *Treatment) keyed(kind string, value []byte) string {
	if t.Hasher == nil {
		return ""
	}
	h := t.Hasher.Hash(kind, value)
	if !tokenText(h) {
		return ""
	}
	return h
}

// tokenText reports what hashes and tokens are written with.
func tokenText(s string) bool {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return false
		}
	}
	return true
}

var tokenBytes = func() (t [256]bool) {
	for c := range utf8.RuneSelf {
		t[c] = isAlnum(byte(c)) || strings.IndexByte("_-.=", byte(c)) >= 0
	}
	return t
}()
