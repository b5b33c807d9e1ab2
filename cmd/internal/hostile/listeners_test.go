package hostile_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/proxy/edge/edgetest"
)

// TestListeners runs every case of http.md against each listener of one
// running gateway, with valid credentials: what is refused is refused for its
// form alone, in the caller's dialect, once, with the connection closed.
func TestListeners(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Config: patient})
	all := doors(t, r)
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			t.Run("good", func(t *testing.T) { takesGood(t, d) })
			before := moved(t, r)
			t.Run("server", func(t *testing.T) { refusesByServer(t, d) })
			t.Run("shell", func(t *testing.T) { refusesByShell(t, d) })
			t.Run("bodies", func(t *testing.T) { refusesBroken(t, d) })
			t.Run("h2", func(t *testing.T) { refusesH2(t, d) })
			if after := moved(t, r); after != before {
				t.Errorf("refused requests moved something: %s, before %s", after, before)
			}
			t.Run("chunks", func(t *testing.T) { closesBehindChunks(t, d) })
			t.Run("desync", func(t *testing.T) { servesNothingBehind(t, d) })
			t.Run("connections", func(t *testing.T) { connections(t, d) })
		})
	}
	recorded(t, r)
}

// patient has no limit between one number and one person: the cases have one
// person only.
func patient(text string) string {
	return strings.Replace(text, "per_app_rate: 0", "per_app_rate: 0, pair_rate: 0", 1)
}

// moved is all that a request could have made happen.
func moved(t *testing.T, r *rig.Rig) string {
	t.Helper()
	sent, _ := r.Sim.Accepted(0, 10_000)
	rows := r.SQL(t, "SELECT count(*) FROM audit WHERE effect = 'allow' OR kind IN ('inbound', 'event', 'undecodable', 'config', 'access')")
	return fmt.Sprintf("%d sends, %s records", len(sent), rows[0][0])
}

// recorded looks at what the trail says of it all: the refused requests of
// known apps by name, those of nobody in sums, and no word of their content.
func recorded(t *testing.T, r *rig.Rig) {
	t.Helper()
	for _, app := range []string{"cloud-demo", "d360-demo", "onprem-demo"} {
		var rows [][]string
		rig.Await(t, "refused requests of "+app+" on record", func() bool {
			rows = r.SQL(t, "SELECT count(*), min(effect), max(effect), max(result) FROM audit WHERE app = '"+app+"' AND reason LIKE 'request_%'")
			return rows[0][0] != "0"
		})
		if rows[0][1] != "deny" || rows[0][2] != "deny" || rows[0][3] != "refused" {
			t.Errorf("refused requests of %s on record: %v", app, rows)
		}
	}
	log := r.Log.String()
	for _, secret := range []string{r.Env["POSTERN_CLOUD_TOKEN"], r.Env["POSTERN_D360_V1_KEY"], operatorKey(t, r), r.Env["DEMO_CONSENTED"], "On its way"} {
		if strings.Contains(log, secret) {
			t.Error("the log holds a credential, a number or a text")
		}
	}
	r.Stop() // writes the sums
	again := rig.Start(t, rig.Options{Keep: r.Dir})
	rows := again.SQL(t, "SELECT count(*), sum(code) FROM audit WHERE kind = 'unauth'")
	if rows[0][0] == "0" || rows[0][0] > "9" {
		t.Errorf("%s records of unauthenticated requests, want a few sums", rows[0][0])
	}
	t.Logf("%s sums say %s requests", rows[0][0], rows[0][1])
}

func takesGood(t *testing.T, d door) {
	for name, raw := range map[string]string{
		"plain":            d.site.Post(""),
		"equal lengths":    d.site.Post(fmt.Sprintf("Content-Length: %d\r\n", len(d.site.Body))),
		"folded header":    d.site.Post("X-Note: a\r\n b\r\n"),
		"underscores":      d.site.Post("D360_API_KEY: a\r\nX_Hub_Signature_256: b\r\nContent_Length: 1\r\n"),
		"websocket":        d.site.Post("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13\r\n"),
		"h2c upgrade":      d.site.Post("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
		"method override":  d.site.Post("X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\nX-Forwarded-Host: other.example\r\n"),
		"bare LF in heads": strings.Replace(d.site.Post(""), "\r\n", "\n", 3),
	} {
		t.Run(name, func(t *testing.T) {
			answers, closed := d.raw(t, raw, false, 1)
			if len(answers) != 1 || answers[0].status/100 != 2 || closed && name != "websocket" && name != "h2c upgrade" {
				t.Errorf("answers %+v, closed %t", answers, closed)
			}
		})
	}
	t.Run("expect", func(t *testing.T) { expects(t, d) })
}

// expects sends the body only once the gateway asks for it.
func expects(t *testing.T, d door) {
	head, body, _ := strings.Cut(d.site.Post("Expect: 100-continue\r\n"), "\r\n\r\n")
	conn := d.dial(t, "http/1.1")
	if _, err := io.WriteString(conn, head+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("answer %q, %v", buf, err)
	}
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	buf = buf[:12]
	if _, err := io.ReadFull(conn, buf); err != nil || !strings.HasPrefix(string(buf), "HTTP/1.1 20") {
		t.Errorf("answer %q, %v", buf, err)
	}
}

func refusesByServer(t *testing.T, d door) {
	for _, c := range edgetest.ByServer(d.site) {
		t.Run(c.Name, func(t *testing.T) {
			answers, closed := d.raw(t, c.Raw+d.site.Hidden(), false, 1)
			if len(answers) != 1 || answers[0].status < 400 || !closed {
				t.Errorf("answers %+v, closed %t: want one refusal and a closed connection", answers, closed)
			}
		})
	}
}

func refusesByShell(t *testing.T, d door) {
	cases := edgetest.ByShell(d.site)
	if !d.loose {
		cases = append(cases, edgetest.Slashes(d.site)...)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			answers, closed := d.raw(t, c.Raw+d.site.Hidden(), false, 1)
			if len(answers) != 1 || !closed {
				t.Fatalf("answers %+v, closed %t: want one refusal and a closed connection", answers, closed)
			}
			d.refused(t, c.Raw, answers[0].status, answers[0].body)
		})
	}
}

