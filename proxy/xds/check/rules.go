package check

// rule is one thing that Postern asks of a configuration.
type rule struct {
	code     string
	severity Severity
	says     string
	fix      string // see Finding.Fix
}

// table are all rules in the order of RULES.md.
func table() []rule {
	var all []rule
	for _, part := range [][]rule{gateRules, shownRules, failureRules, behindRules, logRules, roundRules, upstreamRules, edgeRules, unseenRules} {
		all = append(all, part...)
	}
	return all
}

// ruled is the rule of a code.
func ruled(code string) rule {
	for _, r := range table() {
		if r.code == code {
			return r
		}
	}
	return rule{code: code, severity: Breaks, says: "no rule of this name"} // TestEveryRuleHasItsCase
}

const takeOut = "null\n"

var gateRules = []rule{
	{"gate.missing", Breaks, "calls reach Meta and no external processor is asked about them", `http_filters:
- name: envoy.filters.http.ext_proc
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
    grpc_service: {envoy_grpc: {cluster_name: postern_ext_proc}}
    failure_mode_allow: false
    status_on_error: {code: ServiceUnavailable}
    message_timeout: 30s
    max_message_timeout: 600s
    response_attributes: [response.code_details]
    processing_mode:
      request_header_mode: SEND
      request_body_mode: BUFFERED
      request_trailer_mode: SEND
      response_header_mode: SEND
      response_body_mode: BUFFERED
    mutation_rules: {allow_all_routing: true, allow_envoy: true, disallow_is_error: true}
`},
	{"gate.not-seen", Breaks, "routes or filters come from elsewhere, so that nothing here shows that Postern is asked: check the /config_dump of a running Envoy", ""},
	{"gate.guessed", Note, "there are several external processors and none has Postern's name: this one was taken for it; name its filter postern if it is, else the other", ""},
	{"gate.disabled", Breaks, "the filter is off unless a route turns it on, and a route to Meta does not: its calls pass unseen", "disabled: false\n"},
	{"gate.optional", Weakens, "an Envoy that does not know the filter would leave it out and pass calls unseen", "is_optional: false\n"},
	{"gate.conditional", Breaks, "the filter runs for some calls only: the rest pass unseen; put the ext_proc filter into http_filters itself", ""},
	{"gate.off", Breaks, "a route to Meta turns the filter off", takeOut},
	{"gate.http", Breaks, "Postern is asked over HTTP, which shows it no bodies; it speaks gRPC", `http_service: null
grpc_service: {envoy_grpc: {cluster_name: postern_ext_proc}}
`},
	{"gate.observes", Breaks, "Envoy does not wait for the answer: nothing is ever refused or recorded before it moves", "observability_mode: false\n"},
	{"gate.no-refusal", Breaks, "Envoy ignores refusals", "disable_immediate_response: false\n"},
	{"gate.headers-hidden", Breaks, "Postern is not shown all headers: repeated ones and credentials go up unseen", "forward_rules: null\n"},
	{"gate.mutations", Breaks, "Postern may not set host, method and path: the app's own would go up instead of those it decided on",
		"mutation_rules: {allow_all_routing: true, allow_envoy: true, disallow_is_error: true}\n"},
	{"gate.silent", Weakens, "a change of a header that Envoy does not allow is dropped in silence instead of ending the call",
		"mutation_rules: {allow_all_routing: true, allow_envoy: true, disallow_is_error: true}\n"},
	{"gate.mode-override", Weakens, "answers may turn off what the filter is shown; Postern does not need it", "allow_mode_override: false\n"},
	{"gate.route-cache", Weakens, "the route is chosen again after the decision: the new one may have other filters", "route_cache_action: RETAIN\n"},
	{"gate.followed", Weakens, "a filter after Postern may change what it decided on; put it before ext_proc", ""},
	{"processor.open", Breaks, "texts and credentials go to Postern over a network without certificates on both sides: who is on it reads them and may allow", `transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
    sni: postern.internal
    common_tls_context:
      tls_certificates:
      - certificate_chain: {filename: /etc/envoy/client.pem}
        private_key: {filename: /etc/envoy/client-key.pem}
      validation_context:
        trusted_ca: {filename: /etc/envoy/postern-ca.pem}
        match_typed_subject_alt_names:
        - {san_type: DNS, matcher: {exact: postern.internal}}
`},
	{"processor.google", Breaks, "texts and credentials go to Postern by Google's client without a certificate of this side; use envoy_grpc with a unix socket or mTLS", `google_grpc: null
envoy_grpc: {cluster_name: postern_ext_proc}
`},
	{"processor.not-seen", Weakens, "the cluster of Postern is not here: whether it needs mTLS is not seen", ""},
	{"processor.other", Weakens, "a route to Meta asks another processor than the rest", "grpc_service: null\n"},
	{"processor.retry", Weakens, "a question is put to Postern twice: one call may be recorded twice", `retry_policy: null
envoy_grpc: {cluster_name: postern_ext_proc}
`},
}

// allShown is what Postern needs to be shown of a call.
const allShown = `processing_mode:
  request_header_mode: SEND
  request_body_mode: BUFFERED
  request_trailer_mode: SEND
  response_header_mode: SEND
  response_body_mode: BUFFERED
`

