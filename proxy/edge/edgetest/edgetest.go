// Package edgetest holds the raw requests that no listener may take: what Go's
// server lets through and two parsers could read differently. The shell's own
// tests and those of the running gateway use the same tables, so that a
// listener can not have a gap of its own.
//
// It fails nothing by itself: a Case is bytes and what must become of them.
package edgetest

import (
	"fmt"
	"io"
	"net"
	"strings"

	"postern/proxy/edge"
)

// Site is a good request of one listener; the cases are that request with one
// thing wrong, so that nothing else can be the reason of the refusal.
type Site struct {
	Host    string // with port if any
	Target  string // canonical path of a POST
	Headers string // lines with CRLF: credentials and content type
	Body    string
}

// Case is one raw request.
type Case struct {
	Name, Raw string
	// Fault is what the shell refuses with; "" where Go's server refuses first.
	Fault edge.Fault
}

// Hidden is a request to put behind a case on the same connection: it must
// never be answered.
func (s Site) Hidden() string {
	return "GET /hidden HTTP/1.1\r\n" + s.host() + "\r\n"
}

// Post is the good request with more header lines.
func (s Site) Post(headers string) string {
	return s.head(s.Headers+headers) + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(s.Body)) + s.Body
}

// Chunked is the good request in one chunk, with more header lines.
func (s Site) Chunked(headers string) string {
	return s.head(s.Headers+headers) + "Transfer-Encoding: chunked\r\n\r\n" + s.chunk() + "0\r\n\r\n"
}

// Write sends bytes as they are and, if asked to, ends the client's side, all
// beside the caller's reading: a server may refuse before it has read
// everything, and its reset then takes the answer from a client that reads only
// afterwards. What could not be written shows in what is answered.
func Write(conn net.Conn, raw string, hangUp bool) {
	go func() {
		_, err := io.WriteString(conn, raw)
		if half, ok := conn.(interface{ CloseWrite() error }); ok && hangUp && err == nil {
			_ = half.CloseWrite() //nolint:errcheck // the other side may be gone already
		}
	}()
}

func (s Site) host() string { return "Host: " + s.Host + "\r\n" }

func (s Site) head(headers string) string {
	return "POST " + s.Target + " HTTP/1.1\r\n" + s.host() + headers
}

func (s Site) chunk() string { return fmt.Sprintf("%x\r\n%s\r\n", len(s.Body), s.Body) }

func (s Site) get(target string) string {
	return "GET " + target + " HTTP/1.1\r\n" + s.host() + s.Headers + "\r\n"
}

