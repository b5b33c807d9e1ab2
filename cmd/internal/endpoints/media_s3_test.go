package endpoints

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// atS3 writes section media for a bucket, with secrets in a folder of the test's.
func atS3(t *testing.T, server *s3test.Server, bucket string) string {
	t.Helper()
	secrets := t.TempDir()
	for name, value := range map[string]string{"id": server.AccessKey, "key": server.SecretKey} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("media: {s3: {endpoint: \"http://%s\", bucket: %s, prefix: gw1/, region: %s, path_style: true, access_key: \"file:%s/id\", secret_key: \"file:%s/key\"}}\n",
		server.Addr, bucket, s3test.Region, secrets, secrets)
}

// inBucket counts what the configured bucket has below files/.
func inBucket(t *testing.T, r *rig.Rig) (n int) {
	t.Helper()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	b, err := cfg.Media.S3.Open(r.Clock.Now, func() boot.S3 { return cfg.Media.S3 })
	if err != nil {
		t.Fatal(err)
	}
	for o, err := range b.List(t.Context(), "files/") {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := blob.ParseName(o.Key[strings.LastIndex(o.Key, "/")+1:]); err != nil {
			continue // of a look whether the bucket is well
		}
		n++
	}
	return n
}

// TestMediaAtS3 keeps files in a bucket: what was in the folder moves there,
// nothing is lost by a restart, a bucket that is away refuses files and nothing
// else, and who is erased has no file there any more.
func TestMediaAtS3(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64 // for a file's bytes, at the simulator
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method == http.MethodGet && req.URL.Query().Has("mid") {
				asked.Add(1)
			}
			next.ServeHTTP(w, req)
		})
	}})
	old := keeps(t, r)
	r.Halt()
	server := s3test.Start(t)
	section := atS3(t, server, server.Bucket(t, true))
	r.Rewrite(t, func(text string) string { return text + section })
	r.Resume(t)
	rig.Await(t, "the old file to move", func() bool { return stored(t, r) == 0 })
	if fetches(t, r, old) != string(picture(t)) || inBucket(t, r) != 1 {
		t.Errorf("the old file is not there: %d in the bucket", inBucket(t, r))
	}
	own := keeps(t, r)
	gone := sends(t, r, "+491713927011", "this is the wagtail")
	rig.Await(t, "three files in the bucket", func() bool { return inBucket(t, r) == 3 })
	served := func(id string) (whole, here bool) {
		was := asked.Load()
		whole = fetches(t, r, id) != ""
		return whole, asked.Load() == was
	}
	rig.Await(t, "the person's file from the bucket", func() bool { whole, here := served(gone); return whole && here })
	if whole, here := served(own); !whole || !here || stored(t, r) != 0 {
		t.Error("an app's file is not served from the bucket")
	}

	server.Stop(t)
	auth := "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]
	body, kind := form(t, "image/png", picture(t), "messaging_product", "whatsapp")
	for range 2 {
		if a := r.Do(t, "POST", "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media", body, "Content-Type: "+kind, auth); a.Status < 500 || !strings.Contains(a.Body, "Files can not be stored now; try again.") {
			t.Errorf("upload while the bucket is away: %d %s", a.Status, a.Body)
		}
	}
	if whole, here := served(own); !whole || here {
		t.Error("a file is not had from upstream while the bucket is away")
	}
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"hello"}}`); a.Status != http.StatusOK {
		t.Errorf("a message while the bucket is away: %d %s", a.Status, a.Body)
	}
	ready := func() rig.Reply { return r.At(t, "GET", r.Env["POSTERN_ADMIN_URL"]+"/readyz", "") }
	if a := ready(); !strings.Contains(a.Body, `"media":"away"`) {
		t.Errorf("readyz: %s", a.Body)
	}
	rig.Await(t, "the alarm", func() bool { return strings.Contains(r.Log.String(), "the bucket of files is away") })
	r.Halt()
	r.Resume(t) // it starts without its bucket
	server.Restart(t)
	rig.Await(t, "the bucket to be found", func() bool {
		r.Clock.Forward(15 * time.Second)
		return strings.Contains(ready().Body, `"media":"ok"`)
	})
	again := keeps(t, r)
	for _, id := range []string{old, own, again} {
		if whole, here := served(id); !whole || !here {
			t.Error("a file is not in the bucket after a restart")
		}
	}

	r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+491713927011"}, Reason: "request", Confirm: "erase"}, nil)
	rig.Await(t, "the file to go", func() bool {
		r.Clock.Forward(time.Minute)
		return inBucket(t, r) == 3
	})
	if a := cloud(r, "/v25.0/"+gone).do(t, r, "GET", ""); a.Status != http.StatusBadRequest {
		t.Errorf("node of the erased: %d %s", a.Status, a.Body)
	}
	if strings.Contains(r.Log.String(), "files/") {
		t.Error("the log names objects")
	}
	elsewhere(t, r, section)
}

// elsewhere starts the gateway with files in another place than they were: it is
// refused, as long as nobody says that they were moved.
func elsewhere(t *testing.T, r *rig.Rig, section string) {
	t.Helper()
	r.Halt()
	back := r.Rewrite(t, func(text string) string { return strings.Replace(text, section, "", 1) })
	if err := r.Refused(t); !strings.Contains(err.Error(), "files of this store lie in s3://") {
		t.Errorf("without its bucket: %v", err)
	}
	back()
	r.Resume(t)
}
