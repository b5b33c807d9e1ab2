package shape

import "strings"

// set is a closed list of short words in small letters.
type set struct {
	words  map[string]struct{}
	begins [32]uint32 // bits of their lengths in bytes, by the first one; the last bit for all from there on
}

// setOf reads a list with blanks between.
func setOf(list string) *set {
	t := &set{words: map[string]struct{}{}}
	for w := range strings.FieldsSeq(list) {
		t.words[w] = struct{}{}
		t.begins[w[0]&31] |= 1 << min(len(w), 31)
	}
	return t
}

// has looks a word up: most that are in no list show by how they begin.
func (t *set) has(w []byte) bool {
	if len(w) == 0 || t.begins[w[0]&31]>>min(len(w), 31)&1 == 0 {
		return false
	}
	_, ok := t.words[string(w)]
	return ok
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
func named(list *set, name string) bool {
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
	return list.has(buf[:n])
}
