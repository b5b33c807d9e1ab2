package exif

import (
	"bufio"
	"bytes"
	"errors"
)

// Markers of JPEG (ISO/IEC 10918-1, table B.1).
const (
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerTEM   = 0x01
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
	markerAPP15 = 0xef
)

// Heads of the segments of applications that are read here.
const (
	headJFIF  = "JFIF\x00"
	headExif  = "Exif\x00"
	headXMP   = "http://ns.adobe.com/xap/1.0/\x00"
	headICC   = "ICC_PROFILE\x00"
	headAdobe = "Adobe"
)

// jpeg copies one picture up to its end marker.
func (c *copier) jpeg() error {
	err := c.pass(2)
	if err != nil {
		return err
	}
	m, err := c.marker()
	for err == nil {
		switch {
		case m == markerEOI:
			return c.mark(m)
		case m == 0, m == markerSOI:
			return bad("a marker is where none may be")
		case m == markerTEM, m >= markerRST0 && m <= markerRST7:
			err = c.mark(m)
		default:
			err = c.segment(m)
		}
		if err == nil && m == markerSOS {
			m, err = c.scan()
		} else if err == nil {
			m, err = c.marker()
		}
	}
	return err
}

// marker reads the next marker: any number of bytes 0xff, and its code.
func (c *copier) marker() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil && b != 0xff {
		return 0, bad("there is no marker where one must be")
	}
	for c.fills = 0; err == nil && b == 0xff; c.fills++ {
		b, err = c.r.ReadByte()
	}
	return b, cut(err)
}

// mark writes the marker that was read.
func (c *copier) mark(m byte) error {
	for ; c.fills > 0; c.fills-- {
		if err := c.w.WriteByte(0xff); err != nil {
			return err
		}
	}
	return c.w.WriteByte(m)
}

// segment copies what a marker begins, unless it goes.
func (c *copier) segment(m byte) error {
	head, err := c.read(2)
	if err != nil {
		return err
	}
	n := int(head[0])<<8 | int(head[1])
	if n < 2 {
		return bad("a segment is shorter than its length")
	}
	if m < markerAPP0 || m > markerAPP15 {
		if err = errors.Join(c.mark(m), c.write(head)); err == nil {
			err = c.pass(int64(n - 2))
		}
		return err
	}
	body, err := c.read(n - 2)
	if err != nil {
		return err
	}
	keep, err := c.app(m, body)
	if err != nil || !keep {
		c.changed = true
		return err
	}
	return errors.Join(c.mark(m), c.write(head, body))
}

// app says whether an application's segment stays; an Exif block is cleaned in
// its place.
func (c *copier) app(m byte, body []byte) (bool, error) {
	is := func(want byte, head string) bool { return m == want && bytes.HasPrefix(body, []byte(head)) }
	switch {
	case is(markerAPP0, headJFIF), is(markerAPP2, headICC), is(markerAPP14, headAdobe):
		return true, nil
	case is(markerAPP1, headExif) && len(body) > len(headExif) && !c.inner:
		changed, err := clean(body[len(headExif)+1:])
		c.changed = c.changed || changed
		return true, err
	case is(markerAPP1, headXMP) && !c.inner:
		return !tells(body[len(headXMP):]), nil
	}
	return false, nil
}

// scan copies coded data and gives the marker behind it.
func (c *copier) scan() (byte, error) {
	for {
		part, err := c.r.ReadSlice(0xff)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, cut(err)
		}
		whole := err == nil // up to a 0xff
		if whole {
			part = part[:len(part)-1]
		}
		if err = c.write(part); err != nil {
			return 0, err
		}
		if !whole {
			continue
		}
		if err = c.r.UnreadByte(); err != nil {
			return 0, err
		}
		m, err := c.marker()
		if err != nil || m != 0 && (m < markerRST0 || m > markerRST7) {
			return m, err
		}
		if err = c.mark(m); err != nil {
			return 0, err
		}
	}
}

// inner cleans a thumbnail: its own metadata go whole.
func inner(small []byte) (out []byte, changed bool, err error) {
	if !bytes.HasPrefix(small, []byte{0xff, markerSOI}) {
		return nil, false, bad("its thumbnail is no JPEG")
	}
	var buf bytes.Buffer
	c := &copier{r: bufio.NewReader(bytes.NewReader(small)), w: bufio.NewWriter(&buf), inner: true}
	if err = c.jpeg(); err == nil {
		err = c.behind()
	}
	err = errors.Join(err, c.w.Flush())
	return buf.Bytes(), c.changed, err
}
