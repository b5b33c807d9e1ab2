package dialect

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// Ids of the On-Premises dialects are 21 bytes in 28 characters of URL-safe
// Base64, as the old API's were: a mark (outbound "gBGG", inbound "gBEG"), the
// 16 bytes of the record's id, and two check bytes that only catch mangled
// ids. Nothing in them comes from the person.
var (
	outboundMark = [3]byte{0x80, 0x11, 0x86}
	inboundMark  = [3]byte{0x80, 0x11, 0x06}
)

const opaqueLen = 28

// OpaqueID is the id an old dialect's client gets for a message it sent.
func OpaqueID(admission [16]byte) string { return opaque(outboundMark, admission) }

// OpaqueInboundID is the id of a message a person sent, from its record.
func OpaqueInboundID(record [16]byte) string { return opaque(inboundMark, record) }

func opaque(mark [3]byte, id [16]byte) string {
	b := append(append(make([]byte, 0, 21), mark[:]...), id[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(crc32.ChecksumIEEE(b)))
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseOpaqueID is the inverse of OpaqueID and OpaqueInboundID. ok is false for
// anything they did not make.
func ParseOpaqueID(s string) (id [16]byte, inbound, ok bool) {
	if len(s) != opaqueLen {
		return id, false, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 21 || binary.BigEndian.Uint16(b[19:]) != uint16(crc32.ChecksumIEEE(b[:19])) {
		return id, false, false
	}
	mark := [3]byte(b[:3])
	if mark != outboundMark && mark != inboundMark {
		return id, false, false
	}
	return [16]byte(b[3:19]), mark == inboundMark, true
}
