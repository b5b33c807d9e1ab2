package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// answerTimeout ends a request that nobody answers.
const answerTimeout = 30 * time.Second

// Pool keeps TLS connections to one server alive and sends prepared HTTP/1.1
// requests over them. It does much less than net/http, so that what is
// measured is the server and not the sender beside it. The connection used
// last is used next: as many stay open as were ever needed at once.
type Pool struct {
	Address string // host:port
	TLS     *tls.Config

	mu      sync.Mutex
	idle    []*conn
	dropped int
}

// maxIdle is how long a connection is kept that nobody needs. Servers close
// theirs later: a request never meets one that is closed.
const maxIdle = 30 * time.Second

type conn struct {
	net.Conn
	r     *bufio.Reader
	since time.Time // when it was last used
}

// StatusError is an answer other than 200.
type StatusError int

func (e StatusError) Error() string { return "answered with status " + strconv.Itoa(int(e)) }

// Do sends one whole request and reads its answer. The error is a StatusError
// if the answer was complete but not 200.
func (p *Pool) Do(ctx context.Context, request []byte) error {
	c, err := p.take(ctx)
	if err != nil {
		return err
	}
	status, keep, err := c.roundTrip(request)
	if err != nil || !keep {
		p.drop()
		err = errors.Join(err, c.Close())
	} else {
		p.put(c)
	}
	if err == nil && status != 200 {
		return StatusError(status)
	}
	return err
}

func (p *Pool) take(ctx context.Context) (*conn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		if time.Since(c.since) < maxIdle {
			return c, nil
		}
		c.Close() //nolint:errcheck,gosec // nobody waits for what it says
	} else {
		p.mu.Unlock()
	}
	d := tls.Dialer{Config: p.TLS}
	raw, err := d.DialContext(ctx, "tcp", p.Address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &conn{Conn: raw, r: bufio.NewReader(raw)}, nil
}

func (p *Pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.since = time.Now()
	p.idle = append(p.idle, c)
}

func (p *Pool) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped++
}

// Dropped is how many connections broke or were closed by the server so far.
func (p *Pool) Dropped() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// Close closes the connections that are not in use.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.Close())
	}
	p.idle = nil
	return errors.Join(errs...)
}

// roundTrip reports whether the connection can be used again.
func (c *conn) roundTrip(request []byte) (status int, keep bool, err error) {
	if err := c.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, false, fmt.Errorf("set deadline: %w", err)
	}
	if _, err := c.Write(request); err != nil {
		return 0, false, fmt.Errorf("send request: %w", err)
	}
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, false, fmt.Errorf("read status: %w", err)
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, false, errors.New("read status: not HTTP/1.1")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, errors.New("read status: no number")
	}
	length, keep, err := c.header()
	if err != nil {
		return 0, false, err
	}
	if _, err := c.r.Discard(length); err != nil {
		return 0, false, fmt.Errorf("read body: %w", err)
	}
	return status, keep, nil
}

var errFraming = errors.New("read header: the answer has no length")

// header reads up to the body and says how long it is.
func (c *conn) header() (length int, keep bool, err error) {
	length, keep = -1, true
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, false, fmt.Errorf("read header: %w", noEOF(err))
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, false, errFraming
			}
		case bytes.EqualFold(name, []byte("Connection")):
			keep = !bytes.EqualFold(value, []byte("close"))
		}
	}
	if length < 0 {
		return 0, false, errFraming
	}
	return length, keep, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
