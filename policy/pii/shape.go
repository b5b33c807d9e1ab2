package pii

import "strings"

// What looks like digits of a phone but is something else.

// attached reports that group a belongs to a code, path or amount: letters,
// '#', currency or a decimal mark directly before it, letters behind it.
func (p *pass) attached(a int) bool {
	at := p.run.from(a)
	if a > 0 {
		return false
	}
	if at == 0 {
		return false
	}
	c := p.text[at-1]
	if p.glue(p.tokenAt(int(p.run.at[0]))) {
		return false
	}
	switch {
	case c == '#' || isAlnum(c) || c == '$' || c == '%' || c == '^' || c == '&':
		return true
	case c == '-' || c == '_' || c == '/' || c == '.' || c == ',' || c == ':':
		return isDigit(byteAt(p.text, at-2)) || c != ':' && c != '/' && isLetter(byteAt(p.text, at-2)) || c == '/' && inLink(p.text, at) && !link(p.text, at)
	case c == '=':
		return !link(p.text, at) && !p.assigned(p.tokenAt(int(p.run.at[0])), at)
	}
	return money(p.text, at)
}

// glue reports a label of two letters or more that touches the digits of token k:
// "tel0151 234567".
func (p *pass) glue(k int) bool {
	tok := &p.tokens[k]
	return tok.digit > tok.at && tok.marks > 0 && p.marks[tok.marks-1].end == tok.digit
}

// money reports a currency sign before at, one space allowed.
func money(text string, at int) bool {
	if at > 0 && text[at-1] == ' ' {
		at--
	}
	if at == 0 {
		return false
	}
	for _, sign := range moneyEnd[text[at-1]] {
		if strings.HasSuffix(text[:at], sign) {
			return true
		}
	}
	return false
}

// moneyEnd are the signs that stand before amounts, by their last byte;
// moneyBegin those behind them, by their first one.
var (
	moneyEnd = signsBy(func(s string) byte { return s[len(s)-1] },
		"$", "€", "£", "¥", "₹", "₦", "₩", "₽", "₺", "฿", "₫", "Rp", "R$", "Rs.", "Rs", "USD", "EUR", "GBP", "INR", "IDR", "NGN", "JPY")
	moneyBegin = signsBy(func(s string) byte { return s[0] },
		"€", "$", "£", "₹", "₽", "₺", "円", "원", "元", "EUR", "USD", "руб", "zł", "kr", "TL")
)

func signsBy(key func(string) byte, signs ...string) (t [256][]string) {
	for _, s := range signs {
		t[key(s)] = append(t[key(s)], s)
	}
	return t
}

// inLink reports a URL or path in the token that ends at i.
func inLink(text string, i int) bool {
	for j := i - 1; j >= 0 && i-j < 80; j-- {
		if text[j] == ' ' || text[j] == '\n' {
			return false
		}
		if text[j] == ':' && byteAt(text, j+1) == '/' {
			return true
		}
	}
	return false
}

// linkEnd reports the bytes at which what link looks for ends.
func linkEnd(c byte) bool { return c == '/' || c == '=' || c == ':' || c == '+' }

// link reports what stands before the number in links that hold a phone.
func link(text string, at int) bool {
	head := strings.TrimSuffix(text[:at], "+")
	for _, s := range [...]string{"wa.me/", "phone=", "tel:", "sms:", "whatsapp:"} {
		if len(head) >= len(s) && strings.EqualFold(head[len(head)-len(s):], s) {
			return true
		}
	}
	return false
}

// amount reports that the groups a to b are a number of another kind: decimals,
// thousands, versions, addresses of machines, percentages, units, times.
func (p *pass) amount(a, b int) bool {
	r := &p.run
	end := r.to(b)
	c, next := byteAt(p.text, end), byteAt(p.text, end+1)
	switch {
	case (c == ',' || c == ':' || c == '.') && isDigit(next), c == '%', isLetter(c) && extension(p.text, end) == end:
		return true
	}
	if behindMoney(p.text, end) {
		return true
	}
	if a == b {
		return false
	}
	return dotted(r, a, b) || years(r, a, b) || yearly(r, a, b) || drawn(r, a, b) || spacedDate(r, a, b)
}

func behindMoney(text string, end int) bool {
	rest := strings.TrimPrefix(text[end:], " ")
	if rest == "" {
		return false
	}
	for _, sign := range moneyBegin[rest[0]] {
		if strings.HasPrefix(rest, sign) {
			return true
		}
	}
	return false
}

