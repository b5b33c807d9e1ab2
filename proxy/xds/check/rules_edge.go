package check

// safeLog is a format without anything of a person, a message or a credential.
const safeLog = `log_format:
  json_format:
    time: "%START_TIME%"
    method: "%REQ(:METHOD)%"
    route: "%ROUTE_NAME%"
    status: "%RESPONSE_CODE%"
    details: "%RESPONSE_CODE_DETAILS%"
    flags: "%RESPONSE_FLAGS%"
    received: "%BYTES_RECEIVED%"
    sent: "%BYTES_SENT%"
    duration: "%DURATION%"
    request_id: "%REQ(X-REQUEST-ID)%"
`

var logRules = []rule{
	{"log.default", Breaks, "the access log has no format: Envoy's own writes paths with queries and ids that hold phone numbers", safeLog},
	{"log.reveals", Breaks, "the access log writes paths, queries or headers, which hold phone numbers, ids of messages and credentials", safeLog},
	{"log.other", Weakens, "the access log writes what may hold a message, a number or a credential", safeLog},
	{"log.service", Breaks, "the gRPC access log always has paths with queries", takeOut},
	{"log.not-seen", Weakens, "what this access log writes is not seen here", takeOut},
	{"log.traces", Breaks, "spans hold paths with queries, which hold phone numbers and ids of messages", "tracing: null\n"},
}

var roundRules = []rule{
	{"round.bytes", Breaks, "connections to Meta are forwarded unread", takeOut},
	{"round.open", Breaks, "connections go where the caller says, Meta included, and are forwarded unread", takeOut},
	{"round.names", Note, "connections with another name than Meta's, or with none, are forwarded unread: keep Meta's addresses from the app at the network", ""},
	{"round.other", Breaks, "a filter that is no HTTP forwards to Meta", takeOut},
	{"round.header", Breaks, "a header of the caller chooses the cluster, those of Meta included", "cluster_header: null\ncluster: meta\n"},
	{"round.redirect", Breaks, "the app is told to call Meta itself", "host_redirect: \"\"\n"},
	{"reach.none", Breaks, "nothing here leads to Meta, so that nothing is shown of how calls to it pass: check the file that does, or name your provider's or simulator's hosts with --host (with its port where the name is used for more)", ""},
}

var upstreamRules = []rule{
	{"upstream.plain", Breaks, "the cluster speaks to Meta without TLS", `transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
    sni: graph.facebook.com
    common_tls_context:
      validation_context:
        trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}
        match_typed_subject_alt_names:
        - {san_type: DNS, matcher: {exact: graph.facebook.com}}
`},
	{"upstream.unverified", Breaks, "Meta's certificate is not verified: anybody may stand in its place and read token and text", `common_tls_context:
  validation_context:
    trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}
    match_typed_subject_alt_names:
    - {san_type: DNS, matcher: {exact: graph.facebook.com}}
`},
	{"upstream.name", Breaks, "any certificate of a public authority passes for Meta's: its name is not compared",
		"match_typed_subject_alt_names:\n- {san_type: DNS, matcher: {exact: graph.facebook.com}}\n"},
	{"upstream.sni", Weakens, "no name is sent in the handshake, so that Meta may answer with another certificate", "sni: graph.facebook.com\n"},
	{"upstream.not-seen", Note, "how Meta's certificate is verified comes by SDS and is not seen here", ""},
	{"tls.old", Weakens, "TLS before 1.2 is taken", "tls_minimum_protocol_version: TLSv1_2\n"},
	{"tls.key-log", Breaks, "the keys of connections are written to a file: who has it reads everything", takeOut},
}

var edgeRules = []rule{
	{"edge.plain", Breaks, "apps call without TLS over a network: keys and texts are readable on it", `transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
    common_tls_context:
      tls_certificates:
      - certificate_chain: {filename: /etc/envoy/app.pem}
        private_key: {filename: /etc/envoy/app-key.pem}
`},
	{"edge.paths", Weakens, "paths are not normalised, and routes to Meta differ in how Postern is asked: another writing of a path chooses another route", "normalize_path: true\n"},
	{"edge.slashes", Weakens, "escaped slashes in paths are not refused: %2F may be read in two ways", "path_with_escaped_slashes_action: REJECT_REQUEST\n"},
	{"edge.underscores", Weakens, "header names with underscores pass: another server may read them as hyphens", "headers_with_underscores_action: DROP_HEADER\n"},
	{"edge.lengths", Breaks, "a request may have both a length and chunks: two servers may see its end in two places", "allow_chunked_length: false\n"},
	{"edge.http10", Weakens, "HTTP/1.0 is taken, which Postern's own listener refuses", "accept_http_10: false\n"},
	{"edge.addresses", Weakens, "X-Forwarded-For of callers is believed: limits per source and x-envoy headers are in their hands", "use_remote_address: true\n"},
	{"edge.hops", Note, "addresses are taken from headers: right only behind proxies of your own that set them", "xff_num_trusted_hops: 0\noriginal_ip_detection_extensions: null\n"},
	{"edge.certificates", Weakens, "x-forwarded-client-cert of callers is passed on: anybody may claim a certificate", "forward_client_cert_details: SANITIZE\n"},
	{"admin.open", Breaks, "Envoy's admin interface is open to the network: who reaches it can log texts, tap calls and stop Envoy",
		"socket_address: {address: 127.0.0.1, port_value: 9901}\n"},
	{"admin.forwarded", Breaks, "a listener forwards more than figures to Envoy's admin interface: who reaches it can log texts, tap calls and stop Envoy",
		"match: {prefix: /stats}\n"},
}

var unseenRules = []rule{
	{"unseen.listeners", Weakens, "listeners come from a control plane and are not seen: check the /config_dump of a running Envoy", ""},
	{"unseen.clusters", Weakens, "clusters come from a control plane and are not seen: check the /config_dump of a running Envoy", ""},
	{"unseen.routes", Weakens, "routes are not seen here: check the /config_dump of a running Envoy", ""},
	{"unseen.cluster", Weakens, "a route leads to a cluster that is not here: check the /config_dump of a running Envoy", ""},
	{"unseen.endpoints", Weakens, "the addresses of clusters are not seen, so that one of them may lead to Meta: check /config_dump?include_eds of a running Envoy", ""},
	{"unseen.rejected", Note, "Envoy refused an update and goes on with the older one, which is what was checked", ""},
	{"unseen.type", Note, "this program does not know the type and did not look into it", ""},
}