// ByServer are the cases that Go's server refuses before any handler, in plain
// text: a newer Go that lets one through must show.
func ByServer(s Site) []Case {
	head, length := s.head(s.Headers), fmt.Sprintf("Content-Length: %d\r\n", len(s.Body))
	chunked, end := "Transfer-Encoding: chunked\r\n", "\r\n"+s.chunk()+"0\r\n\r\n"
	version := func(v string) string {
		return strings.Replace(s.Post(""), "HTTP/1.1", v, 1)
	}
	return []Case{
		{Name: "bad length", Raw: head + "Content-Length: x\r\n\r\n" + s.Body},
		{Name: "signed length", Raw: head + fmt.Sprintf("Content-Length: +%d\r\n\r\n", len(s.Body)) + s.Body},
		{Name: "negative length", Raw: head + "Content-Length: -1\r\n\r\n" + s.Body},
		{Name: "listed length", Raw: head + fmt.Sprintf("Content-Length: %d, %[1]d\r\n\r\n", len(s.Body)) + s.Body},
		{Name: "differing lengths", Raw: head + length + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(s.Body)+1) + s.Body + "x"},
		{Name: "bad length, chunked", Raw: head + "Content-Length: x\r\n" + chunked + end},
		{Name: "two lengths, chunked", Raw: head + "Content-Length: 2\r\nContent-Length: 3\r\n" + chunked + end},
		{Name: "gzip transfer", Raw: head + "Transfer-Encoding: gzip\r\n" + end},
		{Name: "gzip, chunked", Raw: head + "Transfer-Encoding: gzip, chunked\r\n" + end},
		{Name: "chunked twice", Raw: head + "Transfer-Encoding: chunked, chunked\r\n" + end},
		{Name: "chunked in two", Raw: head + chunked + chunked + end},
		{Name: "identity transfer", Raw: head + "Transfer-Encoding: identity\r\n" + end},
		{Name: "odd chunked", Raw: head + "Transfer-Encoding: xchunked\r\n" + end},
		{Name: "blank before colon", Raw: head + strings.Replace(length, ":", " :", 1) + "\r\n" + s.Body},
		{Name: "blank in a name", Raw: s.Post("X A: b\r\n")},
		{Name: "no colon", Raw: s.Post("nonsense\r\n")},
		{Name: "NUL in a header", Raw: s.Post("X-A: a\x00b\r\n")},
		{Name: "control in a header", Raw: s.Post("X-A: a\x01b\r\n")},
		{Name: "bare CR in a header", Raw: s.Post("X-A: a\rX-B: b\r\n")},
		{Name: "no host", Raw: strings.Replace(s.Post(""), s.host(), "", 1)},
		{Name: "two hosts", Raw: s.Post("Host: other.example\r\n")},
		{Name: "bad host", Raw: strings.Replace(s.Post(""), s.host(), "Host: a b\r\n", 1)},
		{Name: "huge headers", Raw: s.Post("X-A: " + strings.Repeat("a", 64<<10) + "\r\n")},
		{Name: "many headers", Raw: s.Post(strings.Repeat("X-A: aaaaaaaaaaaaaaaaaaaaaaaa\r\n", 2<<10))},
		{Name: "version 9", Raw: version("HTTP/9.9")},
		{Name: "no version", Raw: strings.Replace(s.Post(""), " HTTP/1.1", "", 1)},
		{Name: "blank in target", Raw: "GET /1 2 HTTP/1.1\r\n" + s.host() + s.Headers + "\r\n"},
		{Name: "NUL in target", Raw: s.get(s.Target + "\x00")},
		{Name: "bad escape", Raw: s.get("/%zz")},
		{Name: "unknown expectation", Raw: s.Post("Expect: miracle\r\n")},
		{Name: "TLS in TLS", Raw: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"},
	}
}

// ByShell are the cases that reach the shell and must end there.
func ByShell(s Site) []Case {
	cases := []Case{
		{"HTTP/1.0", strings.Replace(s.Post("Connection: keep-alive\r\n"), "HTTP/1.1", "HTTP/1.0", 1), edge.FaultProtocol},
		{"HTTP/1.0 chunked", strings.Replace(s.Chunked(""), "HTTP/1.1", "HTTP/1.0", 1), edge.FaultProtocol},
		{"HTTP/1.2", strings.Replace(s.Post(""), "HTTP/1.1", "HTTP/1.2", 1), edge.FaultProtocol},
		{"preface of h2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", edge.FaultMethod},
		{"connect", "CONNECT gate.example:443 HTTP/1.1\r\n" + s.host() + s.Headers + "\r\n", edge.FaultMethod},
		{"options star", "OPTIONS * HTTP/1.1\r\n" + s.host() + s.Headers + "\r\n", edge.FaultMethod},
		{"announced trailer", s.head(s.Headers) + "Trailer: Authorization\r\nTransfer-Encoding: chunked\r\n\r\n" + s.chunk() + "0\r\nAuthorization: Bearer x\r\n\r\n", edge.FaultTrailer},
		{"gzip", s.Post("Content-Encoding: gzip\r\n"), edge.FaultEncoding},
		{"identity and gzip", s.Post("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n"), edge.FaultEncoding},
		{"empty and gzip", s.Post("Content-Encoding:\r\nContent-Encoding: gzip\r\n"), edge.FaultEncoding},
		{"listed encoding", s.Post("Content-Encoding: identity, gzip\r\n"), edge.FaultEncoding},
		{"expectation in disguise", s.Post("Expect: y 100-continue\r\n"), edge.FaultExpect},
		{"two expectations", s.Post("Expect: 100-continue\r\nExpect: 100-continue\r\n"), edge.FaultExpect},
	}
	for _, m := range []string{"post", "Post", "FOO", "TRACE", "OPTIONS", "PROPFIND", "M-SEARCH"} {
		cases = append(cases, Case{"method " + m, m + strings.TrimPrefix(s.Post(""), "POST"), edge.FaultMethod})
	}
	return append(append(append(cases, repeated(s)...), targets(s)...), queries(s)...)
}

