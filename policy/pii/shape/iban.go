package shape

const rowIBAN = "IBAN"

// iban reads an account number (ISO 13616-1) that begins with the letters of
// its country at i, in any case and with single separators, a line break too.
// Glued says that "IBAN" stands before it without a space.
func iban(s string, i int, glued bool) (Match, bool) {
	f := &ibanForms[int(fold(s[i])-'a')*26+int(fold(s[i+1])-'a')]
	if f.length == 0 {
		return Match{}, false
	}
	var v [maxIBAN]byte
	end, fours := ibanChars(s, i, v[:f.length])
	if end == 0 {
		return Match{}, false
	}
	m := Match{Row: rowIBAN, Start: i, End: end, Checked: true, OneIn: 1 << 14}
	fits := f.fits(v[:f.length])
	if fits && mod97(v[:f.length]) == 1 {
		return m, true
	}
	if end-i == int(f.length) && f.misread(&v) {
		m.OneIn = 1 << 4
		return m, true
	}
	if !fits {
		return Match{}, false
	}
	if class[s[i]]&isLower != 0 && class[s[i+2]]&isDigit == 0 && !fours {
		return Match{}, false // a word before a number: "account no 0441...", "is 12 ..."
	}
	m.Checked, m.Broken, m.OneIn = false, true, 32
	if fours || glued {
		m.OneIn = 256
	}
	return m, true
}

// misread takes letters that look like digits for them where the country has
// digits, in what is written without gaps. The sum has to be right.
func (f *ibanForm) misread(seen *[maxIBAN]byte) bool {
	v := seen[:f.length]
	k := 2
	digits := func(n int, kind uint8) {
		for ; n > 0; n-- {
			if kind&isDigit != 0 {
				v[k] = digitOf(v[k])
			}
			k++
		}
	}
	digits(2, isDigit)
	for p := range f.parts {
		digits(int(f.count[p]), f.kind[p])
	}
	return f.fits(v) && mod97(v) == 1
}

// digitOf gives the digit that a capital looks like, else the capital.
func digitOf(c byte) byte {
	switch c {
	case 'O':
		return '0'
	case 'I', 'L':
		return '1'
	}
	return c
}

// ibanChars collects letters and digits in upper case until v is full. Fours
// says that they stand in groups of four. End is 0 if there are fewer, or if
// more follow without a gap.
func ibanChars(s string, i int, v []byte) (end int, fours bool) {
	n, groups := 0, 0
	fours = true
	for i < len(s) {
		first := n
		for ; n < len(v) && i < len(s) && ibanSigns[s[i]] != 0; i++ {
			v[n] = ibanSigns[s[i]]
			n++
		}
		if n == len(v) {
			if is(s, i, isAlnum) {
				return 0, false
			}
			return i, fours && groups > 2
		}
		for gap := 0; i < len(s) && ibanSigns[s[i]] == 0; gap++ {
			size := 1
			if !separator(s[i]) {
				size = symbol(s, i)
			}
			if size == 0 || gap == maxGap {
				return 0, false
			}
			i += size
		}
		fours = fours && n-first == 4
		groups++
	}
	return 0, false
}

// maxGap is how many separators stand between two groups.
const maxGap = 4

// ibanSigns are digits and letters, these as capitals.
var ibanSigns = func() (t [256]byte) {
	for c := range t {
		if class[c]&(isDigit|isUpper) != 0 {
			t[c] = byte(c)
		} else if class[c]&isLower != 0 {
			t[c] = byte(c) &^ 0x20
		}
	}
	return t
}()

// separator reports what people and WhatsApp's formatting put between the
// groups of one number.
func separator(c byte) bool {
	switch c {
	case ' ', '-', '.', '/', '_', '*', '~', '`', '\n', '\r':
		return true
	}
	return false
}

// symbol gives the size of the emoji or symbol at i, zero if none stands there.
func symbol(s string, i int) int {
	switch {
	case at(s, i) == 0xF0 && at(s, i+1) == 0x9F && i+4 <= len(s):
		return 4
	case at(s, i) == 0xE2 && i+3 <= len(s) && (s[i+1] >= 0x98 && s[i+1] <= 0x9E || s[i+1] == 0xAC || s[i+1] == 0xAD):
		return 3
	}
	return 0
}

// mod97 is the remainder of ISO 7064, mod 97-10, over the number with its first
// four characters moved to the end; 1 is right.
func mod97(v []byte) int { return int(added97(added97(0, v[4:]), v[:4])) }

// added97 is the remainder by 97 of a number of which so much is known, and v behind it.
func added97(sum uint64, v []byte) uint64 {
	for len(v) > 0 {
		part := v[:min(len(v), 7)] // with which no letters overflow
		v = v[len(part):]
		for _, c := range part {
			if c <= '9' {
				sum = sum*10 + uint64(c-'0')
			} else {
				sum = sum*100 + uint64(c-'A') + 10
			}
		}
		sum %= 97
	}
	return sum
}

// minIBAN is the length of the shortest, Norway's.
const minIBAN = 15

// ibanSpelled reads an account number whose country and check digits stand apart,
// letter by letter perhaps, from the letter at i on: "D E 8 9 3 7 ...". The sum has
// to be right.
func ibanSpelled(s string, i int) (Match, bool) {
	if is(s, i+1, isLetter) && (at(s, i+2) == ' ' || at(s, i+2) == '-') && is(s, i+3, isDigit) && is(s, i+4, isDigit) {
		return Match{}, false // "DE 89 3704", which ibanAt reads
	}
	var head [4]byte
	n, gap := 0, 0
	for k := i; n < len(head); k++ {
		switch c := at(s, k); {
		case class[c]&isAlnum != 0:
			if class[c]&isDigit != 0 != (n > 1) {
				return Match{}, false
			}
			head[n] = fold(c)
			n, gap = n+1, 0
		case gap < 3 && separator(c):
			gap++
		case gap < 3 && symbol(s, k) > 0:
			k += symbol(s, k) - 1
			gap++
		default:
			return Match{}, false
		}
	}
	f := &ibanForms[int(head[0]-'a')*26+int(head[1]-'a')]
	var v [maxIBAN]byte
	if f.length == 0 {
		return Match{}, false
	}
	end, _ := ibanChars(s, i, v[:f.length])
	if end == 0 || !f.fits(v[:f.length]) || mod97(v[:f.length]) != 1 {
		return Match{}, false
	}
	return Match{Row: rowIBAN, Start: i, End: end, Checked: true, OneIn: 1 << 10}, true
}

// ibanAt finds the start of an IBAN in a token: its country, perhaps behind
// the glued word "IBAN".
func ibanAt(s string, from, to int) (Match, bool) {
	n := to - from
	glued := n > 4 && s[from]|0x20 == 'i' && hasFold(s, from, "iban")
	if glued {
		from += 4
		n -= 4
	}
	if n < 2 || class[s[from]]&isLetter == 0 || class[s[from+1]]&isLetter == 0 {
		return Match{}, false
	}
	if n >= minIBAN {
		return iban(s, from, glued)
	}
	digits := from + 2
	if n == 2 && (at(s, to) == ' ' || at(s, to) == '-') { // "DE 89 3704"
		digits++
	}
	if !is(s, digits, isDigit) || !is(s, digits+1, isDigit) {
		return Match{}, false
	}
	return iban(s, from, glued)
}
