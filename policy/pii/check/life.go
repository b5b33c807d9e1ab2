package check

// Years that a living person's birth, or a register's entry, can have. The
// bounds are wide and fixed, so that a value is judged alike at any time.
const (
	firstYear = 1900
	lastYear  = 2039
)

// yyyymmdd reports a day by which somebody may have been born.
func yyyymmdd(v []byte) bool {
	return len(v) == 8 && digits(v) && bornIn(v[:4]) && date(number(v[:4]), number(v[4:6]), number(v[6:]))
}

// bornIn reports a year of four digits in which somebody may have been born.
func bornIn(v []byte) bool {
	return len(v) == 4 && digits(v) && between(number(v), firstYear, lastYear)
}

func between(n, low, high int) bool { return n >= low && n <= high }

// pair reports that list, a row of codes of two characters, has the code v.
func pair(list string, v []byte) bool {
	for i := 0; i+1 < len(list); i += 2 {
		if list[i] == v[0] && list[i+1] == v[1] {
			return true
		}
	}
	return false
}
