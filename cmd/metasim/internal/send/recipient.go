package send

import (
	"regexp"
	"strings"

	"postern/cmd/metasim/internal/graph"
)

// Lengths of an international number in digits (ITU-T E.164; the lower bound
// is Meta's).
const (
	minDigits = 7
	maxDigits = 15
)

// userID is a business-scoped user id, or that of a linked portfolio.
var userID = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// address reads the recipient; to wins over recipient when both are given.
func (s *Send) address(members map[string]any, n Numbering) *graph.Error {
	if text(members, "recipient_type") == "group" {
		return graph.New(131020, "Groups are not simulated.")
	}
	to, recipient := text(members, "to"), text(members, "recipient")
	switch {
	case to != "":
		return s.addressNumber(to, n)
	case recipient == "":
		return graph.New(100, "The parameter to is required.")
	case !IsUserID(recipient):
		return graph.New(131009, "Param recipient is not a business-scoped user id.")
	}
	s.Input, s.UserID = recipient, recipient
	return nil
}

func (s *Send) addressNumber(to string, n Numbering) *graph.Error {
	digits, plus, ok := Digits(to)
	if ok && !plus && !n.Lenient {
		digits = n.Country + digits
	}
	if !ok || len(digits) < minDigits || len(digits) > maxDigits {
		return graph.New(131009, "Param to is not a valid phone number.")
	}
	s.Input, s.Phone = to, digits
	return nil
}

// Digits strips what a phone number may be written with: a leading plus,
// blanks, hyphens, dots and parentheses.
func Digits(number string) (digits string, plus, ok bool) {
	number = strings.TrimSpace(number)
	number, plus = strings.CutPrefix(number, "+")
	if plainDigits(number) {
		return number, plus, number != ""
	}
	var b strings.Builder
	for _, c := range number {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case !strings.ContainsRune(" -.()", c):
			return "", plus, false
		}
	}
	return b.String(), plus, b.Len() > 0
}

func plainDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// IsUserID says whether s has the form of a business-scoped user id.
func IsUserID(s string) bool { return userID.MatchString(s) }
