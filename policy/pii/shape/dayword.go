package shape

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed daywords.txt
var dayWordText string

// dayWords gives the days of a month by the words for them.
var dayWords = sync.OnceValue(func() map[string]int {
	days := map[string]int{}
	for line := range strings.Lines(uncommented(dayWordText)) {
		fields := strings.Fields(line)
		for _, w := range fields[min(1, len(fields)):] {
			days[w], _ = strconv.Atoi(fields[0]) // a test reads them all
			days[plain(w)] = days[w]
		}
	}
	return days
})

// maxDayWords is how many words say one day: "trente et un".
const maxDayWords = 3

// dayWordAt reads the longest word or words for a day at i, 0 if there are none.
func dayWordAt(s string, i int) (day, end int) {
	var buf [40]byte
	n, most := 0, i
	for range maxDayWords {
		for i < len(s) {
			r, size := utf8.DecodeRuneInString(s[i:])
			if !unicode.IsLetter(r) || n+utf8.UTFMax > len(buf) {
				break
			}
			n += utf8.EncodeRune(buf[n:], unicode.ToLower(r))
			i += size
		}
		if d := dayWords()[string(buf[:n])]; d > 0 {
			day, most = d, i
		}
		if c := at(s, i); c != ' ' && c != '-' {
			break
		}
		i++
	}
	return day, most
}

// dateWorded reads a day in words with the name of a month and a year in digits: "the
// fifth of May 1982", "cinco de mayo de 1982", "March third, 1990".
func dateWorded(s string, i int) (end, oneIn int) {
	i = dateFiller(s, i)
	if !letterAt(s, i) {
		return 0, 0
	}
	month := 0
	day, k := dayWordAt(s, i)
	if day > 0 {
		month, k = monthAt(s, dateFiller(s, k))
	}
	if month == 0 { // "sept février" is no month of September
		if month, k = monthAt(s, i); month > 0 {
			day, k = dayWordAt(s, dateFiller(s, k))
		}
	}
	if day == 0 || month == 0 {
		return 0, 0
	}
	year, yn, end := digitsAt(s, dateFiller(s, k))
	if yn != 4 || !yearOf(year, yn) || !realDay(year, yn, month, day) {
		return 0, 0
	}
	return end, 64
}

// dateYearDay reads a year, a day and the name of a month, as Latvia writes: 1976. gada
// 7. februārī.
func dateYearDay(s string, i int) (end, oneIn int) {
	year, yn, k := digitsAt(s, i)
	if yn != 4 || !yearOf(year, yn) {
		return 0, 0
	}
	day, dn, k := digitsAt(s, dateFiller(s, k))
	month, end := monthAt(s, dateFiller(s, k))
	if dn == 0 || dn > 2 || !realDay(year, yn, month, day) {
		return 0, 0
	}
	return end, 64
}