// refused checks the shape of one refusal. Where a request holds no single
// credential and no path of a dialect, nobody can say whose shape it must be.
func (d door) refused(t *testing.T, raw string, status int, body []byte) {
	t.Helper()
	err := d.shape(status, body)
	if err != nil && !strings.Contains(raw, d.site.Headers) {
		if err = cloudShape(status, body); err != nil {
			err = flatShape(status, body)
		}
	}
	if err != nil {
		t.Error(err)
	}
	if quotes(body, "other.example", "%2e", "\xc3\xa9", strings.TrimSpace(strings.SplitN(d.site.Headers, "\r\n", 2)[0][9:])) {
		t.Errorf("the refusal repeats the request: %q", body)
	}
}

func refusesBroken(t *testing.T, d door) {
	for _, c := range edgetest.Broken(d.site) {
		t.Run(c.Name, func(t *testing.T) {
			answers, closed := d.raw(t, c.Raw, true, 2)
			if len(answers) > 1 || !closed {
				t.Fatalf("answers %+v, closed %t: want one refusal at most and a closed connection", answers, closed)
			}
			for _, a := range answers {
				if err := d.shape(a.status, a.body); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func refusesH2(t *testing.T, d door) {
	if d.roots == nil {
		t.Run("prior knowledge", func(t *testing.T) { noH2(t, d) })
		return
	}
	for _, c := range edgetest.H2ByShell(d.site) {
		t.Run(c.Name, func(t *testing.T) {
			conn := d.dial(t, "h2")
			if err := edgetest.WriteH2(conn, c.Fields, []byte(d.site.Body), nil); err != nil {
				t.Fatal(err)
			}
			status, body := edgetest.ReadH2(conn)
			if status == 200 || status == 0 {
				t.Fatalf("status %d", status)
			}
			raw := d.site.Headers
			if len(c.Fields) < 4 {
				raw = "" // a CONNECT holds nothing that says who calls
			}
			if status < 0 {
				status = 400
			}
			d.refused(t, raw, status, body)
		})
	}
	if d.name != "cloud" && d.name != "webhook" {
		return // what follows never gets as far as a dialect
	}
	waiting := map[string]net.Conn{} // the server takes a second to close some
	for name, fields := range edgetest.H2ByServer(d.site) {
		waiting[name] = d.dial(t, "h2")
		if err := edgetest.WriteH2(waiting[name], fields, []byte(d.site.Body), nil); err != nil {
			t.Fatal(err)
		}
	}
	for name, conn := range waiting {
		if status, _ := edgetest.ReadH2(conn); status == 200 {
			t.Errorf("%s: the request was taken", name)
		}
	}
}

// noH2 speaks h2 without TLS: the admin listener does not.
func noH2(t *testing.T, d door) {
	conn := d.dial(t, "")
	if err := edgetest.WriteH2(conn, d.site.H2(), []byte(d.site.Body), nil); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if !strings.HasPrefix(string(got), "HTTP/1.1 400 ") {
		t.Errorf("answer %q, %v", got, err)
	}
}

func closesBehindChunks(t *testing.T, d door) {
	for _, c := range edgetest.Chunks(d.site) {
		t.Run(c.Name, func(t *testing.T) {
			answers, closed := d.raw(t, c.Raw+d.site.Hidden(), false, 2)
			if len(answers) != 1 || answers[0].status/100 != 2 || !closed {
				t.Errorf("answers %+v, closed %t: want one and a closed connection", answers, closed)
			}
		})
	}
}

// servesNothingBehind: what two parsers delimit differently is taken once or
// refused, and the connection ends.
func servesNothingBehind(t *testing.T, d door) {
	for _, c := range edgetest.Desync(d.site) {
		t.Run(c.Name, func(t *testing.T) {
			answers, closed := d.raw(t, c.Raw+d.site.Hidden(), false, 4)
			good := 0
			for _, a := range answers {
				if a.status/100 == 2 {
					good++
				}
			}
			if good > 1 || !closed {
				t.Errorf("answers %+v, closed %t: want one good one at most and a closed connection", answers, closed)
			}
		})
	}
}

// connections: pipelined requests are answered in order, a refusal ends the
// connection, an early refusal hides nothing behind an unread body, and HEAD
// has no body.
func connections(t *testing.T, d door) {
	good := d.site.Post("")
	answers, closed := d.raw(t, good+good, false, 2)
	if len(answers) != 2 || answers[0].status/100 != 2 || answers[1].status/100 != 2 || closed {
		t.Errorf("two pipelined: %+v, closed %t", answers, closed)
	}
	stranger := edgetest.Site{Host: d.site.Host, Target: d.site.Target, Headers: "Content-Type: application/json\r\n", Body: strings.Repeat(good, 400)}
	answers, _ = d.raw(t, stranger.Post("")+d.site.Hidden(), true, 3)
	if len(answers) == 0 || len(answers) > 2 || answers[0].status != 401 {
		t.Errorf("a refusal with an unread body: %d answers", len(answers))
	}
	for _, a := range answers {
		if a.status/100 == 2 {
			t.Error("what stood in an unread body was served")
		}
	}
	head := "HEAD" + strings.TrimPrefix(good, "POST")
	answers, _ = d.raw(t, head, true, 1)
	if len(answers) != 1 || answers[0].status < 400 || len(answers[0].body) != 0 {
		t.Errorf("HEAD: %+v", answers)
	}
}

// TestTransport: TLS 1.3, and nothing older unless asked for, whatever name is asked for; and plain text
// is not spoken where TLS is.
func TestTransport(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	for _, d := range doors(t, r) {
		if d.roots == nil || d.loose {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			for name, c := range map[string]struct {
				change func(*tls.Config)
				ok     bool
			}{
				"1.3":         {func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }, true},
				"1.2":         {func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, false},
				"1.1":         {func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, false},
				"1.0":         {func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 }, false},
				"no SNI":      {func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "", true }, true},
				"foreign SNI": {func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "other.example", true }, true},
				"CBC": {func(c *tls.Config) {
					c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
				}, false},
				"foreign ALPN": {func(c *tls.Config) { c.NextProtos = []string{"spdy/1"} }, false},
			} {
				conf := &tls.Config{RootCAs: d.roots, ServerName: "localhost"}
				c.change(conf)
				conn, err := tls.Dial("tcp", d.address, conf)
				if (err == nil) != c.ok {
					t.Errorf("%s: %v, want a connection %t", name, err, c.ok)
				}
				if err == nil {
					conn.Close()
				}
			}
			conn, err := net.Dial("tcp", d.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, d.site.Post("")); err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(conn); strings.Contains(string(got), " 200 ") || strings.Contains(string(got), " 201 ") {
				t.Error("a request without TLS was taken")
			}
		})
	}
}

