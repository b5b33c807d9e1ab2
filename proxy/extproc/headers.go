package extproc

import (
	"net/http"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
)

// value is that of one of Envoy's headers, which come in either form.
func value(h *corev3.HeaderValue) string {
	if len(h.RawValue) > 0 {
		return string(h.RawValue)
	}
	return h.Value
}

// pseudo gives a header of HTTP/2 such as ":path".
func pseudo(head *corev3.HeaderMap, name string) string {
	for _, h := range head.GetHeaders() {
		if h.Key == name {
			return value(h)
		}
	}
	return ""
}

// hops are headers that proxies add, which say nothing here.
var hops = []string{"forwarded", "via", "x-request-id", "x-real-ip"}

func hop(name string) bool {
	return strings.HasPrefix(name, "x-envoy-") || strings.HasPrefix(name, "x-forwarded-") || slices.Contains(hops, name)
}

// header is Envoy's headers as Go's server has them. Hops are left out: nothing
// that a client wrote there may ever count.
func header(head *corev3.HeaderMap) http.Header {
	out := make(http.Header, len(head.GetHeaders()))
	for _, h := range head.GetHeaders() {
		if strings.HasPrefix(h.Key, ":") || hop(strings.ToLower(h.Key)) {
			continue
		}
		out.Add(h.Key, value(h))
	}
	return out
}

// framing are headers that say how a body comes, which Envoy needs until it has it.
var framing = []string{"content-length", "transfer-encoding", "te", "connection"}

// others are the names in head that keep does not hold, each once.
func others(head *corev3.HeaderMap, keep func(name string) bool) []string {
	var out []string
	for _, h := range head.GetHeaders() {
		name := strings.ToLower(h.Key)
		if !strings.HasPrefix(name, ":") && name != "host" && !keep(name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// bare takes everything out of a request's head that is the app's: its headers,
// and the query, where credentials may be too.
func bare(head *corev3.HeaderMap) *extproc.HeaderMutation {
	out := &extproc.HeaderMutation{
		RemoveHeaders: others(head, func(name string) bool { return slices.Contains(framing, name) }),
	}
	if path, _, found := strings.Cut(pseudo(head, ":path"), "?"); found {
		out.SetHeaders = append(out.SetHeaders, set(":path", path))
	}
	return out
}

func set(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: name, RawValue: []byte(value)},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}

// connection are headers that are Envoy's to write.
var connection = []string{"Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", "Upgrade", "Te", "Content-Length", "Date"}

// sets turns headers of ours into Envoy's, in the order of their names.
func sets(h http.Header) []*corev3.HeaderValueOption {
	var out []*corev3.HeaderValueOption
	for _, name := range sortedNames(h) {
		for i, v := range h[name] {
			o := set(strings.ToLower(name), v)
			if i > 0 {
				o.AppendAction = corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD
			}
			out = append(out, o)
		}
	}
	return out
}

func sortedNames(h http.Header) []string {
	var out []string
	for name := range h {
		if !slices.Contains(connection, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
