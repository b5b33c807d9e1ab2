package check

// The check character systems of ISO/IEC 7064:2003. The value holds its check
// characters at the end, save for mod97, which only gives the remainder.

// mod97 gives the remainder by 97 of v read as a number, letters as 10 to 35.
// MOD 97-10 is kept if it is 1.
func mod97(v []byte) int {
	r := 0
	for _, c := range v {
		n := value(c)
		if n > 9 {
			r *= 10
		}
		r = (r*10 + n) % 97
	}
	return r
}

// iso11x2 checks MOD 11-2: digits, the last may be X.
func iso11x2(v []byte) bool {
	return len(v) > 1 && digits(v[:len(v)-1]) && pure(v, 11, 2, '9', 'X')
}

// iso37x2 checks MOD 37-2: digits and letters, the last may be '*'.
func iso37x2(v []byte) bool {
	return len(v) > 1 && alnum(v[:len(v)-1]) && pure(v, 37, 2, 'Z', '*')
}

// pure checks a pure system of the modulus and radix: extra stands for the
// value above that of top.
func pure(v []byte, modulus, radix int, top, extra byte) bool {
	r := 0
	for _, c := range v[:len(v)-1] {
		r = (r + value(c)) * radix % modulus
	}
	last := v[len(v)-1]
	switch {
	case last == extra:
		return (r+value(top)+1)%modulus == 1
	case !alnum(v[len(v)-1:]), value(last) > value(top):
		return false
	}
	return (r+value(last))%modulus == 1
}

// iso11x10 checks MOD 11,10: digits alone.
func iso11x10(v []byte) bool {
	return len(v) > 1 && digits(v) && hybrid(v, 10)
}

// iso37x36 checks MOD 37,36: digits and letters.
func iso37x36(v []byte) bool {
	return len(v) > 1 && alnum(v) && hybrid(v, 36)
}

// hybrid checks a hybrid system of the modulus and its successor.
func hybrid(v []byte, modulus int) bool {
	p := modulus
	for _, c := range v[:len(v)-1] {
		s := (p + value(c)) % modulus
		if s == 0 {
			s = modulus
		}
		p = s * 2 % (modulus + 1)
	}
	return (p+value(v[len(v)-1]))%modulus == 1
}
