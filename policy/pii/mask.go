package pii

import (
	"bytes"
	"strings"
)

const stars = "****"

// MaskNumber shows of a phone number or WhatsApp id what a person needs to
// recognise it: "4912****56" where at least six digits stay hidden, else the
// calling code and the last two, "1****23". A leading plus stays. What is
// masked already is returned as it is; what is no number becomes "****".
func MaskNumber(number string) string {
	if maskedNumber(number) {
		return number
	}
	for i := 0; i < len(number); {
		b, size := norm(number, i)
		if !isDigit(b) && b != ignored && strings.IndexByte("+ -.()/", b) < 0 {
			return stars
		}
		i += size
	}
	d := digitsOf(number)
	if len(d) > 15 {
		return stars
	}
	return plusOf(number) + maskDigits(d)
}

func plusOf(number string) string {
	if strings.HasPrefix(number, "+") {
		return "+"
	}
	return ""
}

// maskedNumber reports the form MaskNumber makes.
func maskedNumber(s string) bool {
	head, tail, ok := strings.Cut(strings.TrimPrefix(s, "+"), stars)
	return ok && len(head) <= 4 && (len(tail) == 0 || len(tail) == 2) && allDigits(head) && allDigits(tail)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// maskDigits masks a number in E.164 form without plus.
func maskDigits(d []byte) string {
	values := make([]byte, len(d))
	for i, c := range d {
		values[i] = c - '0'
	}
	_, size := sharedPlan().callingCode(values)
	head := max(4, size)
	switch n := len(d); {
	case size > 0 && n-head-2 >= 6:
		return string(d[:head]) + stars + string(d[n-2:])
	case size > 0 && n-size-2 >= 4:
		return string(d[:size]) + stars + string(d[n-2:])
	}
	return maskNational(d)
}

// maskNational shows the last two digits of a number without calling code.
func maskNational(d []byte) string {
	if len(d) < minPhone {
		return stars
	}
	return stars + string(d[len(d)-2:])
}

// mask shows a part of a value found in text.
func mask(f Finding, value string) string {
	switch f.Type {
	case Phone:
		if f.Reasons&ByPrefix == 0 || f.code == 0 {
			return maskNational(digitsOf(value))
		}
		return plusOf(value) + maskDigits(phoneDigits(f, digitsOf(value)))
	case CreditCard:
		return maskLayout(value, 0, 4)
	case IBAN:
		n := len(canonical(f, value))
		return maskLayout(value, 2, min(4, n/3-2))
	case Email:
		return maskEmail(string(canonical(f, value)))
	case MetaToken:
		return "EAA***"
	case WAMID:
		return "wamid.***"
	}
	return "***"
}

// maskLayout keeps the first and last letters and digits and the separators,
// and writes stars for the rest.
func maskLayout(value string, first, last int) string {
	plain := visible(value, func(b byte) (byte, bool) { return b, true })
	total, seen := 0, 0
	for _, c := range plain {
		if isAlnum(c) {
			total++
		}
	}
	for i, c := range plain {
		if !isAlnum(c) {
			continue
		}
		if seen >= first && seen < total-last {
			plain[i] = '*'
		}
		seen++
	}
	return string(plain)
}

// maskEmail gives j***@e***.com; short parts show nothing.
func maskEmail(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	name, top := domain, ""
	if dot := strings.LastIndexByte(domain, '.'); dot >= 0 {
		name, top = domain[:dot], domain[dot:]
	}
	return initial(local) + "***@" + initial(name) + "***" + top
}

// initial is the first letter of a part of three bytes or more.
func initial(s string) string {
	r := bytes.Runes([]byte(s))
	if len(r) < 3 {
		return ""
	}
	return string(r[0])
}
