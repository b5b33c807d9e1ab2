package endpoints

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestFilesThrough360dialog: a file goes up, is sent by its id, comes back and
// ends in every dialect, and one that a person sends is fetched.
func TestFilesThrough360dialog(t *testing.T) {
	t.Parallel()
	r, around := through360(t, rig.Options{})
	old := onPrem(t, r)
	for name, app := range map[string]struct {
		auth, number, upload, one, messages string
		flat                                bool
	}{
		"cloud": {
			"Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"], r.Env["POSTERN_PHONE_ID"],
			"/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/media", "/v25.0/", "/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/messages", false,
		},
		"d360v2": {"D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"], r.Env["POSTERN_D360_PHONE_ID"], "/media", "/", "/messages", false},
		"d360v1": {"D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"], r.Env["POSTERN_D360_PHONE_ID"], "/v1/media", "/v1/media/", "/v1/messages", true},
		"onprem": {old, r.Env["POSTERN_ONPREM_PHONE_ID"], "/v1/media", "/v1/media/", "/v1/messages", true},
	} {
		t.Run(name, func(t *testing.T) {
			content, kind := string(picture(t)), "image/png"
			if !app.flat {
				content, kind = form(t, kind, picture(t), "messaging_product", "whatsapp", "type", kind)
			}
			up := r.Do(t, "POST", app.upload, content, app.auth, "Content-Type: "+kind)
			id := uploadedID(t, up, app.flat)
			body := `{"messaging_product":"whatsapp","to":"` + r.Env["DEMO_CONSENTED"] + `","type":"image","image":{"id":"` + id + `"}}`
			if app.flat {
				body = strings.Replace(body, `"messaging_product":"whatsapp",`, "", 1)
			}
			if a := r.Do(t, "POST", app.messages, body, app.auth); a.Status != http.StatusOK && a.Status != http.StatusCreated {
				t.Errorf("send: %d %s", a.Status, a.Body)
			}
			if got := fetched(t, r, app.one+id, app.auth, app.flat); got != string(picture(t)) {
				t.Errorf("fetched %d bytes", len(got))
			}
			if a := r.Do(t, "DELETE", app.one+id, "", app.auth); a.Status != http.StatusOK {
				t.Errorf("end: %d %s", a.Status, a.Body)
			}
			caption := "A picture for " + name
			if _, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: app.number, From: r.Env["DEMO_CONSENTED"], Message: map[string]any{
				"type": "image", "image": map[string]any{"caption": caption},
			}}); err != nil {
				t.Fatal(err)
			}
			if got := fetched(t, r, app.one+imageOf(t, r.Hooks.With(t, caption).Body), app.auth, app.flat); got == "" {
				t.Error("a person's picture is empty")
			}
		})
	}
	if n := around.Load(); n != 0 {
		t.Errorf("%d requests went to Meta", n)
	}
}

func uploadedID(t *testing.T, a rig.Reply, flat bool) string {
	t.Helper()
	var said struct {
		ID    string `json:"id"`
		Media []struct {
			ID string `json:"id"`
		} `json:"media"`
	}
	if err := json.Unmarshal([]byte(a.Body), &said); err != nil || a.Status >= http.StatusMultipleChoices {
		t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
	if flat && len(said.Media) == 1 {
		return said.Media[0].ID
	}
	return said.ID
}

// fetched is a file's bytes: in the Cloud dialects by the link of its node.
func fetched(t *testing.T, r *rig.Rig, path, auth string, flat bool) string {
	t.Helper()
	a := r.Do(t, "GET", path, "", auth)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	if flat {
		return a.Body
	}
	link, _ := a.JSON(t)["url"].(string)
	if a = r.Do(t, "GET", strings.TrimPrefix(link, r.Env["POSTERN_URL"]), "", auth); a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", link, a.Status, a.Body)
	}
	return a.Body
}

// imageOf is the id of the picture in a webhook of either shape.
func imageOf(t *testing.T, body []byte) string {
	t.Helper()
	type messages []struct {
		Image struct {
			ID string `json:"id"`
		} `json:"image"`
	}
	var hook struct {
		Messages messages `json:"messages"`
		Entry    []struct {
			Changes []struct {
				Value struct {
					Messages messages `json:"messages"`
				} `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(body, &hook); err != nil {
		t.Fatal(err)
	}
	if len(hook.Entry) == 1 {
		hook.Messages = hook.Entry[0].Changes[0].Value.Messages
	}
	if len(hook.Messages) != 1 || hook.Messages[0].Image.ID == "" {
		t.Fatalf("no picture in %s", body)
	}
	return hook.Messages[0].Image.ID
}
