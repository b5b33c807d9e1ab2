package certs_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"postern/crypto/certs"
)

// hello is a ClientHello in parts, to be spoilt.
type hello struct {
	record, version uint16
	suites          []uint16
	extensions      []byte
	typ             byte // of the handshake message
	compression     []byte
}

func extension(kind uint16, body []byte) []byte {
	out := binary.BigEndian.AppendUint16(nil, kind)
	return append(binary.BigEndian.AppendUint16(out, uint16(len(body))), body...) //nolint:gosec // built here, short
}

// sni names a host of n letters.
func sni(n int) []byte {
	entry := append([]byte{0}, binary.BigEndian.AppendUint16(nil, uint16(n))...) //nolint:gosec // built here
	entry = append(entry, strings.Repeat("a", n)...)
	return extension(0, append(binary.BigEndian.AppendUint16(nil, uint16(len(entry))), entry...)) //nolint:gosec // built here
}

// plain is a hello of TLS 1.2 that the server answers.
func plain() hello {
	exts := bytes.Join([][]byte{
		extension(10, []byte{0, 2, 0, 23}),            // P-256
		extension(11, []byte{1, 0}),                   // uncompressed points
		extension(13, []byte{0, 4, 4, 3, 8, 4}),       // ECDSA-P256-SHA256, RSA-PSS
		extension(0xff01, []byte{0}),                  // renegotiation info
		extension(16, []byte("\x00\x09\x08http/1.1")), // ALPN
	}, nil)
	return hello{record: 0x0301, version: 0x0303, suites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, extensions: exts, typ: 1, compression: []byte{0}}
}

func (h hello) bytes() []byte {
	body := binary.BigEndian.AppendUint16(nil, h.version)
	body = append(body, make([]byte, 32)...)
	body = append(body, 0)                                              // no session id
	body = binary.BigEndian.AppendUint16(body, uint16(2*len(h.suites))) //nolint:gosec // built here
	for _, s := range h.suites {
		body = binary.BigEndian.AppendUint16(body, s)
	}
	body = append(append(body, byte(len(h.compression))), h.compression...) //nolint:gosec // built here
	if h.extensions != nil {
		body = append(binary.BigEndian.AppendUint16(body, uint16(len(h.extensions))), h.extensions...) //nolint:gosec // built here
	}
	message := append([]byte{h.typ, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...) //nolint:gosec // a length
	var out []byte
	for len(message) > 0 {
		n := min(len(message), 1<<14)
		out = append(out, 22)
		out = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, h.record), uint16(n)) //nolint:gosec // at most 2^14
		out, message = append(out, message[:n]...), message[n:]
	}
	return out
}

