package exif

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"regexp"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// shown are the chunks that a PNG is shown by, and its time.
var shown = set("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "mDCv", "cLLI", "cLLi",
	"bKGD", "hIST", "pHYs", "sPLT", "oFFs", "tIME", "acTL", "fcTL", "fdAT")

func set(words ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// png copies the chunks of a PNG up to its end. Sums of chunks that stay as they
// are stay, too, right or not.
func (c *copier) png() error {
	if err := c.pass(int64(len(pngSignature))); err != nil {
		return err
	}
	for {
		head, err := c.read(8)
		if err != nil {
			return err
		}
		name, n := string(head[4:]), int64(binary.BigEndian.Uint32(head))
		if n > 1<<31-1 {
			return bad("a chunk is longer than it may be")
		}
		switch {
		case shown[name]:
			if err = c.write(head); err == nil {
				err = c.pass(n + 4)
			}
		case name == "eXIf" || name == "tEXt" || name == "zTXt" || name == "iTXt":
			err = c.word(name, head, n)
		case head[4]&0x20 == 0: // critical: without it the picture is another one
			return bad("it has a chunk that nobody knows")
		default:
			err = c.drop(n + 4)
		}
		if err != nil || name == "IEND" {
			return err
		}
	}
}

// word copies a chunk of metadata that is read here.
func (c *copier) word(name string, head []byte, n int64) error {
	if n > maxBlock {
		if name == "eXIf" {
			return bad("its Exif block is too large")
		}
		return c.drop(n + 4)
	}
	body, err := c.read(int(n) + 4)
	if err != nil {
		return err
	}
	body, sum := body[:n], body[n:]
	if name != "eXIf" {
		if worded(name, body) {
			c.changed = true
			return nil
		}
		return c.write(head, body, sum)
	}
	changed, err := clean(body)
	if err != nil {
		return err
	}
	if changed {
		c.changed = true
		binary.BigEndian.PutUint32(sum, crc32.Update(crc32.ChecksumIEEE(head[4:]), crc32.IEEETable, body))
	}
	return c.write(head, body, sum)
}

// profiles are keywords under which programs keep metadata of other formats, or
// a place.
var profiles = regexp.MustCompile(`(?i)^raw profile type|gps|geo|location|xmp`)

// worded reports whether a text chunk may tell a place by its keyword or as XMP.
func worded(name string, body []byte) bool {
	keyword, rest, ok := bytes.Cut(body, []byte{0})
	if !ok {
		return true
	}
	if string(keyword) != "XML:com.adobe.xmp" {
		return profiles.Match(keyword)
	}
	// A flag and a method of compression, a language and its keyword follow.
	if name != "iTXt" || len(rest) < 2 || rest[0] != 0 {
		return true
	}
	parts := bytes.SplitN(rest[2:], []byte{0}, 3)
	return len(parts) < 3 || tells(parts[2])
}
