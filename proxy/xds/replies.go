package xds

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	accesslogv3 "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	celv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/filters/cel/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"postern/proxy/dialect"
	"postern/proxy/edge"
)

// DetailsPrefix begins the details word of every answer that the gateway itself
// gave: those go out as they are.
const DetailsPrefix = "postern_"

// Conditions on answers that Envoy gives by itself, in CEL.
const (
	byEnvoy = "!response.code_details.startsWith('" + DetailsPrefix + "')"
	// neverAsked: no connection to the gateway came about, so nothing was judged and
	// nothing can have left. Whoever sends again sends once.
	// The same of a file that the router had no room for, whatever host it was meant for.
	neverAsked = byEnvoy + " && (!has(upstream.address) && response.code_details.matches('(connection_failure|connection_timeout|no_healthy_upstream|overflow|overload)')" +
		" || response.code_details == 'upstream_reset_before_response_started{overflow}')"
)

// reply is what becomes of an answer of Envoy's own.
type reply struct {
	status  int
	when    string
	problem dialect.Problem
}

var outcomeUnknown = dialect.Problem{Kind: dialect.UnknownOutcome, Details: "the gateway stopped answering while the request was under way: it may have been sent. Do not send it again before its status is known."}

// badBody is what the gateway's own listener says, too: by then there is a route.
var badBody = dialect.Problem{Kind: dialect.Malformed, Details: "the body was cut short or is badly framed"}

// replyTable has no row for heads that Envoy can not read (its 400, 426 and 431):
// it closes the connection before the processor, which is asked about answers of
// Envoy's own as well, lets one through.
var replyTable = []reply{
	{http.StatusBadRequest, byEnvoy + " && xds.route_name != ''", badBody},
	{http.StatusBadRequest, byEnvoy, dialect.Problem{Kind: dialect.Malformed, Details: "the request is not well-formed HTTP"}},
	{http.StatusNotFound, byEnvoy, dialect.Problem{Kind: dialect.NotFound, Details: string(edge.FaultTarget)}},
	{http.StatusRequestTimeout, byEnvoy, badBody},
	{http.StatusRequestEntityTooLarge, byEnvoy, dialect.Problem{Kind: dialect.TooLarge, Details: "the body is larger than this gateway takes"}},
	{http.StatusInternalServerError, byEnvoy, outcomeUnknown},
	{http.StatusBadGateway, byEnvoy, outcomeUnknown},
	{http.StatusServiceUnavailable, neverAsked, dialect.Problem{Kind: dialect.Overloaded, Details: "the gateway does not answer; nothing was sent"}},
	{http.StatusServiceUnavailable, byEnvoy, outcomeUnknown},
	{http.StatusGatewayTimeout, byEnvoy, outcomeUnknown},
}

// speaker is a dialect and how a request tells that it speaks it (dialect.Detect).
type speaker struct {
	dialect dialect.Dialect
	path    string // pattern; "" for any
	key     bool   // it carries 360dialog's header
}

// speakers are in the order that they are looked for.
var speakers = []speaker{
	{dialect.D360V1, `/v1(/.*)?`, true},
	{dialect.OnPrem, `/(v1(/.*)?|metrics)`, false},
	{dialect.D360V2, "", true},
	{dialect.Cloud, "", false},
}

// old reports whether its paths begin with /v1.
func (s speaker) old() bool { return s.path != "" }

// headers tell speakers of the same path apart.
func (s speaker) headers() []*routev3.HeaderMatcher {
	return []*routev3.HeaderMatcher{{
		Name: "d360-api-key", HeaderMatchSpecifier: &routev3.HeaderMatcher_PresentMatch{PresentMatch: true}, InvertMatch: !s.key,
	}}
}

// asked is how an answer tells whom it is for: by the route, which is chosen
// before the gateway writes another path and takes the app's headers. What has no
// route yet, as where Envoy takes no requests, is told by these themselves.
func (s speaker) asked() string {
	if s.dialect == dialect.Cloud {
		return ""
	}
	said := "!has(xds.route_name)"
	if s.path != "" {
		said += " && request.path.matches('^(https?://[^/]*)?" + s.path + `(\\?.*)?$')`
	}
	if s.key {
		said += " && 'd360-api-key' in request.headers"
	}
	return " && (xds.route_name.endsWith('" + string(s.dialect) + "') || " + said + ")"
}

// replies turn what Envoy answers by itself into errors that clients of each
// dialect read. Meta reads the status of its webhooks alone.
func (b *builder) replies(listener string) *hcmv3.LocalReplyConfig {
	if listener == listenerWebhook {
		return nil
	}
	out := &hcmv3.LocalReplyConfig{}
	for _, s := range speakers {
		for _, r := range replyTable {
			out.Mappers = append(out.Mappers, b.mapper(s, r))
		}
	}
	return out
}

func (b *builder) mapper(s speaker, r reply) *hcmv3.ResponseMapper {
	status, header, body := dialect.EncodeProblem(s.dialect, &r.problem)
	m := &hcmv3.ResponseMapper{
		Filter:     b.when(s, r),
		StatusCode: wrapperspb.UInt32(uint32(status)), //nolint:gosec // an HTTP status
		Body:       text(string(body)),
		BodyFormatOverride: &corev3.SubstitutionFormatString{
			Format:      &corev3.SubstitutionFormatString_TextFormatSource{TextFormatSource: text("%LOCAL_REPLY_BODY%")},
			ContentType: header["Content-Type"],
		},
	}
	delete(header, "Content-Type")
	for _, name := range sorted(header) {
		m.HeadersToAdd = append(m.HeadersToAdd, &corev3.HeaderValueOption{
			Header:       &corev3.HeaderValue{Key: strings.ToLower(name), Value: header[name]},
			AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
		})
	}
	return m
}

func sorted(header map[string]string) []string {
	var out []string
	for name := range header {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// when is all conditions together.
func (b *builder) when(s speaker, r reply) *accesslogv3.AccessLogFilter {
	all := []*accesslogv3.AccessLogFilter{statusIs(r.status), {FilterSpecifier: &accesslogv3.AccessLogFilter_ExtensionFilter{
		ExtensionFilter: &accesslogv3.ExtensionFilter{Name: "cel", ConfigType: &accesslogv3.ExtensionFilter_TypedConfig{TypedConfig: b.pack(&celv3.ExpressionFilter{Expression: r.when + s.asked()})}},
	}}}
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_AndFilter{AndFilter: &accesslogv3.AndFilter{Filters: all}}}
}

// statusIs compares with a constant: the runtime key that Envoy wants names
// nothing.
func statusIs(status int) *accesslogv3.AccessLogFilter {
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_StatusCodeFilter{StatusCodeFilter: &accesslogv3.StatusCodeFilter{
		Comparison: &accesslogv3.ComparisonFilter{Op: accesslogv3.ComparisonFilter_EQ, Value: &corev3.RuntimeUInt32{
			DefaultValue: uint32(status), RuntimeKey: "postern.status_" + strconv.Itoa(status), //nolint:gosec // an HTTP status
		}},
	}}}
}
