package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

const (
	soughtBytes = 16 // of each value, its first
	blockBytes  = 4
	farthest    = soughtBytes - blockBytes + 1
)

// search looks for many values at once, by their first 16 bytes. It reads four
// bytes where such a value would end, and where none of them has these goes on
// as far as none can begin (Wu and Manber, "A fast algorithm for multi-pattern
// searching", 1994): most of a file is never looked at.
type search struct {
	want  map[[soughtBytes]byte]bool
	found map[[soughtBytes]byte]bool
	skip  []uint8 // by the hash of four bytes: how far to go on; 0: one may end here
	shift int     // of the hash, so that it is below len(skip)
	bytes int64
}

func newSearch(values [][]byte) *search {
	s := &search{want: make(map[[soughtBytes]byte]bool), found: make(map[[soughtBytes]byte]bool)}
	for _, v := range values {
		if len(v) >= soughtBytes {
			s.want[[soughtBytes]byte(v[:soughtBytes])] = true
		}
	}
	// Sixteen places for each four bytes of a value, so that few others meet them.
	size := min(max(bits.Len(uint(len(s.want)*farthest*16)), 12), 20)
	s.skip, s.shift = make([]uint8, 1<<size), 32-size
	for i := range s.skip {
		s.skip[i] = farthest
	}
	for v := range s.want {
		for i := range farthest {
			at := &s.skip[s.hash(v[i:])]
			*at = min(*at, uint8(farthest-1-i)) //nolint:gosec // at most 12
		}
	}
	return s
}

func (s *search) hash(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 0x9e3779b1 >> s.shift }

// through looks through a file, piece by piece as politely lets it.
func (s *search) through(ctx context.Context, f io.ReaderAt, politely func(func() error) error) error {
	buf, n := make([]byte, 1<<20), 0
	for at := int64(0); ; at += int64(n) - (soughtBytes - 1) { // a value may lie across two pieces
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := politely(func() (err error) {
			n, err = f.ReadAt(buf, at)
			s.in(buf[:n])
			return err
		})
		if errors.Is(err, io.EOF) {
			s.bytes += at + int64(n)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *search) in(b []byte) {
	for i := 0; i+soughtBytes <= len(b); {
		if far := int(s.skip[s.hash(b[i+farthest-1:])]); far > 0 {
			i += far
			continue
		}
		if v := [soughtBytes]byte(b[i : i+soughtBytes]); s.want[v] {
			s.found[v] = true
		}
		i++
	}
}
