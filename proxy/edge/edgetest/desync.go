package edgetest

import (
	"fmt"
	"strings"
)

// Desync are requests that parsers were seen to delimit differently. A listener
// may refuse one or take it, once; what stands behind it on the connection is
// never served, since another parser may have counted it to the body.
//
// The tricks are those of RFC 9112, section 11.2, and of the published
// collections: CL.TE, TE.CL, TE.TE, CL.0 and the two kinds of chunk extensions.
func Desync(s Site) []Case {
	head, length := s.head(s.Headers), fmt.Sprintf("Content-Length: %d\r\n", len(s.Body))
	end := "\r\n" + s.chunk() + "0\r\n\r\n"
	cases := []Case{
		{Name: "length, then chunked", Raw: head + length + "Transfer-Encoding: chunked\r\n" + end},
		{Name: "chunked, then length", Raw: head + "Transfer-Encoding: chunked\r\n" + length + end},
		{Name: "length of nothing, chunked", Raw: head + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n" + end},
		{Name: "length beyond, chunked", Raw: head + fmt.Sprintf("Content-Length: %d\r\n", len(end)+len(s.Hidden())) + "Transfer-Encoding: chunked\r\n" + end},
		{Name: "hexadecimal length", Raw: head + fmt.Sprintf("Content-Length: 0x%x\r\n\r\n", len(s.Body)) + s.Body},
		{Name: "length with an underscore", Raw: head + "Content-Length: 1_0\r\n\r\n" + s.Body},
		{Name: "overflowing length", Raw: head + "Content-Length: 18446744073709551618\r\n\r\n" + s.Body},
		{Name: "lengths in one line, differing", Raw: head + fmt.Sprintf("Content-Length: %d, 0\r\n\r\n", len(s.Body)) + s.Body},
		{Name: "length and nothing", Raw: head + "Content-Length:\r\n" + length + "\r\n" + s.Body},
		{Name: "expectation, chunked and length", Raw: head + "Expect: 100-continue\r\n" + length + "Transfer-Encoding: chunked\r\n" + end},
	}
	for _, line := range []string{
		"Transfer-Encoding:\tchunked", "Transfer-Encoding:\x0bchunked", "Transfer-Encoding:\x0cchunked", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked",
		" Transfer-Encoding: chunked", "X-A: a\r\n Transfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: chunked\r\n x",
		"Transfer-Encoding: \"chunked\"", "Transfer-Encoding: 'chunked'", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: chunked,", "Transfer-Encoding: ,chunked",
		"Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "Transfer-Encoding: chun\x00ked", "Transfer-Encoding: chunked\x00", "Transfer-Encoding: cow", "Transfer-Encoding:",
		"X-A: a\rTransfer-Encoding: chunked", "X-A: a\x00\r\nTransfer-Encoding: chunked", "Transfer\x00-Encoding: chunked", "Transfer-Encoding\x00: chunked", "\x00Transfer-Encoding: chunked",
	} {
		cases = append(cases, Case{Name: fmt.Sprintf("chunked as %q", line), Raw: head + line + "\r\n" + length + end})
	}
	return append(cases, desyncChunks(s)...)
}

// desyncChunks hide a line end or a size from one of two parsers.
func desyncChunks(s Site) []Case {
	head, size := s.head(s.Headers)+"Transfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x", len(s.Body))
	last := "0\r\n\r\n"
	chunk := func(name, line string) Case {
		return Case{Name: name, Raw: head + line + s.Body + "\r\n" + last}
	}
	return []Case{
		chunk("LF ends a size", size+"\n"), chunk("CR ends a size", size+"\r"), chunk("blank before a size", " "+size+"\r\n"),
		chunk("blank behind a size", size+" \r\n"), chunk("tab behind a size", size+"\t\r\n"), chunk("underscore in a size", "0_"+size+"\r\n"),
		chunk("NUL behind a size", size+"\x00\r\n"),
		chunk("size that wraps 64 bits", "1"+strings.Repeat("0", 16-len(size))+size+"\r\n"), chunk("comma behind a size", size+",0\r\n"),
		chunk("LF ends an extension", size+";a\n"), chunk("LF within an extension", size+";a\nb\r\n"), chunk("CR within an extension", size+";a\rb\r\n"),
		chunk("quoted line end in an extension", size+";a=\"\r\n\"\r\n"), chunk("NUL in an extension", size+";\x00\r\n"), chunk("extension without a name", size+";\r\n"),
		{Name: "chunk ended by LF", Raw: head + size + "\r\n" + s.Body + "\n" + last},
		{Name: "chunk ended by two others", Raw: head + size + "\r\n" + s.Body + "xx" + last},
		{Name: "last chunk with an extension", Raw: head + s.chunk() + "0;a=b\r\n\r\n"},
		{Name: "last chunk ended by LF", Raw: head + s.chunk() + "0\n\n"},
		{Name: "last chunk ended by CR LF LF", Raw: head + s.chunk() + "0\r\n\n"},
		{Name: "length as a trailer", Raw: head + s.chunk() + "0\r\nContent-Length: 4\r\n\r\n"},
		{Name: "host as a trailer", Raw: head + s.chunk() + "0\r\nHost: other.example\r\n\r\n"},
		{Name: "folded trailer", Raw: head + s.chunk() + "0\r\nX-A: a\r\n b\r\n\r\n"},
		{Name: "trailer without a colon", Raw: head + s.chunk() + "0\r\nnonsense\r\n\r\n"},
	}
}

