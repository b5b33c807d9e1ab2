package exif

import (
	"bytes"
	"encoding/binary"
)

// Tags of TIFF and Exif (CIPA DC-008, 4.6).
const (
	tagThumb       = 0x0201 // a thumbnail in JPEG form
	tagThumbLength = 0x0202
	tagSubIFDs     = 0x014a
	tagExifIFD     = 0x8769
	tagGPS         = 0x8825
	tagInterop     = 0xa005
)

// gone are entries that tell a place or that nobody reads here: XMP, IPTC,
// Photoshop's block, the makers' own notes, and GeoTIFF's.
var gone = map[uint16]bool{
	tagGPS: true, 0x02bc: true, 0x83bb: true, 0x8649: true, 0x927c: true,
	0x830e: true, 0x8482: true, 0x85d8: true, 0x87af: true, 0x87b0: true, 0x87b1: true,
}

// sizes of a value by its type, in bytes.
var sizes = [...]uint64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4}

// maxIFDs bounds the directories of one block.
const maxIFDs = 32

// clean takes places out of a TIFF block, in its place. The outcome is read once
// more: of a block that hides one structure in another nothing is believed.
func clean(b []byte) (changed bool, err error) {
	if changed, err = sweep(b); err != nil || !changed {
		return changed, err
	}
	if again, err := sweep(b); again || err != nil {
		return true, bad("parts of its Exif block lie in one another")
	}
	return true, nil
}

func sweep(b []byte) (bool, error) {
	t := &block{b: b, seen: map[uint32]bool{}, left: 2 * len(b)}
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		t.order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		t.order = binary.BigEndian
	default:
		return false, bad("its Exif block has no head")
	}
	if len(b) < 8 {
		return false, bad("its Exif block is cut short")
	}
	err := t.chain(t.order.Uint32(b[4:]))
	if err == nil && t.left < 0 {
		err = bad("values of its Exif block lie in one another")
	}
	return t.changed, err
}

// block is a TIFF block that is being cleaned.
type block struct {
	b       []byte
	order   binary.ByteOrder
	seen    map[uint32]bool
	left    int // bytes that may yet be erased: more would be the same ones again
	changed bool
}

// chain walks a directory and those that follow it.
func (t *block) chain(at uint32) error {
	for at != 0 {
		next, err := t.directory(at)
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// entry is one of a directory: its place and where its value is.
type entry struct {
	raw        []byte
	tag        uint16
	from, size uint64 // of the value in the block
}

func (t *block) entry(at uint64) entry {
	raw := t.b[at : at+12]
	e := entry{raw: raw, tag: t.order.Uint16(raw), from: at + 8}
	kind, count := t.order.Uint16(raw[2:]), uint64(t.order.Uint32(raw[4:]))
	if int(kind) < len(sizes) {
		e.size = sizes[kind] * count
	}
	if e.size > 4 {
		e.from = uint64(t.order.Uint32(raw[8:]))
	}
	return e
}

// value is an entry's value as far as it lies in the block.
func (t *block) value(e entry) []byte {
	end := min(e.from+e.size, uint64(len(t.b)))
	if e.from >= end {
		return nil
	}
	return t.b[e.from:end]
}

// entries gives the entries of a directory and where they end.
func (t *block) entries(at uint32) (all []entry, end uint64, ok bool) {
	from := uint64(at)
	if from < 8 || from+2 > uint64(len(t.b)) {
		return nil, 0, false
	}
	n := uint64(t.order.Uint16(t.b[from:]))
	if end = from + 2 + 12*n; end > uint64(len(t.b)) {
		return nil, 0, false
	}
	for i := range n {
		all = append(all, t.entry(from+2+12*i))
	}
	return all, end, true
}

// directory cleans one directory and gives the place of the next, 0 without.
func (t *block) directory(at uint32) (next uint32, err error) {
	all, end, ok := t.entries(at)
	if !ok || t.seen[at] || len(t.seen) == maxIFDs {
		return 0, bad("a directory of its Exif block is not where it should be")
	}
	t.seen[at] = true
	linked := end+4 <= uint64(len(t.b))
	if linked {
		next = t.order.Uint32(t.b[end:])
	}
	for _, e := range all {
		if err = t.below(e); err != nil {
			return 0, err
		}
	}
	if linked && next != 0 {
		if _, _, ok := t.entries(next); !ok || t.seen[next] { // it leads nowhere
			clear(t.b[end : end+4])
			t.changed, next = true, 0
		}
	}
	lost := t.thumbnail(all)
	var kept []byte
	for _, e := range all {
		if !gone[e.tag] && (!lost || e.tag != tagThumb && e.tag != tagThumbLength) {
			kept = append(kept, e.raw...)
		}
	}
	if len(kept) == 12*len(all) {
		return next, nil
	}
	t.changed = true
	for _, e := range all {
		if gone[e.tag] {
			t.wipe(e)
		}
	}
	t.shorten(at, end, kept, linked, next)
	return next, nil
}

// below walks the directories that an entry leads to.
func (t *block) below(e entry) error {
	if e.tag != tagExifIFD && e.tag != tagInterop && e.tag != tagSubIFDs {
		return nil
	}
	list := t.value(e)
	for ; len(list) >= 4; list = list[4:] {
		if err := t.chain(t.order.Uint32(list)); err != nil {
			return err
		}
	}
	return nil
}

// wipe overwrites an entry's value; of positions the directory and its values.
func (t *block) wipe(e entry) {
	if e.tag == tagGPS {
		at := t.order.Uint32(e.raw[8:])
		if all, end, ok := t.entries(at); ok {
			for _, v := range all {
				t.erase(t.value(v))
			}
			t.erase(t.b[at:end])
		}
	}
	t.erase(t.value(e))
}

// erase overwrites a value. Past what may be erased it does nothing, and the
// block is refused.
func (t *block) erase(value []byte) {
	if t.left -= len(value); t.left >= 0 {
		clear(value)
	}
}

// shorten writes a directory with the entries that it keeps and no others.
func (t *block) shorten(at uint32, end uint64, kept []byte, linked bool, next uint32) {
	from := uint64(at)
	t.order.PutUint16(t.b[from:], uint16(len(kept)/12)) //nolint:gosec // it had fewer than 1<<16
	behind := from + 2 + uint64(len(kept))
	copy(t.b[from+2:], kept)
	clear(t.b[behind:end])
	if linked {
		clear(t.b[end : end+4])
		t.order.PutUint32(t.b[behind:], next)
	}
}

// thumbnail cleans the small picture that a directory leads to; lost says that it
// can not be read and is overwritten.
func (t *block) thumbnail(all []entry) (lost bool) {
	var at, length uint64
	for _, e := range all {
		switch e.tag {
		case tagThumb:
			at = uint64(t.number(e))
		case tagThumbLength:
			length = uint64(t.number(e))
		}
	}
	if at == 0 && length == 0 {
		return false
	}
	if at < 8 || length == 0 || at+length > uint64(len(t.b)) {
		return true
	}
	small := t.b[at : at+length]
	out, changed, err := inner(small)
	switch {
	case err != nil:
		clear(small)
		return true
	case changed:
		t.changed = true
		clear(small[copy(small, out):])
	}
	return false
}

// number is an entry's value where it is one number.
func (t *block) number(e entry) uint32 {
	if t.order.Uint16(e.raw[2:]) == 3 {
		return uint32(t.order.Uint16(e.raw[8:]))
	}
	return t.order.Uint32(e.raw[8:])
}
