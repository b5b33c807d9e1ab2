package export

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Syslog is a collector that takes RFC 5424 messages over TLS with octet
// counting (RFC 5425). The protocol has no receipt, so each batch has a
// connection of its own, which both sides end in order: a collector that ended
// it so has read everything before (RFC 5425, 4.4). One that is cut off gets the
// batch again.
type Syslog struct {
	address string
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	config  *tls.Config
	event   int
	timeout time.Duration
}

// SyslogConfig says how a collector is reached.
type SyslogConfig struct {
	Address string // host:port; 6514 is the usual port
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	TLS     *tls.Config
	Message int           // bytes of one message at most
	Timeout time.Duration // of one batch
}

// NewSyslog makes the sink.
func NewSyslog(c SyslogConfig) *Syslog {
	config := c.TLS.Clone()
	if host, _, err := net.SplitHostPort(c.Address); err == nil && config.ServerName == "" {
		config.ServerName = host
	}
	return &Syslog{address: c.Address, dial: c.Dial, config: config, event: c.Message, timeout: c.Timeout}
}

// around is how many bytes of a message are no event, at most: the header with
// the longest chain name and kind.
const around = 256

// Takes implements Sink.
func (s *Syslog) Takes() Takes {
	return Takes{Events: 1000, Bytes: 1 << 20, Event: s.event - around}
}

// Send implements Sink.
func (s *Syslog) Send(ctx context.Context, events []Event) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	plain, err := s.dial(ctx, "tcp", s.address)
	if err != nil {
		return away(err)
	}
	conn := tls.Client(plain, s.config)
	stop := context.AfterFunc(ctx, func() { plain.Close() }) //nolint:errcheck // ends what waits for it
	defer stop()
	defer conn.Close() //nolint:errcheck // it was ended in order, or does not count
	if err := conn.HandshakeContext(ctx); err != nil {
		return away(err)
	}
	var body []byte
	for _, e := range events {
		body = appendFrame(body, e)
	}
	if _, err := conn.Write(body); err != nil {
		return away(err)
	}
	if err := conn.CloseWrite(); err != nil {
		return away(err)
	}
	return ended(conn)
}

// ended waits for the collector's end of the connection.
func ended(conn net.Conn) error {
	n, err := io.Copy(io.Discard, io.LimitReader(conn, maxAnswer))
	switch {
	case err == nil && n < maxAnswer, errors.Is(err, io.ErrUnexpectedEOF):
		return nil // the second: it ended TCP and left TLS's own end out
	case errors.Is(err, net.ErrClosed):
		return &Fault{class: later, what: "the collector did not end the connection after a batch (RFC 5425, 4.4), so nobody knows whether it has it"}
	case untrusted(err):
		return away(err)
	}
	return &Fault{class: later, what: "the collector broke the connection", cause: err}
}

// facility is "log audit" of RFC 5424, table 1.
const facility = 13

// appendFrame appends MSG-LEN SP SYSLOG-MSG. There is no structured data but the
// registered `origin`: the event is the message, JSON in ASCII.
func appendFrame(b []byte, e Event) []byte {
	severity := [...]int{Info: 6, Notice: 5, Warning: 4}[e.Level]
	header := fmt.Sprintf("<%d>1 %s %s postern - %s [origin software=\"postern\"] ", facility*8+severity,
		e.Time.Format("2006-01-02T15:04:05.000000Z"), e.Chain, msgID(e.Kind))
	b = strconv.AppendInt(b, int64(len(header)+len(e.JSON)), 10)
	return append(append(append(b, ' '), header...), e.JSON...)
}

// msgID is a kind as MSGID: 1 to 32 printable ASCII characters.
func msgID(kind string) string {
	kind = strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' {
			return -1
		}
		return c
	}, kind)
	if kind == "" {
		return "-"
	}
	return kind[:min(len(kind), 32)]
}
