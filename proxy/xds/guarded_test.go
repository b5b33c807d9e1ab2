package xds_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/proxy/xds"
)

// named are the objects of a list anywhere, by their names.
func named(tree any, list string) map[string]map[string]any {
	out := map[string]map[string]any{}
	each(tree, func(object map[string]any) {
		all, _ := object[list].([]any)
		for _, one := range all {
			if name, ok := in(one, "name").(string); ok {
				out[name] = one.(map[string]any)
			}
		}
	})
	return out
}

// tlsOf is what a cluster or chain speaks TLS by, nil for none.
func tlsOf(one any) any { return in(one, "transport_socket", "typed_config") }

// TestEveryServerIsVerified: by roots, by the one name, and in TLS 1.3 where
// nothing else is asked for.
func TestEveryServerIsVerified(t *testing.T) {
	for name, s := range shapes(t) {
		clusters := named(s.tree, "clusters")
		meta := `
sni: graph.facebook.com
common_tls_context:
  tls_params: {tls_minimum_protocol_version: TLSv1_3}
  combined_validation_context:
    default_validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: graph.facebook.com}}], trust_chain_verification: null}
    validation_context_sds_secret_config: {name: meta_roots}`
		if s.config.Upstream.TLS12 {
			meta = strings.Replace(meta, "TLSv1_3", "TLSv1_2", 1)
		}
		wants := map[string]string{
			"meta":    meta,
			"postern": "common_tls_context: {tls_params: {tls_minimum_protocol_version: TLSv1_3}, validation_context_sds_secret_config: {name: postern_certificate}}",
		}
		if s.config.Processor.Name != "" {
			wants["postern_ext_proc"] = mutually
		}
		for cluster, want := range wants {
			if at := lacks(tlsOf(clusters[cluster]), wanted(t, want), cluster); at != "" {
				t.Errorf("%s: the other side is not verified: %s", name, at)
			}
		}
		pins, _ := in(tlsOf(clusters["meta"]), "common_tls_context", "combined_validation_context", "default_validation_context", "verify_certificate_spki").([]any)
		if len(pins) != len(s.config.Upstream.Pins) {
			t.Errorf("%s: %d pins, want %d", name, len(pins), len(s.config.Upstream.Pins))
		}
	}
}

// mutually is how the gateway's listeners for Envoy are reached over a network.
const mutually = `
sni: gateway.example.org
common_tls_context:
  tls_params: {tls_minimum_protocol_version: TLSv1_3}
  tls_certificates: [{certificate_chain: {filename: /etc/envoy/envoy.pem}, private_key: {filename: /etc/envoy/envoy-key.pem}}]
  validation_context:
    trusted_ca: {filename: /etc/envoy/postern-ca.pem}
    match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: gateway.example.org}}]
    trust_chain_verification: null`

// TestTheControlPlaneIsVerified, and is asked as the start says.
func TestTheControlPlaneIsVerified(t *testing.T) {
	for kind, delta := range map[string]bool{"GRPC": false, "DELTA_GRPC": true} {
		far := start()
		far.Server, far.Name, far.TLS, far.Delta = "gateway.example.org:9444", "gateway.example.org", own, delta
		raw, err := xds.Bootstrap(far)
		s := shaped(t, xds.Config{}, raw, err)
		if at := lacks(tlsOf(named(s.tree, "clusters")["postern_xds"]), wanted(t, mutually), "postern_xds"); at != "" {
			t.Errorf("the control plane is not verified: %s", at)
		}
		if got := in(s.tree, "dynamic_resources", "ads_config", "api_type"); got != kind {
			t.Errorf("it is asked by %v, want %s", got, kind)
		}
	}
}

// TestClientsAreVerified: versions, suites, and who has to show a certificate.
func TestClientsAreVerified(t *testing.T) {
	for name, s := range shapes(t) {
		for _, side := range typed(s.tree, "DownstreamTlsContext") {
			common := in(side, "common_tls_context")
			secrets, _ := in(common, "tls_certificate_sds_secret_configs").([]any)
			listener, _, _ := strings.Cut(in(secrets[0], "name").(string), "_certificate")
			at := map[string]*xds.Listener{"postern_app": s.config.App, "postern_webhook": s.config.Webhook, "postern_sidecar": {TLS12: true}}[listener]
			want := `{require_client_certificate: null, common_tls_context: {validation_context_sds_secret_config: null}}`
			if at.Clients != "" {
				want = `{disable_stateful_session_resumption: true, disable_stateless_session_resumption: true, require_client_certificate: ` +
					map[xds.Clients]string{xds.ClientsRequired: "true", xds.ClientsOptional: "false"}[at.Clients] +
					`, common_tls_context: {validation_context_sds_secret_config: {name: ` + listener + `_clients}}}`
			}
			if path := lacks(side, wanted(t, want), listener); path != "" {
				t.Errorf("%s: certificates of clients are not judged as configured: %s", name, path)
			}
			least := map[bool]string{false: "TLSv1_3", true: "TLSv1_2"}[at.TLS12]
			if got := in(common, "tls_params", "tls_minimum_protocol_version"); got != least {
				t.Errorf("%s: %s takes %v, want %s", name, listener, got, least)
			}
			suites, _ := in(common, "tls_params", "cipher_suites").([]any)
			weak := func(suite any) bool {
				return !strings.HasPrefix(suite.(string), "ECDHE-") || !strings.Contains(suite.(string), "GCM") && !strings.Contains(suite.(string), "CHACHA20")
			}
			if at.TLS12 && len(suites) == 0 || slices.ContainsFunc(suites, weak) {
				t.Errorf("%s: %s takes suites %v", name, listener, suites)
			}
		}
		forwarded(t, name, s)
	}
}

