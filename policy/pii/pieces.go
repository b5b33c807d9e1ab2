package pii

import (
	"strings"

	"postern/policy/pii/catalog"
)

// maxPiece bounds a text that can be a piece, in bytes.
const maxPiece = 64

// Piece reports texts that can be a part of a number sent over several messages:
// short, with two digits at least, and hardly anything else. What a mask of ours
// shows is none.
func Piece(text string) bool {
	if len(text) > maxPiece {
		return false
	}
	digits, others := 0, 0
	for i := 0; i < len(text); {
		b, size := norm(text, i)
		i += size
		switch {
		case isDigit(b):
			digits++
		case b == '*' || b == '[':
			return false
		case isLetter(b), b == other:
			others++
		}
	}
	return digits >= 2 && others <= 4 && others <= digits
}

// joined scans a text together with the pieces before it. A card, account or
// value of a pack's pattern that begins in them and reaches into the text is a
// finding there, of the part that stands in the text; everything else is found in
// the text alone.
func (s *Scanner) joined(text string, hint Hint, dst []Finding) []Finding {
	before := hint.Before + "\n"
	hint.Before = ""
	base := len(dst)
	dst = s.Scan(text, hint, dst)
	for _, f := range s.Scan(before+text, hint, nil) {
		if pieced(f.Type) {
			dst = rest(dst, base, f, len(before))
		}
	}
	if s.added == nil || len(s.added.patterns) == 0 {
		return dst
	}
	before = strings.ReplaceAll(before, "\n", "") // no pattern of a pack knows of lines
	for _, f := range s.Scan(before+text, hint, nil) {
		if f.Reasons&ByPattern != 0 {
			dst = rest(dst, base, f, len(before))
		}
	}
	return dst
}

// rest puts the part of a finding behind the place seam, where a text begins,
// among the text's own if the finding begins before it.
func rest(dst []Finding, base int, f Finding, seam int) []Finding {
	if f.Start >= seam || f.End <= seam {
		return dst
	}
	f.Start, f.End, f.Reasons = 0, f.End-seam, f.Reasons|ByPieces
	kept := dst[:base]
	for _, own := range dst[base:] {
		if own.Start >= f.End {
			kept = append(kept, own)
		}
	}
	dst = append(kept, f)
	sortByPlace(dst[base:])
	return dst
}

// pieced reports types of numbers that people send in pieces.
func pieced(t Type) bool { return t == CreditCard || t == IBAN || t == catalog.BankAccount }
