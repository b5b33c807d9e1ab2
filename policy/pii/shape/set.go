package shape

import "strings"

// set is a closed list of short words in small letters.
type set map[string]struct{}

// setOf reads a list with blanks between.
func setOf(list string) set {
	t := set{}
	for w := range strings.FieldsSeq(list) {
		t[w] = struct{}{}
	}
	return t
}

// leads orders a list of words in small letters by their first bytes.
func leads(list []string) (t [256][]string) {
	for _, w := range list {
		t[w[0]] = append(t[w[0]], w)
	}
	return t
}

// uncommented leaves out the lines of a list that begin with #.
func uncommented(list string) string {
	for strings.HasPrefix(list, "#") {
		_, list, _ = strings.Cut(list, "\n")
	}
	return list
}

const maxName = 32

// named looks a name up in any case; - and _ within do not count.
func named(list set, name string) bool {
	var buf [maxName]byte
	n := 0
	for i := range len(name) {
		c := name[i]
		if c == '-' || c == '_' {
			continue
		}
		if n == maxName || class[c]&isAlnum == 0 {
			return false
		}
		buf[n] = fold(c)
		n++
	}
	_, ok := list[string(buf[:n])]
	return ok
}
