package edgetest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"

	"postern/proxy/edge"
)

// Field is one header field of a raw h2 request.
type Field struct{ Name, Value string }

// H2Case is one h2 request that ends at the shell.
type H2Case struct {
	Name   string
	Fields []Field
	Fault  edge.Fault
}

// H2 is the good request of a site with more fields.
func (s Site) H2(more ...Field) []Field { return s.h2("POST", s.Target, more...) }

func (s Site) h2(method, path string, more ...Field) []Field {
	out := []Field{{":method", method}, {":scheme", "https"}, {":authority", s.Host}, {":path", path}}
	for line := range strings.SplitSeq(strings.TrimSuffix(s.Headers, "\r\n"), "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		out = append(out, Field{strings.ToLower(name), value})
	}
	return append(out, more...)
}

func (s Site) authority(host string) []Field {
	s.Host = host
	return s.H2()
}

// H2ByShell are the h2 requests that reach the shell and must end there.
func H2ByShell(s Site) []H2Case {
	cases := []H2Case{
		{"lower-case method", s.h2("post", s.Target), edge.FaultMethod},
		{"unknown method", s.h2("FOO", s.Target), edge.FaultMethod},
		{"trace", s.h2("TRACE", s.Target), edge.FaultMethod},
		{"connect", []Field{{":method", "CONNECT"}, {":authority", "gate.example:443"}}, edge.FaultMethod},
		{"star", s.h2("GET", "*"), edge.FaultTarget},
		{"absolute", s.h2("GET", "http://other.example"+s.Target), edge.FaultTarget},
		{"host and authority", s.H2(Field{"host", "other.example"}), edge.FaultHeader},
		{"path in the authority", s.authority(s.Host + "/hidden"), edge.FaultHost},
		{"blank in the authority", s.authority(s.Host + " x"), edge.FaultHost},
		{"gzip", s.H2(Field{"content-encoding", "gzip"}), edge.FaultEncoding},
		{"announced trailer", s.H2(Field{"trailer", "authorization"}), edge.FaultTrailer},
		{"two access tokens", s.h2("POST", s.Target+"?access_token=a&access_token=b"), edge.FaultQuery},
	}
	for _, name := range []string{"authorization", "d360-api-key", "content-type", "idempotency-key", "x-hub-signature-256"} {
		cases = append(cases, H2Case{"two " + name, s.H2(Field{name, "a"}, Field{name, "b"}), edge.FaultHeader})
	}
	for _, path := range []string{s.Target + " 2", s.Target + "/..", "/x/.." + s.Target, "/%2e%2e" + s.Target, s.Target + "#x", s.Target + ";a=b", s.Target + "%00"} {
		cases = append(cases, H2Case{"path " + path, s.h2("POST", path), edge.FaultPath})
	}
	return cases
}

// H2ByServer are the h2 requests that Go's server refuses before any handler.
func H2ByServer(s Site) map[string][]Field {
	return map[string][]Field{
		"no path":           {{":method", "GET"}, {":scheme", "https"}, {":authority", s.Host}},
		"empty path":        s.h2("POST", ""),
		"blank path":        s.h2("POST", " "+s.Target),
		"connection header": s.H2(Field{"connection", "close"}),
		"chunked":           s.H2(Field{"transfer-encoding", "chunked"}),
		"upper-case name":   s.H2(Field{"X-A", "a"}),
		"two paths":         s.H2(Field{":path", "/2"}),
		"unknown pseudo":    s.H2(Field{":postern", "a"}),
		"line end in value": s.H2(Field{"x-a", "a\r\nauthorization: b"}),
	}
}

// WriteH2 sends one request over raw frames on a fresh connection. A nil body
// ends the request with its head.
func WriteH2(conn io.Writer, fields []Field, body []byte, trailer []Field) error {
	out := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	out = frame(out, 4, 0, nil) // SETTINGS
	end := byte(0)
	if body == nil && trailer == nil {
		end = 1
	}
	out = frame(out, 1, 4|end, block(fields)) // HEADERS, END_HEADERS
	if body != nil {
		end = 1
		if trailer != nil {
			end = 0
		}
		out = frame(out, 0, end, body) // DATA
	}
	if trailer != nil {
		out = frame(out, 1, 5, block(trailer))
	}
	_, err := conn.Write(out)
	return err
}

func frame(dst []byte, kind, flags byte, payload []byte) []byte {
	dst = append(dst, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags) //nolint:gosec // the low bytes are what is meant
	stream := uint32(1)
	if kind == 4 {
		stream = 0
	}
	dst = binary.BigEndian.AppendUint32(dst, stream)
	return append(dst, payload...)
}

// block writes fields as HPACK literals without index (RFC 7541, 6.2.2), of
// which none may be longer than 126 bytes plus what a second byte holds.
func block(fields []Field) []byte {
	var out []byte
	for _, f := range fields {
		out = literal(literal(append(out, 0), f.Name), f.Value)
	}
	return out
}

func literal(dst []byte, s string) []byte {
	if len(s) < 127 {
		return append(append(dst, byte(len(s))), s...)
	}
	return append(binary.AppendUvarint(append(dst, 127), uint64(len(s)-127)), s...)
}

// ReadH2 reads the answer: its status where HPACK has an index for it, -1
// where not, 0 when the server reset the stream or hung up; and its body.
func ReadH2(conn net.Conn) (status int, body []byte) {
	indexed := map[byte]int{0x88: 200, 0x8c: 400, 0x8d: 404} // RFC 7541, appendix A
	for {
		kind, flags, payload, err := readFrame(conn)
		if err != nil {
			return 0, nil
		}
		switch kind {
		case 0: // DATA
			body = append(body, payload...)
		case 1: // HEADERS
			if payload[0]>>5 == 1 { // table size update
				payload = payload[1:]
			}
			if status = indexed[payload[0]]; status == 0 {
				status = -1
			}
		case 3: // RST_STREAM: after an answer it only ends a body that nobody read
			return status, body
		}
		if kind < 2 && flags&1 != 0 {
			return status, body
		}
	}
}

func readFrame(conn io.Reader) (kind, flags byte, payload []byte, err error) {
	var head [9]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return 0, 0, nil, fmt.Errorf("read frame: %w", err)
	}
	payload = make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(conn, payload); err != nil {
		return 0, 0, nil, fmt.Errorf("read frame: %w", err)
	}
	return head[3], head[4], payload, nil
}
