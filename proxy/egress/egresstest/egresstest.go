// Package egresstest is a name server for tests: it stands for names that
// somebody else controls and binds as they like.
//
// It fails the test where it can not listen, and answers unknown names with
// nothing.
package egresstest

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// Names are addresses by name, with the final dot.
type Names map[string][]string

// Serve returns a resolver that asks for them until the test ends. asked, if
// not nil, hears of each question before it is answered.
func (n Names) Serve(t testing.TB, asked func(name string)) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() }) //nolint:errcheck,gosec // the test is over
	go func() {
		buf := make([]byte, 1500)
		for {
			k, from, err := socket.ReadFrom(buf)
			if err != nil {
				return
			}
			name, end := question(buf[:k])
			if asked != nil {
				asked(name)
			}
			if _, err := socket.WriteTo(n.answer(buf[:end], name), from); err != nil {
				return
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

// question is the name asked for and where the question ends (RFC 1035, 4.1.2).
func question(m []byte) (name string, end int) {
	at := 12
	for m[at] != 0 {
		name += string(m[at+1:at+1+int(m[at])]) + "."
		at += 1 + int(m[at])
	}
	return strings.ToLower(name), at + 5
}

// answer repeats the question and adds the addresses that fit its type.
func (n Names) answer(m []byte, name string) []byte {
	kind := binary.BigEndian.Uint16(m[len(m)-4:])
	var records [][]byte
	for _, s := range n[name] {
		if a := netip.MustParseAddr(s); kind == 1 && a.Is4() || kind == 28 && a.Is6() {
			records = append(records, a.AsSlice())
		}
	}
	out := append([]byte{}, m[:2]...)
	out = append(out, 0x84, 0, 0, 1, 0, byte(len(records)), 0, 0, 0, 0) //nolint:gosec // a handful
	out = append(out, m[12:]...)
	for _, r := range records {
		out = append(out, 0xc0, 12)
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0, 0, byte(len(r))) //nolint:gosec // 4 or 16
		out = append(out, r...)
	}
	return out
}
