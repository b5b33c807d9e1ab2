package envoy

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
	"postern/proxy/edge/edgetest"
)

// kept is one connection over HTTP/1.1 that stays open.
type kept struct {
	net.Conn
	in *bufio.Reader
}

// keep opens one.
func (s *site) keep(t *testing.T) *kept {
	t.Helper()
	conn := (&attack{site: s, next: s.Client(t), host: strings.TrimPrefix(s.Env["POSTERN_URL"], "https://")}).dial(t, "http/1.1")
	if conn == nil {
		t.FailNow()
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		t.Fatal(err)
	}
	return &kept{conn, bufio.NewReader(conn)}
}

// ask writes a request and reads the answer.
func (k *kept) ask(t *testing.T, raw string) rig.Reply {
	t.Helper()
	edgetest.Write(k, raw, false)
	resp, err := http.ReadResponse(k.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}
}

// TestEnvoyRunsOutOfMemory: bodies that do not come to their end fill Envoy up to
// its limit. What it refuses from then on was not sent, and the app reads so in
// its dialect; new connections wait. Once the bodies are gone it goes on.
func TestEnvoyRunsOutOfMemory(t *testing.T) {
	t.Parallel()
	const heap = 64 << 20
	var up wire
	s := &site{Rig: rig.Start(t, rig.Options{ExtProc: rig.ExtProcUnix, Tap: up.tap, Config: patient})}
	start := roomy
	start.HeapBytes = heap
	s.behind(t, s.static(t, start, nil))
	heads := s.heads(t)
	lines := map[string]*kept{}
	for name := range heads {
		lines[name] = s.keep(t)
		if a := lines[name].ask(t, "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"); a.Status/100 != 4 {
			t.Fatalf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	empty := s.fill(t, heap)
	rig.Await(t, "Envoy to take no more requests", func() bool { return s.overloaded(t, "stop_accepting_requests") == 1 })
	for name, head := range heads {
		a := lines[name].ask(t, head+"Content-Length: 2\r\n\r\n{}")
		reads(t, name, a, speaks(name), dialect.Overloaded)
		if !strings.Contains(a.Body, "nothing was sent") {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	if s.overloaded(t, "stop_accepting_connections") != 1 || s.overloaded(t, "disable_http_keepalive") != 1 {
		t.Error("it takes connections")
	}
	empty()
	rig.Await(t, "Envoy to take requests", func() bool {
		return s.overloaded(t, "stop_accepting_requests")+s.overloaded(t, "stop_accepting_connections") == 0
	})
	if a := s.send(t, dialect.Cloud, "afterwards"); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d %s", a.Status, a.Body)
	}
	up.admitted(t, s.Rig)
	if got := fmt.Sprint(s.outcomes(t)); got != "map[Parcel afterwards:accepted]" {
		t.Errorf("outcomes %s", got)
	}
}

// speaks is the dialect of a head.
func speaks(name string) dialect.Dialect {
	return map[string]dialect.Dialect{"Cloud API": dialect.Cloud, "On-Premises": dialect.OnPrem, "360dialog": dialect.D360V1, "360dialog 2": dialect.D360V2}[name]
}

// overloaded is 1 where an action of the overload manager is in force.
func (s *site) overloaded(t *testing.T, action string) uint64 {
	t.Helper()
	name := "overload.envoy.overload_actions." + action + ".active"
	return s.Envoy.Stats(t, "^"+strings.ReplaceAll(name, ".", `\.`)+"$")[name]
}

// fill sends most of bodies of 1 MiB, half as many again as that memory holds, and
// gives a function that hangs up.
func (s *site) fill(t *testing.T, memory int) (empty func()) {
	t.Helper()
	const size = 1 << 20
	head := s.heads(t)["Cloud API"] + fmt.Sprintf("Content-Length: %d\r\n\r\n", size)
	var all []*kept
	for range memory / size * 3 / 2 {
		k := s.keep(t)
		if _, err := io.WriteString(k, head); err != nil {
			t.Fatal(err)
		}
		all = append(all, k)
	}
	body := strings.Repeat(" ", size-1)
	for _, k := range all {
		go func() { _, _ = io.WriteString(k, body) }()
	}
	return func() {
		for _, k := range all {
			_ = k.Close()
		}
	}
}

// TestConnectionsAreLimited: beyond the limit new connections are closed, those
// that are there are served, and who leaves makes room.
func TestConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	s := &site{Rig: rig.Start(t, rig.Options{ExtProc: rig.ExtProcUnix, Config: patient})}
	start := roomy
	start.Connections = 3
	s.behind(t, s.static(t, start, nil))
	const read = "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"
	var all []*kept
	for range start.Connections {
		k := s.keep(t)
		k.ask(t, read)
		all = append(all, k)
	}
	if conn, err := s.handshake(t); err == nil {
		_ = conn.Close()
		t.Error("one more was taken")
	}
	for _, k := range all {
		if a := k.ask(t, read); a.Status/100 != 4 {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if err := all[0].Close(); err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "room", func() bool {
		conn, err := s.handshake(t)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// handshake opens a connection to Envoy.
func (s *site) handshake(t *testing.T) (net.Conn, error) {
	t.Helper()
	side := s.Client(t).Transport.(*http.Transport).TLSClientConfig.Clone()
	side.ServerName = "localhost"
	conn, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: patience}, Config: side}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.Env["POSTERN_URL"], "https://"))
	return conn, err
}
