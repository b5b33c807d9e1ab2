package exif

import (
	"encoding/binary"
	"errors"
	"testing"
)

// TestOverlap: entries that all claim the same bytes are refused, for each of
// them would be overwritten anew.
func TestOverlap(t *testing.T) {
	const n = 1<<16 - 1
	b := make([]byte, maxBlock)
	copy(b, "II*\x00\x08\x00\x00\x00")
	le := binary.LittleEndian
	le.PutUint16(b[8:], n)
	for i := range n {
		e := b[10+12*i:]
		le.PutUint16(e, 0x927c)
		le.PutUint16(e[2:], 7)
		le.PutUint32(e[4:], maxBlock/8)
		le.PutUint32(e[8:], maxBlock-maxBlock/8)
	}
	if _, err := clean(b); !errors.Is(err, ErrUnreadable) {
		t.Errorf("%v", err)
	}
}
