package edge_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/proxy/edge"
)

const host = "Host: gate.example\r\n"

// send is a plain good request; more headers go in the middle.
func send(headers string) string {
	return "POST /v25.0/1/messages HTTP/1.1\r\n" + host + headers + "Content-Length: 2\r\n\r\n{}"
}

func TestGoodRequestsReachTheHandler(t *testing.T) {
	l := listen(t)
	for name, c := range map[string]struct {
		raw, path, query, body string
	}{
		"plain":             {send("Content-Type: application/json\r\nAuthorization: Bearer x\r\n"), "/v25.0/1/messages", "", "{}"},
		"identity":          {send("Content-Encoding: identity\r\n"), "/v25.0/1/messages", "", "{}"},
		"query":             {"GET /v25.0/1?access_token=a&fields=x HTTP/1.1\r\n" + host + "\r\n", "/v25.0/1", "access_token=a&fields=x", ""},
		"fields twice":      {"GET /1?fields=x&fields=y HTTP/1.1\r\n" + host + "\r\n", "/1", "fields=x&fields=y", ""},
		"challenge":         {"GET /webhooks/t?hub.mode=subscribe&hub.challenge=1&hub.verify_token=a%2Bb HTTP/1.1\r\n" + host + "\r\n", "/webhooks/t", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=a%2Bb", ""},
		"root":              {"GET / HTTP/1.1\r\n" + host + "\r\n", "/", "", ""},
		"loose slash":       {"GET /v1/health/ HTTP/1.1\r\n" + host + "\r\n", "/v1/health", "", ""},
		"loose double":      {"GET /v1/media//abc HTTP/1.1\r\n" + host + "\r\n", "/v1/media/abc", "", ""},
		"loose many":        {"GET //v1///media//abc// HTTP/1.1\r\n" + host + "\r\n", "/v1/media/abc", "", ""},
		"equal lengths":     {"POST /1 HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "/1", "", "{}"},
		"bare LF headers":   {"POST /1 HTTP/1.1\nHost: gate.example\nContent-Length: 2\n\n{}", "/1", "", "{}"},
		"folded header":     {"POST /1 HTTP/1.1\r\n" + host + "X-Note: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", "/1", "", "{}"},
		"body at the limit": {"POST /1 HTTP/1.1\r\n" + host + fmt.Sprintf("Content-Length: %d\r\n\r\n", bodyLimit) + strings.Repeat("x", bodyLimit), "/1", "", strings.Repeat("x", bodyLimit)},
	} {
		t.Run(name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.raw, false)
			served, refused := l.seen()
			if len(statuses) != 1 || statuses[0] != 200 || len(refused) != 0 || len(served) != 1 {
				t.Fatalf("answers %v, refused %q, served %d", statuses, refused, len(served))
			}
			if closed {
				t.Error("the connection was not kept")
			}
			if s := served[0]; s.path != c.path || s.query != c.query || s.body != c.body || s.err != nil {
				t.Errorf("handler saw path %q, query %q, %d bytes, %v", s.path, s.query, len(s.body), s.err)
			}
		})
	}
}

// What Go refuses stays refused: a newer Go that lets it through must show here.
func TestGoRefusesBeforeAnyHandler(t *testing.T) {
	l := listen(t)
	post := "POST /1 HTTP/1.1\r\n" + host
	for name, raw := range map[string]string{
		"bad length":           post + "Content-Length: x\r\n\r\n",
		"signed length":        post + "Content-Length: +2\r\n\r\n{}",
		"listed length":        post + "Content-Length: 2, 2\r\n\r\n{}",
		"differing lengths":    post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
		"bad length, chunked":  post + "Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"two lengths, chunked": post + "Content-Length: 2\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"gzip transfer":        post + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
		"chunked twice":        post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		"chunked in two":       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"identity transfer":    post + "Transfer-Encoding: identity\r\n\r\n",
		"blank before colon":   post + "Content-Length : 2\r\n\r\n{}",
		"NUL in header":        post + "X-A: a\x00b\r\n\r\n",
		"control in header":    post + "X-A: a\x01b\r\n\r\n",
		"bare CR in header":    post + "X-A: a\rX-B: b\r\n\r\n",
		"no host":              "POST /1 HTTP/1.1\r\n\r\n",
		"two hosts":            "POST /1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"bad host":             "POST /1 HTTP/1.1\r\nHost: a b\r\n\r\n",
		"huge headers":         post + "X-A: " + strings.Repeat("a", 64<<10) + "\r\n\r\n",
		"version 9":            "POST /1 HTTP/9.9\r\n" + host + "\r\n",
		"blank in target":      "GET /1 2 HTTP/1.1\r\n" + host + "\r\n",
		"NUL in target":        "GET /1\x00 HTTP/1.1\r\n" + host + "\r\n",
		"bad escape":           "GET /%zz HTTP/1.1\r\n" + host + "\r\n",
		"unknown expectation":  post + "Expect: miracle\r\nContent-Length: 2\r\n\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			statuses, closed := l.raw(t, raw+"GET /hidden HTTP/1.1\r\n"+host+"\r\n", true)
			served, _ := l.seen()
			if len(served) != 0 {
				t.Errorf("the handler ran for %+v", served)
			}
			if len(statuses) != 1 || statuses[0] < 400 || !closed {
				t.Errorf("answers %v, closed %t: want one refusal and a closed connection", statuses, closed)
			}
		})
	}
}

