package exif_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// secret stands wherever a picture tells its place.
const secret = "52.5163N-13.3777E-Pariser-Platz"

// ifd is a directory to be written: entries by tag, values as bytes of type 7 or,
// of four bytes and marked so, numbers.
type ifd []item

type item struct {
	tag    uint16
	number uint32 // where data is nil
	data   []byte
	leads  int // to the directory of that index, 0 without
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// tiff writes directories one after another; those of chain are linked.
func tiff(order byteOrder, all []ifd, chain ...int) []byte {
	out := []byte("II*\x00")
	if order.Uint16([]byte{0, 1}) == 1 {
		out = []byte("MM\x00*")
	}
	starts, at := make([]uint32, len(all)), uint32(8)
	for i, d := range all {
		starts[i] = at
		at += 2 + 12*uint32(len(d)) + 4
	}
	put := func(b []byte, v uint32) []byte { return order.AppendUint32(b, v) }
	out = put(out, starts[0])
	var values []byte
	for i, d := range all {
		out = order.AppendUint16(out, uint16(len(d)))
		for _, it := range d {
			out = order.AppendUint16(out, it.tag)
			switch {
			case it.leads > 0:
				out = put(put(order.AppendUint16(out, 4), 1), starts[it.leads])
			case it.data == nil:
				out = put(put(order.AppendUint16(out, 4), 1), it.number)
			default:
				out = put(put(order.AppendUint16(out, 7), uint32(len(it.data))), at+uint32(len(values)))
				values = append(values, it.data...)
			}
		}
		next := uint32(0)
		for j := range chain {
			if chain[j] == i && j+1 < len(chain) {
				next = starts[chain[j+1]]
			}
		}
		out = put(out, next)
	}
	return append(out, values...)
}

const orientation = 0x0112

// camera is an Exif block as cameras write them: orientation, the maker's note, a
// position, and a thumbnail with a block of its own.
func camera(order byteOrder, thumb []byte) []byte {
	all := []ifd{
		{{tag: orientation, number: 6}, {tag: 0x8769, leads: 1}, {tag: 0x8825, leads: 2}},
		{{tag: 0x9003, data: []byte("2026:01:01 10:00:00\x00")}, {tag: 0x927c, data: []byte("note " + secret)}},
		{{tag: 2, data: []byte(secret)}, {tag: 4, data: []byte(secret)}},
	}
	if thumb == nil {
		return tiff(order, all)
	}
	// The thumbnail stands behind the block, whose length is known once it is built.
	thumbs := func(at uint32) []byte {
		return tiff(order, append(all, ifd{{tag: 0x0201, number: at}, {tag: 0x0202, number: uint32(len(thumb))}}), 0, 3)
	}
	return append(thumbs(uint32(len(thumbs(0)))), thumb...)
}

const (
	xmpHead   = "http://ns.adobe.com/xap/1.0/\x00"
	placed    = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="` + secret + `"/></x:xmpmeta>`
	harmless  = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmp:CreatorTool="Opacity" tiff:Orientation="6"/></x:xmpmeta>`
	untouched = "no place at all"
)

func canvas() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		m.Set(i%40, i/40, color.NRGBA{uint8(i), uint8(i * 7), uint8(i * 13), 255})
	}
	return m
}

func jpegOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, canvas(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, canvas()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is one of JPEG's.
func segment(marker byte, body string) string {
	n := len(body) + 2
	return string([]byte{0xff, marker, byte(n >> 8), byte(n)}) + body
}

// with puts segments behind the start of a JPEG.
func with(picture []byte, segments ...string) []byte {
	out := append([]byte{}, picture[:2]...)
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, picture[2:]...)
}

func chunk(name, body string) string {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return string(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:])))
}

// chunked puts chunks behind the head of a PNG.
func chunked(picture []byte, chunks ...string) []byte {
	const head = 8 + 25 // signature and IHDR
	out := append([]byte{}, picture[:head]...)
	for _, c := range chunks {
		out = append(out, c...)
	}
	return append(out, picture[head:]...)
}

func riff(name, body string) string {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	out = append(out, body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return string(out)
}

// webpOf is a WebP of these chunks; its coded data are none.
func webpOf(chunks ...string) []byte {
	body := "WEBP"
	for _, c := range chunks {
		body += c
	}
	return []byte(riff("RIFF", body))
}
