package pii

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unsafe"

	"postern/policy/pii/catalog"
)

const maxValue = 48 // letters and digits of a value of a row, at most

// entity is a row, compiled.
type entity struct {
	row  catalog.Row
	says target
}

// formsOf are the forms of one length, by row. Bare and mixed hold the rows with a
// form that may begin with a character: by that, those written without letters, and
// by that and where else letters stand, at the second place and at the last one. So
// most rows are left out without a look at their forms.
type formsOf struct {
	list   []form
	start  []int32 // by row, where its forms begin in list; those of the next one behind them
	bare   [10]cell
	mixed  [36][4]cell
	groups groupings
	strict groupings // of the forms that need nothing beside them
}

// cell is a set of rows, and which of its words have some.
type cell struct {
	words uint64
	open  uint64 // words with rows whose form is enough
	rows  rowSet // nil if there are none
}

// likely gives the rows that may take n characters.
func (f *formsOf) likely(letters uint64, n int, first byte) *cell {
	switch {
	case letters == 0:
		return &f.bare[first-'0']
	case letters&1 != 0:
		first -= 'A' - 10
	default:
		first -= '0'
	}
	return &f.mixed[first][letters>>1&1<<1|letters>>(n-1)&1]
}

// index puts a form into the cells.
func (f *formsOf) index(c *form) {
	row := int(c.row)
	for i := range f.mixed {
		b, letter := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i], uint64(0)
		if i > 9 {
			letter = 1
		}
		if !c.takes(0, letter) || c.literal != "" && c.literal[0] != 0 && c.literal[0] != b {
			continue
		}
		if letter == 0 && c.letters == 0 {
			f.bare[i].rows.put(row)
		}
		for j := range f.mixed[i] {
			if c.takes(1, uint64(j>>1)) && c.takes(c.n-1, uint64(j&1)) {
				f.mixed[i][j].rows.put(row)
			}
		}
	}
}

// widen gives all sets the same room.
func (f *formsOf) widen(always rowSet) {
	for i := range f.bare {
		f.bare[i].widen(always)
	}
	for i := range f.mixed {
		for j := range f.mixed[i] {
			f.mixed[i][j].widen(always)
		}
	}
	f.groups.widen(len(always))
	f.strict.widen(len(always))
}

func (c *cell) widen(always rowSet) {
	if c.rows == nil {
		return
	}
	c.rows.widen(len(always))
	c.words = c.rows.words()
	for i, w := range c.rows {
		if w&always[i] != 0 {
			c.open |= 1 << i
		}
	}
}

// takes reports whether a letter, 1, or a digit, 0, may stand at a place.
func (f *form) takes(at int, letter uint64) bool {
	if letter == 1 {
		return f.digits>>at&1 == 0
	}
	return f.letters>>at&1 == 0
}

// of gives the forms of a row that has some.
func (f *formsOf) of(row int) []form { return f.list[f.start[row]:f.start[row+1]] }

func (f *formsOf) put(c form) {
	for len(f.start) <= int(c.row)+1 {
		f.start = append(f.start, int32(len(f.list)))
	}
	if c.alone {
		f.strict.put(&c)
	}
	f.index(&c)
	c.twins = 1
	c.shared = 1 << (hash(c.bounds) & 63)
	if head := f.head(); head != nil && head.twin(&c) && head.twins < maxTwins {
		head.twins++
		head.shared |= c.shared
		c.twins = 0
	}
	f.list = append(f.list, c)
	f.start[c.row+1] = int32(len(f.list))
	f.groups.put(&c)
}

const maxTwins = 255

// head is the first one of the twins that were put last, nil if nothing was.
func (f *formsOf) head() *form {
	i := len(f.list) - 1
	for i > 0 && f.list[i].twins == 0 {
		i--
	}
	if i < 0 {
		return nil
	}
	return &f.list[i]
}