func TestShellRefuses(t *testing.T) {
	l := listen(t)
	get := func(target string) string { return "GET " + target + " HTTP/1.1\r\n" + host + "\r\n" }
	method := func(m string) string { return m + " /1 HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}" }
	cases := map[string]struct {
		raw  string
		want edge.Fault
	}{
		"HTTP/1.0":             {"POST /1 HTTP/1.0\r\n" + host + "Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", edge.FaultProtocol},
		"HTTP/1.0 chunked":     {"POST /1 HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", edge.FaultProtocol},
		"HTTP/1.2":             {"POST /1 HTTP/1.2\r\n" + host + "Content-Length: 2\r\n\r\n{}", edge.FaultProtocol},
		"preface":              {"PRI * HTTP/2.0\r\n\r\n", edge.FaultMethod},
		"options star":         {"OPTIONS * HTTP/1.1\r\n" + host + "\r\n", edge.FaultMethod},
		"absolute":             {get("http://other.example/v25.0/1"), edge.FaultTarget},
		"absolute https":       {get("https://gate.example/v25.0/1"), edge.FaultTarget},
		"fragment":             {get("/v25.0/1#x"), edge.FaultPath},
		"star":                 {get("*"), edge.FaultTarget},
		"announced trailer":    {"POST /1 HTTP/1.1\r\n" + host + "Trailer: Authorization\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n", edge.FaultTrailer},
		"gzip":                 {send("Content-Encoding: gzip\r\n"), edge.FaultEncoding},
		"identity and gzip":    {send("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n"), edge.FaultEncoding},
		"empty and gzip":       {send("Content-Encoding:\r\nContent-Encoding: gzip\r\n"), edge.FaultEncoding},
		"listed encoding":      {send("Content-Encoding: identity, gzip\r\n"), edge.FaultEncoding},
		"two authorizations":   {send("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), edge.FaultHeader},
		"same authorization":   {send("Authorization: Bearer a\r\nauthorization: Bearer a\r\n"), edge.FaultHeader},
		"two 360dialog keys":   {send("D360-API-KEY: a\r\nD360-Api-Key: b\r\n"), edge.FaultHeader},
		"two content types":    {send("Content-Type: application/json\r\nContent-Type: text/plain\r\n"), edge.FaultHeader},
		"two idempotency keys": {send("Idempotency-Key: a\r\nIdempotency-Key: b\r\n"), edge.FaultHeader},
		"two signatures":       {send("X-Hub-Signature-256: sha256=a\r\nX-Hub-Signature-256: sha256=b\r\n"), edge.FaultHeader},
		"two access tokens":    {get("/1?access_token=a&access_token=b"), edge.FaultQuery},
		"escaped twin":         {get("/1?access_token=a&access%5Ftoken=b"), edge.FaultQuery},
		"semicolon":            {get("/1?a=b;access_token=c"), edge.FaultQuery},
		"bad query escape":     {get("/1?a=%zz"), edge.FaultQuery},
		"query fragment":       {get("/1?a=b#c"), edge.FaultQuery},
	}
	for _, m := range []string{"post", "Post", "FOO", "TRACE", "OPTIONS", "PROPFIND"} {
		cases["method "+m] = struct {
			raw  string
			want edge.Fault
		}{method(m), edge.FaultMethod}
	}
	cases["connect"] = struct {
		raw  string
		want edge.Fault
	}{"CONNECT gate.example:443 HTTP/1.1\r\n" + host + "\r\n", edge.FaultMethod}
	for _, p := range []string{
		"/v25.0/./1", "/v25.0/../1", "/..", "/.", "/v1/../v25.0/1", "/v1/media/..", "/v25.0//1/messages", "//v25.0/1", "/v25.0/1/messages/",
		"//", "//other.example/v1/messages", "/v1//../x", "/v25.0/1%2fmessages", "/v25.0/%2e%2e/1", "/v25.0/%31/messages", "/1%00", "/1;a=b", "/+1",
		"/1:2", "/a@b", "/a\\b", "/a%20b", "/\xc3\xa9", "/%C3%A9", "/a,b", "/a=b", "/a&b", "/a|b", "/v1/a\"b",
	} {
		cases["path "+p] = struct {
			raw  string
			want edge.Fault
		}{get(p), edge.FaultPath}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.raw+"GET /hidden HTTP/1.1\r\n"+host+"\r\n", true)
			served, refused := l.seen()
			if len(served) != 0 {
				t.Errorf("the handler ran for %+v", served)
			}
			if len(refused) != 1 || refused[0] != c.want {
				t.Errorf("refused with %q, want %q", refused, c.want)
			}
			if len(statuses) != 1 || statuses[0] != 400 || !closed {
				t.Errorf("answers %v, closed %t: want one refusal and a closed connection", statuses, closed)
			}
		})
	}
}

