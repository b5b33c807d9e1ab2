package pii

import "strings"

// untils are words for "until" between a card and the month to which it is good:
// "4111 1111 1111 1111 до 11/28".
var untils = [...]string{" до", " do", " bis", " till", " until", " thru", " tot", " til", " fino a", " até", " ate", " hasta", " până la", " pana la", " gacha", " لغاية", " لحد", " تا", " עד"}

// untilEnds has the bytes that they end with.
var untilEnds = func() (t [256]bool) {
	for _, w := range untils {
		t[w[len(w)-1]] = true
	}
	return t
}()

// untilBefore gives where a word for "until" begins that stands before a place, else the
// place.
func untilBefore(t string, at int) int {
	head := strings.TrimRight(t[max(0, at-16):at], " ")
	if head == "" || !untilEnds[head[len(head)-1]] {
		return at
	}
	for _, w := range untils {
		if strings.HasSuffix(head, w) {
			return max(0, at-16) + len(head) - len(w)
		}
	}
	return at
}
