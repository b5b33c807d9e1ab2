package exif_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"postern/proxy/media/exif"
)

func strip(t testing.TB, in []byte) (out []byte, changed bool) {
	t.Helper()
	var b bytes.Buffer
	changed, err := exif.Strip(&b, iotest.OneByteReader(bytes.NewReader(in)))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), changed
}

// pictures tell a place each in another way.
func pictures(t testing.TB) map[string][]byte {
	bare, drawn := jpegOf(t), pngOf(t)
	small := with(bare, segment(0xe1, "Exif\x00\x00"+secret))
	little, big := string(camera(binary.LittleEndian, small)), string(camera(binary.BigEndian, small))
	return map[string][]byte{
		"jpeg, little endian":    with(bare, segment(0xe1, "Exif\x00\x00"+little)),
		"jpeg, big endian":       with(bare, segment(0xe1, "Exif\x00\x00"+big)),
		"jpeg, XMP":              with(bare, segment(0xe1, xmpHead+placed)),
		"jpeg, more XMP":         with(bare, segment(0xe1, "http://ns.adobe.com/xmp/extension/\x00"+placed)),
		"jpeg, XMP in UTF-16":    with(bare, segment(0xe1, xmpHead+"<\x00g\x00p\x00s\x00"+secret)),
		"jpeg, IPTC":             with(bare, segment(0xed, "Photoshop 3.0\x008BIM"+secret)),
		"jpeg, credentials":      with(bare, segment(0xeb, "JP"+secret)),
		"jpeg, fill bytes":       with(bare, "\xff\xff"+segment(0xe1, "Exif\x00\x00"+little)),
		"jpeg, film behind":      append(bytes.Clone(bare), secret...),
		"jpeg, picture behind":   append(bytes.Clone(bare), small...),
		"png, Exif":              chunked(drawn, chunk("eXIf", little)),
		"png, XMP":               chunked(drawn, chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+placed)),
		"png, compressed XMP":    chunked(drawn, chunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00"+secret)),
		"png, profile":           chunked(drawn, chunk("tEXt", "Raw profile type exif\x00"+secret)),
		"png, position":          chunked(drawn, chunk("tEXt", "GPS\x00"+secret)),
		"png, private":           chunked(drawn, chunk("prVt", secret)),
		"png, behind":            append(bytes.Clone(drawn), secret...),
		"webp, Exif":             webpOf(riff("VP8X", strings.Repeat("x", 10)), riff("VP8L", "odd"), riff("EXIF", big)),
		"webp, Exif as in JPEG":  webpOf(riff("VP8L", "even"), riff("EXIF", "Exif\x00\x00"+little)),
		"webp, XMP":              webpOf(riff("VP8L", "even"), riff("XMP ", placed)),
		"webp, short XMP":        webpOf(riff("VP8L", "even"), riff("XMP ", "gps "+secret)),
		"webp, unknown":          webpOf(riff("VP8L", "even"), riff("what", secret)),
		"webp, unknown in frame": webpOf(riff("ANMF", strings.Repeat("f", 16)+riff("what", secret+" "))),
		"webp, behind":           append(webpOf(riff("VP8L", "even")), secret...),
	}
}

func TestStrip(t *testing.T) {
	for name, in := range pictures(t) {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(in, []byte(secret)) && !strings.Contains(name, "UTF-16") {
				t.Fatal("the picture tells no place")
			}
			out, changed := strip(t, in)
			if !changed || bytes.Contains(out, []byte(secret)) || bytes.Contains(out, []byte(secret[:7])) {
				t.Errorf("changed %t, %q", changed, out)
			}
			if len(out) > len(in) {
				t.Errorf("%d bytes grew to %d", len(in), len(out))
			}
			again, changed := strip(t, out)
			if changed || !bytes.Equal(again, out) {
				t.Error("a second time something went")
			}
			sameShown(t, name, in, out)
			if strings.Contains(name, "endian") && bytes.Count(out, []byte("\xff\xd8\xff")) != 2 {
				t.Error("the thumbnail is gone")
			}
		})
	}
}

// sameShown holds pixels, orientation and time against each other.
func sameShown(t *testing.T, name string, in, out []byte) {
	t.Helper()
	if strings.HasPrefix(name, "webp") {
		if bytes.Contains(in, []byte("VP8Lodd")) != bytes.Contains(out, []byte("VP8Lodd")) || !bytes.Equal(in[:12], out[:12]) {
			t.Errorf("coded data or head: %q", out)
		}
	} else {
		was, _, errWas := image.Decode(bytes.NewReader(in))
		is, _, errIs := image.Decode(bytes.NewReader(out))
		if errWas != nil || errIs != nil || !reflect.DeepEqual(was, is) {
			t.Errorf("pixels: %v %v", errWas, errIs)
		}
	}
	for _, kept := range []string{
		"\x12\x01\x04\x00\x01\x00\x00\x00\x06\x00\x00\x00", "\x01\x12\x00\x04\x00\x00\x00\x01\x00\x00\x00\x06", "2026:01:01 10:00:00",
	} {
		if was := strings.Count(string(in), kept); was > 0 && !strings.Contains(name, "behind") && !bytes.Contains(out, []byte(kept)) {
			t.Errorf("%q is gone", kept)
		}
	}
}

