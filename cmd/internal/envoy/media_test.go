package envoy

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestFilesThatFit: files pass as far as Envoy holds them whole; larger ones are
// refused with what to do, or by Envoy's own limit.
func TestFilesThatFit(t *testing.T) {
	t.Parallel()
	s := frontproxy(t, rig.Options{})
	onprem := "Authorization: Bearer " + s.OnPrem(t)
	for _, tc := range []struct{ size, up, down int }{
		{3 << 20, 200, 200}, {5 << 20, 200, 500}, {9 << 20, 413, 0},
	} {
		file := "%PDF-1.4\n" + strings.Repeat("x", tc.size)
		a := s.Do(t, http.MethodPost, "/v1/media", file, onprem, "Content-Type: application/pdf")
		if a.Status != tc.up {
			t.Fatalf("%d bytes: %d %s", tc.size, a.Status, a.Body)
		}
		if tc.down == 0 {
			continue
		}
		id := a.JSON(t)["media"].([]any)[0].(map[string]any)["id"].(string)
		b := s.Do(t, http.MethodGet, "/v1/media/"+id, "", onprem)
		if b.Status != tc.down || tc.down == 200 && b.Body != file || tc.down == 500 && !strings.Contains(b.Body, "own listener") {
			t.Errorf("%d bytes come back: %d, %d bytes", tc.size, b.Status, len(b.Body))
		}
	}
}
