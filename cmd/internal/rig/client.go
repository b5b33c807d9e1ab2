package rig

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
)

// Client is an HTTP client that trusts the demo's authority.
func (r *Rig) Client(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.roots(t), MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: patience, Transport: transport}
}

// Reply is an answer read to its end.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// JSON decodes the body.
func (a Reply) JSON(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("answer %d is no JSON object: %q", a.Status, a.Body)
	}
	return v
}

// Do makes one request at the app listener: path begins with a slash, headers
// are "Name: value" lines. A body makes it JSON unless a header says otherwise.
func (r *Rig) Do(t testing.TB, method, path, body string, headers ...string) Reply {
	t.Helper()
	return r.At(t, method, r.Env["POSTERN_URL"]+path, body, headers...)
}

// At makes one request anywhere on the rig.
func (r *Rig) At(t testing.TB, method, url, body string, headers ...string) Reply {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, strings.NewReader(body))
	check(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := r.Client(t).Do(req)
	check(t, err)
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	raw, err := io.ReadAll(resp.Body)
	check(t, err)
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(raw)}
}

// Cloud sends a message as the Cloud app; messaging_product is added.
func (r *Rig) Cloud(t testing.TB, body string, headers ...string) Reply {
	t.Helper()
	body = `{"messaging_product":"whatsapp",` + strings.TrimPrefix(body, "{")
	return r.Do(t, http.MethodPost, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/messages", body,
		append([]string{"Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]}, headers...)...)
}

// Admin performs an operation as the demo's operator, who may do everything.
// out may be nil.
func (r *Rig) Admin(t testing.TB, name string, in, out any) {
	t.Helper()
	check(t, r.TryAdmin(t, name, in, out))
}

// TryAdmin is Admin whose refusal the test looks at.
func (r *Rig) TryAdmin(t testing.TB, name string, in, out any) error {
	t.Helper()
	key, err := os.ReadFile(r.Env["POSTERN_OPERATOR_KEY_FILE"])
	check(t, err)
	raw, err := json.Marshal(in)
	check(t, err)
	answer, err := admin.NewClient(strings.TrimPrefix(r.Env["POSTERN_ADMIN_URL"], "http://")).
		Do(t.Context(), strings.TrimSpace(string(key)), name, raw)
	if err == nil && out != nil {
		err = json.Unmarshal(answer, out)
	}
	return err
}

// SQL asks the running gateway's journal as an auditor would: each row is its
// columns as text.
func (r *Rig) SQL(t testing.TB, question string) [][]string {
	t.Helper()
	reader, err := journal.OpenReader(t.Context(), r.Dir+"/data/journal.db")
	check(t, err)
	defer reader.Close() //nolint:errcheck // read only
	table, err := reader.Query(t.Context(), question, journal.QueryOptions{})
	check(t, err)
	out := make([][]string, len(table.Rows))
	for i, row := range table.Rows {
		for _, cell := range row {
			out[i] = append(out[i], fmt.Sprint(cell))
		}
	}
	return out
}
