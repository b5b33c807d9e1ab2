package egress_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// names is a name server: every question is answered with the addresses of the
// name that fit its type. It stands for names that somebody else controls.
type names map[string][]string

// serve returns a resolver that asks it.
func (n names) serve(t *testing.T) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			k, from, err := socket.ReadFrom(buf)
			if err != nil {
				return
			}
			if _, err := socket.WriteTo(n.answer(buf[:k]), from); err != nil {
				return
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

// answer is RFC 1035, section 4, as far as one question needs it.
func (n names) answer(question []byte) []byte {
	name, at := "", 12
	for question[at] != 0 {
		name += string(question[at+1:at+1+int(question[at])]) + "."
		at += 1 + int(question[at])
	}
	kind := binary.BigEndian.Uint16(question[at+1:])
	var records [][]byte
	for _, s := range n[strings.ToLower(name)] {
		if a := netip.MustParseAddr(s); a.Is4() == (kind == 1) && (kind == 1 || kind == 28) {
			records = append(records, a.AsSlice())
		}
	}
	out := append([]byte{}, question[:2]...)
	out = append(out, 0x84, 0, 0, 1, 0, byte(len(records)), 0, 0, 0, 0)
	out = append(out, question[12:at+5]...)
	for _, r := range records {
		out = append(out, 0xc0, 12)
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint16(out, uint16(len(r)))
		out = append(out, r...)
	}
	return out
}
