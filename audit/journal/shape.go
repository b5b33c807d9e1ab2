package journal

import (
	"slices"
	"strings"
)

// maxShape bounds a shape, in bytes.
const maxShape = 4000

// shapeWords are what a shape keeps of a question: SQL's own words and those of
// the views. They name nobody.
var shapeWords = strings.Fields(`
	all and as asc between by case cast cross desc distinct else end except exists from full group having in inner intersect is join left
	like limit not null nulls offset on or order outer over partition recursive right select then union using values when where with
	abs avg coalesce count ifnull length lower max min nullif round substr substring sum total trim upper
	audit audit_counts person
	seq id kind time day month hour ref tenant app number actor subject country direction dialect type category template effect reason
	reasons observed revision facts findings changed result code retention labels body detail erased mac mac_key message_id chain
	version prev leaf`)

// Shape is what may be kept of a question for good: its form, without values,
// quoted names, comments and other words, each of which may name somebody. Each
// of them is a question mark.
func Shape(question string) string {
	var out strings.Builder
	for piece, quoted := range Pieces(question) {
		switch {
		case !quoted:
			shapeOf(&out, piece)
		case strings.HasPrefix(piece, "--") || strings.HasPrefix(piece, "/*"):
			out.WriteByte(' ')
		default:
			out.WriteByte('?')
		}
	}
	shape := strings.Join(strings.Fields(out.String()), " ")
	if len(shape) > maxShape {
		shape = shape[:maxShape] + " ..."
	}
	return shape
}

// shapeOf writes what is not quoted.
func shapeOf(out *strings.Builder, piece string) {
	for len(piece) > 0 {
		n := strings.IndexFunc(piece, func(c rune) bool { return !wordly(c) })
		switch {
		case n == 0:
			out.WriteByte(piece[0]) // no letter or digit: ASCII
			piece = piece[1:]
			continue
		case n < 0:
			n = len(piece)
		}
		word := strings.ToLower(piece[:n])
		if !slices.Contains(shapeWords, word) {
			word = "?"
		}
		out.WriteString(word)
		piece = piece[n:]
	}
}

// wordly says that a character may be of a name or a value.
func wordly(c rune) bool {
	return c >= 0x80 || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
