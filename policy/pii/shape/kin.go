package shape

import (
	"strings"
	"unicode/utf8"
)

// Names of the family, behind what somebody is to the one who writes.

// Kin reads a name behind "my husband" and the like, with capitals: "my wife will
// call" names nobody. Behind a comma the name has two words: "his wife, Gloria," is of a
// story, and so is what follows "his".
func Kin(s string, from int) (Match, bool) {
	comma := commaAt(s, from)
	if comma > 0 {
		word := wordBefore(s, from)
		if namedPlain(others, strings.TrimRight(s[wordBefore(s, max(0, word-1)):word], " ")) {
			return Match{}, false
		}
	}
	i, marked := nameStart(s, from+comma)
	if strings.ContainsAny(s[from:i], "\n\"") {
		return Match{}, false // somebody else speaks
	}
	n := names{s: s, i: i, most: 3, strict: true, capital: true, marked: marked}
	m, ok := n.read()
	return m, ok && (comma == 0 || strings.IndexByte(s[m.Start:m.End], ' ') >= 0)
}

// Kinsman is Kin behind "wife" and the like without "my", at the beginning of a clause:
// "syn Jakub Nowak ur. ...". The name has two words.
func Kinsman(s string, from int) (Match, bool) {
	if !beginsClause(s, wordBefore(s, from)) {
		return Match{}, false
	}
	m, ok := Kin(s, from)
	return m, ok && m.OneIn >= 32
}

// beginsClause reports that a text, a line or what follows a comma begins at i.
func beginsClause(s string, i int) bool {
	head := strings.TrimRight(s[:i], " ")
	return head == "" || strings.IndexByte(",;:(\n", head[len(head)-1]) >= 0
}

// commaAt gives the size of a comma at i, zero if there is none.
func commaAt(s string, i int) int {
	if at(s, i) == ',' {
		return 1
	}
	if strings.HasPrefix(s[min(i, len(s)):], "،") {
		_, size := utf8.DecodeRuneInString(s[i:])
		return size
	}
	return 0
}

// others stand before a word of the family where it is somebody else's.
var others = setOf("his her their sein seine ihr ihre sua suo seu leur hans hennes")
