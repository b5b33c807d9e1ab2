package edge_test

import (
	"strings"
	"testing"

	"postern/proxy/edge"
	"postern/proxy/edge/edgetest"
)

type field = edgetest.Field

func TestGoodH2(t *testing.T) {
	l := listen(t)
	if s := l.h2(t, site.H2(field{Name: "content-length", Value: "2"}), []byte("{}"), nil); s != 200 {
		t.Fatalf("status %d", s)
	}
	if served, refused := l.seen(); len(refused) != 0 || len(served) != 1 || served[0].body != "{}" || served[0].err != nil {
		t.Errorf("served %+v, refused %q", served, refused)
	}
	old := site
	old.Target = "/v1/media//x/"
	if s := l.h2(t, old.H2(), []byte("{}"), nil); s != 200 {
		t.Fatalf("status %d", s)
	}
	if served, _ := l.seen(); len(served) != 1 || served[0].path != "/v1/media/x" {
		t.Errorf("served %+v", served)
	}
}

func TestShellRefusesH2(t *testing.T) {
	l := listen(t)
	cases := edgetest.H2ByShell(site)
	strict := site
	strict.Target = "//v25.0/1/messages"
	cases = append(cases, edgetest.H2Case{Name: "double slash", Fields: strict.H2(), Fault: edge.FaultPath})
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			status := l.h2(t, c.Fields, []byte("{}"), nil)
			served, refused := l.seen()
			if len(served) != 0 {
				t.Errorf("the handler ran for %+v", served)
			}
			if status != 400 || len(refused) != 1 || refused[0] != c.Fault {
				t.Errorf("status %d, refused with %q, want %q", status, refused, c.Fault)
			}
		})
	}
}

func TestGoRefusesH2(t *testing.T) {
	l := listen(t)
	for name, fields := range edgetest.H2ByServer(site) {
		t.Run(name, func(t *testing.T) {
			status := l.h2(t, fields, nil, nil)
			if served, refused := l.seen(); len(served)+len(refused) != 0 {
				t.Errorf("the shell ran: served %+v, refused %q", served, refused)
			}
			if status == 200 {
				t.Error("the request was answered 200")
			}
		})
	}
}

// The client hears of a broken body before the handler has: each case has a
// listener of its own and waits for its handler.
func TestBrokenBodiesH2(t *testing.T) {
	for name, c := range map[string]struct {
		fields  []field
		trailer []field
		broken  bool
	}{
		"length too large": {site.H2(field{Name: "content-length", Value: "10"}), nil, true},
		"length too small": {site.H2(field{Name: "content-length", Value: "1"}), nil, true},
		"no length":        {site.H2(), nil, false},
		"trailer":          {site.H2(), []field{{Name: "authorization", Value: "Bearer x"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t)
			l.h2(t, c.fields, []byte("{}"), c.trailer)
			s := l.one(t)
			if c.broken && (s.err == nil || s.body != "") || !c.broken && s.body != "{}" || s.trailer != 0 && s.err == nil {
				t.Errorf("the handler saw %+v", s)
			}
		})
	}
}

// What would mean something else in HTTP/1.1 is refused, or its body is none.
func TestDesyncH2(t *testing.T) {
	for _, c := range edgetest.H2Desync(site) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel() // Go waits a second after some
			l := listen(t)
			conn := l.dial(t, "h2")
			if err := edgetest.WriteH2(conn, c.Fields, c.Body, c.Trailer); err != nil {
				t.Fatal(err)
			}
			status, _ := edgetest.ReadH2(conn)
			conn.Close()
			l.srv.Close() // waits for the handler
			served, refused := l.seen()
			good := len(served) == 1 && served[0].err == nil
			if harmless := strings.HasPrefix(c.Name, "harmless"); good != harmless {
				t.Errorf("status %d, served %+v, refused %q", status, served, refused)
			}
		})
	}
}
