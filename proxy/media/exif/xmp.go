package exif

import (
	"bytes"
	"regexp"
	"unicode/utf8"
)

// places are beginnings of names by which XMP says where a picture was taken
// (exif:GPS*, photoshop:City, Iptc4xmpCore:Location, Iptc4xmpExt:LocationShown and
// their like), and what could spell such a name otherwise.
var places = regexp.MustCompile(`(?i)(^|[^a-z])(gps|geo|latitude|longitude|location|sublocation|city|country|state|province|worldregion|landmark|address|ciadr|place)|<!DOCTYPE|<!ENTITY`)

// tells reports whether an XMP packet may tell a place. One that is not plain
// UTF-8 may.
func tells(packet []byte) bool {
	return !utf8.Valid(packet) || bytes.IndexByte(packet, 0) >= 0 || places.Match(packet)
}

// blank is a packet of n bytes that says nothing.
func blank(n int) []byte {
	const nothing = `<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>`
	out := bytes.Repeat([]byte{' '}, n)
	if n >= len(nothing) {
		copy(out, nothing)
	}
	return out
}
