package shape

import (
	"encoding/base64"
	"testing"
)

func TestWAMID(t *testing.T) {
	cloud := base64.StdEncoding.EncodeToString([]byte("\x1c\x18\x0b16503879439\x15\x02\x00\x12\x18\x20"))
	packed := base64.RawURLEncoding.EncodeToString([]byte{0x80, 0x11, 0x86, 0x16, 0x50, 0x39, 0x16, 0x96, 0x9f, 2, 9, 0x4a, 0xd5, 0x91, 0x2a, 3, 0x56, 0x0a, 0x3e, 0xb5})
	for _, id := range []string{"wamid." + cloud, cloud, packed, "WAMID." + cloud} {
		expect(t, "msg "+id+" failed", rowWAMID, id)
	}
	for _, no := range []string{"HBgRandomWordsThatAreNoMessage", "gBGreatThingsHappenHere12345", "wamid.", "wamid is an id"} {
		expect(t, no, "", "")
	}
}
