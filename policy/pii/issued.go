package pii

import "strings"

// Letters of the office that issued a document and that people write beside its number. They belong to the value: without them
// it is not all gone.

// brazil are the states that issue a registro geral: "MG-12.345.678" (IBGE).
const brazil = "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"

// bolivia are the departments that issue a cédula: "4837215 LP" (SEGIP).
const bolivia = "LP CB SC OR PT CH TJ BE BN PD PA QR"

// stateBefore gives where a number begins whose state stands before it.
func stateBefore(text string, start int) int {
	at := start - 3
	if at < 0 || text[start-1] != '-' && text[start-1] != ' ' || !officeIn(brazil, text[at:at+2]) || isAlnum(byteAt(text, at-1)) {
		return start
	}
	return at
}

// departmentBehind gives where a number ends whose department stands behind it.
func departmentBehind(text string, end int) int {
	c := byteAt(text, end)
	if c != ' ' && c != '-' || end+3 > len(text) || !officeIn(bolivia, text[end+1:end+3]) || isAlnum(byteAt(text, end+3)) {
		return end
	}
	return end + 3
}

// officeIn reports two capitals of a list.
func officeIn(list, letters string) bool {
	return isUpper(letters[0]) && isUpper(letters[1]) && strings.Contains(list, letters)
}
