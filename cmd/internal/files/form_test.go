package files

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

const film = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x08mdat"

// TestForms: the file may stand before its type, in a part that says nothing of
// it: that is how curl writes films, and Go's multipart everything.
func TestForms(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	path := "/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/media"
	for name, c := range map[string]struct {
		part, content, kind string // kind is the field type, "" for none
		status              int
	}{
		"octets, a film":       {"application/octet-stream", film, "video/mp4", 200},
		"nothing, a film":      {"", film, "video/mp4", 200},
		"octets, a picture":    {"application/octet-stream", photo, "image/jpeg", 200},
		"octets, a paper":      {"application/octet-stream", pdf, "application/pdf", 200},
		"its type alone":       {"video/mp4", film, "", 200},
		"another than it is":   {"application/octet-stream", film, "image/jpeg", 400},
		"octets alone":         {"application/octet-stream", film, "", 400},
		"nothing at all":       {"", photo, "", 400},
		"octets, too large":    {"application/octet-stream", photo + strings.Repeat("x", 6<<20), "image/jpeg", 400},
		"a program as a paper": {"", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00", "application/octet-stream", 400},
	} {
		body, kind := partFirst(t, c.part, c.content, c.kind)
		a := r.Do(t, "POST", path, body, "Content-Type: "+kind, cloud(r))
		if a.Status != c.status {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
		if id, _ := a.JSON(t)["id"].(string); c.status == http.StatusOK {
			want := c.kind
			if want == "" {
				want = c.part
			}
			if node := r.Do(t, "GET", "/v25.0/"+id, "", cloud(r)); node.JSON(t)["mime_type"] != want {
				t.Errorf("%s: %s", name, node.Body)
			}
		}
	}
	if all := stored(t, r); len(all) != 5 {
		t.Errorf("%d files are in the store", len(all))
	}
}

// photo begins as a JPEG does.
const photo = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"

// partFirst is a form whose file stands before everything else.
func partFirst(t *testing.T, part, content, kind string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="a"`)
	if part != "" {
		h.Set("Content-Type", part)
	}
	f, err := w.CreatePart(h)
	check(t, err)
	_, err = f.Write([]byte(content))
	check(t, err)
	if kind != "" {
		check(t, w.WriteField("type", kind))
	}
	check(t, w.WriteField("messaging_product", "whatsapp"))
	check(t, w.Close())
	return b.String(), w.FormDataContentType()
}
