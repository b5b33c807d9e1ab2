package files

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
)

// Limits of a document, and of the heap that its way may take.
const (
	largest = 100 << 20
	room    = 32 << 20
)

// depot stands before the simulator and takes and gives large files without
// keeping them.
type depot struct {
	next http.Handler
	came atomic.Int64 // bytes of the last upload
	heap probe
}

func (d *depot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/media"):
		n, err := d.heap.over(io.Discard, r.Body)
		if err != nil {
			return
		}
		d.came.Store(n)
		writeJSON(w, map[string]any{"id": "771234567890123"})
	case strings.HasSuffix(r.URL.Path, "/771234567890123"):
		writeJSON(w, map[string]any{
			"messaging_product": "whatsapp", "id": "771234567890123", "mime_type": "application/pdf", "file_size": largest,
			"url": "https://" + r.Host + "/whatsapp_business/attachments/?mid=771234567890123",
		})
	case r.URL.Query().Get("mid") == "771234567890123":
		w.Header().Set("Content-Length", strconv.Itoa(largest))
		d.heap.over(w, paper(largest)) //nolint:errcheck // the gateway tells
	default:
		d.next.ServeHTTP(w, r)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) //nolint:errcheck // the gateway tells
}

// TestMemory takes the largest document there is through the gateway, up as raw
// bytes and as a form, down from the store and from upstream.
func TestMemory(t *testing.T) {
	d := &depot{}
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		d.next = next
		return d
	}})
	var id string
	d.bounded(t, "raw upload", func() {
		resp := ask(t, r, "POST", "/v1/media", d.heap.seen(paper(largest)), largest, "Content-Type: application/pdf", flat(r))
		var out struct{ Media []struct{ ID string } }
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != http.StatusOK || len(out.Media) != 1 {
			t.Fatalf("raw upload: %d %v", resp.StatusCode, err)
		}
		id = out.Media[0].ID
	})
	if d.came.Load() < largest {
		t.Errorf("%d bytes came to upstream", d.came.Load())
	}
	d.bounded(t, "form", func() {
		body, kind, length := form(t)
		resp := ask(t, r, "POST", "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media", d.heap.seen(body), length, "Content-Type: "+kind, cloud(r))
		if resp.StatusCode != http.StatusOK {
			t.Errorf("form: %d", resp.StatusCode)
		}
	})
	d.bounded(t, "download from the store", func() { d.download(t, r, id) })
	for _, file := range stored(t, r) {
		check(t, os.Remove(file))
	}
	d.bounded(t, "download from upstream", func() { d.download(t, r, id) })
}

func (d *depot) bounded(t *testing.T, what string, do func()) {
	t.Helper()
	base := live()
	d.heap.most.Store(base)
	do()
	if grown := d.heap.most.Load() - base; grown > room {
		t.Errorf("%s: the heap grew by %d bytes", what, grown)
	} else {
		t.Logf("%s: %d KiB more heap", what, grown>>10)
	}
}

// form is a multipart body of the largest document.
func form(t *testing.T) (body io.Reader, kind string, length int64) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	check(t, w.WriteField("messaging_product", "whatsapp"))
	check(t, w.WriteField("type", "application/pdf"))
	_, err := w.CreateFormFile("file", "paper.pdf")
	check(t, err)
	tail := "\r\n--" + w.Boundary() + "--\r\n"
	length = int64(b.Len()) + largest + int64(len(tail))
	return io.MultiReader(&b, paper(largest), strings.NewReader(tail)), w.FormDataContentType(), length
}

func (d *depot) download(t *testing.T, r *rig.Rig, id string) {
	t.Helper()
	resp := ask(t, r, "GET", "/v1/media/"+id, nil, 0, flat(r))
	n, err := d.heap.over(io.Discard, resp.Body)
	if err != nil || n != largest || resp.ContentLength != largest {
		t.Errorf("download: %d bytes of %d, %v", n, resp.ContentLength, err)
	}
}
