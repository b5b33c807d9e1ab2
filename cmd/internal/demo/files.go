package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"regexp"
	"strings"
)

const (
	caption = "Look what came: a Rotkehlchen."
	about   = "Open from nine to five."
)

// cloud is a path below the Cloud app's number.
func (t *talk) cloud(path string) string {
	return "https://" + t.app() + "/v25.0/" + cloudPhone + path
}

// picture is a small grey PNG.
func picture() ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return b.Bytes(), nil
}

// form is an upload as the Cloud API wants it.
func form(file []byte) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	head := textproto.MIMEHeader{}
	head.Set("Content-Disposition", `form-data; name="file"; filename="label.png"`)
	head.Set("Content-Type", "image/png")
	if err := w.WriteField("messaging_product", "whatsapp"); err != nil {
		return nil, "", fmt.Errorf("write upload: %w", err)
	}
	part, err := w.CreatePart(head)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("write upload: %w", err)
	}
	return b.Bytes(), w.FormDataContentType(), nil
}

// sendPicture uploads a file, reads it back and sends it by its id.
func (t *talk) sendPicture(ctx context.Context) (string, error) {
	file, err := picture()
	if err != nil {
		return "", err
	}
	body, kind, err := form(file)
	if err != nil {
		return "", err
	}
	a, err := exchange(ctx, t.client, http.MethodPost, t.cloud("/media"), body, t.bearer(), "Content-Type: "+kind)
	if err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.status != http.StatusOK || made.ID == "" {
		return "", errNot("an id of the file", fmt.Sprintf("%d %s", a.status, a.body))
	}
	back, err := t.fetch(ctx, made.ID)
	if err != nil {
		return "", err
	}
	if back.body != string(file) {
		return "", errNot("the file as it was", fmt.Sprintf("%d bytes", len(back.body)))
	}
	return t.allowed(ctx, map[string]any{"to": "+" + customer, "type": "image", "image": map[string]string{"id": made.ID, "caption": "Your label."}})
}

// fetch reads a file by the link of its node, which is the gateway's own.
func (t *talk) fetch(ctx context.Context, id string) (answer, error) {
	a, err := exchange(ctx, t.client, http.MethodGet, "https://"+t.app()+"/v25.0/"+id, nil, t.bearer())
	if err != nil {
		return a, err
	}
	var node struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal([]byte(a.body), &node); err != nil || !strings.HasPrefix(node.URL, "https://"+t.app()+"/") {
		return a, errNot("a link to the gateway", fmt.Sprintf("%d %s", a.status, a.body))
	}
	a, err = exchange(ctx, t.client, http.MethodGet, node.URL, nil, t.bearer())
	if err == nil && (a.status != http.StatusOK || a.body == "") {
		err = errNot("the file", fmt.Sprintf("%d %s", a.status, a.body))
	}
	return a, err
}

var imageID = regexp.MustCompile(`"image": ?\{[^}]*"id": ?"([^"]+)"`)

// takePicture lets the customer send a picture, which the app fetches.
func (t *talk) takePicture(ctx context.Context) (string, error) {
	status, body, err := t.call(ctx, "http://"+t.control()+"/_sim/inbound", map[string]any{
		"phone_number_id": cloudPhone, "from": customer, "type": "image", "image": map[string]string{"caption": caption},
	})
	if err != nil || status != http.StatusOK {
		return "", errNot("the simulator to take it", fmt.Sprint(status, " ", body, " ", err))
	}
	if err := t.webhookWith(ctx, caption); err != nil {
		return "", err
	}
	id := t.pictureOf(caption)
	if id == "" {
		return "", errNot("the file's id in the webhook", "none")
	}
	a, err := t.fetch(ctx, id)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("fetched from the gateway: %d bytes of %s", len(a.body), a.header.Get("Content-Type")), nil
}

// pictureOf is the id of the picture that the app was told of with the words.
func (t *talk) pictureOf(words string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.events {
		if found := imageID.FindStringSubmatch(e); found != nil && strings.Contains(e, words) {
			return found[1]
		}
	}
	return ""
}

// changeProfile changes what people see of the business. That it was asked for
// is decided and on record like a message.
func (t *talk) changeProfile(ctx context.Context) (string, error) {
	profile := t.cloud("/whatsapp_business_profile")
	status, body, err := t.call(ctx, profile, map[string]string{"messaging_product": "whatsapp", "about": about}, t.bearer())
	if err != nil || status != http.StatusOK {
		return "", errNot("the profile to be taken", fmt.Sprint(status, " ", body, " ", err))
	}
	a, err := exchange(ctx, t.client, http.MethodGet, profile+"?fields=about", nil, t.bearer())
	if err != nil || !strings.Contains(a.body, about) {
		return "", errNot("the new profile", fmt.Sprint(a.status, " ", a.body, " ", err))
	}
	const question = "SELECT type FROM audit WHERE kind = 'manage' AND effect = 'allow'"
	return "changed, and on record", await(ctx, "the change on record", func() (bool, error) {
		out, _, err := t.postern(ctx, "audit", "sql", "--csv", question)
		return strings.Contains(out, "profile/post"), err
	})
}