// twin reports two forms of a row that differ in their groups alone, as far as can be
// told: checks that are made anew for each form are taken for different ones.
func (f *form) twin(g *form) bool {
	same := *(*unsafe.Pointer)(unsafe.Pointer(&f.check)) == *(*unsafe.Pointer)(unsafe.Pointer(&g.check)) //nolint:gosec // the function with what it captured, which reflect does not tell
	return same && f.row == g.row && f.n == g.n && f.letters == g.letters && f.digits == g.digits && f.literal == g.literal &&
		f.bits == g.bits && f.looks == g.looks && f.loose == g.loose
}

// grouped reports that the form or a twin of it may have these groups.
func (f *form) grouped(bounds uint64) bool { return f.shared>>(hash(bounds)&63)&1 != 0 }

// grouping holds the rows with a form in these groups.
type grouping struct {
	bounds uint64
	words  uint64 // of rows, those that have some
	rows   rowSet
}

// groupings holds rows by the groups of their forms.
type groupings struct {
	list  []grouping
	known hashes // of their bounds
}

func (g *groupings) put(c *form) {
	g.known.put(c.bounds)
	i := 0
	for i < len(g.list) && g.list[i].bounds != c.bounds {
		i++
	}
	if i == len(g.list) {
		g.list = append(g.list, grouping{bounds: c.bounds})
	}
	g.list[i].rows.put(int(c.row))
}

// find gives the rows that have a form in these groups, nil if none has.
func (g *groupings) find(bounds uint64) *grouping {
	if !g.known.has(bounds) {
		return nil
	}
	for i := range g.list {
		if g.list[i].bounds == bounds {
			return &g.list[i]
		}
	}
	return nil
}

func (g *groupings) widen(width int) {
	for i := range g.list {
		g.list[i].rows.widen(width)
		g.list[i].words = g.list[i].rows.words()
	}
}

// hashes is a set of groupings that may hold more than was put into it.
type hashes [16]uint64

// hash spreads groupings over ten bits.
func hash(bounds uint64) uint64 { return bounds * 0x9E3779B97F4A7C15 >> 54 }

func (h *hashes) put(bounds uint64) {
	i := hash(bounds)
	h[i>>6] |= 1 << (i & 63)
}

func (h *hashes) has(bounds uint64) bool {
	i := hash(bounds)
	return h[i>>6]>>(i&63)&1 != 0
}

// form is one way to write a value, as sets of places: bit 0 is the first
// letter or digit.
type form struct {
	row     int32
	n       int
	letters uint64 // must be letters
	digits  uint64 // must be digits
	bounds  uint64 // where groups begin
	mask    uint64 // of the first eight places, a byte each: where letters and digits are named
	head    uint64 // and which
	rest    bool   // behind them are more
	literal string // what must stand at each place, 0 for anything; "" if nothing must
	bits    int    // rarity of what passes the check
	looks   int    // rarity of letters and digits standing like this
	check   catalog.Check
	loose   bool   // any length: behind a label only
	alone   bool   // needs nothing beside it if its separators stand
	marks   string // the separators, one by one
	typos   bool   // what fails the check behind a label is told as well
	shared  uint64 // a bit for each grouping of it and its twins, see grouped
	twins   uint8  // it and those that follow and differ in their groups alone, 0 if it follows such a one
}

// add compiles a row and puts it into the indexes.
func (t *table) add(r catalog.Row) error {
	e := entity{row: r, says: t.target(r.Labels, r.Weak)}
	i := len(t.rows)
	for _, f := range r.Forms {
		forms, err := compile(f)
		if err != nil {
			return err
		}
		for _, c := range forms {
			c.row, c.typos = int32(i), r.Class <= catalog.Supported
			t.forms[c.n].put(c)
			for head := c.bounds; head != 0; head &^= 1 << (bits.Len64(head) - 1) {
				t.begins.put(head)
			}
		}
	}
	for _, topic := range append(e.says.exact, e.says.weak...) {
		t.named[topic].put(i)
	}
	for _, c := range r.Countries {
		if len(c) != 2 || !isUpper(c[0]) || !isUpper(c[1]) {
			return fmt.Errorf("country %q is not an ISO 3166-1 alpha-2 code in upper case, such as DE", c)
		}
		t.byCountry[countryKey(c)].put(i)
	}
	if r.Needs == catalog.Nothing {
		t.always.put(i)
	}
	t.rows = append(t.rows, e)
	t.number[r.Name] = i
	return nil
}

