package extproc

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	filterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/types/known/structpb"
)

// filter is the name under which Envoy puts its attributes.
const filter = "envoy.filters.http.ext_proc"

// Attributes that Envoy is to send.
const (
	attrSource  = "source.address"
	attrDNS     = "connection.dns_san_peer_certificate"
	attrURI     = "connection.uri_san_peer_certificate"
	attrDetails = "response.code_details"
)

// viaUpstream is what attrDetails says of an answer that is upstream's.
const viaUpstream = "via_upstream"

func attributes(m *extproc.ProcessingRequest) map[string]*structpb.Value {
	return m.GetAttributes()[filter].GetFields()
}

// lacks says what the configuration of an Envoy lacks that sends such a first
// message, in words for its operators; "" for nothing.
func lacks(m *extproc.ProcessingRequest) string {
	const buffered = filterv3.ProcessingMode_BUFFERED
	modes := m.GetProtocolConfig()
	switch {
	case m.GetObservabilityMode():
		return "observability_mode: true lets everything pass; remove it"
	case m.GetRequestHeaders() == nil:
		return "processing_mode.request_header_mode is not SEND"
	case modes.GetRequestBodyMode() != buffered:
		return "processing_mode.request_body_mode is not BUFFERED"
	case modes.GetResponseBodyMode() != buffered:
		return "processing_mode.response_body_mode is not BUFFERED"
	}
	return ""
}

// foreign reports an answer of Envoy's own to a request that it did not show, such as
// one that was too large for a filter before this one.
func foreign(m *extproc.ProcessingRequest) bool {
	details := attributes(m)[attrDetails].GetStringValue()
	return m.GetResponseHeaders() != nil && details != "" && details != viaUpstream && !m.GetObservabilityMode()
}

// local stands for a peer that has no address: it is on this machine.
const local = "127.0.0.1:0"

// request is the request that Envoy holds, as Go's server would give it to the
// handler.
func (s *Server) request(ctx context.Context, x *exchange, m *extproc.ProcessingRequest) (*http.Request, error) {
	head := m.GetRequestHeaders()
	x.head = head.GetHeaders()
	target := pseudo(x.head, ":path")
	u, err := url.ParseRequestURI(target)
	if err != nil {
		u = &url.URL{Path: "/"}
	}
	r := &http.Request{
		Method: pseudo(x.head, ":method"), URL: u, RequestURI: target, Host: pseudo(x.head, ":authority"),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header(x.head), RemoteAddr: s.source(ctx, m), Body: http.NoBody,
	}
	if _, announced := r.Header["Trailer"]; announced {
		r.Trailer = http.Header{"Trailer": nil} // Go's server has a name for each
	}
	if x.embodied = !head.GetEndOfStream(); x.embodied {
		x.declared = length(r.Header)
		r.Body, r.ContentLength = &body{x: x}, x.declared
	}
	return r.WithContext(s.known(ctx, m)), err
}

// length is what the head says of the body's, -1 for nothing that is a number.
func length(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// source is who made the request: whom Envoy names, where it is believed.
func (s *Server) source(ctx context.Context, m *extproc.ProcessingRequest) string {
	if a := attributes(m)[attrSource].GetStringValue(); s.cfg.Trust.Source && a != "" {
		return a
	}
	if p, ok := peer.FromContext(ctx); ok && p.Addr.Network() == "tcp" {
		return p.Addr.String()
	}
	return local
}

type namesKey struct{}

// known puts the names of the app's certificate into ctx, where Envoy is
// believed.
func (s *Server) known(ctx context.Context, m *extproc.ProcessingRequest) context.Context {
	if !s.cfg.Trust.Certificate {
		return ctx
	}
	var names []string
	for _, attr := range []string{attrDNS, attrURI} {
		if name := attributes(m)[attr].GetStringValue(); name != "" {
			names = append(names, name)
		}
	}
	return context.WithValue(ctx, namesKey{}, names)
}

// Names are those in the client certificate of a request that came by Envoy, as
// far as it is believed.
func Names(ctx context.Context) []string {
	names, _ := ctx.Value(namesKey{}).([]string) //nolint:errcheck // none where there are none
	return names
}

// body asks Envoy for the request's body once somebody reads it. One that is not
// whole is none.
type body struct {
	x    *exchange
	rest *bytes.Reader
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.rest == nil {
		b.x.mu.Lock()
		err := b.x.fetch()
		b.x.mu.Unlock()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		b.rest = bytes.NewReader(b.x.content)
	}
	return b.rest.Read(p)
}

// Close implements io.Closer.
func (*body) Close() error { return nil }
