package pack

import "slices"

// Original is what becomes of the sealed original of a record whose body is
// treated once more by a pack (postern audit redact --apply). While messages
// pass, the retention policy alone says whether originals are kept.
type Original string

// What becomes of originals. KeepOriginal is that of a pack that says nothing.
const (
	KeepOriginal  Original = "keep"
	EraseOriginal Original = "erase"
)

// Original is EraseOriginal where one of the packs says so.
func (s *Set) Original() Original {
	if slices.ContainsFunc(s.packs, func(p *Pack) bool { return p.original == EraseOriginal }) {
		return EraseOriginal
	}
	return KeepOriginal
}
