//go:build schemathesis

package openapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// known are things that exist, which schemathesis is to name in most of its
// requests: parameters of the path or query, and members of bodies.
type known map[string][]string

// toml says so in schemathesis.toml's words.
func (k known) toml() string {
	dictionaries, parameters := "\n[dictionaries]\n", "\n[parameters]\n"
	for place, values := range k {
		name := strings.ReplaceAll(place, ".", "-")
		dictionaries += fmt.Sprintf("%s = { values = [\"%s\"] }\n", name, strings.Join(values, `", "`))
		parameters += fmt.Sprintf("%q = { dictionary = %q, probability = 0.6 }\n", place, name)
	}
	return dictionaries + parameters
}

// upload leaves a file in the Cloud API's form and gives its id.
func upload(t *testing.T, r *rig.Rig, path, auth string) string {
	t.Helper()
	const body = "--b\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nOpening hours\r\n--b--\r\n"
	return text(t, r.Do(t, "POST", path, body, auth, "Content-Type: multipart/form-data; boundary=b"), "id")
}

// text is a member of a good answer.
func text(t *testing.T, a rig.Reply, name string) string {
	t.Helper()
	v, _ := a.JSON(t)[name].(string)
	if a.Status != http.StatusOK || v == "" {
		t.Fatalf("prepare: %d %s", a.Status, a.Body)
	}
	return v
}

// oldUpload is upload in the old form.
func oldUpload(t *testing.T, r *rig.Rig, auth string) string {
	t.Helper()
	a := r.Do(t, "POST", "/v1/media", "Opening hours", auth, "Content-Type: text/plain")
	media, _ := a.JSON(t)["media"].([]any)
	if len(media) != 1 {
		t.Fatalf("prepare: %d %s", a.Status, a.Body)
	}
	id, _ := media[0].(map[string]any)["id"].(string)
	return id
}

// things makes what the Cloud API's calls are about.
func things(t *testing.T, r *rig.Rig, auth string) known {
	t.Helper()
	number := "/v25.0/" + r.Env["POSTERN_PHONE_ID"]
	file := upload(t, r, number+"/media", auth)
	link, err := url.Parse(text(t, r.Do(t, "GET", "/v25.0/"+file, "", auth), "url"))
	if err != nil {
		t.Fatal(err)
	}
	code := text(t, r.Do(t, "POST", number+"/message_qrdls", `{"prefilled_message":"Hello","generate_qr_image":"PNG"}`, auth), "code")
	session := text(t, r.Do(t, "POST", "/v25.0/123456789/uploads?file_type=image%2Fpng&file_length=4", "", auth), "id")
	templates, _ := r.Do(t, "GET", "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/message_templates?limit=1", "", auth).JSON(t)["data"].([]any)
	if len(templates) != 1 {
		t.Fatal("prepare: no template")
	}
	template, _ := templates[0].(map[string]any)["id"].(string)
	out := known{
		"path.number": {r.Env["POSTERN_PHONE_ID"]}, "path.waba": {r.Env["POSTERN_WABA_ID"]}, "path.code": {code},
		"path.node":    {r.Env["POSTERN_PHONE_ID"], r.Env["POSTERN_WABA_ID"], file, template},
		"path.session": {strings.TrimPrefix(session, "upload:")}, "query.template_ids": {template}, "body.to": {"+" + r.Env["DEMO_CONSENTED"]},
	}
	for name, values := range link.Query() {
		out["query."+name] = values
	}
	return out
}