// TestCraftedHellos sends what no honest client sends. Each is refused with an
// alert or a closed connection, counted, and the next client is served.
func TestCraftedHellos(t *testing.T) {
	s := newSite(t)
	with := func(change func(*hello)) []byte {
		h := plain()
		change(&h)
		return h.bytes()
	}
	whole := plain().bytes()
	for name, tc := range map[string]struct {
		raw  []byte
		kind string // "" is answered
	}{
		"good":                    {whole, ""},
		"no suites":               {with(func(h *hello) { h.suites = nil }), "suite"},
		"unknown suites":          {with(func(h *hello) { h.suites = []uint16{0x1a1a, 0xffff} }), "suite"},
		"null suite":              {with(func(h *hello) { h.suites = []uint16{0} }), "suite"},
		"export suite":            {with(func(h *hello) { h.suites = []uint16{3, 6, 8} }), "suite"},
		"fallback":                {with(func(h *hello) { h.version = 0x0302; h.suites = append(h.suites, tls.TLS_FALLBACK_SCSV) }), "version"},
		"SSL 3":                   {with(func(h *hello) { h.record, h.version = 0x0300, 0x0300 }), "version"},
		"SSL 2":                   {[]byte{0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10, 1, 0, 0x80, 2, 0, 0x80, 3, 0, 0x80, 4, 0, 0x80}, "malformed"},
		"TLS 1.0":                 {with(func(h *hello) { h.version = 0x0301 }), "version"},
		"TLS 1.1":                 {with(func(h *hello) { h.version = 0x0302 }), "version"},
		"TLS 1.3 without a share": {with(func(h *hello) { h.extensions = extension(43, []byte{2, 3, 4}); h.suites = []uint16{0x1301} }), "malformed"},
		"a version from tomorrow": {with(func(h *hello) { h.extensions = extension(43, []byte{2, 3, 9}) }), "version"},
		"compression only":        {with(func(h *hello) { h.compression = []byte{1} }), "malformed"},
		"no compression list":     {with(func(h *hello) { h.compression = nil }), "malformed"},
		"huge name":               {with(func(h *hello) { h.extensions = append(sni(60000), h.extensions...) }), ""},
		"many extensions":         {with(func(h *hello) { h.extensions = bytes.Repeat(extension(0x4a4a, nil), 10000) }), "malformed"},
		"name twice":              {with(func(h *hello) { h.extensions = append(append(sni(3), sni(4)...), h.extensions...) }), "malformed"},
		"name ending in a dot": {with(func(h *hello) {
			h.extensions = append(extension(0, append([]byte{0, 5, 0, 0, 2}, "a."...)), h.extensions...)
		}), "malformed"},
		"extension beyond its end": {with(func(h *hello) { h.extensions = []byte{0, 10, 0, 200, 1} }), "malformed"},
		"server hello":             {with(func(h *hello) { h.typ = 2 }), "malformed"},
		"cut short":                {whole[:len(whole)/2], "hung_up"},
		"one byte":                 {whole[:1], "hung_up"},
		"nothing":                  {nil, "hung_up"},
		"record too long":          {append([]byte{22, 3, 1, 0xff, 0xff}, make([]byte, 1<<16)...), "malformed"},
		"message of 16 MiB":        {append([]byte{22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff}, make([]byte, 1<<14)...), "malformed"},
		"plain HTTP":               {[]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "not_tls"},
		"noise":                    {bytes.Repeat([]byte{0xaa}, 600), "not_tls"},
		"alert first":              {[]byte{21, 3, 1, 0, 2, 2, 40}, "client_refused"},
		"data first":               {[]byte{23, 3, 3, 0, 4, 1, 2, 3, 4}, "not_tls"},
		"empty records":            {bytes.Repeat([]byte{22, 3, 1, 0, 0}, 200), "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.door(t, func(c *certs.Config) { c.TLS12 = true })
			answer := push(t, d.address, tc.raw)
			if answered := len(answer) > 5 && answer[0] == 22; answered != (tc.kind == "") {
				t.Errorf("answered %t: % x", answered, answer[:min(len(answer), 12)])
			}
			kind := d.kind(t)
			if want := tc.kind; kind != want && (want != "" || kind != "hung_up") {
				t.Errorf("counted as %s, want %s", kind, want)
			}
			if _, _, err := s.visit(t, d, nil); err != nil {
				t.Errorf("the next client: %v", err)
			}
		})
	}
}

// push writes the bytes, hangs up its side and reads to the end.
func push(t *testing.T, address string, raw []byte) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write(raw) // the server may have closed before the last byte
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return nil
	}
	answer, _ := io.ReadAll(conn) // a reset ends it, too
	return answer
}

// FuzzHello: whatever comes first, the server answers or hangs up, and lives.
func FuzzHello(f *testing.F) {
	f.Add(plain().bytes())
	f.Add([]byte{22, 3, 1, 0, 5, 1, 0, 0, 1, 0})
	s := &site{dir: f.TempDir(), now: start}
	var err error
	if s.authority, err = certs.NewAuthority("fuzz", start, time.Hour); err != nil {
		f.Fatal(err)
	}
	cert, key, err := s.authority.Issue(start, time.Hour, "localhost")
	if err != nil {
		f.Fatal(err)
	}
	for name, data := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		writeFile(f, s.path(name), data)
	}
	s.tls12 = true
	pair, err := certs.Open(s.config())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		server := tls.Server(wire{bytes.NewReader(raw)}, pair.Server())
		if err := server.Handshake(); err == nil {
			t.Error("a handshake without a client's keys")
		} else if kind := certs.FailureKind(err.Error()); kind == "other" {
			t.Errorf("no word for %q", err)
		}
	})
}

// wire is a connection whose client said all it has to say.
type wire struct{ in io.Reader }

func (w wire) Read(p []byte) (int, error)     { return w.in.Read(p) }
func (wire) Write(p []byte) (int, error)      { return len(p), nil }
func (wire) Close() error                     { return nil }
func (wire) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (wire) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (wire) SetDeadline(time.Time) error      { return nil }
func (wire) SetReadDeadline(time.Time) error  { return nil }
func (wire) SetWriteDeadline(time.Time) error { return nil }

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