// dotted reports 1.250.000, 192.168.100.100, 52.520008 and 1.2.3456.
func dotted(r *run, a, b int) bool {
	thousands, bytes := r.size(a) <= 3, b-a == 3
	for g := a; g <= b; g++ {
		if g > a && r.sep[g] != '.' {
			return false
		}
		thousands = thousands && (g == a || r.size(g) == 3)
		bytes = bytes && r.size(g) <= 3
	}
	decimal := b-a == 1 && r.size(a) <= 3 && r.size(b) >= 5
	if r.size(a) > 1 && r.digit[r.group[a]] == 0 {
		return bytes // no amount begins with a nought and a digit: 041.2195932
	}
	return thousands && r.size(a) < 3 || bytes || decimal
}

// yearly reports numbers that are counted anew each year: 2026/0312, 2026-00417, laws as
// 2006/112.
func yearly(r *run, a, b int) bool {
	if a == b || r.size(a) != 4 || r.value(a) < 1990 || r.value(a) > 2035 || r.value(a) < 2010 && r.sep[a+1] != '/' {
		return false
	}
	return r.sep[a+1] == '/' || r.sep[a+1] == '-' && (r.size(a+1) != 4 || r.digit[r.group[a+1]] == 0)
}

// drawn reports five numbers or more of two digits at most, each larger than the
// one before, none with a zero in front: those of a lottery, lists of sizes.
func drawn(r *run, a, b int) bool {
	if b-a < 4 {
		return false
	}
	for g := a; g <= b; g++ {
		if r.size(g) > 2 || r.digit[r.group[g]] == 0 || g > a && r.value(g) <= r.value(g-1) {
			return false
		}
	}
	return true
}

// spacedDate reports 12 03 2026 and 28/03-2014, with slashes in the year of the hijra as
// well: 24/11/1428.
func spacedDate(r *run, a, b int) bool {
	if b-a != 2 || r.size(a) != 2 || r.size(a+1) != 2 || r.size(b) != 4 {
		return false
	}
	x, y, z := r.value(a), r.value(a+1), r.value(b)
	return (year(z) || r.sep[a+1] == '/' && r.sep[b] == '/' && z >= 1300 && z < 1500) && (day(x) && month(y) || month(x) && day(y))
}

// hours reports 8.00-17.30, which no word makes a phone number.
func hours(r *run, a, b int) bool {
	if b-a < 3 || r.sep[a+1] != '.' || r.sep[a+3] != '.' || r.sep[a+2] == '.' || r.size(a) > 2 || r.size(a+1) != 2 || r.size(a+2) > 2 || r.size(a+3) != 2 {
		return false
	}
	return r.value(a) < 25 && r.value(a+1) < 60 && r.value(a+2) < 25 && r.value(a+3) < 60 && (b == a+3 || r.sep[a+4] != '.')
}

// years reports 2024-2025, and the years of somebody's life or of a reign, 1842-1914, in
// the calendar of Thailand, too.
func years(r *run, a, b int) bool {
	if b-a != 1 || r.size(a) != 4 || r.size(b) != 4 {
		return false
	}
	x, y := r.value(a), r.value(b)
	return year(x) && year(y) || x >= 1000 && x < y && y <= 2600 && y-x <= longest
}

// longest is how many years apart two may be that are told of one person or thing.
const longest = 150

func year(v int) bool { return v >= 1900 && v <= 2099 }

// dateGroups counts the groups from a on that are a date, 0 if there is none:
// 12/03/2026, 12.03.26, 2026-03-12, 20260312.
func dateGroups(r *run, a, b int) int {
	if r.size(a) == 8 && (a == b || r.sep[a+1] == ' ') {
		v := r.value(a)
		if year(v/10000) && month(v/100%100) && day(v%100) {
			return 1
		}
	}
	if b-a < 2 || r.sep[a+1] != r.sep[a+2] || r.sep[a+1] == ' ' {
		return 0
	}
	if a+3 <= b && r.sep[a+3] == r.sep[a+1] {
		return 0 // 06.12.34.56.78 goes on
	}
	if r.size(a) > 4 || r.size(a+1) > 2 || r.size(a+2) > 4 || r.size(a+2) == 3 {
		return 0
	}
	x, y, z := r.value(a), r.value(a+1), r.value(a+2)
	switch {
	case r.size(a) == 4 && r.size(a+2) <= 2 && year(x) && month(y) && day(z):
		return 3
	case r.size(a) <= 2 && (r.size(a+2) == 2 || year(z)) && (day(x) && month(y) || month(x) && day(y)):
		return 3
	}
	return 0
}

func day(v int) bool { return v >= 1 && v <= 31 }