func TestChunkedBodiesEndTheConnection(t *testing.T) {
	l := listen(t)
	head := "POST /1 HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n"
	hidden := "GET /hidden HTTP/1.1\r\n" + host + "\r\n"
	for name, raw := range map[string]string{
		"plain":           head + "\r\n2\r\n{}\r\n0\r\n\r\n",
		"beside a length": head + "Content-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"length of all":   head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 12+len(hidden)) + "2\r\n{}\r\n0\r\n\r\n",
		"chunk extension": head + "\r\n2;ext=\"x\"\r\n{}\r\n0\r\n\r\n",
		"two chunks":      head + "\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
		"upper case":      "POST /1 HTTP/1.1\r\n" + host + "Transfer-Encoding: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"too long zeroes": head + "\r\n0002\r\n{}\r\n0000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			statuses, closed := l.raw(t, raw+hidden, true)
			served, _ := l.seen()
			if len(served) != 1 || served[0].path != "/1" || served[0].body != "{}" || served[0].err != nil {
				t.Fatalf("served %+v", served)
			}
			if len(statuses) != 1 || !closed {
				t.Errorf("answers %v, closed %t: want one and a closed connection", statuses, closed)
			}
		})
	}
}

// Bodies that break while they are read are no bodies.
func TestBrokenBodies(t *testing.T) {
	l := listen(t)
	chunked := "POST /1 HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n"
	length := func(n int) string {
		return "POST /1 HTTP/1.1\r\n" + host + fmt.Sprintf("Content-Length: %d\r\n\r\n", n)
	}
	for name, c := range map[string]struct {
		raw  string
		want error
	}{
		"cut short":            {length(10) + "{}", edge.ErrBody},
		"no last chunk":        {chunked + "2\r\n{}\r\n", edge.ErrBody},
		"cut in a chunk":       {chunked + "8\r\n{}", edge.ErrBody},
		"bare LF":              {chunked + "2\n{}\n0\n\n", edge.ErrBody},
		"hex prefix":           {chunked + "0x2\r\n{}\r\n0\r\n\r\n", edge.ErrBody},
		"signed size":          {chunked + "+2\r\n{}\r\n0\r\n\r\n", edge.ErrBody},
		"negative size":        {chunked + "-2\r\n{}\r\n0\r\n\r\n", edge.ErrBody},
		"overflow":             {chunked + "fffffffffffffffff\r\n{}\r\n0\r\n\r\n", edge.ErrBody},
		"chunk longer":         {chunked + "2\r\n{}x\r\n0\r\n\r\n", edge.ErrBody},
		"unannounced trailer":  {chunked + "2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n", edge.ErrBody},
		"too large, declared":  {length(bodyLimit+1) + strings.Repeat("x", bodyLimit+1), edge.ErrTooLarge},
		"huge, only declared":  {length(1<<40) + "{}", edge.ErrTooLarge},
		"too large, in chunks": {chunked + strings.Repeat("80\r\n"+strings.Repeat("x", 128)+"\r\n", 9) + "0\r\n\r\n", edge.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			l.raw(t, c.raw, true)
			served, _ := l.seen()
			if len(served) != 1 {
				t.Fatalf("served %+v", served)
			}
			if s := served[0]; s.err != c.want || s.body != "" { //nolint:errorlint // ReadBody returns the plain values
				t.Errorf("error %v with %d bytes, want %v with none", s.err, len(s.body), c.want)
			}
		})
	}
}
