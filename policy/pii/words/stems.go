package words

// stems tells for most words of ASCII letters that they begin with no stem, from their
// first four letters: it may say yes too often, never no.
type stems struct {
	bits [1 << 10]uint64 // by a hash of them
	all  bool            // a stem is too short to be told apart
}

// headLetters is how many letters of a stem count: what follows them is open.
const headLetters = 4

// golden spreads what is multiplied with it.
const golden = 0x9E3779B97F4A7C15

// spot gives where words stand that begin with the same headLetters as one.
func spot(key uint64) (i, bit uint64) {
	h := (key & (1<<(8*headLetters) - 1)) * golden
	return h >> 54, h >> 48 & 63
}

// begin reports that a stem may begin a word of n letters that no head is.
func (q *stems) begin(key uint64, n int) bool {
	i, bit := spot(key)
	return n >= headLetters && q.bits[i]>>bit&1 != 0 || q.all
}

// fill notes the stems below a state of the trie that is reached by n letters.
func (q *stems) fill(at *node, key uint64, n int) {
	if at.stem != 0 {
		q.stem(key, n)
		return
	}
	for i, c := range at.keys {
		switch {
		case c >= 'a' && c <= 'z' && n < 8:
			q.fill(at.child[i], key|uint64(c)<<(8*n), n+1)
		case c >= 'a' && c <= 'z':
			q.fill(at.child[i], key, n+1)
		}
	}
}

// stem notes a stem of n letters.
func (q *stems) stem(key uint64, n int) {
	switch {
	case n >= headLetters:
		q.put(key)
	case n < headLetters-1:
		q.all = true
	default:
		for c := uint64('a'); c <= 'z'; c++ {
			q.put(key | c<<(8*n))
		}
	}
}

func (q *stems) put(key uint64) {
	i, bit := spot(key)
	q.bits[i] |= 1 << bit
}
