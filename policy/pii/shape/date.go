package shape

import "unicode/utf8"

const rowBirth = "BIRTH_DATE"

// Date reads a day of a calendar behind a place where a label ended: blanks
// and marks may stand between. Known are numbers in any customary order with
// one kind of separator, names of months in the languages of months.txt, years
// of Japan's eras, of the Minguo, Buddhist, Persian and Islamic calendars. A
// day that does not exist is none.
func Date(s string, from int) (Match, bool) {
	i := dateFiller(s, skipLink(s, from))
	readers := dateReaders[:]
	switch c := at(s, i); {
	case class[c]&isDigit == 0 && c < utf8.RuneSelf && class[c]&isLetter == 0 && !dateMarks[c]:
		return Match{}, false
	case class[c]&isDigit == 0:
		readers = readers[:spokenReaders]
	case numbersOnly(s, i):
		readers = readers[spokenReaders:]
	}
	for _, read := range readers {
		if end, oneIn := read(s, i); end > i && !is(s, end, isDigit) {
			end = dateTail(s, end)
			return Match{Row: rowBirth, Start: i, End: end, Checked: true, OneIn: oneIn}, true
		}
	}
	return Match{}, false
}

// dateReaders are those of days with words or units in them, and then those of numbers alone.
var dateReaders = [...]func(s string, i int) (end, oneIn int){dateUnits, dateNamed, dateSpoken, dateWorded, dateNumbers, dateSlashed, dateCompact, dateYearDay}

const spokenReaders = 4

// numbersOnly reports digits and, directly or behind marks, digits again: there is no
// name of a month, nor a unit.
func numbersOnly(s string, i int) bool {
	end := span(s, i, 4, isDigit)
	k := end
	for k < len(s) && dateMarks[s[k]] {
		k++
	}
	return end > i && is(s, k, isDigit)
}

// dateMarks stand between the parts of a date.
var dateMarks = [256]bool{' ': true, ',': true, '.': true, '-': true, '/': true, '\'': true}

// digitsAt reads up to four digits.
func digitsAt(s string, i int) (n, count, end int) {
	end = span(s, i, 4, isDigit)
	for k := i; k < end; k++ {
		n = n*10 + int(s[k]-'0')
	}
	return n, end - i, end
}

// yearOf reports a year of our calendar, the Buddhist (543 more), the Persian
// or the Islamic one, or two digits of one.
func yearOf(n, count int) bool {
	switch {
	case count == 2:
		return true
	case count != 4:
		return false
	}
	return n >= 1880 && n <= 2099 || n >= 2423 && n <= 2642 || n >= 1280 && n <= 1460
}

// realDay reports that the day exists in that month, and in that year if all of
// it is known. Months above 12 are Persian.
func realDay(year, count, month, day int) bool {
	if month < 1 || day < 1 {
		return false
	}
	last := 31
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 29
		if count == 4 && year >= 2400 {
			year -= 543
		}
		if count == 4 && year >= 1880 && (year%4 != 0 || year%100 == 0 && year%400 != 0) {
			last = 28
		}
	}
	if count == 4 && year < 1500 { // Persian and Islamic months have other lengths
		last = 31
	}
	return month <= 13 && day <= last
}

// dateNumbers reads 12/03/1984, 3.12.84, 1984-03-12, 12 03 1984.
func dateNumbers(s string, i int) (end, oneIn int) {
	a, an, k := digitsAt(s, i)
	sep, k := dateMark(s, k)
	b, bn, k := digitsAt(s, k)
	second, k := dateMark(s, k)
	if at(s, k) == '\'' && an <= 2 {
		k++ // 12-3-'84
	}
	c, cn, end := digitsAt(s, k)
	if an == 0 || bn == 0 || bn > 2 || cn == 0 || sep == 0 || sep != second {
		return 0, 0
	}
	switch {
	case an == 4 && cn <= 2:
		if !yearOf(a, an) || !realDay(a, an, b, c) {
			return 0, 0
		}
	case an <= 2 && yearOf(c, cn):
		if !realDay(c, cn, b, a) && !realDay(c, cn, a, b) {
			return 0, 0
		}
	default:
		return 0, 0
	}
	if sep == ' ' || cn == 2 && an < 4 {
		return end, 8
	}
	return end, 64
}

// dateSlashed reads 12/3 1984 and 12/3-84, as Scandinavia writes.
func dateSlashed(s string, i int) (end, oneIn int) {
	day, dn, k := digitsAt(s, i)
	if dn == 0 || dn > 2 || at(s, k) != '/' {
		return 0, 0
	}
	month, mn, k := digitsAt(s, k+1)
	if c := at(s, k); mn == 0 || mn > 2 || c != ' ' && c != '-' {
		return 0, 0
	}
	year, yn, end := digitsAt(s, k+1)
	if !yearOf(year, yn) || yn == 2 && at(s, k) == ' ' || month > 12 || !realDay(year, yn, month, day) {
		return 0, 0
	}
	if yn == 2 {
		return end, 8
	}
	return end, 64
}

