package shape

import "unicode"

// plane is a set of runes of the first plane, a bit each: lists of signs and scripts are
// asked for each rune of a text.
type plane [1 << 10]uint64

// planeOf gives the runes of a list and of tables.
func planeOf(list string, tables ...*unicode.RangeTable) *plane {
	p := new(plane)
	for _, r := range list {
		p.put(r)
	}
	for _, t := range tables {
		for _, x := range t.R16 {
			for r := uint32(x.Lo); r <= uint32(x.Hi); r += uint32(x.Stride) {
				p[r>>6] |= 1 << (r & 63)
			}
		}
	}
	return p
}

func (p *plane) put(r rune) { p[r>>6] |= 1 << (r & 63) }

func (p *plane) has(r rune) bool { return r < 1<<16 && p[r>>6]>>(r&63)&1 != 0 }

// in reports a rune of a text that the set has.
func (p *plane) in(s string) bool {
	for _, r := range s {
		if p.has(r) {
			return true
		}
	}
	return false
}