func countryKey(c string) int { return int(c[0]-'A')*26 + int(c[1]-'A') }

// compile reads a shape. A last element that repeats gives a form per length.
func compile(f catalog.Form) ([]form, error) {
	shape, low, high, err := repetition(f.Shape)
	if err != nil {
		return nil, err
	}
	var out []form
	for n := low; n <= high; n++ {
		c, err := compileShape(shape+strings.Repeat(shape[len(shape)-1:], n-1), f)
		if err != nil {
			return nil, err
		}
		c.loose = high > low
		out = append(out, c)
	}
	return out, nil
}

// repetition splits "*{6,12}" off a shape.
func repetition(shape string) (base string, low, high int, err error) {
	base, list, ok := strings.Cut(shape, "{")
	if base == "" {
		return "", 0, 0, fmt.Errorf("shape %q is empty", shape)
	}
	if !ok {
		return base, 1, 1, nil
	}
	from, to, _ := strings.Cut(strings.TrimSuffix(list, "}"), ",")
	low, errLow := strconv.Atoi(from)
	high, errHigh := strconv.Atoi(to)
	if errLow != nil || errHigh != nil || low < 1 || high < low || !strings.HasSuffix(list, "}") {
		return "", 0, 0, fmt.Errorf("shape %q: write a repetition as {6,12}", shape)
	}
	return base, low, high, nil
}

func compileShape(shape string, f catalog.Form) (form, error) {
	c := form{check: f.Check, bits: rarity(f.OneIn), alone: f.Alone}
	var literal []byte
	fixed := 0
	for i := range len(shape) {
		b := shape[i]
		if strings.IndexByte(" -./(", b) >= 0 {
			c.bounds |= 1 << c.n
			c.marks += shape[i : i+1]
			continue
		}
		if c.n == maxValue {
			return c, fmt.Errorf("shape %q has more than %d letters and digits", shape, maxValue)
		}
		switch {
		case b == '#':
			c.digits |= 1 << c.n
		case b == '@':
			c.letters |= 1 << c.n
		case isDigit(b), isUpper(b):
			fixed += fixedBits(b)
		case b != '*':
			return c, fmt.Errorf("shape %q: %q is none of # @ * A-Z 0-9 and \" -./(\"", shape, b)
		}
		literal = append(literal, literalOf(b))
		c.n++
	}
	if fixed > 0 {
		c.literal = string(literal)
		c.fix()
	}
	c.looks = min(fixed, 100) + mixture(c)
	return c, nil
}

// fix notes what the literal names, as it is held against a window.
func (f *form) fix() {
	for i := range len(f.literal) {
		switch b := f.literal[i]; {
		case b == 0:
		case i < 8:
			f.mask |= 0xFF << (8 * i)
			f.head |= uint64(b) << (8 * i)
		default:
			f.rest = true
		}
	}
}

func literalOf(b byte) byte {
	if isDigit(b) || isUpper(b) {
		return b
	}
	return 0
}

func fixedBits(b byte) int {
	if isDigit(b) {
		return rarity(10)
	}
	return rarity(26)
}

// mixture is how much it says that letters and digits stand in just this
// order: rows of digits alone, or of letters, are common in chat.
func mixture(c form) int {
	changes := 0
	for i := 1; i < c.n; i++ {
		a, b := c.letters>>i&1, c.letters>>(i-1)&1
		if a != b {
			changes++
		}
	}
	if changes == 0 || c.letters == 0 || c.digits == 0 {
		return 0
	}
	return min(15*changes+2*c.n, 70)
}
