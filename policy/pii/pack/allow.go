package pack

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"path"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"postern/policy/pii"
)

// allowance is what is not personal data although it looks like it: the
// business's own addresses and numbers. Of values only hashes are kept, under a
// key that this process drew and nobody else has: a list of numbers can not be
// read, or tried out, from what lies in memory for them.
type allowance struct {
	emails   []string // lower case, * for any part
	values   map[keyed]bool
	patterns []*regexp.Regexp
}

func (s *section) allowance(read source) allowance {
	a := allowance{values: map[keyed]bool{}}
	sub, ok := s.sub("allow", "emails", "values", "values_file", "patterns")
	if !ok {
		return a
	}
	for _, e := range sub.list("emails") {
		glob := strings.ToLower(e.text)
		if _, err := path.Match(glob, ""); err != nil || !ownDomain(glob) {
			s.r.fail(e.node, "allow.emails: write an address, *@example.com or *@*.example.com, with a domain of your own")
		}
		a.emails = append(a.emails, glob)
	}
	for _, v := range append(texts(sub.list("values")), sub.file("values_file", read)...) {
		if !wordy(v) {
			s.r.fail(sub.node, "allow: a value has no letters or digits; take it away")
			continue
		}
		a.values[bare(v)] = true
	}
	for _, p := range sub.list("patterns") {
		expr, err := regexp.Compile("^(?:" + p.text + ")$")
		if err != nil {
			s.r.fail(p.node, "allow.patterns: %v; patterns are RE2 and stand for a whole value", plain(err))
			continue
		}
		if allows(expr) {
			s.r.fail(p.node, "allow.patterns: values of every kind would pass, and nothing be found; write what is common to your own, such as '\\+49 30 1234\\d+'")
		}
		a.patterns = append(a.patterns, expr)
	}
	return a
}

// ownDomain reports an address or glob of which the domain is written out, save for what
// may stand before it.
func ownDomain(glob string) bool {
	at := strings.LastIndexByte(glob, '@')
	domain := strings.TrimPrefix(glob[at+1:], "*.")
	return at > 0 && strings.Contains(domain, ".") && !strings.ContainsAny(domain, "*?[\\")
}

// strangers are values of several kinds that are nobody's: who allows two of them
// allows nearly all.
var strangers = []string{"ana@other.example.com", "4111 1111 1111 1111", "+49 151 23456789", "DE89370400440532013000", "Ana Souza", "482913"}

// allows reports an expression that stands for values of more than one kind.
func allows(expr *regexp.Regexp) bool {
	n := 0
	for _, v := range strangers {
		if expr.MatchString(v) {
			n++
		}
	}
	return n > 1
}

func (a allowance) empty() bool { return len(a.emails)+len(a.values)+len(a.patterns) == 0 }

// permits reports a value that is allowed.
func (a allowance) permits(f pii.Finding, value string) bool {
	if len(a.values) > 0 && a.values[bare(value)] {
		return true
	}
	if f.Type == pii.Email {
		low := strings.ToLower(value)
		for _, glob := range a.emails {
			if ok, _ := path.Match(glob, low); ok { //nolint:errcheck // it was tried when it was read
				return true
			}
		}
	}
	for _, p := range a.patterns {
		if p.MatchString(value) {
			return true
		}
	}
	return false
}

// keyed is a keyed hash of a value.
type keyed [sha256.Size]byte

var processKey = sync.OnceValue(func() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // it never fails
	return key
})

// bare is the keyed hash of a value's letters and digits without regard to case
// and to how it is grouped.
func bare(value string) (sum keyed) {
	mac := hmac.New(sha256.New, processKey())
	mac.Write([]byte(strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '@' && r != '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, value)))
	mac.Sum(sum[:0])
	return sum
}

// wordy reports a text with a letter or digit in it.
func wordy(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
