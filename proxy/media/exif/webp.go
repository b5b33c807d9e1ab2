package exif

import (
	"bytes"
	"encoding/binary"
)

// frames are the chunks that a WebP is shown by (RFC 9649, 2.7).
var frames = set("VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ICCP")

// webp copies the chunks of a WebP. Its length stands at its beginning and stays:
// what goes is overwritten.
func (c *copier) webp() error {
	head, err := c.read(12)
	if err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	if n < 0 {
		return bad("it is shorter than its head")
	}
	if err = c.write(head); err != nil {
		return err
	}
	return c.chunks(n, true)
}

// chunks copies n bytes of chunks.
func (c *copier) chunks(n int64, outer bool) error {
	for n > 0 {
		if n < 8 {
			return bad("a chunk is cut short")
		}
		head, err := c.read(8)
		if err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		whole := size + size%2
		if n -= 8 + whole; n < 0 {
			return bad("a chunk is longer than what holds it")
		}
		if err = c.write(head); err == nil {
			err = c.chunk(string(head[:4]), size, whole, outer)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// frameHead is what stands before the chunks of a frame of an animation.
const frameHead = 16

func (c *copier) chunk(name string, size, whole int64, outer bool) error {
	switch {
	case frames[name]:
		return c.pass(whole)
	case name == "ANMF" && outer && size >= frameHead && size%2 == 0:
		if err := c.pass(frameHead); err != nil {
			return err
		}
		return c.chunks(size-frameHead, false)
	case name == "EXIF" && size <= maxBlock && outer:
		return c.exif(int(size), int(whole))
	case name == "XMP " && size <= maxBlock && outer:
		return c.packet(int(size), int(whole))
	case name == "EXIF" || name == "ANMF":
		return bad("a chunk is not as it should be")
	}
	return c.blot(whole)
}

// exif cleans an Exif chunk, which some programs begin as JPEG does.
func (c *copier) exif(size, whole int) error {
	body, err := c.read(whole)
	if err != nil {
		return err
	}
	changed, err := clean(bytes.TrimPrefix(body[:size], []byte(headExif+"\x00")))
	c.changed = c.changed || changed
	if err != nil {
		return err
	}
	return c.write(body)
}

func (c *copier) packet(size, whole int) error {
	body, err := c.read(whole)
	if err != nil {
		return err
	}
	if tells(body[:size]) {
		c.changed = true
		copy(body, blank(size))
	}
	return c.write(body)
}

// blot overwrites n bytes that are not read here.
func (c *copier) blot(n int64) error {
	var buf [4096]byte
	for n > 0 {
		part := buf[:min(n, int64(len(buf)))]
		got, err := c.r.Read(part)
		if err != nil {
			return cut(err)
		}
		part, n = part[:got], n-int64(got)
		c.changed = c.changed || len(bytes.Trim(part, "\x00")) > 0
		clear(part)
		if err := c.write(part); err != nil {
			return err
		}
	}
	return nil
}
