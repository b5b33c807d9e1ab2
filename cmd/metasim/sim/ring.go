package sim

// ring keeps the newest entries of a list numbered from one.
type ring[T any] struct {
	entries []T
	start   int   // index of the oldest once the ring is full
	last    int64 // number of the newest entry
	limit   int
}

// add appends an entry, and forgets the oldest when the ring is full.
func (r *ring[T]) add(entry T) {
	r.last++
	if len(r.entries) < r.limit {
		r.entries = append(r.entries, entry)
		return
	}
	r.entries[r.start] = entry
	r.start = (r.start + 1) % r.limit
}

// oldest returns the number of the oldest entry still kept; last+1 when none is.
func (r *ring[T]) oldest() int64 { return r.last - int64(len(r.entries)) + 1 }

// since returns entries after number n, at most most of them when it is not
// zero, and the number of the last one returned.
func (r *ring[T]) since(n int64, most int) (entries []T, next int64) {
	first := max(n+1, r.oldest())
	next = r.last
	if most > 0 && next-first+1 > int64(most) {
		next = first + int64(most) - 1
	}
	entries = []T{}
	for i := first; i <= next; i++ {
		entries = append(entries, *r.at(i))
	}
	return entries, max(next, n)
}

// at returns entry number n, which must be kept.
func (r *ring[T]) at(n int64) *T {
	return &r.entries[(r.start+int(n-r.oldest()))%len(r.entries)]
}

// clear forgets the entries; the numbers go on.
func (r *ring[T]) clear() { r.entries, r.start = nil, 0 }
