package sim

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"
)

const (
	webhookTimeout = 10 * time.Second
	webhookConns   = 64
)

// WebhookClient returns the client that posts webhooks: roots are trusted
// beside nobody else, the system's when nil; redirects are not followed.
func WebhookClient(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout: webhookTimeout,
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxIdleConns:        webhookConns,
			MaxIdleConnsPerHost: webhookConns,
			IdleConnTimeout:     90 * time.Second,
			ForceAttemptHTTP2:   true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
