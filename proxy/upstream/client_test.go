package upstream_test

import (
	"testing"

	"postern/proxy/upstream"
)

// TestTokenLeavesOverTLSOnly: plain HTTP reaches a simulator on this machine
// and nothing else.
func TestTokenLeavesOverTLSOnly(t *testing.T) {
	for url, good := range map[string]bool{
		"https://graph.facebook.com": true, "https://127.0.0.1:8446": true, "http://127.0.0.1:8446": true,
		"http://[::1]:8446": true, "http://localhost:8446": true,
		"http://graph.facebook.com": false, "http://10.0.0.1": false, "http://localhost.example.org": false,
		"ftp://127.0.0.1": false, "//127.0.0.1": false, "https://": false, "": false, "http://127.1": false,
	} {
		m, err := upstream.New(upstream.Config{BaseURL: url, Version: "v25.0"})
		if (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
		if err == nil {
			m.Close()
		}
	}
}
