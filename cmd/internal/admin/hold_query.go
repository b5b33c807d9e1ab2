package admin

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// queryToken splits SQL: a comment, bytes, a string, a quoted name, a number, a name,
	// the sign that joins text, or one character.
	queryToken = regexp.MustCompile("(?s)--[^\n]*|/\\*.*?(?:\\*/|$)|[xX]'[^']*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\\[[^\\]]*\\]|[0-9][0-9a-zA-Z_.]*|[\\pL_][\\pL0-9_$]*|\\|\\||\\S")

	telephone = regexp.MustCompile(`[0-9](?:[ ().+/-]{0,3}[0-9]){6,14}`)
	day       = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2})?)?$`)
	hexID     = regexp.MustCompile(`^[0-9a-f]{32}([0-9a-f]{32})?$`)
)

// maxQuery bounds what is kept with a hold.
const maxQuery = 4096

const (
	minTelephone = 7  // digits that may be somebody's number
	longNumber   = 10 // digits that are no place of a record
	momentDigits = 16 // of a time in microseconds
)

var (
	// textBuilders make text in which no number can be seen.
	textBuilders = []string{"char", "concat", "concat_ws", "format", "printf", "unhex"}
	// queryWords end an expression.
	queryWords = []string{
		"and", "between", "by", "else", "end", "from", "having", "in", "is", "like", "limit", "not", "on", "or", "select", "then", "union", "when", "where",
	}
)

// plainQuery refuses a question that names somebody by a number or address: it
// is kept with the hold, in the clear. Digits that are joined in it count as one.
func (s *Service) plainQuery(text string) error {
	if len(text) > maxQuery {
		return refuse(Invalid, "the query is longer than %d bytes", maxQuery)
	}
	q := queryCheck{s: s}
	tokens := append(queryToken.FindAllString(text, -1), ",") // ends the last expression
	for i, token := range tokens[:len(tokens)-1] {
		if err := q.take(token, tokens[i+1]); err != nil {
			return err
		}
	}
	return q.take(",", "")
}

// queryCheck goes through a query. Digits of an expression that joins text count
// together.
type queryCheck struct {
	s      *Service
	joined bool
	run    string // digits of this expression
}

func (q *queryCheck) take(token, next string) error {
	first, name := token[0], strings.ToLower(token)
	switch {
	case strings.HasPrefix(token, "--") || strings.HasPrefix(token, "/*"):
		return refuse(Invalid, "the query has a comment, which would be kept with the hold: leave it out")
	case token == "||":
		q.joined = true
	case token == "(" || token == ")":
	case strings.IndexByte("'\"`[", first) >= 0 && len(token) > 1:
		return q.text(strings.ReplaceAll(token[1:len(token)-1], token[:1]+token[:1], token[:1]))
	case first >= '0' && first <= '9':
		return q.number(token)
	case strings.HasSuffix(token, "'") && len(token) > 1, next == "(" && slices.Contains(textBuilders, name):
		return refuse(Invalid, "the query makes text of bytes or with %s, in which nobody sees what it names: write the value as it is", strings.Join(textBuilders, ", "))
	case len(token) == 1 && !letter(first) || slices.Contains(queryWords, name):
		if q.joined && len(q.run) >= minTelephone {
			return refuse(Invalid, "%s", queryNames)
		}
		q.joined, q.run = false, ""
	}
	return nil
}

func (q *queryCheck) text(value string) error {
	if q.s.namesNobody(value) {
		return nil
	}
	if strings.Contains(value, "@") || telephoneIn(value) {
		return refuse(Invalid, "%s", queryNames)
	}
	q.run += digits(value)
	return nil
}

func (q *queryCheck) number(token string) error {
	if n := len(digits(token)); n >= longNumber && n < momentDigits && !q.s.namesNobody(token) {
		return refuse(Invalid, "%s; a time is written in microseconds, %d digits", queryNames, momentDigits)
	}
	q.run += digits(token)
	return nil
}

const queryNames = "the query names somebody by number or address, and it is kept with the hold: name the person with --person instead, or by the subject id"

func letter(b byte) bool { return b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' }

// namesNobody knows numbers of the business, days and ids.
func (s *Service) namesNobody(value string) bool {
	_, _, _, known := s.cfg.Config().Number(value)
	return known || day.MatchString(value) || hexID.MatchString(value)
}

// telephoneIn reports whether digits stand alone that could be somebody's.
func telephoneIn(value string) bool {
	for _, at := range telephone.FindAllStringIndex(value, -1) {
		if !wordAt(value, at[0]-1) && !wordAt(value, at[1]) {
			return true
		}
	}
	return false
}

func wordAt(s string, i int) bool {
	return i >= 0 && i < len(s) && (letter(s[i]) || s[i] >= '0' && s[i] <= '9')
}
