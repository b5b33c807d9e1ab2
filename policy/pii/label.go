package pii

import (
	"fmt"
	"hash/maphash"
	"strconv"
	"unicode/utf8"

	"postern/policy/pii/catalog"
)

// Labels numbers the values of one message, so that the same value has the
// same label in all its texts. It holds no values. The zero value is ready;
// it is not safe for concurrent use.
type Labels struct {
	seed   maphash.Seed
	number map[valueKey]int
	last   map[Type]int
}

// valueKey is a value of one type, as a hash under a seed of this message.
type valueKey struct {
	kind Type
	hash uint64
}

// label gives [TYPE_n].
func (l *Labels) label(t Type, value []byte) string {
	if l.number == nil {
		l.seed, l.number, l.last = maphash.MakeSeed(), map[valueKey]int{}, map[Type]int{}
	}
	key := valueKey{t, maphash.Bytes(l.seed, value)}
	n, ok := l.number[key]
	if !ok {
		l.last[t]++
		n = l.last[t]
		l.number[key] = n
	}
	return "[" + string(t) + "_" + strconv.Itoa(n) + "]"
}

// String says how many values have a label.
func (l *Labels) String() string { return fmt.Sprintf("labels(%d)", len(l.number)) }

// canonical gives the form by which two writings of one value are equal: E.164
// digits where the country is known, digits of cards and codes, account
// numbers in upper case, e-mail and what is said in words in lower case.
func canonical(f Finding, value string) []byte {
	if f.Reasons&Spoken != 0 {
		return visible(value, small)
	}
	switch f.Type {
	case Phone:
		return phoneDigits(f, digitsOf(unextended(value)))
	case CreditCard, CardCVV, CardPIN:
		return digitsOf(value)
	case IBAN, catalog.NationalID, catalog.Passport, catalog.Licence, catalog.BankAccount, catalog.BIC, catalog.RecordID, catalog.Device,
		catalog.Vehicle, catalog.Plate, catalog.OTP, catalog.CardExpiry, catalog.MACAddress:
		return visible(value, code)
	case Email, catalog.Name:
		return visible(value, small)
	}
	return []byte(value)
}

// code keeps letters, as capitals, and digits: however a number is grouped, it is
// the same.
func code(b byte) (byte, bool) {
	if isLetter(b) {
		b &^= 0x20
	}
	return b, isAlnum(b)
}

// small has capitals as small letters.
func small(b byte) (byte, bool) {
	if isUpper(b) {
		b |= 0x20
	}
	return b, true
}

// phoneDigits brings the digits of a phone finding to E.164 without plus.
func phoneDigits(f Finding, d []byte) []byte {
	d = d[min(int(f.trunk), len(d)):]
	if f.code == 0 {
		return d
	}
	code := strconv.Itoa(int(f.code))
	if f.Reasons&ByPrefix == 0 {
		return append([]byte(code), d...)
	}
	if n := len(code); len(d) > n+1 && d[n] == '0' && f.code != 39 {
		return append(d[:n:n], d[n+1:]...)
	}
	return d
}

// digitsOf are the digits of a value in ASCII.
func digitsOf(value string) []byte {
	if plainNumber(value) {
		out := make([]byte, 0, len(value))
		for i := range len(value) {
			if c := value[i]; isDigit(c) {
				out = append(out, c)
			}
		}
		return out
	}
	return visible(value, func(b byte) (byte, bool) { return b, isDigit(b) })
}

// visible normalises a value; keep changes or leaves out single bytes. Runes
// without ASCII form stay as they are.
func visible(value string, keep func(byte) (byte, bool)) []byte {
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); {
		b, size := value[i], 1
		if b >= utf8.RuneSelf || b < ' ' {
			b, size = norm(value, i)
		}
		if b == other {
			out = append(out, value[i:i+size]...)
		} else if b != ignored {
			if c, ok := keep(b); ok {
				out = append(out, c)
			}
		}
		i += size
	}
	return out
}
