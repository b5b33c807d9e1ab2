package certs

import "strings"

// failures tell handshakes apart that did not come to an end, in this order.
// The words on the left are those of crypto/tls, crypto/x509 and net/http.
var failures = []struct{ words, kind string }{
	{errClientName.Error(), "certificate_name"},
	{"didn't provide a certificate", "certificate_missing"},
	{"certificate has expired or is not yet valid", "certificate_expired"},
	{"signed by unknown authority", "certificate_unknown"},
	{"x509: ", "certificate_refused"},
	{"unsupported versions", "version"},
	{"no cipher suite supported", "suite"},
	{"unsupported application protocols", "protocol"},
	{"remote error", "client_refused"},
	{"does not look like a TLS handshake", "not_tls"},
	{"HTTP request to an HTTPS server", "not_tls"},
	{"timeout", "timeout"},
	{"EOF", "hung_up"},
	{"connection reset", "hung_up"},
	{"broken pipe", "hung_up"},
	{"tls: ", "malformed"},
}

// FailureKind sums up why a handshake with a client failed, in one of a few
// words: what the message itself holds of the client goes no further.
func FailureKind(message string) string {
	for _, f := range failures {
		if strings.Contains(message, f.words) {
			return f.kind
		}
	}
	return "other"
}
