package check

import (
	"regexp"
	"slices"
	"strings"

	accesslog "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	file "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	grpclog "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/grpc/v3"
	stream "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	"google.golang.org/protobuf/proto"
)

// managerLogs judges what is written down of the calls of a manager.
func (s *survey) managerLogs(m *manager) {
	see := func(path string, l *accesslog.AccessLog) { s.log(path, l) }
	each(m.path, m.msg, see)
	each(m.listener.path, bare(m.listener.msg, "filter_chains", "default_filter_chain", "api_listener"), see)
	if m.msg.GetTracing() != nil {
		s.add("log.traces", m.path, "")
	}
}

// log judges one access log.
func (s *survey) log(path string, l *accesslog.AccessLog) {
	at := path + ".typed_config"
	switch c := opened(l.GetTypedConfig()).(type) {
	case *file.FileAccessLog:
		s.fileLog(at, c)
	case *stream.StdoutAccessLog:
		s.formatted(at, c.GetLogFormat())
	case *stream.StderrAccessLog:
		s.formatted(at, c.GetLogFormat())
	case *grpclog.HttpGrpcAccessLogConfig:
		s.add("log.service", path, "")
	case *grpclog.TcpGrpcAccessLogConfig: // holds addresses and bytes, no request
	case nil:
		s.add("log.not-seen", path, "")
	default:
		s.add("log.not-seen", path, kind(c))
	}
}

// fileLog reads the forms that a file's format was given in over the years.
func (s *survey) fileLog(path string, c *file.FileAccessLog) {
	var old proto.Message
	switch {
	case c.GetLogFormat() != nil:
		s.formatted(path, c.GetLogFormat())
		return
	case c.GetFormat() != "": //nolint:staticcheck // old files have it
		s.format(path, c.GetFormat(), "format") //nolint:staticcheck // old files have it
		return
	case c.GetJsonFormat() != nil: //nolint:staticcheck // old files have it
		old = c.GetJsonFormat() //nolint:staticcheck // old files have it
	case c.GetTypedJsonFormat() != nil: //nolint:staticcheck // old files have it
		old = c.GetTypedJsonFormat() //nolint:staticcheck // old files have it
	default:
		s.add("log.default", path, "")
		return
	}
	name := "json_format"
	if c.GetJsonFormat() == nil { //nolint:staticcheck // old files have it
		name = "typed_json_format"
	}
	texts(old, func(text string) { s.format(path, text, name) })
}

func (s *survey) formatted(path string, f *core.SubstitutionFormatString) {
	switch {
	case f.GetFormat() == nil:
		s.add("log.default", path, "")
	case f.GetTextFormatSource() != nil && f.GetTextFormatSource().GetInlineString() == "":
		s.add("log.not-seen", path, "a format in a file of its own")
	default:
		texts(bare(f, "formatters", "content_type"), func(text string) { s.format(path, text, "") })
	}
}

var (
	operatorName = regexp.MustCompile(`^%([A-Z][A-Z0-9_]*)(\(?)`)
	operatorEnd  = regexp.MustCompile(`\)(:[0-9]+)?%`)
)

// operatorsOf are the operators of a format with their arguments, in pairs. The
// arguments may hold percent signs and brackets of their own.
func operatorsOf(text string) [][2]string {
	var out [][2]string
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			return out
		}
		text = text[i:]
		found := operatorName.FindStringSubmatch(text)
		switch {
		case strings.HasPrefix(text, "%%"):
			text = text[2:]
		case found == nil:
			text = text[1:]
		case found[2] == "":
			out = append(out, [2]string{found[1], ""})
			_, text, _ = strings.Cut(text[1:], "%")
		default:
			text = text[len(found[0]):]
			args, rest := text, ""
			if end := operatorEnd.FindStringIndex(text); end != nil {
				args, rest = text[:end[0]], text[end[1]:]
			}
			out, text = append(out, [2]string{found[1], args}), rest
		}
	}
}

