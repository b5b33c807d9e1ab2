package check

// date reports a day of the Gregorian calendar.
func date(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)
}

func daysOf(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// yymmdd reports a day by two digits each of year, month and day. The century
// is not known: 29 February is right in every fourth year, 00 included.
func yymmdd(v []byte) bool {
	return len(v) == 6 && digits(v) && date(2000+number(v[:2]), number(v[2:4]), number(v[4:]))
}

// number reads digits, at most 18 of them.
func number(v []byte) int {
	n := 0
	for _, c := range v {
		n = n*10 + value(c)
	}
	return n
}
