package crash

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// portion is the size of an upload's file, of which half has come.
const portion = 4 << 20

// pictureOf is a PNG of that many bytes.
func pictureOf(n int) []byte { return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, n-8)...) }

// kept lists the media folder.
func (w *world) kept(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "data", "media", "*"))
	check(t, err)
	return files
}

// uploads counts the files that were let through.
func (w *world) uploads(t *testing.T) (n int) {
	t.Helper()
	reader, err := journal.OpenReader(t.Context(), filepath.Join(w.dir, "data", "journal.db"))
	check(t, err)
	defer reader.Close()
	check(t, reader.Records(t.Context(), 0, 1<<62, func(r *audit.Record) error {
		if r.Kind == audit.KindMedia {
			n++
		}
		return nil
	}))
	return n
}

func (w *world) upload(t *testing.T, body io.Reader) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.env["POSTERN_URL"]+"/v1/media", body)
	check(t, err)
	req.ContentLength = portion
	req.Header.Set("Content-Type", "image/png")
	req.Header.Set("D360-API-KEY", w.env["POSTERN_D360_V1_KEY"])
	return w.client.Do(req)
}

// TestUploadKilled kills the gateway when it has half of a file: it leaves
// nothing behind, and the next gateway takes the file whole.
func TestUploadKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.serving(t)
	whole := pictureOf(portion)
	body, app := io.Pipe()
	failed := make(chan error, 1)
	go func() {
		resp, err := w.upload(t, body)
		if err == nil {
			err = resp.Body.Close()
		}
		failed <- err
	}()
	_, err := app.Write(whole[:portion/2])
	check(t, err)
	await(t, "half of the file in the store", func() bool {
		files := w.kept(t)
		if len(files) != 1 || filepath.Ext(files[0]) != ".new" {
			return false
		}
		at, err := os.Stat(files[0])
		return err == nil && at.Size() > 0
	})
	w.kill(t)
	check(t, app.CloseWithError(io.ErrUnexpectedEOF))
	if <-failed == nil {
		t.Error("half an upload was answered")
	}
	if len(w.kept(t)) != 1 {
		t.Error("there was nothing to clear away")
	}
	w.serving(t)
	if left, let := w.kept(t), w.uploads(t); len(left) > 0 || let > 0 {
		t.Errorf("%d files are left, %d uploads on record", len(left), let)
	}
	resp, err := w.upload(t, bytes.NewReader(whole))
	check(t, err)
	answer, err := io.ReadAll(resp.Body)
	check(t, err)
	check(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK || len(w.kept(t)) != 1 || w.uploads(t) != 1 {
		t.Errorf("the whole file: %d %s", resp.StatusCode, answer)
	}
}
