package endpoints

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// berlin is where the test's pictures were taken.
const berlin = "52.5163N 13.3777E Pariser Platz"

// photograph is a JPEG that tells its place in a maker's segment, or in a block
// of Exif that can not be read.
func photograph(t *testing.T, readable bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 16)), nil); err != nil {
		t.Fatal(err)
	}
	marker, body := byte(0xe5), berlin
	if !readable {
		marker, body = 0xe1, "Exif\x00\x00"+berlin
	}
	return "\xff\xd8" + string([]byte{0xff, marker, 0, byte(len(body) + 2)}) + body + b.String()[2:]
}

// TestPlaces: where policy says so, pictures leave without where they were taken,
// in all dialects and as a profile's photo; what can not be rid of it does not.
func TestPlaces(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "version: 1\nmedia: {strip_location: true}\n"}})
	auth := onPrem(t, r)
	upload := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media")
	send := func(t *testing.T, readable bool) map[string]rig.Reply {
		t.Helper()
		body, kind := form(t, "image/jpeg", []byte(photograph(t, readable)), "messaging_product", "whatsapp")
		return map[string]rig.Reply{
			"cloud":  upload.do(t, r, "POST", body, "Content-Type: "+kind),
			"d360v2": d360(r, "/media").do(t, r, "POST", body, "Content-Type: "+kind),
			"d360v1": r.Do(t, "POST", "/v1/media", photograph(t, readable), "Content-Type: image/jpeg", "D360-API-KEY: "+r.Env["POSTERN_D360_V1_KEY"]),
			"onprem": r.Do(t, "POST", "/v1/media", photograph(t, readable), "Content-Type: image/jpeg", auth),
			"photo":  r.Do(t, "POST", "/v1/settings/profile/photo", photograph(t, readable), "Content-Type: image/jpeg", auth),
		}
	}
	for name, a := range send(t, false) {
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "policy:media_location") || a.Header.Get("X-Postern-Changed") != "" {
			t.Errorf("%s, unreadable: %d %s", name, a.Status, a.Body)
		}
	}
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are left in the store", n)
	}
	for name, a := range send(t, true) {
		if a.Status != http.StatusOK || a.Header.Get("X-Postern-Changed") != "true" {
			t.Errorf("%s: %d %s %v", name, a.Status, a.Body, a.Header)
		}
		if name == "cloud" {
			atUpstream(t, r, a.JSON(t)["id"].(string))
		}
	}
	photo := r.Do(t, "GET", "/v1/settings/profile/photo", "", auth)
	if photo.Status != http.StatusOK || strings.Contains(photo.Body, berlin) {
		t.Errorf("photo: %d, %q", photo.Status, photo.Body)
	}
	if n := stored(t, r); n != 4 {
		t.Errorf("%d files are in the store", n)
	}
	rows := r.SQL(t, "SELECT kind, changed, count(*) FROM audit WHERE type IN ('image', 'profile/photo') AND effect = 'allow' AND result = 'admitted' GROUP BY 1, 2 ORDER BY 1")
	if len(rows) != 2 || strings.Join(rows[0], " ") != "manage 1 1" || strings.Join(rows[1], " ") != "media 1 4" {
		t.Errorf("on record: %v", rows)
	}
}

// atUpstream looks at the file that the gateway gave away, as it keeps it and as
// it lies at upstream.
func atUpstream(t *testing.T, r *rig.Rig, id string) {
	t.Helper()
	node := cloud(r, "/v25.0/"+id).do(t, r, "GET", "")
	file := r.At(t, "GET", node.JSON(t)["url"].(string), "", "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"])
	if file.Status != http.StatusOK || strings.Contains(file.Body, berlin) || float64(len(file.Body)) != node.JSON(t)["file_size"] {
		t.Errorf("kept: %d, %d bytes, %s", file.Status, len(file.Body), node.Body)
	}
	if _, err := jpeg.Decode(strings.NewReader(file.Body)); err != nil {
		t.Error(err)
	}
}

// TestPlacesOfMessages: a picture that passes the gateway by is refused, one that
// was uploaded here is sent.
func TestPlacesOfMessages(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "version: 1\nmedia: {strip_location: true}\n"}})
	body, kind := form(t, "image/png", picture(t), "messaging_product", "whatsapp")
	a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media").do(t, r, "POST", body, "Content-Type: "+kind)
	id, _ := a.JSON(t)["id"].(string)
	if a.Status != http.StatusOK || a.Header.Get("X-Postern-Changed") != "" {
		t.Fatalf("upload: %d %s %v", a.Status, a.Body, a.Header)
	}
	message := func(image string) string {
		return `{"to":"+` + r.Env["DEMO_CONSENTED"] + `","type":"image","image":` + image + `}`
	}
	for image, good := range map[string]bool{
		`{"id":"` + id + `"}`: true, `{"id":"1234567890123"}`: false, `{"link":"https://pictures.example/a.jpg"}`: false,
	} {
		a := r.Cloud(t, message(image))
		if good != (a.Status == http.StatusOK) || good == strings.Contains(a.Body, "policy:media_location") {
			t.Errorf("%s: %d %s", image, a.Status, a.Body)
		}
	}
}