// harmlessOperators are those whose values hold nothing of a person, a message
// or a credential.
var harmlessOperators = strings.Fields(`
	START_TIME START_TIME_LOCAL EMIT_TIME RESPONSE_CODE RESPONSE_CODE_DETAILS RESPONSE_FLAGS RESPONSE_FLAGS_LONG CONNECTION_TERMINATION_DETAILS
	BYTES_RECEIVED BYTES_SENT BYTES_RETRANSMITTED PACKETS_RETRANSMITTED REQUEST_HEADERS_BYTES RESPONSE_HEADERS_BYTES REQUEST_TRAILERS_BYTES
	RESPONSE_TRAILERS_BYTES UPSTREAM_WIRE_BYTES_SENT UPSTREAM_WIRE_BYTES_RECEIVED UPSTREAM_HEADER_BYTES_SENT UPSTREAM_HEADER_BYTES_RECEIVED
	UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED DOWNSTREAM_WIRE_BYTES_SENT
	DOWNSTREAM_WIRE_BYTES_RECEIVED DOWNSTREAM_HEADER_BYTES_SENT DOWNSTREAM_HEADER_BYTES_RECEIVED DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT
	DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED DURATION COMMON_DURATION REQUEST_DURATION RESPONSE_DURATION REQUEST_TX_DURATION
	RESPONSE_TX_DURATION UPSTREAM_CONNECTION_POOL_READY_DURATION DOWNSTREAM_HANDSHAKE_DURATION ROUNDTRIP_DURATION CUSTOM_FLAGS
	PROTOCOL UPSTREAM_PROTOCOL UPSTREAM_HOST UPSTREAM_HOST_NAME UPSTREAM_CLUSTER UPSTREAM_CLUSTER_RAW UPSTREAM_LOCAL_ADDRESS
	UPSTREAM_LOCAL_PORT UPSTREAM_REMOTE_ADDRESS UPSTREAM_REMOTE_PORT UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT UPSTREAM_CONNECTION_ID
	UPSTREAM_REQUEST_ATTEMPT_COUNT UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_DETECTED_CLOSE_TYPE DOWNSTREAM_DETECTED_CLOSE_TYPE
	UPSTREAM_TLS_VERSION UPSTREAM_TLS_CIPHER DOWNSTREAM_REMOTE_ADDRESS DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT DOWNSTREAM_REMOTE_PORT
	DOWNSTREAM_DIRECT_REMOTE_ADDRESS DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_LOCAL_ADDRESS
	DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_LOCAL_PORT DOWNSTREAM_DIRECT_LOCAL_ADDRESS DOWNSTREAM_TLS_VERSION DOWNSTREAM_TLS_CIPHER
	DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_SERIAL DOWNSTREAM_PEER_SUBJECT DOWNSTREAM_PEER_ISSUER DOWNSTREAM_PEER_URI_SAN
	DOWNSTREAM_PEER_CERT_V_START DOWNSTREAM_PEER_CERT_V_END DOWNSTREAM_TRANSPORT_FAILURE_REASON CONNECTION_ID STREAM_ID REQUESTED_SERVER_NAME
	ROUTE_NAME VIRTUAL_CLUSTER_NAME VIRTUAL_HOST_NAME FILTER_CHAIN_NAME LISTENER_METADATA CLUSTER_METADATA HOSTNAME GRPC_STATUS
	GRPC_STATUS_NUMBER ACCESS_LOG_TYPE TRACE_ID SPAN_ID UNIQUE_ID TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT`)

// harmlessHeaders are those that may be written out of requests and answers.
var harmlessHeaders = strings.Fields(`
	:METHOD :AUTHORITY :SCHEME :STATUS HOST USER-AGENT CONTENT-TYPE CONTENT-LENGTH ACCEPT X-REQUEST-ID X-FORWARDED-PROTO
	X-ENVOY-UPSTREAM-SERVICE-TIME X-ENVOY-ATTEMPT-COUNT TRACEPARENT X-POSTERN-CHANGED`)

// format judges the operators of one text. Old names the key that the format
// came in if it is one that log_format has replaced.
func (s *survey) format(path, text, old string) {
	for _, found := range operatorsOf(text) {
		name, args := found[0], found[1]
		whole := "%" + name + "%"
		if args != "" {
			whole = "%" + name + "(" + args + ")%"
		}
		switch {
		case slices.Contains(harmlessOperators, name):
		case name == "REQ" || name == "RESP" || name == "REQ_WITHOUT_QUERY" || name == "TRAILER":
			if !harmlessNames(args) {
				s.addLog("log.reveals", path, whole, old)
			}
		case name == "PATH" || name == "QUERY_PARAM" || name == "QUERY_PARAMS":
			s.addLog("log.reveals", path, whole, old)
		default:
			s.addLog("log.other", path, whole, old)
		}
	}
}

// harmlessNames reads "NAME?OTHER".
func harmlessNames(args string) bool {
	for name := range strings.SplitSeq(args, "?") {
		if !slices.Contains(harmlessHeaders, strings.ToUpper(strings.TrimSpace(name))) {
			return false
		}
	}
	return true
}

// addLog adds a finding whose fix also takes out a key of old.
func (s *survey) addLog(code, path, detail, old string) {
	n := len(s.found)
	s.add(code, path, detail)
	if len(s.found) > n && old != "" {
		s.found[n].Fix = old + ": null\n" + s.found[n].Fix
	}
}
