package pii

import "strings"

// People correct themselves: "not 4821 but 4822", "nie 4821 tylko 4822 to pin". Both are
// told, for the one that is wrong is mostly the old one, or the new one of somebody else.

// maxCorrection is how many bytes stand between a code and the one it is corrected to.
const maxCorrection = 20

// corrections are words between the two, blanks and commas around them. In scripts that
// write no blanks between words they touch the digits.
var corrections = [...]string{"but", "not", "sorry", "tylko", "a nie", "nie", "ale", "ne", "nego", "а не", "не", "а", "і не", "ci", "nu", "hanem", "nem", "αλλά", "όχι", "değil", "yox", "емес", "emas",
	"مش", "مو", "لا", "بل", "نه", "نہیں", "לא", "אלא", "nahi", "nahin", "नहीं", "না", "不是", "而是", "是", "mà là", "không phải", "bukan", "tapi", "melainkan", "hindi", "kundi", "sio", "bali", "no be",
	"sino", "mais", "pas", "sondern", "non", "maar", "niet", "inte", "utan", "ikke", "じゃなくて", "ではなく", "아니고", "말고", "ไม่ใช่", "แต่เป็น"}

var correctionsBy = byFirstByte(corrections[:])

// corrected finds the code that one which was found corrects, or is corrected to: as many
// digits beside it, a word such as "but" between.
func (p *pass) corrected(f Finding) {
	n := f.End - f.Start
	for at := f.Start - 1; at >= n && f.Start-at <= maxCorrection; at-- {
		if isDigit(p.text[at]) {
			if p.corrects(at+1, f.Start) {
				p.otherCode(f, at+1-n, at+1)
			}
			break
		}
	}
	for at := f.End; at+n <= len(p.text) && at-f.End <= maxCorrection; at++ {
		if isDigit(p.text[at]) {
			if p.corrects(f.End, at) {
				p.otherCode(f, at, at+n)
			}
			break
		}
	}
}

// corrects reports that nothing but a word of correction stands between two places, and
// perhaps one that links it with what comes.
func (p *pass) corrects(from, to int) bool {
	between := strings.Trim(p.text[from:to], " ,.-;")
	for _, w := range correctionsBy[byteAt(between, 0)] {
		if len(between) < len(w) || !strings.EqualFold(between[:len(w)], w) {
			continue
		}
		if rest := between[len(w):]; strings.Count(rest, " ") <= 1 && strings.IndexByte(rest, '\n') < 0 {
			return rest == "" || rest[0] == ' ' || rest[0] == ',' || rest[0] >= 0x80
		}
	}
	return false
}

// otherCode decides about the code of a correction.
func (p *pass) otherCode(f Finding, start, end int) {
	if !allDigits(p.text[start:end]) {
		return
	}
	if c := byteAt(p.text, start-1); isAlnum(c) || c == '.' || c == ',' || isAlnum(byteAt(p.text, end)) {
		return
	}
	w := p.blank()
	w.add(ByNeighbour, 120, f.Start, f.End)
	f.Start, f.End = start, end
	p.decide(&f, &w)
}
