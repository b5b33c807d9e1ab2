package endpoints

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

// announce has the Cloud app announce a file, and gives the path of its session.
func announce(t *testing.T, r *rig.Rig, kind string, length int) string {
	t.Helper()
	a := cloud(r, "/v25.0/123456789/uploads?file_name=a.bin&file_type="+strings.ReplaceAll(kind, "/", "%2F")+"&file_length="+strconv.Itoa(length)).do(t, r, "POST", "")
	id, _ := a.JSON(t)["id"].(string)
	if a.Status != http.StatusOK || !strings.HasPrefix(id, "upload:") || len(a.JSON(t)) != 1 {
		t.Fatalf("announced: %d %s", a.Status, a.Body)
	}
	return "/v25.0/" + id
}

// TestUploadSession uploads a picture for the profile as Meta's clients do: the
// handle is good there.
func TestUploadSession(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "version: 1\nmedia: {strip_location: true}\n"}})
	file := photograph(t, true)
	path := announce(t, r, "image/jpeg", len(file))
	oauth := "Authorization: OAuth " + r.Env["POSTERN_CLOUD_TOKEN"]
	if a := r.Do(t, "GET", path, "", oauth); a.Status != http.StatusOK || a.JSON(t)["file_offset"] != 0.0 {
		t.Errorf("offset: %d %s", a.Status, a.Body)
	}
	a := r.Do(t, "POST", path, file, oauth, "file_offset: 0", "Content-Type: application/x-www-form-urlencoded")
	handle, _ := a.JSON(t)["h"].(string)
	if a.Status != http.StatusOK || handle == "" || len(a.JSON(t)) != 1 || a.Header.Get("X-Postern-Changed") != "true" {
		t.Fatalf("upload: %d %s %v", a.Status, a.Body, a.Header)
	}
	profile := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/whatsapp_business_profile")
	if set := profile.do(t, r, "POST", `{"messaging_product":"whatsapp","profile_picture_handle":"`+handle+`"}`); set.Status != http.StatusOK {
		t.Errorf("profile: %d %s", set.Status, set.Body)
	}
	profile.path += "?fields=profile_picture_url"
	if now := profile.do(t, r, "GET", ""); !strings.Contains(now.Body, "profile_picture_url") {
		t.Errorf("profile: %s", now.Body)
	}
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are left in the store", n)
	}
	rows := r.SQL(t, "SELECT a.kind, a.effect, a.changed, s.result FROM audit a JOIN audit s ON s.ref = a.id WHERE a.type = 'upload/image'")
	if len(rows) != 1 || strings.Join(rows[0], " ") != "media allow 1 accepted" {
		t.Errorf("on record: %v", rows)
	}
}

// TestUploadHandleOfTemplate: a header's sample is uploaded as a form announces it.
func TestUploadHandleOfTemplate(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, "    waba_id:", "    app_id: \"1000000000000001\"\n    waba_id:", 1)
	}})
	a := cloud(r, "/v25.0/123456789/uploads").do(t, r, "POST", "file_type=image%2Fpng&file_length="+strconv.Itoa(len(picture(t))), "Content-Type: application/x-www-form-urlencoded")
	id, _ := a.JSON(t)["id"].(string)
	up := cloud(r, "/v25.0/"+id).do(t, r, "POST", string(picture(t)), "file_offset: 0", "Content-Type: image/png")
	handle, _ := up.JSON(t)["h"].(string)
	if up.Status != http.StatusOK || handle == "" {
		t.Fatalf("upload: %d %s", up.Status, up.Body)
	}
	made := cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/message_templates").do(t, r, "POST", `{"name":"with_a_picture","language":"en","category":"UTILITY","components":[`+
		`{"type":"HEADER","format":"IMAGE","example":{"header_handle":["`+handle+`"]}},{"type":"BODY","text":"Your order is on its way."}]}`)
	if made.Status != http.StatusOK {
		t.Errorf("template: %d %s", made.Status, made.Body)
	}
}

// TestBadUploadSessions: what is announced wrongly, or is not what was announced,
// goes nowhere.
func TestBadUploadSessions(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for query, words := range map[string]string{
		"":                                     "file_type",
		"file_type=text%2Fhtml":                "file_type",
		"file_type=image%2Fpng":                "file_length",
		"file_type=image%2Fpng&file_length=-1": "file_length",
		"file_type=image%2Fpng&file_length=x":  "file_length",
		"file_type=image%2Fpng&file_length=999999999": "larger",
	} {
		if a := cloud(r, "/v25.0/123456789/uploads?"+query).do(t, r, "POST", ""); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, words) {
			t.Errorf("%q: %d %s", query, a.Status, a.Body)
		}
	}
	whole := string(picture(t))
	path := announce(t, r, "image/png", len(whole))
	wrong := announce(t, r, "application/pdf", len(whole))
	part := "file_offset"
	if r.Envoy != nil { // which drops headers with "_"
		part = "file_length"
	}
	for name, c := range map[string]struct{ path, body, offset, words string }{
		"no such session":    {"/v25.0/upload:abc", whole, "0", "no such file"},
		"a changed session":  {path + "x", whole, "0", "no such file"},
		"the rest of a file": {path, whole[10:], "10", part},
		"shorter":            {path, whole[10:], "0", "file_length"},
		"longer":             {path, whole + "more", "0", "file_length"},
		"nothing":            {path, "", "0", "file_length"},
		"another type":       {wrong, whole, "0", "type"},
	} {
		a := cloud(r, c.path).do(t, r, "POST", c.body, "file_offset: "+c.offset, "Content-Type: application/octet-stream")
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, c.words) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	r.Clock.Forward(25 * time.Hour)
	if a := cloud(r, path).do(t, r, "POST", whole, "file_offset: 0", "Content-Type: application/octet-stream"); a.Status != http.StatusBadRequest {
		t.Errorf("an old session: %d %s", a.Status, a.Body)
	}
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are left in the store", n)
	}
	if rows := r.SQL(t, "SELECT id FROM audit WHERE kind = 'media' AND effect = 'allow'"); len(rows) != 0 {
		t.Errorf("%d uploads were let through", len(rows))
	}
}
