// Package exif takes out of pictures where they were taken: JPEG, PNG and WebP,
// as streams, with at most one block of metadata in memory.
//
// What shows stays as it was, bit by bit: pixels, colour profile, orientation,
// and the metadata that is read here and tells no place. What may tell one goes:
// positions of the Exif block, makers' notes, XMP packets that name a place, and
// all metadata that this package does not read (IPTC, further pictures and films
// behind the first one, content credentials). Free comments stay.
//
// # How it fails
//
// A picture that is cut short or badly built gives [ErrUnreadable]: nobody can say
// what it tells, and what was written of it until then is not to be used. Length
// never grows.
//
// Sources: ISO/IEC 10918-1 annex B (JPEG), CIPA DC-008 (Exif), W3C PNG third
// edition, RFC 9649 (WebP), ISO 16684-1 and Adobe's XMP specification part 3.
package exif

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrUnreadable says that a picture is no JPEG, PNG or WebP, or is badly built:
// what it tells is not known.
var ErrUnreadable = errors.New("the picture can not be read")

// maxBlock bounds one block of metadata in memory, in bytes; those of JPEG are
// below 64 KiB.
const maxBlock = 1 << 20

// Strip copies a picture from src to dst without what may tell a place. changed
// says that there was such a thing; with [io.Discard] nothing but that is learnt.
// Errors of dst and src come as they are.
func Strip(dst io.Writer, src io.Reader) (changed bool, err error) {
	c := &copier{r: bufio.NewReaderSize(src, 32<<10), w: bufio.NewWriterSize(dst, 32<<10)}
	head, err := c.r.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xd8, 0xff}):
		err = c.jpeg()
	case bytes.HasPrefix(head, []byte(pngSignature)):
		err = c.png()
	case len(head) == 12 && string(head[:4]) == "RIFF" && string(head[8:]) == "WEBP":
		err = c.webp()
	default:
		return false, fmt.Errorf("%w: it is no JPEG, PNG or WebP", ErrUnreadable)
	}
	if err == nil {
		err = c.behind()
	}
	err = errors.Join(err, c.w.Flush())
	return c.changed, err
}

// copier is one picture on its way.
type copier struct {
	r       *bufio.Reader
	w       *bufio.Writer
	inner   bool // a picture inside another one's metadata
	changed bool
	fills   int // bytes 0xff of the marker that was read last
}

// read takes n bytes.
func (c *copier) read(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(c.r, b)
	return b, cut(err)
}

// pass copies n bytes.
func (c *copier) pass(n int64) error {
	_, err := io.CopyN(c.w, c.r, n)
	return cut(err)
}

// drop reads past n bytes.
func (c *copier) drop(n int64) error {
	c.changed = true
	_, err := io.CopyN(io.Discard, c.r, n)
	return cut(err)
}

// write gives bytes on.
func (c *copier) write(parts ...[]byte) error {
	for _, p := range parts {
		if _, err := c.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// behind drops what follows a picture. Padding is no change worth a word.
func (c *copier) behind() error {
	buf := make([]byte, 4096)
	for {
		n, err := c.r.Read(buf)
		c.changed = c.changed || len(bytes.Trim(buf[:n], "\x00")) > 0
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// cut makes the end of a file within a picture a picture that is badly built.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it is cut short", ErrUnreadable)
	}
	return err
}

func bad(what string) error { return fmt.Errorf("%w: %s", ErrUnreadable, what) }