// dateTail passes the word for "year" behind a date: 12 марта 1984 года.
func dateTail(s string, i int) int {
	k := span(s, i, 1, isSpace)
	for _, w := range [...]string{"года", "году", "г.", "року", "р.", "r.", "год"} {
		if k > i && hasFold(s, k, w) {
			if !letterAt(s, k+len(w)) && !is(s, k+len(w), isDigit) {
				return k + len(w)
			}
		}
	}
	return i
}

// dateMark reads one separator with at most a blank on either side.
func dateMark(s string, i int) (mark byte, end int) {
	end = span(s, i, 1, isSpace)
	switch c := at(s, end); c {
	case '/', '-', '.':
		return c, span(s, end+1, 1, isSpace)
	}
	if end > i {
		return ' ', end
	}
	return 0, i
}

// dateCompact reads 19840312, 12031984, and six digits.
func dateCompact(s string, i int) (end, oneIn int) {
	end = span(s, i, 9, isDigit)
	two := func(k int) int { return int(s[k]-'0')*10 + int(s[k+1]-'0') }
	switch end - i {
	case 8:
		first, last := two(i)*100+two(i+2), two(i+4)*100+two(i+6)
		if yearOf(first, 4) && realDay(first, 4, two(i+4), two(i+6)) ||
			yearOf(last, 4) && (realDay(last, 4, two(i+2), two(i)) || realDay(last, 4, two(i), two(i+2))) {
			return end, 16
		}
	case 6:
		if realDay(0, 2, two(i+2), two(i)) || realDay(0, 2, two(i+2), two(i+4)) || realDay(0, 2, two(i), two(i+2)) {
			return end, 2
		}
	}
	return 0, 0
}

// dateNamed reads dates with the name of a month: 3 March 1984, 12 de marzo de
// 1984, March 3rd, 1984, 1984. március 12., วันที่ 12 มีนาคม 2527.
func dateNamed(s string, i int) (end, oneIn int) {
	i = dateFiller(s, i)
	a, an, k := digitsAt(s, i)
	month, k := monthAt(s, dateFiller(s, k))
	if month == 0 {
		return 0, 0
	}
	k = secondWord(s, k)
	b, bn, end := digitsAt(s, dateFiller(s, k))
	if an == 0 { // month first
		year, yn, stop := digitsAt(s, dateFiller(s, end))
		if bn == 0 || bn > 2 || !yearOf(year, yn) || !realDay(year, yn, month, b) {
			return 0, 0
		}
		return stop, 64
	}
	switch {
	case an <= 2 && yearOf(b, bn) && realDay(b, bn, month, a):
		return end, 64
	case an == 4 && bn > 0 && bn <= 2 && yearOf(a, an) && realDay(a, an, month, b):
		return end, 64
	}
	return 0, 0
}

// dateSpoken reads the Vietnamese 12 tháng 3 năm 1984.
func dateSpoken(s string, i int) (end, oneIn int) {
	const monthWord = "tháng"
	day, dn, k := digitsAt(s, dateFiller(s, i))
	k = span(s, k, 1, isSpace)
	if dn == 0 || dn > 2 || !hasFold(s, k, monthWord) {
		return 0, 0
	}
	month, mn, k := digitsAt(s, span(s, k+len(monthWord), 1, isSpace))
	year, yn, end := digitsAt(s, dateFiller(s, k))
	if mn == 0 || month > 12 || !yearOf(year, yn) || !realDay(year, yn, month, day) {
		return 0, 0
	}
	return end, 64
}

// secondWord passes the second word of the Syrian names of months.
func secondWord(s string, i int) int {
	for _, w := range [...]string{" الثاني", " الأول", " الاول"} {
		if len(s)-i >= len(w) && s[i:i+len(w)] == w {
			return i + len(w)
		}
	}
	return i
}

// dateFillers stand between the parts of a date.
var dateFillers = [...]string{"de", "del", "of", "the", "st", "nd", "rd", "th", "er", "den", "le", "el", "il", "di", "am", "ngày", "tháng", "năm", "วันที่",
	"พ.ศ.", "ค.ศ.", "tanggal", "º", "ª", "на", "في", "من", "عام", "سنة", "שנת", "को", "tarehe",
	"op", "na", "dnia", "dne", "dn", "στις", "την", "på", "d", "em", "dia", "la", "pe", "în", "a", "noong", "ay", "pada", "on", "in", "zum", "gada", "m", "жылғы", "жылы", "г", "ב", "בתאריך",
	"بتاريخ", "يوم", "به", "در", "روز", "tarix", "ngo", "mhla", "mhlaka", "ranar", "ita", "ce", "ni", "วัน", "ที่", "ថ្ងៃ", "gimęs", "dieną", "aastal", "l"}

