package exporttest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Syslog is a collector.
type Syslog struct {
	*Inbox
	Address string // host:port
	CA      string // PEM file of its root
	Config  *tls.Config
	Most    int // bytes of a message; 0: as many as come
	listen  net.Listener
	wg      sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool
	cut  int // connections to break after their first message
}

// grammar is SYSLOG-MSG of RFC 5424, section 6, as far as messages may go here:
// NILVALUE or printable ASCII of the length allowed, one SD-ELEMENT at least, a
// MSG.
var grammar = regexp.MustCompile(`^<(0|[1-9][0-9]{0,2})>1 ` +
	`([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6}Z) ` +
	`([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) ` +
	`((?:\[[!#-<>-\\^-~]{1,32}(?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\])+) (.*)$`)

// logAudit is a facility of RFC 5424, table 1.
const logAudit = 13

// NewSyslog starts a collector that asks for a client's certificate where
// clients is not nil.
func NewSyslog(t testing.TB, clients func(*tls.Config)) *Syslog {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS() // for its certificate
	s := &Syslog{Inbox: newInbox(t), open: map[net.Conn]bool{}, CA: writeRoot(t, web)}
	conf := &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	web.Close()
	if clients != nil {
		clients(conf)
	}
	s.Config = conf
	var err error
	if s.listen, err = tls.Listen("tcp", "127.0.0.1:0", conf); err != nil {
		t.Fatal(err)
	}
	s.Address = s.listen.Addr().String()
	s.wg.Add(1)
	go s.accept()
	t.Cleanup(s.Close)
	return s
}

// Close ends the collector and every connection.
func (s *Syslog) Close() {
	s.listen.Close() //nolint:errcheck // a test
	s.mu.Lock()
	for c := range s.open {
		c.Close() //nolint:errcheck // a test
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Cut breaks the next n connections after their first message, which is lost
// with them.
func (s *Syslog) Cut(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = n
}

func (s *Syslog) accept() {
	defer s.wg.Done()
	for {
		c, err := s.listen.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[c] = true
		cut := s.cut > 0
		s.cut -= min(s.cut, 1)
		s.mu.Unlock()
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.serve(c, cut)
			s.mu.Lock()
			delete(s.open, c)
			s.mu.Unlock()
		}()
	}
}

// serve reads frames (RFC 5425, 4.3) to the end of the connection, and ends its
// side, too.
func (s *Syslog) serve(c net.Conn, cut bool) {
	defer c.Close() //nolint:errcheck // a test
	in := bufio.NewReader(c)
	for {
		length, err := in.ReadString(' ')
		if err != nil {
			if !errors.Is(err, io.EOF) || length != "" {
				s.broken(c)
			}
			return
		}
		n, err := strconv.Atoi(length[:len(length)-1])
		if err != nil || n < 1 || length[0] == '0' {
			s.t.Errorf("frame of length %q", length)
			return
		}
		message := make([]byte, n)
		if _, err := io.ReadFull(in, message); err != nil {
			s.broken(c)
			return
		}
		if cut {
			s.broken(c)
			return
		}
		s.message(message)
	}
}

// broken resets the connection.
func (s *Syslog) broken(c net.Conn) {
	if t, ok := c.(*tls.Conn); ok {
		if plain, ok := t.NetConn().(*net.TCPConn); ok {
			plain.SetLinger(0) //nolint:errcheck // a test
			plain.Close()      //nolint:errcheck // a test
		}
	}
}

func (s *Syslog) message(raw []byte) {
	m := grammar.FindSubmatch(raw)
	if m == nil {
		s.t.Errorf("a message of %d bytes is not RFC 5424", len(raw))
		return
	}
	e, ok := s.decode(m[8])
	if ok && (string(m[3]) != e.Chain || string(m[4]) != "postern" || string(m[6]) != e.Kind) {
		s.t.Error("header and event disagree")
	}
	priority, err := strconv.Atoi(string(m[1]))
	if ok && (err != nil || priority/8 != logAudit || !e.urgent(map[int]string{6: "info", 5: "notice", 4: "warning"}[priority%8])) {
		s.t.Errorf("record %d has priority %s", e.Seq, m[1])
	}
	if when, err := time.Parse(time.RFC3339Nano, string(m[2])); ok && (err != nil || !when.Equal(e.at())) {
		s.t.Errorf("record %d has another time than its message: %v", e.Seq, err)
	}
	if s.Most > 0 && len(raw) > s.Most {
		s.t.Errorf("record %d came in %d bytes, more than are taken", e.Seq, len(raw))
	}
	if ok {
		s.add(e)
	}
}