// H2Request is a raw h2 request with all that may follow its head.
type H2Request struct {
	Name    string
	Fields  []Field
	Body    []byte
	Trailer []Field
}

// H2Desync are h2 requests that turn into something else when they are written
// down as HTTP/1.1. None may be taken, but for those whose name begins with
// "harmless": of these nothing but head and body may go on, no trailer.
func H2Desync(s Site) []H2Request {
	smuggled := "\r\n\r\nGET /hidden HTTP/1.1\r\nHost: " + s.Host + "\r\nX-A: "
	body := []byte(s.Body)
	length := func(n int) Field { return Field{"content-length", fmt.Sprint(n)} }
	out := []H2Request{
		{"length too small", s.H2(length(len(body) - 1)), body, nil},
		{"length too large", s.H2(length(len(body) + 1)), body, nil},
		{"length of nothing", s.H2(length(0)), []byte(s.Body + s.Hidden()), nil},
		{"two lengths", s.H2(length(len(body)), length(0)), body, nil},
		{"length with a sign", s.H2(Field{"content-length", fmt.Sprintf("+%d", len(body))}), body, nil},
		{"chunked", s.H2(Field{"transfer-encoding", "chunked"}), []byte("0\r\n\r\n" + s.Hidden()), nil},
		{"chunked in upper case", s.H2(Field{"Transfer-Encoding", "chunked"}), []byte("0\r\n\r\n" + s.Hidden()), nil},
		{"keep-alive", s.H2(Field{"keep-alive", "a"}), body, nil},
		{"upgrade", s.H2(Field{"upgrade", "h2c"}), body, nil},
		{"proxy-connection", s.H2(Field{"proxy-connection", "close"}), body, nil},
		{"te other than trailers", s.H2(Field{"te", "chunked"}), body, nil},
		{"line end in a value", s.H2(Field{"x-a", "a" + smuggled}), body, nil},
		{"LF in a value", s.H2(Field{"x-a", "a\ntransfer-encoding: chunked"}), body, nil},
		{"CR in a value", s.H2(Field{"x-a", "a\rtransfer-encoding: chunked"}), body, nil},
		{"NUL in a value", s.H2(Field{"x-a", "a\x00b"}), body, nil},
		{"line end in a name", s.H2(Field{"x-a: b\r\ntransfer-encoding", "chunked"}), body, nil},
		{"colon in a name", s.H2(Field{"transfer-encoding:chunked", "a"}), body, nil},
		{"colon before a name", s.H2(Field{":transfer-encoding", "chunked"}), body, nil},
		{"blank in a name", s.H2(Field{"transfer-encoding ", "chunked"}), body, nil},
		{"empty name", s.H2(Field{"", "chunked"}), body, nil},
		{"line end in the path", s.h2("POST", s.Target+" HTTP/1.1"+smuggled), body, nil},
		{"line end in the method", s.h2("POST /hidden HTTP/1.1\r\nX-A: a", s.Target), body, nil},
		{"blank in the method", s.h2("POST /hidden", s.Target), body, nil},
		{"path without a slash", s.h2("POST", s.Target[1:]), body, nil},
		{"path with a fragment", s.h2("POST", s.Target+"#/hidden"), body, nil},
		{"two methods", s.H2(Field{":method", "GET"}), body, nil},
		{"two authorities", s.H2(Field{":authority", "other.example"}), body, nil},
		{"two schemes", s.H2(Field{":scheme", "http"}), body, nil},
		{"line end in the authority", s.authority(s.Host + "\r\nx-a: b"), body, nil},
		{"user in the authority", s.authority("a@" + s.Host), body, nil},
		{"path in the trailer", s.H2(), body, []Field{{":path", "/hidden"}}},
		{"harmless length in the trailer", s.H2(), body, []Field{length(0)}},
		{"harmless credential in the trailer", s.H2(), body, []Field{{"authorization", "Bearer x"}}},
		{"harmless chunked in the trailer", s.H2(), body, []Field{{"transfer-encoding", "chunked"}}},
		{"harmless te", s.H2(Field{"te", "trailers"}), body, nil},
		{"harmless length", s.H2(length(len(body))), body, nil},
	}
	return out
}
