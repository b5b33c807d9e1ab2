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

// What is multiplied with one of these is spread, and by each of them otherwise.
const (
	golden = 0x9E3779B97F4A7C15
	silver = 0xC2B2AE3D27D4EB4F
)

// spot gives where words stand that begin with the same headLetters as one, and the
// bits of a stem of these.
func spot(key uint64) (i, stem uint64) {
	h := (key & (1<<(8*headLetters) - 1)) * golden
	return h >> 53, 1<<(h>>47&63) | 1<<(h>>41&63)
}

// whole gives the bits of a word of n letters at its spot.
func whole(key uint64, n int) uint64 {
	h := (key ^ uint64(n)<<59) * silver
	return 1<<(h>>58) | 1<<(h>>52&63)
}

// maxLetters stands for that many letters and more.
const maxLetters = 31

func (q *quick) put(key uint64, n int) {
	i, _ := spot(key)
	q.bits[i] |= whole(key, min(n, maxLetters))
}

// begun reports that a stem of headLetters may begin a word.
func (q *quick) begun(key uint64, n int) bool {
	i, stem := spot(key)
	return n >= headLetters && q.bits[i]&stem == stem || q.all
}

// May reports whether an entry may begin with the word of n letters, fewer than
// maxLetters, whose first eight are key: in lower case, the first one lowest, zero
// behind the last. The word must have no other letters, digits or marks on it.
func (s *Set) May(key uint64, n int) bool {
	i, stem := spot(key)
	word, bits := whole(key, n), s.quick.bits[i]
	return bits&word == word || bits&stem == stem || s.quick.all || s.base != nil && s.base.May(key, n)
}

// fill notes the words that entries begin with, below a state of the trie that
// is reached by n letters.
func (q *quick) fill(at *node, key uint64, n int) {
	for i, c := range at.keys {
		switch {
		case c == ' ':
			q.put(key, n)
		case c >= 'a' && c <= 'z' && n < 8:
			q.fill(at.child[i], key|uint64(c)<<(8*n), n+1)
		case c >= 'a' && c <= 'z':
			q.fill(at.child[i], key, n+1)
		}
	}
	if at.entry != 0 {
		q.put(key, n)
	}
	if at.stem != 0 {
		q.stem(key, n)
	}
}

// stem notes a stem of n letters.
func (q *quick) stem(key uint64, n int) {
	switch {
	case n >= headLetters:
		q.putStem(key)
	case n < headLetters-1:
		q.all = true
	default:
		q.put(key, n)
		for c := uint64('a'); c <= 'z'; c++ {
			q.putStem(key | c<<(8*n))
		}
	}
}

func (q *quick) putStem(key uint64) {
	i, stem := spot(key)
	q.bits[i] |= stem
}
