package endpoints

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"postern/audit/blob/s3test"
	"postern/cmd/internal/rig"
)

// TestMediaWithoutBucket: a file that policy does not keep goes out whether the
// bucket is there or not; one that it keeps does not go out without it, and the
// trail says that it did not.
func TestMediaWithoutBucket(t *testing.T) {
	t.Parallel()
	var uploads atomic.Int64 // at the simulator
	r := rig.Start(t, rig.Options{
		Policies: map[string]string{"settings.yaml": "version: 1\nretention: {keep_original: false}\n"},
		Watch: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/media") {
					uploads.Add(1)
				}
				next.ServeHTTP(w, req)
			})
		},
	})
	r.Halt()
	server := s3test.Start(t)
	section := atS3(t, server, server.Bucket(t, true))
	r.Rewrite(t, func(text string) string { return text + section })
	r.Resume(t)
	keeps(t, r)
	if n := inBucket(t, r); n != 0 || stored(t, r) != 0 {
		t.Errorf("%d files in the bucket, %d in the folder: policy keeps none", n, stored(t, r))
	}
	server.Stop(t)
	for range 3 {
		if fetches(t, r, keeps(t, r)) != string(picture(t)) {
			t.Error("the file is not had from upstream")
		}
	}
	if n := uploads.Load(); n != 4 {
		t.Errorf("%d files reached upstream, want 4", n)
	}

	r.Write(t, "policies/settings.yaml", "version: 1\nretention: {keep_original: true}\n")
	r.Halt()
	r.Resume(t)
	body, kind := form(t, "image/png", picture(t), "messaging_product", "whatsapp")
	a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media").do(t, r, "POST", body, "Content-Type: "+kind)
	if a.Status < 500 || !strings.Contains(a.Body, "Files can not be stored now; try again.") || uploads.Load() != 4 || stored(t, r) != 0 {
		t.Errorf("upload of what is kept: %d %s, %d reached upstream, %d left", a.Status, a.Body, uploads.Load(), stored(t, r))
	}
	rig.Await(t, "the trail to say that it did not go out", func() bool {
		last := r.SQL(t, "SELECT result FROM audit WHERE kind = 'settle' ORDER BY seq DESC LIMIT 1")
		return len(last) == 1 && last[0][0] == "not_sent"
	})
}
