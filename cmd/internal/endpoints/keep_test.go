package endpoints

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// onDisk lists files of the gateway's data that hold the value as it is.
func onDisk(t *testing.T, r *rig.Rig, value []byte) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(r.Dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path) //nolint:gosec // a file of the test
		if bytes.Contains(raw, value) {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sends lets a person send a picture to the Cloud app and returns the app's id
// of it.
func sends(t *testing.T, r *rig.Rig, from, caption string) string {
	t.Helper()
	_, err := r.Sim.Inbound(t.Context(), sim.Inbound{
		PhoneID: r.Env["POSTERN_PHONE_ID"], From: from, Wait: true,
		Message: map[string]any{"type": "image", "image": map[string]any{"caption": caption}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := find(t, r.Hooks.With(t, caption).Body, "image")["id"].(string)
	if a := cloud(r, "/v25.0/"+id).do(t, r, "GET", ""); a.Status != http.StatusOK {
		t.Fatalf("node: %d %s", a.Status, a.Body)
	}
	return id
}

// keeps uploads the small picture by the Cloud app and returns its id.
func keeps(t *testing.T, r *rig.Rig) string {
	t.Helper()
	body, kind := form(t, "image/png", picture(t), "messaging_product", "whatsapp")
	a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media").do(t, r, "POST", body, "Content-Type: "+kind)
	id, _ := a.JSON(t)["id"].(string)
	if a.Status != http.StatusOK || id == "" {
		t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
	return id
}

// fetches reads a file's bytes by the link of its node.
func fetches(t *testing.T, r *rig.Rig, id string) string {
	t.Helper()
	link, _ := cloud(r, "/v25.0/"+id).do(t, r, "GET", "").JSON(t)["url"].(string)
	return cloud(r, strings.TrimPrefix(link, r.Env["POSTERN_URL"])).do(t, r, "GET", "").Body
}

// TestMediaOfTheErased: who is erased leaves no file behind, and nobody else's
// goes.
func TestMediaOfTheErased(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	gone := sends(t, r, "+491713927001", "this is the kingfisher")
	stays := sends(t, r, "+491713927002", "this is the nuthatch")
	own := keeps(t, r)
	rig.Await(t, "all three files in the store", func() bool { return stored(t, r) == 3 })
	r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+491713927001"}, Reason: "request", Confirm: "erase"}, nil)
	if a := cloud(r, "/v25.0/"+gone).do(t, r, "GET", ""); a.Status != http.StatusBadRequest {
		t.Errorf("node of the erased: %d %s", a.Status, a.Body)
	}
	for what, value := range map[string][]byte{
		"the person's words": []byte("this is the kingfisher"), "the file's id": []byte(gone), "the picture": picture(t)[20:60],
	} {
		if files := onDisk(t, r, value); len(files) > 0 {
			t.Errorf("%s: in %v", what, files)
		}
	}
	rig.Await(t, "the clean-up to take the row away", func() bool {
		r.Clock.Forward(time.Minute)
		return strings.Contains(r.Log.String(), "media cleaned up")
	})
	if !strings.Contains(r.Log.String(), `"over":1,"oldest":0,"orphans":0`) {
		t.Error("more or less than the one row was over")
	}
	if fetches(t, r, stays) == "" {
		t.Error("another person's file is gone")
	}
	if n, file := stored(t, r), fetches(t, r, own); n != 2 || file != string(picture(t)) {
		t.Errorf("%d files are left, and the app's own is %q", n, file)
	}
}

// TestErasedWhileFetched: a file that comes when its person was erased is not
// kept, and brings nothing back.
func TestErasedWhileFetched(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	var first sync.Once
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method == http.MethodGet && req.URL.Query().Has("mid") {
				first.Do(func() { close(arrived) })
				<-release
			}
			next.ServeHTTP(w, req)
		})
	}})
	open := sync.OnceFunc(func() { close(release) })
	defer open()
	gone := sends(t, r, "+491713927003", "this is the dipper")
	<-arrived
	err := r.TryAdmin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+491713927003"}, Reason: "request", Confirm: "erase"}, nil)
	open()
	if err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "the file to have come", func() bool { return strings.Contains(r.Log.String(), "its person was erased meanwhile") })
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are kept", n)
	}
	rig.Await(t, "the clean-up to take the row away", func() bool {
		r.Clock.Forward(time.Minute)
		return strings.Contains(r.Log.String(), `"over":1,`)
	})
	if files := onDisk(t, r, []byte(gone)); len(files) > 0 || strings.Contains(r.Log.String(), "was not kept") {
		t.Errorf("its id is in %v", files)
	}
}

// TestHalfWrittenMedia: what an end in the middle left is gone after the next
// start, and what was whole is not.
func TestHalfWrittenMedia(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	id := keeps(t, r)
	r.Halt()
	half := strings.Repeat("0a", 16) + ".new"
	r.Write(t, filepath.Join("data", "media", half), "half of it")
	r.Resume(t)
	if n := stored(t, r); n != 1 || fetches(t, r, id) != string(picture(t)) {
		t.Errorf("%d files in the store", n)
	}
}

// TestMediaQuota refuses what has no room, in each dialect's words, before
// anything of it is kept, and takes what has.
func TestMediaQuota(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, "limits: {", "limits: {media_max_bytes: 16KiB, ", 1)
	}})
	large := append(picture(t), make([]byte, 32<<10)...)
	body, kind := form(t, "image/png", large, "messaging_product", "whatsapp")
	for name, c := range map[string]struct {
		path, auth, body, kind string
		status                 int
		code                   string
	}{
		"cloud":  {"/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/media", "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"], body, kind, 500, `"code":131016`},
		"d360v2": {"/media", "D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"], body, kind, 500, `"code":131016`},
		"d360v1": {"/v1/media", "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"], string(large), "image/png", 503, `"code":1016`},
		"onprem": {"/v1/media", onPrem(t, r), string(large), "image/png", 503, `"code":1016`},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.Do(t, "POST", c.path, c.body, "Content-Type: "+c.kind, c.auth)
			if a.Status != c.status || !strings.Contains(a.Body, c.code) {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are left in the store", n)
	}
	if !strings.Contains(r.Log.String(), "raise limits.media_max_bytes or free the disk") {
		t.Error("no operator was told")
	}
	if id := keeps(t, r); fetches(t, r, id) != string(picture(t)) {
		t.Error("the small one is not kept")
	}
}
