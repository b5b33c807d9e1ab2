package endpoints

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// picture is a small PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// form is an upload as clients of the Cloud API write it.
func form(t *testing.T, kind string, content []byte, fields ...string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	write := func(name, value string) {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		write(fields[i], fields[i+1])
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="/home/me/picture.png"`)
	h.Set("Content-Type", kind)
	part, err := w.CreatePart(h)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(fields)%2 == 1 { // the last one stands behind the file
		write("type", fields[len(fields)-1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

// stored counts the files in the media store.
func stored(t *testing.T, r *rig.Rig) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(r.Env["POSTERN_CONFIG"]), "data", "media", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestMediaCloud(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for name, app := range map[string]struct{ upload, one, get caller }{
		"cloud":  {cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media"), cloud(r, "/v25.0/"), cloud(r, "")},
		"d360v2": {d360(r, "/media"), d360(r, "/"), d360(r, "")},
	} {
		t.Run(name, func(t *testing.T) {
			body, kind := form(t, "image/png", picture(t), "messaging_product", "whatsapp", "type", "image/png")
			a := app.upload.do(t, r, "POST", body, "Content-Type: "+kind)
			id, _ := a.JSON(t)["id"].(string)
			if a.Status != http.StatusOK || id == "" || len(a.JSON(t)) != 1 {
				t.Fatalf("upload: %d %s", a.Status, a.Body)
			}
			app.one.path += id
			node := app.one.do(t, r, "GET", "")
			link, _ := node.JSON(t)["url"].(string)
			if node.Status != http.StatusOK || !strings.HasPrefix(link, r.Env["POSTERN_URL"]+"/whatsapp_business/attachments/?") || node.JSON(t)["mime_type"] != "image/png" {
				t.Fatalf("node: %d %s", node.Status, node.Body)
			}
			app.get.path = strings.TrimPrefix(link, r.Env["POSTERN_URL"])
			file := app.get.do(t, r, "GET", "")
			if file.Status != http.StatusOK || file.Body != string(picture(t)) || file.Header.Get("Content-Type") != "image/png" || file.Header.Get("Content-Length") == "" {
				t.Errorf("file: %d, %d bytes, %v", file.Status, len(file.Body), file.Header)
			}
			if bare := r.Do(t, "GET", app.get.path, ""); bare.Status == http.StatusOK {
				t.Error("the link alone gave the file")
			}
			if gone := app.one.do(t, r, "DELETE", ""); gone.Status != http.StatusOK {
				t.Errorf("delete: %d %s", gone.Status, gone.Body)
			}
			if again := app.get.do(t, r, "GET", ""); again.Status != http.StatusBadRequest {
				t.Errorf("deleted: %d %s", again.Status, again.Body)
			}
		})
	}
	rig.Await(t, "the clean-up to take both files away", func() bool { r.Clock.Forward(time.Minute); return stored(t, r) == 0 })
	rows := r.SQL(t, "SELECT a.kind, a.type, a.effect, s.result FROM audit a JOIN audit s ON s.ref = a.id WHERE a.kind IN ('media', 'manage') ORDER BY a.seq")
	if len(rows) != 4 || strings.Join(rows[0], " ") != "media image allow accepted" || strings.Join(rows[1], " ") != "manage upload/delete allow accepted" {
		t.Errorf("on record: %v", rows)
	}
}

// onPrem logs the demo's On-Premises app in.
func onPrem(t *testing.T, r *rig.Rig) string {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(r.Env["POSTERN_ONPREM_USER"] + ":" + r.Env["POSTERN_ONPREM_PASSWORD"]))
	a := r.Do(t, "POST", "/v1/users/login", "", "Authorization: Basic "+basic)
	users, _ := a.JSON(t)["users"].([]any)
	if len(users) != 1 {
		t.Fatalf("login: %d %s", a.Status, a.Body)
	}
	token, _ := users[0].(map[string]any)["token"].(string)
	return "Authorization: Bearer " + token
}

// TestMediaFlat uploads and fetches raw bytes by ids of ours, in the two old
// dialects, and sends a message that names such an id.
func TestMediaFlat(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for name, auth := range map[string]string{"onprem": onPrem(t, r), "d360v1": "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]} {
		t.Run(name, func(t *testing.T) {
			a := r.Do(t, "POST", "/v1/media", string(picture(t)), "Content-Type: image/png", auth)
			list, _ := a.JSON(t)["media"].([]any)
			if a.Status != http.StatusOK || len(list) != 1 {
				t.Fatalf("upload: %d %s", a.Status, a.Body)
			}
			id, _ := list[0].(map[string]any)["id"].(string)
			if len(id) != 36 {
				t.Errorf("id %q is no UUID", id)
			}
			if file := r.Do(t, "GET", "/v1/media//"+id+"/", "", auth); file.Status != http.StatusOK || file.Body != string(picture(t)) {
				t.Errorf("file: %d, %d bytes", file.Status, len(file.Body))
			}
			to := r.Env["DEMO_CONSENTED"]
			sent := r.Do(t, "POST", "/v1/messages", `{"to":"`+to+`","type":"image","image":{"id":"`+id+`"}}`, auth)
			if sent.Status != http.StatusCreated {
				t.Errorf("send: %d %s", sent.Status, sent.Body)
			}
			if gone := r.Do(t, "DELETE", "/v1/media/"+id, "", auth); gone.Status != http.StatusOK {
				t.Errorf("delete: %d %s", gone.Status, gone.Body)
			}
			if again := r.Do(t, "GET", "/v1/media/"+id, "", auth); again.Status != http.StatusNotFound {
				t.Errorf("deleted: %d %s", again.Status, again.Body)
			}
		})
	}
}

// TestBadUploads: nothing of a bad upload is kept, on record as let through, or
// at upstream.
func TestBadUploads(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	upload := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media")
	whatsapp := []string{"messaging_product", "whatsapp"}
	for name, c := range map[string]struct {
		kind    string
		content []byte
		fields  []string
		words   string
	}{
		"another type":         {"image/jpeg", picture(t), whatsapp, "type"},
		"another type behind":  {"image/png", picture(t), append(whatsapp, "video/mp4"), "type"},
		"a program as a paper": {"application/pdf", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), whatsapp, "type"},
		"empty":                {"image/png", nil, whatsapp, "empty"},
		"no product":           {"image/png", picture(t), nil, "messaging_product"},
		"a picture of 6 MB":    {"image/png", append(picture(t), make([]byte, 6<<20)...), whatsapp, "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			body, kind := form(t, c.kind, c.content, c.fields...)
			a := upload.do(t, r, "POST", body, "Content-Type: "+kind)
			if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, c.words) {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	body, kind := form(t, "image/png", picture(t), whatsapp...)
	if a := upload.do(t, r, "POST", body[:len(body)-40], "Content-Type: "+kind); a.Status != http.StatusBadRequest {
		t.Errorf("cut short: %d %s", a.Status, a.Body)
	}
	if a := upload.do(t, r, "POST", `{"file":"x"}`); a.Status != http.StatusBadRequest {
		t.Errorf("no form: %d %s", a.Status, a.Body)
	}
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are left in the store", n)
	}
	if rows := r.SQL(t, "SELECT id FROM audit WHERE kind = 'media' AND effect = 'allow'"); len(rows) != 0 {
		t.Errorf("%d uploads were let through", len(rows))
	}
}

// TestMediaOfOthers keeps apps to their own files, and links to their time.
func TestMediaOfOthers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	body, kind := form(t, "image/png", picture(t), "messaging_product", "whatsapp")
	a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media").do(t, r, "POST", body, "Content-Type: "+kind)
	id, _ := a.JSON(t)["id"].(string)
	node := cloud(r, "/v25.0/"+id).do(t, r, "GET", "")
	link, err := url.Parse(node.JSON(t)["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	path := link.Path + "?" + link.RawQuery
	for name, c := range map[string]caller{
		"node by another app":   d360(r, "/"+id),
		"link by another app":   d360(r, path),
		"link with another end": cloud(r, strings.Replace(path, "ext=", "ext=1", 1)),
		"link with another id":  cloud(r, strings.Replace(path, "mid=", "mid=0", 1)),
		"unknown id":            cloud(r, "/v25.0/1234567890"),
	} {
		if got := c.do(t, r, "GET", ""); got.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := d360(r, "/"+id).do(t, r, "DELETE", ""); got.Status != http.StatusBadRequest {
		t.Errorf("delete by another app: %d %s", got.Status, got.Body)
	}
	r.Clock.Forward(6 * time.Minute)
	if got := cloud(r, path).do(t, r, "GET", ""); got.Status != http.StatusBadRequest {
		t.Errorf("an old link: %d %s", got.Status, got.Body)
	}
	raw, err := os.ReadFile(only(t, filepath.Join(filepath.Dir(r.Env["POSTERN_CONFIG"]), "data", "media", "*")))
	if err != nil || bytes.Contains(raw, picture(t)[:40]) || len(raw) < len(picture(t)) {
		t.Errorf("what is stored is not sealed: %d bytes, %v", len(raw), err)
	}
}

func only(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files[0]
}

// TestMediaOfPeople: what a person sends reaches each app by an id of its own
// kind, and its bytes by the way that the app's API has.
func TestMediaOfPeople(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for name, c := range map[string]struct {
		number, auth string
		flat         bool
	}{
		"cloud":  {r.Env["POSTERN_PHONE_ID"], "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"], false},
		"onprem": {r.Env["POSTERN_ONPREM_PHONE_ID"], onPrem(t, r), true},
	} {
		t.Run(name, func(t *testing.T) {
			caption := "look at this, " + name
			_, err := r.Sim.Inbound(t.Context(), sim.Inbound{
				PhoneID: c.number, From: r.Env["DEMO_CONSENTED"], Wait: true,
				Message: map[string]any{"type": "image", "image": map[string]any{"caption": caption}},
			})
			if err != nil {
				t.Fatal(err)
			}
			image := find(t, r.Hooks.With(t, caption).Body, "image")
			id, _ := image["id"].(string)
			path := "/v25.0/" + id
			if c.flat {
				path = "/v1/media/" + id
			} else if link, _ := image["url"].(string); link != "" {
				if a := r.At(t, "GET", link, "", c.auth); a.Status != http.StatusOK {
					t.Errorf("by the webhook's url: %d %s", a.Status, a.Body)
				}
			}
			a := r.Do(t, "GET", path, "", c.auth)
			if !c.flat {
				a = r.At(t, "GET", a.JSON(t)["url"].(string), "", c.auth)
			}
			if a.Status != http.StatusOK || a.Header.Get("Content-Type") != image["mime_type"] || a.Body == "" {
				t.Errorf("file: %d, %d bytes, %v", a.Status, len(a.Body), a.Header)
			}
		})
	}
}

// TestMediaIsKept: a person's file is fetched into the store, and served from
// there once upstream has it no more.
func TestMediaIsKept(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]
	_, err := r.Sim.Inbound(t.Context(), sim.Inbound{
		PhoneID: r.Env["POSTERN_PHONE_ID"], From: r.Env["DEMO_CONSENTED"], Wait: true,
		Message: map[string]any{"type": "image", "image": map[string]any{"caption": "kept for you"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	image := find(t, r.Hooks.With(t, "kept for you").Body, "image")
	link, _ := image["url"].(string)
	id, _ := image["id"].(string)
	if link == "" {
		a := r.Do(t, "GET", "/v25.0/"+id, "", auth)
		link, _ = a.JSON(t)["url"].(string)
	}
	before := r.At(t, "GET", link, "", auth)
	rig.Await(t, "the file in the store", func() bool { return stored(t, r) == 1 })
	raw, err := os.ReadFile(filepath.Join(r.Dir, "secrets", "meta-token"))
	if err != nil {
		t.Fatal(err)
	}
	gone := r.At(t, "DELETE", r.Env["METASIM_GRAPH_URL"]+"/v25.0/"+id, "", "Authorization: Bearer "+strings.TrimSpace(string(raw)))
	if gone.Status != http.StatusOK {
		t.Fatalf("delete at upstream: %d %s", gone.Status, gone.Body)
	}
	rig.Await(t, "the file from the store", func() bool {
		after := r.At(t, "GET", link, "", auth)
		return after.Status == http.StatusOK && after.Body == before.Body && after.Body != ""
	})
}

// find is the first object of that name, wherever it stands.
func find(t *testing.T, body []byte, name string) map[string]any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	if m, ok := search(v, name); ok {
		return m
	}
	t.Fatalf("no %s in the webhook", name)
	return nil
}

func search(v any, name string) (map[string]any, bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if m, ok := search(e, name); ok {
				return m, true
			}
		}
	case map[string]any:
		if m, ok := v[name].(map[string]any); ok {
			return m, true
		}
		for _, e := range v {
			if m, ok := search(e, name); ok {
				return m, true
			}
		}
	}
	return nil, false
}
