package pii

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// phonesText holds a line per country: code, calling code, trunk prefix ("-"
// if none), then for each length of a national number the three digit
// prefixes in use. It is derived from libphonenumber's metadata; a test
// compares the two and writes the file anew with -update.
//
//go:embed phones.txt
var phonesText string

// plan is the world's numbering plan. It is immutable.
type plan struct {
	regions []region
	byName  [26 * 26]int16 // region index + 1
	joint   [1000]*region  // of a calling code: what all its regions have
}

// region is one country's part: national numbers by length and first digits.
type region struct {
	code    int // calling code
	trunk   []byte
	lengths []lengthSet
	sizes   uint32 // bit n: there are numbers of n digits
}

type lengthSet struct {
	digits int
	heads  [16]uint64 // three digit prefixes in use
}

var sharedPlan = sync.OnceValue(func() *plan { return parsePlan(phonesText) })

func parsePlan(text string) *plan {
	p := &plan{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		r := region{code: decimal(fields[1]), trunk: trunkDigits(fields[2])}
		for _, f := range fields[3:] {
			r.lengths = append(r.lengths, parseLength(f))
			r.sizes |= 1 << r.lengths[len(r.lengths)-1].digits
		}
		p.regions = append(p.regions, r)
		name := fields[0]
		p.byName[int(name[0]-'A')*26+int(name[1]-'A')] = int16(len(p.regions))
		p.join(&r)
	}
	return p
}

// join adds a region to what its calling code has.
func (p *plan) join(r *region) {
	all := p.joint[r.code]
	if all == nil {
		all = &region{code: r.code}
		p.joint[r.code] = all
	}
	all.sizes |= r.sizes
	for _, l := range r.lengths {
		i := 0
		for i < len(all.lengths) && all.lengths[i].digits != l.digits {
			i++
		}
		if i == len(all.lengths) {
			all.lengths = append(all.lengths, lengthSet{digits: l.digits})
		}
		for k, heads := range l.heads {
			all.lengths[i].heads[k] |= heads
		}
	}
}

func trunkDigits(s string) []byte {
	if s == "-" {
		return nil
	}
	out := []byte(s)
	for i := range out {
		out[i] -= '0'
	}
	return out
}

// parseLength reads "10:201-203,205".
func parseLength(s string) lengthSet {
	n, list, _ := strings.Cut(s, ":")
	l := lengthSet{digits: decimal(n)}
	for part := range strings.SplitSeq(list, ",") {
		low, high, ok := strings.Cut(part, "-")
		if !ok {
			high = low
		}
		for v := decimal(low); v <= decimal(high); v++ {
			l.heads[v/64] |= 1 << (v % 64)
		}
	}
	return l
}

// decimal reads a number of the embedded table, which the tests check.
func decimal(s string) int {
	v, _ := strconv.Atoi(s)
	return v
}

// region gives the index of a country, -1 if unknown.
func (p *plan) region(country string) int {
	if len(country) != 2 || !isUpper(country[0]) || !isUpper(country[1]) {
		return -1
	}
	return int(p.byName[int(country[0]-'A')*26+int(country[1]-'A')]) - 1
}

// holds reports whether d is the form of a national number, without trunk
// prefix, of this region.
func (r *region) holds(d []byte) bool {
	if !r.fits(len(d)) {
		return false
	}
	for i := range r.lengths {
		l := &r.lengths[i]
		if l.digits == len(d) {
			head := int(d[0])*100 + int(d[1])*10 + int(d[2])
			return l.heads[head/64]&(1<<(head%64)) != 0
		}
	}
	return false
}

// trunkOf reports that d begins with the region's trunk prefix; in North America
// that says nothing.
func (r *region) trunkOf(d []byte) bool {
	n := len(r.trunk)
	return n > 0 && n < len(d) && r.code != 1 && d[0] == r.trunk[0] && string(d[:n]) == string(r.trunk)
}

// dialled gives how many digits stand before the national number where people
// dial more than the trunk prefix, 0 if d is no such number. In Argentina, 15
// stands behind the area code of a mobile and counts as one of them: 011 15
// 2345-6789 (ENACOM, Plan Fundamental de Numeración Nacional); Mexico had 01,
// 044 and 045 before 2019; Belarus has 80; Brazil has a carrier behind the zero.
func (r *region) dialled(d []byte) int {
	lead := func(n int, digits string) bool {
		for i := range len(digits) {
			if d[i] != digits[i]-'0' {
				return false
			}
		}
		return len(d) > n && r.holds(d[n:])
	}
	if len(d) < 11 {
		return 0
	}
	switch {
	case r.code == 54:
		return r.fifteen(d)
	case r.code == 52 && (lead(3, "044") || lead(3, "045")):
		return 3
	case r.code == 52 && lead(2, "01"), r.code == 375 && lead(2, "80"):
		return 2
	case r.code == 55 && lead(3, "0"):
		return 3
	}
	return 0
}

// fifteen is dialled for Argentina.
func (r *region) fifteen(d []byte) int {
	skip := 0
	if d[0] == 0 {
		skip = 1
	}
	if len(d)-skip != 12 {
		return 0
	}
	var room [10]byte
	for area := 2; area <= 4; area++ {
		if at := skip + area; d[at] == 1 && d[at+1] == 5 {
			copy(room[:], d[skip:at])
			copy(room[area:], d[at+2:])
			if r.holds(room[:]) {
				return skip + 2
			}
		}
	}
	return 0
}

// takes reports a national number with trunk prefix, or, where a bare one will
// do, without; or as it is dialled otherwise.
func (r *region) takes(d []byte, bare bool) bool {
	n := len(r.trunk)
	if n > 0 && n < len(d) && d[0] == r.trunk[0] && string(d[:n]) == string(r.trunk) && r.holds(d[n:]) {
		return bare || r.code != 1
	}
	return bare && r.holds(d) || r.dialled(d) > 0
}

// fits reports whether the region has national numbers of n digits.
func (r *region) fits(n int) bool { return n < 32 && r.sizes>>n&1 != 0 }

// callingCode reads the calling code d begins with and its length. Calling
// codes are prefix free, and none begins with zero (ITU-T E.164, 6.2.1).
func (p *plan) callingCode(d []byte) (code, size int) {
	for i := 0; i < 3 && i < len(d) && d[0] != 0; i++ {
		code = code*10 + int(d[i])
		if p.joint[code] != nil {
			return code, i + 1
		}
	}
	return 0, 0
}

// abroad judges national digits under a calling code: in use, of a length in
// use, or neither.
func (p *plan) abroad(code int, national []byte) (used, sized bool) {
	if len(national) < 4 {
		return false, false
	}
	var room [11]byte
	national = oldForm(code, national, &room)
	r := p.joint[code]
	if r == nil {
		return false, false
	}
	return r.holds(national), r.fits(len(national))
}

// oldForm drops or adds the digit by which WhatsApp ids of Mexico and Brazil
// may differ from the number dialled. Room holds the longer form.
func oldForm(code int, d []byte, room *[11]byte) []byte {
	switch {
	case code == 52 && len(d) == 11 && d[0] == 1:
		return d[1:]
	case code == 55 && len(d) == 10 && d[2] >= 6:
		room[0], room[1], room[2] = d[0], d[1], 9
		copy(room[3:], d[2:])
		return room[:]
	}
	return d
}