var shownRules = []rule{
	{"body.partial", Breaks, "Postern is shown a body in parts or cut off, while the rest goes up unseen", allShown},
	{"body.unseen", Breaks, "Postern is not shown bodies: they go up unseen", allShown},
	{"body.headers", Breaks, "Postern is not shown headers: a call without a body goes up unseen", allShown},
	{"body.duplex", Weakens, "all bodies are streamed; messages belong buffered, only routes of files may stream in both directions", allShown},
	{"body.trailers", Breaks, "Postern is not shown trailers: a request with trailers and an empty body goes up without a decision", allShown},
	{"answer.unseen", Breaks, "Postern is not shown Meta's answers: no outcome is recorded, and the app reads what its dialect does not know", allShown},
	{"answer.unmarked", Breaks, "Postern can not tell Meta's answers from Envoy's own: the outcome of every send is unknown", "response_attributes: [response.code_details]\n"},
	{"buffer.missing", Weakens, "no buffer filter before ext_proc: over HTTP/2 it is the only limit of a body's size", `http_filters:
- name: envoy.filters.http.buffer
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer
    max_request_bytes: 1114112
`},
	{"buffer.limit", Weakens, "the limit of a body is below what Postern takes (1 MiB), or above 64 MiB", "max_request_bytes: 1114112\n"},
	{"buffer.small", Weakens, "Envoy keeps calls and answers whole, and this limit is below what Postern takes (1 MiB): larger ones fail, answers after the call was made", "per_connection_buffer_limit_bytes: 8388608\n"},
}

var failureRules = []rule{
	{"failure.allow", Breaks, "calls pass unseen while Postern is down or slow", "failure_mode_allow: false\n"},
	{"failure.status", Weakens, "without Postern the app reads 500 (where nothing is set), as if its call were at fault, or no error at all, instead of 503", "status_on_error: {code: ServiceUnavailable}\n"},
	{"failure.reply", Weakens, "what Envoy answers itself (500, 503, 504, 413) has an empty or plain body instead of the dialect's JSON", ownReplies},
	{"failure.replaced", Breaks, "Postern's refusals pass this mapper, too, and lose reason and status: leave out those whose response.code_details begin with postern_", takeOut},
	{"timeout.message", Weakens, "Postern's answer is waited for under 1 s (200 ms where nothing is set) or over 10 minutes: calls fail while a record is written, or hang", "message_timeout: 30s\n"},
	{"timeout.longest", Weakens, "Postern may not ask for more time (under 1 minute, none where nothing is set): calls that it makes itself, such as those to 360dialog, are given up while they go on", "max_message_timeout: 600s\n"},
}

// ownReplies words what Envoy answers in Postern's place, and nothing of Postern's.
// Whether a message went up is not known then, so that nobody may send it again.
const ownReplies = `local_reply_config:
  mappers:
  - filter:
      and_filter:
        filters:
        - status_code_filter: {comparison: {op: GE, value: {default_value: 500, runtime_key: postern.local_reply}}}
        - extension_filter:
            name: cel
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter
              expression: "!response.code_details.startsWith('postern_')"
    body_format_override:
      content_type: application/json
      json_format: {error: {message: "The message may have been sent. Do not send it again before its status is known.", type: OAuthException, code: 131000}}
`

var behindRules = []rule{
	{"retry.policy", Breaks, "Envoy repeats calls: a message that Meta took goes out twice, with one record", takeOut},
	{"retry.hedge", Breaks, "Envoy sends a call to Meta more than once at the same time", takeOut},
	{"retry.headers", Breaks, "Postern may not remove x-envoy headers: an app can ask Envoy for retries with x-envoy-retry-on",
		"mutation_rules: {allow_all_routing: true, allow_envoy: true, disallow_is_error: true}\n"},
	{"retry.redirect", Breaks, "Envoy follows redirects itself: the call goes where nothing was decided", takeOut},
	{"copy.mirror", Breaks, "calls are copied to another cluster, in clear and unrecorded", takeOut},
	{"copy.shown", Note, "another service is shown calls before Postern decides: keys, numbers and texts as far as it asks for them, on no record", ""},
	{"copy.tap", Breaks, "a tap copies calls, in clear and unrecorded; take its filter out", ""},
	{"copy.socket", Breaks, "a tap copies what passes on connections; put the socket it wraps in its place", ""},
	{"route.rewrites", Weakens, "the route changes path or host after Postern decided on them", `prefix_rewrite: null
regex_rewrite: null
path_rewrite_policy: null
path_rewrite: null
host_rewrite_header: null
host_rewrite_path_regex: null
`},
	{"route.credentials", Weakens, "Envoy sets a credential or the host of calls in place of Postern's: the token belongs to Postern alone", "request_headers_to_add: null\n"},
	{"route.upgrades", Breaks, "the route lets a call become another protocol, in which nothing is seen any more", "upgrade_configs: null\n"},
	{"edge.upgrades", Breaks, "a call may become another protocol, in which nothing is seen any more", "upgrade_configs: null\n"},
}
