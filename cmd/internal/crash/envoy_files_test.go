package crash

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/envoytest"
)

const (
	fileSize = 100 << 20 // of the largest files there are
	bounded  = 64 << 20  // what one may cost a process in memory
)

// TestLargeFilesBehindEnvoy: neither Envoy nor the gateway keeps a file whole.
func TestLargeFilesBehindEnvoy(t *testing.T) {
	t.Parallel()
	f := newFronted(t, 1)
	all := map[string]int{"Envoy": f.envoy.Process(), "the gateway": f.w.gate.cmd.Process.Pid}
	before := map[string]int{}
	for name, pid := range all {
		before[name], _ = envoytest.Memory(t, pid)
	}
	const pdf = "%PDF-1.4\n"
	up := f.file(t, http.MethodPost, "/v1/media", io.MultiReader(strings.NewReader(pdf), io.LimitReader(blank{}, fileSize-int64(len(pdf)))))
	var in struct{ Media []struct{ ID string } }
	if err := json.NewDecoder(up).Decode(&in); err != nil || len(in.Media) != 1 {
		t.Fatalf("upload: %v", err)
	}
	if n, err := io.Copy(io.Discard, f.file(t, http.MethodGet, "/v1/media/"+in.Media[0].ID, nil)); err != nil || n != fileSize {
		t.Errorf("%d bytes come back: %v", n, err)
	}
	for name, pid := range all {
		_, most := envoytest.Memory(t, pid)
		t.Logf("%s: %d MiB more", name, (most-before[name])>>20)
		if most-before[name] > bounded {
			t.Errorf("a file of %d MiB costs %s %d MiB", fileSize>>20, name, (most-before[name])>>20)
		}
	}
}

// file carries a file of the On-Premises app up or down, and gives the answer's
// body.
func (f *fronted) file(t *testing.T, method, path string, body io.Reader) io.Reader {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, f.w.env["POSTERN_URL"]+path, body)
	check(t, err)
	req.Header.Set("Authorization", "Bearer "+f.load.token)
	req.Header.Set("Content-Type", "application/pdf")
	resp, err := f.w.client.Do(req)
	check(t, err)
	t.Cleanup(func() { check(t, resp.Body.Close()) })
	if resp.StatusCode/100 != 2 {
		t.Fatalf("%s: %d", path, resp.StatusCode)
	}
	return resp.Body
}

// blank has zeros without end.
type blank struct{}

// Read implements io.Reader.
func (blank) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