var fillersBy = leads(dateFillers[:])

// dateFiller passes blanks, points, commas and fillers.
func dateFiller(s string, i int) int {
	if is(s, i, isDigit) {
		return i
	}
	for n := 0; n < 4 && i < len(s); n++ {
		begin := i
		for i < len(s) && dateMarks[s[i]] && n < 8 {
			i++
			n++
		}
		if n > 8 {
			break
		}
		second := fold(at(s, i+1))
		for _, w := range fillersBy[fold(at(s, i))] {
			if len(w) > 1 && w[1] != second {
				continue
			}
			if hasFold(s, i, w) && (w[0] >= 0xE0 || !letterAt(s, i+len(w))) {
				i += len(w)
				break
			}
		}
		if i == begin {
			break
		}
	}
	return i
}

func letterAt(s string, i int) bool {
	_, _, letter := foreign(s, i)
	return letter || is(s, i, isLetter)
}

// units of years, months and days in Chinese, Japanese, Korean and Vietnamese.
var (
	yearUnits  = [...]string{"年", "년", "năm"}
	monthUnits = [...]string{"月", "월"}
	dayUnits   = [...]string{"日", "일", "号", "號"}
	eras       = [...]string{"昭和", "平成", "令和", "大正", "明治", "民國", "民国", "西暦", "公元"}
)

// dateUnits reads 1984年3月12日, 昭和59年3月12日, 1984년 3월 12일, S59.3.12, and
// the Vietnamese ngày 12 tháng 3 năm 1984.
func dateUnits(s string, i int) (end, oneIn int) {
	era := false
	k := i
	if at(s, k) >= "令"[0] { // the least of their first bytes
		for _, w := range eras {
			if hasFold(s, k, w) {
				k, era = span(s, k+len(w), 1, isSpace), true
			}
		}
	}
	if !era && k+1 < len(s) && (s[k] == 'S' || s[k] == 'H' || s[k] == 'T' || s[k] == 'R' || s[k] == 'M') && is(s, k+1, isDigit) {
		return eraLetter(s, k)
	}
	year, yn, k := digitsAt(s, k)
	if era && yn == 0 && hasFold(s, k, "元") {
		year, yn, k = 1, 1, k+len("元")
	}
	if era && at(s, k) == '.' && yn > 0 {
		return eraDotted(s, year, yn, k)
	}
	k, ok := unit(s, k, yearUnits[:])
	if !ok || yn == 0 || !era && !yearOf(year, yn) {
		return 0, 0
	}
	month, mn, k := digitsAt(s, span(s, k, 1, isSpace))
	k, ok = unit(s, k, monthUnits[:])
	if !ok || mn == 0 || mn > 2 {
		return 0, 0
	}
	day, dn, end := digitsAt(s, span(s, k, 1, isSpace))
	if dn == 0 || dn > 2 || month > 12 || !realDay(year, min(yn, 2), month, day) {
		return 0, 0
	}
	end, _ = unit(s, end, dayUnits[:])
	return end, 128
}

func unit(s string, i int, list []string) (end int, ok bool) {
	c := fold(at(s, i))
	for _, w := range list {
		if c == w[0] && hasFold(s, i, w) {
			return i + len(w), true
		}
	}
	return i, false
}

// eraDotted reads the rest of 昭和59.3.12 behind its year.
func eraDotted(s string, year, yn, i int) (end, oneIn int) {
	month, _, k := digitsAt(s, i+1)
	day, dn, end := digitsAt(s, k+1)
	if at(s, k) != '.' || yn > 3 || dn == 0 || dn > 2 || month > 12 || !realDay(year, 2, month, day) {
		return 0, 0
	}
	return end, 128
}

// eraLetter reads S59.3.12, with the letter of an era before its year.
func eraLetter(s string, i int) (end, oneIn int) {
	year, yn, k := digitsAt(s, i+1)
	if yn > 2 || year < 1 || year > 64 {
		return 0, 0
	}
	a, k := dateMark(s, k)
	month, _, k := digitsAt(s, k)
	b, k := dateMark(s, k)
	day, dn, end := digitsAt(s, k)
	if a == 0 || a != b || dn == 0 || month > 12 || !realDay(year, 2, month, day) {
		return 0, 0
	}
	return end, 16
}