func repeated(s Site) []Case {
	var out []Case
	for _, name := range []string{"Authorization", "D360-Api-Key", "Content-Type", "Idempotency-Key", "X-Hub-Signature-256"} {
		lower := strings.ToLower(name)
		out = append(out,
			Case{"two " + lower, s.Post(name + ": a\r\n" + name + ": b\r\n"), edge.FaultHeader},
			Case{"same " + lower + " in two cases", s.Post(lower + ": a\r\n" + strings.ToUpper(name) + ": a\r\n"), edge.FaultHeader},
			Case{"empty second " + lower, s.Post(name + ": a\r\n" + name + ":\r\n"), edge.FaultHeader},
		)
	}
	return out
}

// targets are the good path written in ways that mean it only after
// normalising, or that mean another host.
func targets(s Site) []Case {
	post := func(target string) string { return strings.Replace(s.Post(""), " "+s.Target+" ", " "+target+" ", 1) }
	out := []Case{
		{"absolute", post("http://other.example" + s.Target), edge.FaultTarget},
		{"absolute to itself", post("https://" + s.Host + s.Target), edge.FaultTarget},
		{"opaque", post("mailto:a@other.example"), edge.FaultTarget},
		{"star", post("*"), edge.FaultTarget},
		{"fragment", post(s.Target + "#x"), edge.FaultPath},
	}
	first, rest, _ := strings.Cut(s.Target[1:], "/")
	for _, target := range []string{
		"/." + s.Target, "/.." + s.Target, "/x/.." + s.Target, s.Target + "/.", s.Target + "/..", "/" + first + "/./" + rest, "/" + first + "/x/../" + rest,
		"/..", "/.", "/" + first + "%2f" + rest, "/" + first + "%2F" + rest, "/%2e%2e" + s.Target, "/%2e" + s.Target, fmt.Sprintf("/%%%02x", s.Target[1]) + s.Target[2:],
		s.Target + "%00", s.Target + ";a=b", "/;" + s.Target, s.Target + "%3f", s.Target + "%23", s.Target + "\\", "/\\other.example" + s.Target, s.Target + "%20", s.Target + ",b",
		s.Target + "=b", s.Target + "&b", s.Target + "|b", s.Target + "\"b", s.Target + ":2", "/+1", "/a@b", "/\xc3\xa9", "/%C3%A9", "/%c0%ae%c0%ae" + s.Target,
	} {
		out = append(out, Case{"path " + target, post(target), edge.FaultPath})
	}
	return out
}

// Slashes are the harmless forms of old dialects: refused wherever a listener
// does not say that it takes them for the path.
func Slashes(s Site) []Case {
	var out []Case
	for _, target := range []string{"/" + s.Target, s.Target + "/", s.Target + "//", "//" + strings.ReplaceAll(s.Target[1:], "/", "//")} {
		out = append(out, Case{"path " + target, strings.Replace(s.Post(""), " "+s.Target+" ", " "+target+" ", 1), edge.FaultPath})
	}
	return append(out, Case{"path //other.example", s.get("//other.example" + s.Target), edge.FaultPath})
}

