package envoytest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/envoytest"
)

const static = `
static_resources:
  listeners:
  - name: front
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: front
          access_log:
          - name: stdout
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: /dev/stdout
              log_format: { text_format_source: { inline_string: "%%REQ(:PATH)%% %%RESPONSE_CODE%%\n" } }
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: / }
                direct_response: { status: %s, body: { inline_string: here } }
          http_filters:
          - name: router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
`

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestEnvoyServesUntilItEnds(t *testing.T) {
	e := envoytest.Start(t, fmt.Appendf(nil, static, "200"))
	url := "http://" + e.Address(t, "front")
	if body, err := get(t, url+"/one"); body != "here" {
		t.Fatalf("%q %v", body, err)
	}
	await(t, func() bool { return e.AccessLog(t) == "/one 200\n" })
	await(t, func() bool {
		return e.Stats(t, `^http\.front\.downstream_rq_2xx$`)["http.front.downstream_rq_2xx"] == 1
	})
	if dump := string(e.ConfigDump(t)); !strings.Contains(dump, `"front"`) {
		t.Errorf("no listener in %s", dump)
	}

	e.Pause(t)
	got := make(chan error, 1)
	go func() {
		_, err := get(t, url)
		got <- err
	}()
	e.Resume(t)
	if err := <-got; err != nil {
		t.Error("a pause cost a request:", err)
	}

	e.Stop(t)
	if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
		conn.Close()
		t.Error("a stopped Envoy takes connections")
	}
}

func TestDrainTellsConnectionsToGo(t *testing.T) {
	e := envoytest.Start(t, fmt.Appendf(nil, static, "200"))
	url := "http://" + e.Address(t, "front")
	e.Drain(t)
	var client http.Client
	await(t, func() bool {
		response, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.Close
	})
	e.Kill(t)
}

func TestValidate(t *testing.T) {
	if err := envoytest.Validate(t, fmt.Appendf(nil, static, "200")); err != nil {
		t.Error(err)
	}
	if err := envoytest.Validate(t, fmt.Appendf(nil, static, "99")); err == nil || !strings.Contains(err.Error(), "Status") {
		t.Errorf("a status of 99: %v", err)
	}
}

func await(t *testing.T, seen func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !seen(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come")
		}
	}
}
