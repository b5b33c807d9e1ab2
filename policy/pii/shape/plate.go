package shape

import "unicode/utf8"

// plateNever are short words of sentences, which small letters may be taken for.
var plateNever = setOf("fee is to of for the and due in on at my was has from by no der die das und ist el la de le les il lo en por")

// Plate reads the plate of a vehicle: up to four groups of letters and digits,
// four to ten in all, letters and digits both, in the order they have on it:
// AB12 CDE, B-MA 1234, MH 12 AB 1234, 34 ABC 123, 1234 BCD, А123ВС77, 京A·12345,
// 12가 3456, 品川 300 あ 12-34.
func Plate(s string, from int) (Match, bool) {
	i := skipNumberWord(s, skipLink(s, from))
	end, digits, letters, groups := i, 0, 0, 0
	for k := emirate(s, i); groups < 5; {
		stop, d, l := plateGroup(s, k)
		if stop == k || digits+d+letters+l > 10 || groups > 0 && l > 3 || l > 0 && is(s, k, isLower) && digits > 0 && capitalIn(s[i:end]) {
			break // a word behind a whole one: "plate is KLM 482 and"
		}
		digits, letters, end = digits+d, letters+l, stop
		groups++
		k = plateGap(s, stop)
		if k == stop && stop < len(s) && class[s[stop]]&isAlnum == 0 && s[stop] < utf8.RuneSelf {
			break
		}
	}
	if word := span(s, i, 4, isLower); word > i && (named(plateNever, s[i:word]) || capitalIn(s[word:max(word, end)])) {
		return Match{}, false // "car is AB12 CDE" is in two cases
	}
	if first := span(s, i, 4, isDigit); first > i && is(s, span(s, first, 1, isSpace), isLower) {
		return Match{}, false // a number and its unit
	}
	if stop := israeli(s, i); stop > i {
		return Match{Row: rowPlate, Start: i, End: stop, OneIn: 4}, true
	}
	if digits < 2 || letters == 0 || digits+letters < 4 || digits > 7 || is(s, end, isAlnum) || money(s, end) {
		return Match{}, false
	}
	return Match{Row: rowPlate, Start: i, End: end, OneIn: 4}, true
}

// capitalIn reports a capital of ASCII.
func capitalIn(s string) bool {
	for i := range len(s) {
		if class[s[i]]&isUpper != 0 {
			return true
		}
	}
	return false
}

// chilean reports the four capitals of a plate of Chile, two digits behind them: BBBB-99.
func chilean(s string, i, end int) bool {
	if end-i != 4 || span(s, i, 4, isUpper) != end || at(s, end) != '-' && at(s, end) != ' ' {
		return false
	}
	return span(s, end+1, 3, isDigit) == end+3 && !is(s, end+3, isAlnum)
}

// israeli gives where a plate of Israel ends, which has digits alone: 12-345-67, and
// since 2017 123-45-678. It is i if there is none.
func israeli(s string, i int) int {
	a := span(s, i, 3, isDigit)
	b := span(s, a+1, 3, isDigit)
	c := span(s, b+1, 3, isDigit)
	if at(s, a) != '-' || at(s, b) != '-' || is(s, c, isAlnum) || at(s, c) == '-' {
		return i
	}
	if n, m := a-i, b-a-1; n == c-b-1 && (n == 2 && m == 3 || n == 3 && m == 2) {
		return c
	}
	return i
}

// emirate passes the name of an emirate, with which plates there begin: Dubai K
// 44129.
func emirate(s string, i int) int {
	for _, w := range [...]string{"dubai ", "abu dhabi ", "sharjah ", "ajman ", "fujairah ", "rak ", "uaq ", "دبي ", "أبوظبي ", "ابوظبي ", "الشارقة ", "عجمان "} {
		if hasFold(s, i, w) {
			return i + len(w)
		}
	}
	return i
}

// plateGroup reads capitals, or digits, or letters of other scripts. Small
// letters count where the text has no capitals: people type so.
func plateGroup(s string, i int) (end, digits, letters int) {
	end = span(s, i, 8, isAlnum)
	for k := i; k < end; k++ {
		if class[s[k]]&isDigit != 0 {
			digits++
		} else {
			letters++
		}
	}
	if end > i {
		if digits == 0 && letters > 3 && !chilean(s, i, end) {
			return i, 0, 0 // a word
		}
		return end, digits, letters
	}
	if stop, n := thaiSeries(s, i); n > 0 {
		return stop, 0, n
	}
	for range 4 {
		r, size, letter := foreign(s, end)
		if !letter || r >= 0x0600 && r < 0x3040 && r > 0x06FF {
			break
		}
		end += size
		letters++
	}
	return end, 0, letters
}

// thaiSeries reads the one to three consonants of a plate of Thailand: กข 1234,
// 1กก 4412. More of the script is a word.
func thaiSeries(s string, i int) (end, letters int) {
	for end = i; ; letters++ {
		r, size := utf8.DecodeRuneInString(s[end:])
		if r < 0x0E01 || r > 0x0E5B {
			break
		}
		if r > 0x0E2E || letters == 3 {
			return i, 0
		}
		end += size
	}
	return end, letters
}

// plateGap passes one blank, hyphen or middle dot.
func plateGap(s string, i int) int {
	if c := at(s, i); c == ' ' || c == '-' || c == '.' {
		return i + 1
	}
	for _, w := range [...]string{"·", "・"} {
		if hasFold(s, i, w) {
			return i + len(w)
		}
	}
	return i
}