// TestSilentPicturesStay as they are, bit by bit.
func TestSilentPicturesStay(t *testing.T) {
	bare, drawn := jpegOf(t), pngOf(t)
	quiet := string(tiff(binary.BigEndian, []ifd{{{tag: orientation, number: 8}, {tag: 0x8769, leads: 1}}, {{tag: 0x9286, data: []byte(untouched)}}}))
	for name, in := range map[string][]byte{
		"jpeg":      bare,
		"jpeg full": with(bare, segment(0xe0, "JFIF\x00\x01\x02"), segment(0xe1, "Exif\x00\x00"+quiet), segment(0xe1, xmpHead+harmless), segment(0xe2, "ICC_PROFILE\x00\x01\x01"), segment(0xee, "Adobe\x00"), segment(0xfe, untouched)),
		"png":       drawn,
		"png full":  chunked(drawn, chunk("eXIf", quiet), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+harmless), chunk("tEXt", "Comment\x00"+untouched), chunk("gAMA", "\x00\x00\x00\x01")),
		"webp":      webpOf(riff("VP8X", strings.Repeat("x", 10)), riff("VP8 ", "odd"), riff("EXIF", quiet), riff("XMP ", harmless)),
	} {
		if out, changed := strip(t, in); changed || !bytes.Equal(out, in) {
			t.Errorf("%s: changed %t, %d bytes became %d", name, changed, len(in), len(out))
		}
	}
	if out, changed := strip(t, append(bytes.Clone(bare), 0, 0, 0)); changed || !bytes.Equal(out, bare) {
		t.Error("padding behind a picture counts as something that it tells")
	}
}

// TestEveryCut cuts pictures short at each byte: none counts as read.
func TestEveryCut(t *testing.T) {
	all := pictures(t)
	for _, name := range []string{"jpeg, big endian", "png, Exif", "webp, Exif"} {
		for n := range all[name] {
			if _, err := exif.Strip(io.Discard, bytes.NewReader(all[name][:n])); !errors.Is(err, exif.ErrUnreadable) {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
		}
	}
}

func TestUnreadable(t *testing.T) {
	bare, drawn := jpegOf(t), pngOf(t)
	order := binary.LittleEndian
	self := tiff(order, []ifd{{{tag: 0x8769, number: 8}}})
	inside := tiff(order, []ifd{{{tag: 0x8769, number: 10}, {tag: 0x8825, number: 10}}})
	exifOf := func(b []byte) []byte { return with(bare, segment(0xe1, "Exif\x00\x00"+string(b))) }
	for name, in := range map[string][]byte{
		"nothing":                  nil,
		"a GIF":                    []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"),
		"a WAVE":                   []byte("RIFF\x04\x00\x00\x00WAVE"),
		"Exif without a head":      exifOf([]byte("what is this")),
		"Exif of a few bytes":      exifOf([]byte("II*\x00\x08")),
		"Exif that leads nowhere":  exifOf(order.AppendUint32([]byte("II*\x00"), 1<<31)),
		"a directory in itself":    exifOf(self),
		"directories in another":   exifOf(inside),
		"a start in the middle":    with(bare, "\xff\xd8"),
		"no marker":                with(bare, "what"),
		"a segment of no length":   with(bare, "\xff\xfe\x00\x01"),
		"a chunk nobody knows":     chunked(drawn, chunk("WHAT", "")),
		"a chunk that is too long": chunked(drawn, "\xff\xff\xff\xffIDAT"),
		"a large Exif chunk":       chunked(drawn, chunk("eXIf", strings.Repeat("x", 1<<20+1))),
		"webp chunk over the end":  []byte("RIFF\x10\x00\x00\x00WEBPVP8L\xff\xff\xff\x7f"),
		"webp of no size":          []byte("RIFF\x00\x00\x00\x00WEBP"),
		"an odd frame":             webpOf(riff("ANMF", strings.Repeat("f", 17))),
	} {
		if _, err := exif.Strip(io.Discard, bytes.NewReader(in)); !errors.Is(err, exif.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errFault = errors.New("fault")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errFault }

func TestFaults(t *testing.T) {
	in := with(jpegOf(t), segment(0xfe, strings.Repeat("c", 60000)))
	if _, err := exif.Strip(broken{}, bytes.NewReader(in)); !errors.Is(err, errFault) {
		t.Errorf("write: %v", err)
	}
	r := io.MultiReader(bytes.NewReader(in[:100]), iotest.ErrReader(errFault))
	if _, err := exif.Strip(io.Discard, r); !errors.Is(err, errFault) || errors.Is(err, exif.ErrUnreadable) {
		t.Errorf("read: %v", err)
	}
}

// TestLostThumbnail: a thumbnail that can not be read goes, the picture stays.
func TestLostThumbnail(t *testing.T) {
	in := with(jpegOf(t), segment(0xe1, "Exif\x00\x00"+string(camera(binary.LittleEndian, []byte("\xff\xd8 "+secret)))))
	out, changed := strip(t, in)
	if !changed || bytes.Contains(out, []byte(secret)) {
		t.Errorf("changed %t", changed)
	}
	sameShown(t, "", in, out)
}

// FuzzStrip: whatever comes, what leaves is no longer and holds nothing that a
// second look would take out.
func FuzzStrip(f *testing.F) {
	for _, in := range pictures(f) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var once, twice bytes.Buffer
		changed, err := exif.Strip(&once, bytes.NewReader(in))
		if err != nil {
			if !errors.Is(err, exif.ErrUnreadable) {
				t.Fatal(err)
			}
			return
		}
		if !changed && !bytes.HasPrefix(in, once.Bytes()) || once.Len() > len(in) {
			t.Fatalf("changed %t, %d of %d bytes", changed, once.Len(), len(in))
		}
		if changed, err := exif.Strip(&twice, bytes.NewReader(once.Bytes())); changed || err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("again: %t %v", changed, err)
		}
	})
}
