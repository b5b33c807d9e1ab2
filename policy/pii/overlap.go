package pii

// rank orders types where two findings of one level and length overlap.
func rank(t Type) int {
	switch t {
	case TrackData:
		return 0
	case Email, WAMID, MetaToken:
		return 1
	case IBAN:
		return 2
	case CreditCard:
		return 3
	case Phone:
		return 4
	}
	return 5
}

// stronger reports whether a wins over b where they overlap: by level, then
// length, then type, then place.
func stronger(a, b Finding) bool {
	if a.Level != b.Level {
		return a.Level > b.Level
	}
	if la, lb := a.End-a.Start, b.End-b.Start; la != lb {
		return la > lb
	}
	if ra, rb := rank(a.Type), rank(b.Type); ra != rb {
		return ra < rb
	}
	return a.Start < b.Start
}

// resolve removes from f[base:] what overlaps something stronger and orders
// the rest by place. The result depends on the set alone.
func resolve(f []Finding, base int) []Finding {
	found := f[base:]
	if len(found) < 2 {
		return f
	}
	order(found)
	kept := found[:1]
	for _, x := range found[1:] {
		last := &kept[len(kept)-1]
		switch {
		case x.Start >= last.End:
			kept = append(kept, x)
		case stronger(x, *last):
			*last = x
		}
	}
	return f[:base+len(kept)]
}

// order sorts by place, the stronger first; findings come nearly in order.
func order(f []Finding) {
	for i := 1; i < len(f); i++ {
		for j := i; j > 0 && (f[j].Start < f[j-1].Start || f[j].Start == f[j-1].Start && stronger(f[j], f[j-1])); j-- {
			f[j], f[j-1] = f[j-1], f[j]
		}
	}
}
