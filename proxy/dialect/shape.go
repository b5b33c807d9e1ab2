package dialect

import "postern/proxy/message"

// form is the JSON form of a shape.
type form byte

const (
	formString form = iota
	formInteger
	formNumber
	formBool
	formObject
	formArray
	formAny // any JSON: Flow payloads
)

// role says what a string is to the rest of the program.
type role byte

const (
	roleToken  role = iota // a word of the API or an identifier
	rolePhrase             // chosen by the app and shown, returned or opened: may hold personal data
	roleLink               // an http or https URL; a phrase too
)

// shape says what one JSON value may be. The tables of shapes are the whole
// knowledge of this package about message contents; they never change.
type shape struct {
	form     form
	role     role
	min, max int      // characters or elements; max 0 is no limit
	long     Kind     // problem kind when max is passed; Invalid if zero
	enum     []string // allowed words
	lower    bool     // words may come in any case
	numeric  bool     // strings: a whole number is taken too; numbers: a string is taken too
	ident    bool     // strings: identifier characters only
	trim     bool     // blanks at the ends are refused (Cloud) or cut (old dialects)
	blank    bool     // objects and arrays: empty members are left out, as nulls are

	members []member
	elem    *shape
	disc    string            // objects: name of the member that chooses the variant
	variant map[string]*shape // members by the discriminator's value
	media   message.Type      // objects: a media reference of this kind
	check   func(w *walk, n int32) *Problem
}

// member is one property of an object shape.
type member struct {
	name     string
	shape    *shape
	required bool
	ignored  bool // known, has no meaning upstream: left out silently
}

func req(name string, s *shape) member { return member{name: name, shape: s, required: true} }
func opt(name string, s *shape) member { return member{name: name, shape: s} }
func ign(name string) member           { return member{name: name, ignored: true} }

func object(members ...member) *shape { return &shape{form: formObject, members: members} }

func array(elem *shape, lo, hi int) *shape {
	return &shape{form: formArray, elem: elem, min: lo, max: hi}
}

// phrase is a text of 1 to max characters.
func phrase(limit int) *shape { return &shape{role: rolePhrase, min: 1, max: limit} }

// label is a phrase on something to press, where Cloud refuses outer blanks.
func label(limit int) *shape { return &shape{role: rolePhrase, min: 1, max: limit, trim: true} }

// token is an identifier of Meta's or of a catalogue. It is no phrase: long
// numbers among them would read as card numbers.
func token(limit int) *shape {
	return &shape{min: 1, max: limit, ident: true, numeric: true}
}

func words(enum ...string) *shape { return &shape{enum: enum, lower: true} }

func link() *shape { return &shape{role: roleLink, min: 1, max: 2000} }

// collect adds the names of all members at and below s.
func (s *shape) collect(names map[string]bool) {
	for _, m := range s.members {
		names[m.name] = true
		if m.shape != nil {
			m.shape.collect(names)
		}
	}
	for _, v := range s.variant {
		v.collect(names)
	}
	if s.elem != nil {
		s.elem.collect(names)
	}
}

func (s *shape) withCheck(f func(w *walk, n int32) *Problem) *shape {
	c := *s
	c.check = f
	return &c
}

var (
	anyJSON = &shape{form: formAny}
	boolean = &shape{form: formBool}
	integer = &shape{form: formInteger}
)
