package envoytest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"
)

// Address gives host:port of a named listener, and waits for one that is not
// there yet, as with listeners from a control plane.
func (e *Envoy) Address(t testing.TB, listener string) string {
	t.Helper()
	var address string
	err := e.await("listener "+listener, func() (err error) {
		address, err = e.address(listener)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (e *Envoy) address(listener string) (string, error) {
	answer, err := e.ask(http.MethodGet, "/listeners?format=json")
	if err != nil {
		return "", err
	}
	var in struct {
		Statuses []struct {
			Name  string
			Local struct {
				Socket struct {
					Address string
					Port    int `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	if err := json.Unmarshal(answer, &in); err != nil {
		return "", fmt.Errorf("read listeners: %w", err)
	}
	for _, s := range in.Statuses {
		if s.Name == listener {
			return net.JoinHostPort(s.Local.Socket.Address, strconv.Itoa(s.Local.Socket.Port)), nil
		}
	}
	return "", fmt.Errorf("Envoy has no such listener, only %s", answer)
}

// Drain fails Envoy's health checks and drains its listeners gracefully:
// connections are told to go away, requests under way end. Drain time is
// Envoy's --drain-time-s, after which the listeners close.
func (e *Envoy) Drain(t testing.TB) {
	t.Helper()
	for _, path := range []string{"/healthcheck/fail", "/drain_listeners?graceful"} {
		if _, err := e.ask(http.MethodPost, path); err != nil {
			t.Fatal(err)
		}
	}
}

// Stats gives counters and gauges whose names match a regular expression. One
// that was never used is left out.
func (e *Envoy) Stats(t testing.TB, names string) map[string]uint64 {
	t.Helper()
	if _, err := regexp.Compile(names); err != nil {
		t.Fatal(err)
	}
	answer, err := e.ask(http.MethodGet, "/stats?format=json&usedonly&filter="+url.QueryEscape(names))
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Stats []struct {
			Name  string
			Value *json.Number // histograms have none
		}
	}
	if err := json.Unmarshal(answer, &in); err != nil {
		t.Fatalf("read stats: %v", err)
	}
	out := map[string]uint64{}
	for _, s := range in.Stats {
		if s.Value == nil {
			continue
		}
		n, err := strconv.ParseUint(s.Value.String(), 10, 64)
		if err != nil {
			t.Fatalf("read stat %s: %v", s.Name, err)
		}
		out[s.Name] = n
	}
	return out
}

// ConfigDump is the configuration in force, as JSON.
func (e *Envoy) ConfigDump(t testing.TB) []byte {
	t.Helper()
	answer, err := e.ask(http.MethodGet, "/config_dump")
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// ask calls the admin listener. An answer other than 200 is an error.
func (e *Envoy) ask(method, path string) ([]byte, error) {
	request, err := http.NewRequest(method, e.admin+path, nil) //nolint:noctx // the client's limit ends it
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask Envoy: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("Envoy answers %s to %s: %s", response.Status, path, body)
	}
	return body, err
}
