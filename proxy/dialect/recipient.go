package dialect

import "strings"

// recipient reads to and recipient. A number wins over a user id, and then the
// user id is dropped: it could be somebody else's consent.
func (s *send) recipient() *Problem {
	switch v := strings.ToLower(s.t.str(0, "recipient_type")); {
	case s.given("recipient_type") && v != "individual":
		return s.at(RecipientType, "recipient_type", "Only recipient_type individual is offered; groups are not.")
	case s.given("to") && s.t.str(0, "to") != "":
		if s.given("recipient") {
			s.dropped("recipient")
		}
		return s.to("to")
	case s.given("recipient"):
		return s.to("recipient")
	}
	return s.at(Missing, "to", "A recipient is needed: to with a number, or recipient with a user id.")
}

func (s *send) to(name string) *Problem {
	v := s.t.str(0, name)
	s.m.Input = v
	if UserID(v) && (name == "recipient" || s.d.Flat()) {
		s.m.To.UserID = v
		return nil
	}
	if name == "recipient" {
		return s.at(Invalid, name, "A user id is a country code, a full stop and letters and digits.")
	}
	digits, ok := Number(v)
	if !ok {
		if s.d.Flat() && strings.Contains(v, "-") && len(v) > 20 {
			return s.at(RecipientType, name, "Groups are not offered.")
		}
		return s.at(Invalid, name, "A recipient is an international number: country code and number, 7 to 15 digits.")
	}
	s.m.To.Number = digits
	return nil
}

// Number is the digits of an international number written with or without
// plus, hyphens, parentheses, full stops and blanks.
func Number(v string) (string, bool) {
	digits := make([]byte, 0, 16)
	for i := range len(v) {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && len(digits) == 0 && !strings.Contains(v[:i], "+"):
		case c == '-' || c == '(' || c == ')' || c == ' ' || c == '.':
		default:
			return "", false
		}
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return "", false
	}
	return string(digits), true
}

// UserID reports whether v has the form of a business-scoped user id: a
// two-letter country, a full stop, at most 128 letters and digits. Ids of
// linked portfolios have "ENT." between.
func UserID(v string) bool {
	if len(v) < 4 || v[2] != '.' || !upper(v[0]) || !upper(v[1]) {
		return false
	}
	rest := strings.TrimPrefix(v[3:], "ENT.")
	if rest == "" || len(rest) > 128 {
		return false
	}
	for _, c := range []byte(rest) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }
