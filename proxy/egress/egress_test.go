package egress_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"postern/proxy/egress"
	"postern/proxy/egress/egresstest"
)

func TestPublicKnowsEveryWayInside(t *testing.T) {
	inside := []string{
		"127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
		"192.0.0.8", "198.18.0.1", "240.0.0.1", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "::7f00:1", "::ffff:0:7f00:1",
		"ff02::1", "fec0::1", "2001:db8::1",
	}
	for _, s := range inside {
		if egress.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s counts as public", s)
		}
	}
	for _, s := range []string{"8.8.8.8", "157.240.1.1", "2606:4700::1111", "2a03:2880::1"} {
		if !egress.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s does not count as public", s)
		}
	}
	if egress.Public(netip.Addr{}) {
		t.Error("the zero address counts as public")
	}
}

func TestCheckURL(t *testing.T) {
	g, err := egress.NewGuard([]string{"127.0.0.1:9444"})
	if err != nil {
		t.Fatal(err)
	}
	for raw, ok := range map[string]bool{
		"https://app.example.com/hook":      true,
		"https://app.example.com:8443/x?a":  true,
		"http://127.0.0.1:9444/hook":        true,
		"https://127.0.0.1:9444/hook":       true,
		"http://127.0.0.1:9445/hook":        false,
		"http://app.example.com/hook":       false,
		"https://127.0.0.1/hook":            false,
		"https://localhost/hook":            false,
		"https://[::1]/hook":                false,
		"https://2130706433/hook":           false,
		"https://0x7f000001/hook":           false,
		"https://127.1/hook":                false,
		"https://0177.0.0.1/hook":           false,
		"https://metadata.google.internal":  false,
		"https://u:p@app.example.com/":      false,
		"https://0/hook":                    false,
		"https://127.0.0.1./hook":           false,
		"https://0x7f.0.0.1/hook":           false,
		"https://[::ffff:10.0.0.1]/hook":    false,
		"https://[64:ff9b::a00:1]/hook":     false,
		"https://[2002:a00:1::]/hook":       false,
		"https://[fe80::1%25eth0]/hook":     false,
		"https://169.254.169.254/latest":    false,
		"https://100.100.100.200/latest":    false,
		"https://app.localhost/hook":        false,
		"https://intranet/hook":             false,
		"https://\uff11\uff12\uff17.0.0.1/": false,
		"https://app.ex\u3002ample.com/":    false,
		"https://app.example.com./hook":     true,
		"https://8.8.8.8/hook":              true,
		"https://[2606:4700::1111]/hook":    true,
		"https://127.0.0.1:9444@8.8.8.8/":   false,
		"https://8.8.8.8\\@127.0.0.1/":      false,
		"https://app.example.com/#x":        false,
		"ftp://app.example.com/":            false,
		"/hook":                             false,
		"":                                  false,
	} {
		if _, err := g.CheckURL(raw); (err == nil) != ok {
			t.Errorf("CheckURL(%q): %v, want allowed %v", raw, err, ok)
		}
	}
	if _, err := egress.NewGuard([]string{"127.0.0.0/8:80"}); err == nil {
		t.Error("a range was accepted")
	}
}

// secret answers, and fails the test when anybody gets through to it.
func secret(t *testing.T) (server *httptest.Server, port string) {
	t.Helper()
	server = httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request got inside") }))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return server, port
}

func TestDialRefusesAfterResolving(t *testing.T) {
	_, port := secret(t)
	closed, err := egress.NewGuard([]string{"allowed.example:1"})
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{
		"loopback.example": "127.0.0.1", "private.example": "10.0.0.1", "metadata.example": "169.254.169.254", "shared.example": "100.64.0.1",
		"six.example": "::1", "mapped.example": "::ffff:127.0.0.1", "translated.example": "64:ff9b::7f00:1", "tunnelled.example": "2002:7f00:1::",
		"unique.example": "fd00::1", "zero.example": "0.0.0.0", "broadcast.example": "255.255.255.255",
	}
	dns := egresstest.Names{}
	for name, address := range places {
		dns[name+"."] = []string{address}
	}
	closed.Resolver = dns.Serve(t, nil)
	for name := range places {
		resp, err := closed.Client(nil, 2, time.Second).Get("https://" + name + ":" + port)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, egress.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A name that was public when it was looked at first is looked at again: the
// address that is connected to decides.
func TestRebinding(t *testing.T) {
	_, port := secret(t)
	g, err := egress.NewGuard(nil)
	if err != nil {
		t.Fatal(err)
	}
	g.Resolver = egresstest.Names{"app.example.": {"127.0.0.1", "10.0.0.1"}}.Serve(t, nil)
	if _, err := g.CheckURL("https://app.example:" + port); err != nil {
		t.Fatalf("setting the target: %v", err)
	}
	for range 2 {
		conn, err := g.DialContext(t.Context(), "tcp", "app.example:"+port)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, egress.ErrForbidden) {
			t.Errorf("dial: %v", err)
		}
	}
}

// The allow-list names one port of one host, as it is written, and no other.
func TestAllowListIsExact(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	open, err := egress.NewGuard([]string{"127.0.0.1:" + port})
	if err != nil {
		t.Fatal(err)
	}
	client := open.Client(nil, 2, time.Minute)
	resp, err := client.Get(srv.URL)
	if err != nil {
		t.Fatalf("allow-listed target: %v", err)
	}
	resp.Body.Close()
	for _, target := range []string{"http://127.0.0.1:1", "http://localhost:" + port, "http://127.0.0.2:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://8.8.8.8:" + port} {
		resp, err := client.Get(target)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, egress.ErrForbidden) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	srv := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest", http.StatusFound))
	defer srv.Close()
	g, _ := egress.NewGuard([]string{srv.Listener.Addr().String()})
	resp, err := g.Client(nil, 2, time.Minute).Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("status %d, want the redirect itself", resp.StatusCode)
	}
}

func TestAllowReplacesTheList(t *testing.T) {
	g, err := egress.NewGuard([]string{"127.0.0.1:9000"})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Allow([]string{"127.0.0.1:9001", "10.0.0.0/8"}); err == nil {
		t.Error("a range was taken")
	}
	if _, err := g.CheckURL("http://127.0.0.1:9000/x"); err != nil {
		t.Errorf("a refused list changed the one in force: %v", err)
	}
	if err := g.Allow([]string{"127.0.0.1:9001"}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.CheckURL("http://127.0.0.1:9000/x"); err == nil {
		t.Error("the old target is still allowed")
	}
	if _, err := g.CheckURL("http://127.0.0.1:9001/x"); err != nil {
		t.Errorf("the new target is refused: %v", err)
	}
}