func queries(s Site) []Case {
	var out []Case
	for name, query := range map[string]string{
		"two access tokens": "access_token=a&access_token=b", "escaped twin": "access_token=a&access%5Ftoken=b", "semicolon": "a=b;access_token=c",
		"bad query escape": "a=%zz", "query fragment": "a=b#c", "two proofs": "appsecret_proof=a&appsecret_proof=b", "two challenges": "hub.challenge=a&hub.challenge=b",
	} {
		out = append(out, Case{name, strings.Replace(s.Post(""), s.Target+" ", s.Target+"?"+query+" ", 1), edge.FaultQuery})
	}
	return out
}

// Broken are good heads whose body breaks while it is read: nothing of it may
// be used.
func Broken(s Site) []Case {
	chunked := s.head(s.Headers) + "Transfer-Encoding: chunked\r\n\r\n"
	length := func(n int) string { return s.head(s.Headers) + fmt.Sprintf("Content-Length: %d\r\n\r\n", n) }
	size := fmt.Sprintf("%x", len(s.Body))
	return []Case{
		{Name: "cut short", Raw: length(len(s.Body)+8) + s.Body},
		{Name: "no last chunk", Raw: chunked + s.chunk()},
		{Name: "cut in a chunk", Raw: chunked + "8\r\n{}"},
		{Name: "bare LF", Raw: chunked + strings.ReplaceAll(s.chunk()+"0\r\n\r\n", "\r\n", "\n")},
		{Name: "hex prefix", Raw: chunked + "0x" + s.chunk() + "0\r\n\r\n"},
		{Name: "signed size", Raw: chunked + "+" + s.chunk() + "0\r\n\r\n"},
		{Name: "negative size", Raw: chunked + "-" + s.chunk() + "0\r\n\r\n"},
		{Name: "overflow", Raw: chunked + "fffffffffffffffff\r\n" + s.Body + "\r\n0\r\n\r\n"},
		{Name: "size that wraps 32 bits", Raw: chunked + "1" + strings.Repeat("0", 8-len(size)) + s.chunk() + "0\r\n\r\n"},
		{Name: "chunk longer", Raw: chunked + size + "\r\n" + s.Body + "x\r\n0\r\n\r\n"},
		{Name: "no size", Raw: chunked + "\r\n" + s.Body + "\r\n0\r\n\r\n"},
		{Name: "unannounced trailer", Raw: chunked + s.chunk() + "0\r\nAuthorization: Bearer x\r\n\r\n"},
		{Name: "huge extension", Raw: chunked + size + ";" + strings.Repeat("x", 64<<10) + "\r\n" + s.Body + "\r\n0\r\n\r\n"},
		{Name: "huge, only declared", Raw: length(1<<40) + s.Body},
	}
}

// Chunks are chunked requests that are taken, once, with the connection closed
// behind them: what follows may belong to the body for another parser.
func Chunks(s Site) []Case {
	beside := func(n int) string { return s.Chunked(fmt.Sprintf("Content-Length: %d\r\n", n)) }
	return []Case{
		{Name: "plain", Raw: s.Chunked("")},
		{Name: "beside a short length", Raw: beside(4)},
		{Name: "beside a length over all", Raw: beside(len(s.chunk()) + 5 + len(s.Hidden()))},
		{Name: "extension", Raw: strings.Replace(s.Chunked(""), "\r\n\r\n"+fmt.Sprintf("%x", len(s.Body)), "\r\n\r\n"+fmt.Sprintf("%x;ext=\"x\"", len(s.Body)), 1)},
		{Name: "upper case", Raw: strings.Replace(s.Chunked(""), "chunked", "CHUNKED", 1)},
		{Name: "two chunks", Raw: s.head(s.Headers) + "Transfer-Encoding: chunked\r\n\r\n1\r\n" + s.Body[:1] + "\r\n" + fmt.Sprintf("%x\r\n%s\r\n", len(s.Body)-1, s.Body[1:]) + "0\r\n\r\n"},
		{Name: "leading zeroes", Raw: s.head(s.Headers) + "Transfer-Encoding: chunked\r\n\r\n00" + s.chunk() + "0000\r\n\r\n"},
	}
}
