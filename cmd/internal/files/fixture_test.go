package files

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// flat is the credential of the app that speaks 360dialog's old API, cloud that
// of the Cloud API's.
func flat(r *rig.Rig) string  { return "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"] }
func cloud(r *rig.Rig) string { return "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"] }

// stored lists the media store.
func stored(t *testing.T, r *rig.Rig) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(r.Dir, "data", "media", "*"))
	check(t, err)
	return all
}

// upload takes raw bytes to the flat API and gives the file's id.
func upload(t *testing.T, r *rig.Rig, kind, content string) string {
	t.Helper()
	a := r.Do(t, "POST", "/v1/media", content, "Content-Type: "+kind, flat(r))
	list, _ := a.JSON(t)["media"].([]any)
	if a.Status != http.StatusOK || len(list) != 1 {
		t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
	id, _ := list[0].(map[string]any)["id"].(string)
	return id
}

// paper is a PDF of n bytes, as it comes.
func paper(n int64) io.Reader {
	const head = "%PDF-1.7\n"
	return io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, n-int64(len(head))))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// ask makes a request whose body and answer are streams; it has minutes, on a
// slow machine, too.
func ask(t *testing.T, r *rig.Rig, method, path string, body io.Reader, length int64, headers ...string) *http.Response {
	t.Helper()
	client := r.Client(t)
	client.Timeout = 10 * time.Minute
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, r.Env["POSTERN_URL"]+path, body)
	check(t, err)
	req.ContentLength = length
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	check(t, err)
	t.Cleanup(func() { resp.Body.Close() }) //nolint:errcheck // it was read
	return resp
}

// probe looks at the heap whenever another stretch of a stream has passed it.
type probe struct{ most atomic.Uint64 }

// stretch is how many bytes pass between two looks.
const stretch = 20 << 20

// live is the heap that is in use, without what waits to be collected.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// over copies a stream under the probe's eyes.
func (p *probe) over(w io.Writer, r io.Reader) (n int64, err error) {
	for err == nil {
		var part int64
		part, err = io.CopyN(w, r, stretch)
		n += part
		p.look()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func (p *probe) look() {
	now := live()
	for old := p.most.Load(); now > old && !p.most.CompareAndSwap(old, now); old = p.most.Load() {
	}
}

// seen is r under the probe's eyes.
func (p *probe) seen(r io.Reader) io.Reader { return &seen{r: r, probe: p} }

type seen struct {
	r     io.Reader
	probe *probe
	n     int64
}

func (s *seen) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if s.n += int64(n); s.n >= stretch {
		s.n = 0
		s.probe.look()
	}
	return n, err
}
