package words

// quick tells for most words of ASCII letters that no entry begins with them,
// from their first eight letters and their length, without a walk. It is a set
// of hashes, two bits each in one word: it may say yes too often, never no.
type quick struct {
	bits [1 << 11]uint64
	all  bool // an entry is too short to be told apart
}

// headLetters is how many letters of a stem count: what follows them is open.
const headLetters = 4

const stemMark = 31 // in place of a length

func (q *quick) slot(key uint64, n int) (i, mask uint64) {
	h := (key ^ uint64(n)<<59) * 0x9E3779B97F4A7C15
	return h >> 53, 1<<(h>>47&63) | 1<<(h>>41&63)
}

func (q *quick) put(key uint64, n int) {
	i, mask := q.slot(key, n)
	q.bits[i] |= mask
}

func (q *quick) has(key uint64, n int) bool {
	i, mask := q.slot(key, n)
	return q.bits[i]&mask == mask
}

// May reports whether an entry may begin with the word of n letters whose first
// eight are key: in lower case, the first one lowest, zero behind the last. The
// word must have no other letters, digits or marks on it.
func (s *Set) May(key uint64, n int) bool {
	if s.base != nil && s.base.May(key, n) {
		return true
	}
	q := &s.quick
	return q.has(key, min(n, stemMark-1)) || q.all || n >= headLetters && q.has(key&(1<<(8*headLetters)-1), stemMark)
}

// fill notes the words that entries begin with, below a state of the trie that
// is reached by n letters.
func (q *quick) fill(at *node, key uint64, n int) {
	for i, c := range at.keys {
		switch {
		case c == ' ':
			q.put(key, min(n, stemMark-1))
		case c >= 'a' && c <= 'z' && n < 8:
			q.fill(at.child[i], key|uint64(c)<<(8*n), n+1)
		case c >= 'a' && c <= 'z':
			q.fill(at.child[i], key, n+1)
		}
	}
	if at.entry != 0 {
		q.put(key, min(n, stemMark-1))
	}
	if at.stem != 0 {
		q.stem(key, n)
	}
}

// stem notes a stem of n letters.
func (q *quick) stem(key uint64, n int) {
	switch {
	case n >= headLetters:
		q.put(key&(1<<(8*headLetters)-1), stemMark)
	case n < headLetters-1:
		q.all = true
	default:
		q.put(key, n)
		for c := uint64('a'); c <= 'z'; c++ {
			q.put(key|c<<(8*n), stemMark)
		}
	}
}
