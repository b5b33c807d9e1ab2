package sim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
)

// Direction bytes inside a message id.
const (
	outbound = 0x11
	inbound  = 0x12
)

// mix is a splitmix64 step over three values: the source of every choice that
// has to repeat under the same seed.
func mix(seed, a, b uint64) uint64 {
	z := seed + 0x9e3779b97f4a7c15*(a+1) + 0xbf58476d1ce4e5b9*(b+1)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// messageID builds a wamid as Meta does: Base64 over the person's number (or
// user id) in clear and a random part.
func messageID(seed uint64, n int64, person string, direction byte) string {
	var random [16]byte
	binary.BigEndian.PutUint64(random[:8], mix(seed, uint64(n), 0)) //nolint:gosec // a counter is never negative
	binary.BigEndian.PutUint64(random[8:], mix(seed, uint64(n), 1)) //nolint:gosec // as above
	unique := strings.ToUpper(hex.EncodeToString(random[:]))[:20]
	raw := make([]byte, 0, 48)
	raw = append(raw, 0x1c, 0x18, byte(len(person))) //nolint:gosec // at most 135 characters
	raw = append(raw, person...)
	raw = append(raw, 0x15, 0x02, 0x00, direction, 0x18, byte(len(unique))) //nolint:gosec // 20
	raw = append(raw, unique...)
	raw = append(raw, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

// nodeID returns a numeric id of 16 digits, safe in a JavaScript number.
func nodeID(seed uint64, n int64) string {
	const low, span = 1_000_000_000_000_000, 8_000_000_000_000_000
	return strconv.FormatUint(low+mix(seed, uint64(n), 2)%span, 10) //nolint:gosec // a counter is never negative
}

// derivedUserID is the business-scoped id of a number nobody gave another one.
// It does not depend on the seed: a person stays the same over restarts.
func derivedUserID(phone string) string {
	sum := sha256.Sum256([]byte("business-scoped " + phone))
	return country(phone).iso + "." + strconv.FormatUint(binary.BigEndian.Uint64(sum[:8]), 10)
}