// TestSlowHeads: a client that never finishes its head is cut off, at every
// listener, while another one is served.
func TestSlowHeads(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	slow := map[string]net.Conn{}
	for _, d := range doors(t, r) {
		if d.loose {
			continue
		}
		slow[d.name] = d.dial(t, "http/1.1")
		if _, err := io.WriteString(slow[d.name], d.site.Post("")[:40]); err != nil {
			t.Fatal(err)
		}
		if answers, _ := d.raw(t, d.site.Post(""), false, 1); len(answers) != 1 || answers[0].status/100 != 2 {
			t.Errorf("%s: another client: %+v", d.name, answers)
		}
	}
	for name, conn := range slow {
		if _, err := io.ReadAll(conn); timedOut(err) {
			t.Errorf("%s: half a head kept the connection for %s", name, patience)
		}
	}
}

// TestForeignHost: a page that resolves its own name to loopback can not ask
// the admin listener, even with the operator's key.
func TestForeignHost(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	all := doors(t, r)
	admin := all[len(all)-1]
	for host, ok := range map[string]bool{
		"localhost:8445": true, "127.0.0.1": true, "[::1]:8445": true,
		"other.example": false, "localhost.other.example": false, "127.0.0.1.other.example:8445": false, "10.0.0.1": false, "LOCALHOST.": false,
	} {
		admin.site.Host = host
		answers, _ := admin.raw(t, admin.site.Post(""), false, 1)
		if len(answers) != 1 || (answers[0].status == 200) != ok || !ok && answers[0].status != 403 {
			t.Errorf("%s: %+v, want it taken %t", host, answers, ok)
		}
	}
}
