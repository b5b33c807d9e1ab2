package words

import "unicode/utf8"

// AppendFold appends the folded form of a word to dst; see Fold.
func AppendFold(dst []byte, word string) []byte {
	start, gap := len(dst), false
	for i := 0; i < len(word); {
		kind, _ := KindAt(word, i)
		packed, size := foldAt(word, i)
		i += size
		if kind == Separator && (packed != 0 || size == 1) {
			gap = len(dst) > start
			continue
		}
		if gap && packed != 0 {
			dst, gap = append(dst, ' '), false
		}
		for ; packed != 0; packed >>= 8 {
			dst = append(dst, byte(packed))
		}
	}
	return dst
}

// Fold gives the form in which two writings of a word are equal: one space for
// whatever separates, none at the ends.
func Fold(word string) []byte { return AppendFold(nil, word) }

// Echo gives the end of a folded word or phrase that stands in t at a start of a
// word, and ends with one.
func Echo(t string, at int, folded []byte) (end int, ok bool) {
	i, k, dense := at, 0, false
	for k < len(folded) && i < len(t) {
		kind, size := KindAt(t, i)
		if kind == Separator {
			if i == at || folded[k] != ' ' {
				return 0, false
			}
			k++
			i += gapAt(t, i)
			continue
		}
		packed, _ := foldAt(t, i)
		for ; packed != 0; packed >>= 8 {
			if k == len(folded) || folded[k] != byte(packed) {
				return 0, false
			}
			k++
		}
		dense = kind == Dense
		i += size
	}
	if k < len(folded) || !dense && !wordEnds(t, i) {
		return 0, false
	}
	for i < len(t) && t[i] >= utf8.RuneSelf { // marks that may be left out
		packed, size := foldAt(t, i)
		if kind, _ := KindAt(t, i); packed != 0 || kind == Separator {
			break
		}
		i += size
	}
	return i, true
}
