package edgetest

import (
	"encoding/binary"
	"io"
	"net"
)

// OpenH2 begins that many requests on a fresh connection, whose bodies do not
// come.
func OpenH2(conn io.Writer, fields []Field, n int) error {
	out := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	out = frame(out, 4, 0, nil) // SETTINGS
	for i := range n {
		at := len(out)
		out = frame(out, 1, 4, block(fields))                 // HEADERS, END_HEADERS
		binary.BigEndian.PutUint32(out[at+5:], uint32(2*i+1)) //nolint:gosec // few
	}
	_, err := conn.Write(out)
	return err
}

// ResetH2 reads until nothing comes any more, and gives the streams that the
// server reset and whether it ended the whole connection.
func ResetH2(conn net.Conn) (streams map[uint32]bool, ended bool) {
	streams = map[uint32]bool{}
	for {
		kind, stream, err := frameOf(conn)
		if err != nil {
			return streams, ended
		}
		switch kind {
		case 3: // RST_STREAM
			streams[stream] = true
		case 7: // GOAWAY
			ended = true
		}
	}
}

// frameOf reads a frame past its payload.
func frameOf(conn io.Reader) (kind byte, stream uint32, err error) {
	var head [9]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return 0, 0, err
	}
	length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
	_, err = io.CopyN(io.Discard, conn, length)
	return head[3], binary.BigEndian.Uint32(head[5:]) &^ (1 << 31), err
}