// forwarded: what is said of a client's certificate is Envoy's own word, and said
// only where certificates are asked for.
func forwarded(t *testing.T, name string, s shape) {
	t.Helper()
	for _, m := range typed(s.tree, "HttpConnectionManager") {
		at := map[any]*xds.Listener{"postern_app": s.config.App, "postern_webhook": s.config.Webhook, "postern_sidecar": {}}[m["stat_prefix"]]
		var want any // SANITIZE
		if at.Clients != "" {
			want = "SANITIZE_SET"
		}
		if m["forward_client_cert_details"] != want {
			t.Errorf("%s: %v passes on certificates: %v", name, m["stat_prefix"], m["forward_client_cert_details"])
		}
		hops, _ := m["xff_num_trusted_hops"].(float64)
		if int(hops) != at.TrustedHops {
			t.Errorf("%s: %v trusts %v proxies before it", name, m["stat_prefix"], hops)
		}
	}
}

// TestWebhooksAreMetas: of certificates only those with the name come in. Names
// are compared with what Envoy calls the subject, RFC 2253.
func TestWebhooksAreMetas(t *testing.T) {
	const dn = "O=Meta Platforms\\, Inc.,L=Menlo Park"
	for name, s := range shapes(t) {
		if s.config.Webhook == nil {
			continue
		}
		filters := typed(s.tree, "rbac.v3.RBAC")
		if len(filters) != 1 {
			t.Fatalf("%s: %d filters compare names", name, len(filters))
		}
		for subject, comes := range map[string]bool{
			"client.webhooks.fbclientcerts.com": true, "CN=client.webhooks.fbclientcerts.com": true,
			dn + ",CN=client.webhooks.fbclientcerts.com": true, "CN=client.webhooks.fbclientcerts.com," + dn: true,
			"": s.config.Webhook.Clients == xds.ClientsOptional, // shows none
			"client.webhooks.fbclientcerts.com.example.org": false, "clientXwebhooks.fbclientcerts.com": false, "CN=clientXwebhooks.fbclientcerts.com": false,
			"CN=client.webhooks.fbclientcerts.com.example.org": false, "CN=a.client.webhooks.fbclientcerts.com": false,
			"OU=client.webhooks.fbclientcerts.com,CN=example.org": false, "O=x\\,CN=client.webhooks.fbclientcerts.com,CN=example.org": false,
		} {
			if got := admitted(t, filters[0], subject); got != comes {
				t.Errorf("%s: a client called %q is let in: %v", name, subject, got)
			}
		}
	}
}

// admitted does what Envoy does with the filter's rules; subject "" is no
// certificate.
func admitted(t *testing.T, rbac any, subject string) bool {
	t.Helper()
	rules := in(rbac, "rules")
	if in(rules, "action") != nil { // ALLOW
		t.Fatalf("the filter does %v", in(rules, "action"))
	}
	principals, _ := in(rules, "policies", "names", "principals").([]any)
	return slices.ContainsFunc(principals, func(p any) bool {
		if not := in(p, "not_id", "authenticated"); not != nil {
			return subject == ""
		}
		exact, _ := in(p, "authenticated", "principal_name", "exact").(string)
		pattern, _ := in(p, "authenticated", "principal_name", "safe_regex", "regex").(string)
		if exact == "" && pattern == "" {
			raw, _ := json.Marshal(p) //nolint:errcheck // it was JSON
			t.Fatalf("anybody is let in: %s", raw)
		}
		return subject != "" && (exact == subject || pattern != "" && regexp.MustCompile("^(?:"+pattern+")$").MatchString(subject))
	})
}

// TestTheSidecarTakesItsNamesAlone: other connections are passed on only where
// that is asked for, to where they went.
func TestTheSidecarTakesItsNamesAlone(t *testing.T) {
	for name, s := range shapes(t) {
		if s.config.Sidecar == nil {
			continue
		}
		listener := named(s.tree, "listeners")["postern_sidecar"]
		chains, _ := listener["filter_chains"].([]any)
		if len(chains) != 1 || lacks(chains[0], wanted(t, `filter_chain_match: {server_names: [graph.facebook.com, waba.360dialog.io], transport_protocol: tls}`), "") != "" {
			t.Errorf("%s: the sidecar takes %v", name, chains)
		}
		if other := listener["default_filter_chain"]; (other != nil) != s.config.Sidecar.Pass {
			t.Errorf("%s: other names are passed on: %v", name, other != nil)
		}
		for _, wire := range typed(s.tree, "TcpProxy") {
			if cluster := named(s.tree, "clusters")[wire["cluster"].(string)]; cluster["type"] != "ORIGINAL_DST" {
				t.Errorf("%s: other names go to %v", name, wire["cluster"])
			}
		}
	}
}
