package media

import (
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffed is how much of a file its type is read from.
const sniffed = 3072

// Limits of Meta (Cloud API, Media, supported types), in bytes.
const (
	maxImage    = 5 << 20
	maxSticker  = 500 << 10
	maxAudio    = 16 << 20
	maxVideo    = 16 << 20
	maxDocument = 100 << 20
)

// KindOf is what WhatsApp sends a type as.
func KindOf(mime string) string {
	switch head, _, _ := strings.Cut(mime, "/"); {
	case mime == "image/webp":
		return "sticker"
	case head == "image" || head == "audio" || head == "video":
		return head
	}
	return "document"
}

func limitOf(mime string) int64 {
	switch KindOf(mime) {
	case "image":
		return maxImage
	case "sticker":
		return maxSticker
	case "audio":
		return maxAudio
	case "video":
		return maxVideo
	}
	return maxDocument
}

// same are types that one file may go by.
var same = [][]string{
	{"audio/ogg", "audio/opus", "application/ogg"},
	{"audio/mp4", "audio/x-m4a", "video/mp4", "audio/m4a"},
	{"video/3gpp", "audio/3gpp", "video/3gpp2"},
	{"audio/aac", "audio/aacp"},
	{"audio/mpeg", "audio/mp3"},
	{"image/jpeg", "image/jpg"},
}

// check holds a file's first bytes against the type it claims. A document may
// claim any type that its content may be: a table of text may call itself
// text/csv, a bag of bytes anything but a program.
func check(head []byte, claim string) error {
	found := mimetype.Detect(head)
	if fits(found, claim) {
		return nil
	}
	if KindOf(claim) != "document" || program(found) {
		return ErrType
	}
	switch {
	case found.Is("application/octet-stream"):
		return nil
	case within(found, "text/plain"), within(found, "application/zip"), within(found, "application/x-ole-storage"):
		return loose(claim)
	}
	return ErrType
}

// loose lets containers and texts be more than can be seen of them, but for
// types whose files say what they are.
func loose(claim string) error {
	if claim == "application/pdf" {
		return ErrType
	}
	return nil
}

func fits(found *mimetype.MIME, claim string) bool {
	for m := found; m != nil; m = m.Parent() {
		if m.Is(claim) && !m.Is("application/octet-stream") {
			return true
		}
		for _, group := range same {
			if slices.Contains(group, claim) && slices.ContainsFunc(group, m.Is) {
				return true
			}
		}
	}
	return false
}

func within(m *mimetype.MIME, mime string) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is(mime) {
			return true
		}
	}
	return false
}

var programs = []string{
	"application/x-executable", "application/x-elf", "application/vnd.microsoft.portable-executable", "application/x-mach-binary",
	"application/jar", "application/x-sharedlib", "application/x-object", "text/x-shellscript",
}

func program(m *mimetype.MIME) bool {
	return slices.ContainsFunc(programs, func(p string) bool { return within(m, p) })
}
