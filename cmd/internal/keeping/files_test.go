package keeping

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// uploads has the Cloud app upload a text file, and gives its id and the answer.
func uploads(t *testing.T, r *rig.Rig, content string) (string, rig.Reply) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="notes.txt"`}, "Content-Type": {"text/plain"},
	})
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = w.WriteField("messaging_product", "whatsapp")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	a := r.Do(t, "POST", "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media", body.String(), "Content-Type: "+w.FormDataContentType(), "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"])
	var out struct {
		ID string `json:"id"`
	}
	if a.Status == http.StatusOK {
		if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
			t.Fatal(err)
		}
	}
	return out.ID, a
}

// node asks for a file by the id that the app knows.
func node(t *testing.T, r *rig.Rig, method, id string) int {
	t.Helper()
	return r.Do(t, method, "/v25.0/"+id, "", "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"]).Status
}

// files counts what the media store holds.
func files(t *testing.T, r *rig.Rig) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.Dir, "data", "media"))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestFloorKeepsFiles: the content of files stays as long as the floor of their
// class says, though their ids are over, apps delete them and room is short; then
// it goes.
func TestFloorKeepsFiles(t *testing.T) {
	t.Parallel()
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": "version: 1\nclasses:\n  media: {days: 90, floor: 60}\n"},
		Config: func(text string) string {
			return strings.Replace(text, "limits: {", "limits: {media_max_bytes: 64KiB, ", 1) + "retention: {at: \"off\"}\n"
		},
	})}
	var ids []string
	for _, c := range "abc" {
		id, answer := uploads(t, a.Rig, strings.Repeat(string(c), 19<<10))
		if answer.Status != http.StatusOK {
			t.Fatalf("upload: %d %s", answer.Status, answer.Body)
		}
		ids = append(ids, id)
	}
	if got := node(t, a.Rig, "DELETE", ids[0]); got != http.StatusOK {
		t.Errorf("delete: %d", got)
	}
	rig.Await(t, "the id to be over", func() bool { return node(t, a.Rig, "GET", ids[0]) == http.StatusBadRequest })
	if got := node(t, a.Rig, "GET", ids[1]); got != http.StatusOK {
		t.Errorf("a file that nobody deleted: %d", got)
	}
	cleaned := func(words string) { // the clock of the clean-up goes on meanwhile
		t.Helper()
		a.Clock.Forward(2 * time.Minute)
		a.write(t, "4917139200798", words)
	}
	cleaned("noch da")
	if _, answer := uploads(t, a.Rig, strings.Repeat("d", 19<<10)); answer.Status != http.StatusInternalServerError || !strings.Contains(answer.Body, `"code":131016`) {
		t.Errorf("an upload without room: %d %s", answer.Status, answer.Body)
	}
	for _, words := range []string{"eine woche", "zwei wochen", "drei wochen", "vier wochen"} {
		a.Clock.Forward(8 * 24 * time.Hour)
		cleaned(words)
	}
	if got := node(t, a.Rig, "GET", ids[1]); got != http.StatusBadRequest {
		t.Errorf("an id after its 30 days: %d", got)
	}
	if n := files(t, a.Rig); n != 3 {
		t.Errorf("%d of 3 files are kept", n)
	}
	for _, words := range []string{"fuenf wochen", "sechs wochen", "sieben wochen", "acht wochen"} {
		a.Clock.Forward(8 * 24 * time.Hour)
		cleaned(words)
	}
	rig.Await(t, "the files to go", func() bool { a.Clock.Forward(time.Minute); return files(t, a.Rig) == 0 })
	if _, answer := uploads(t, a.Rig, "room again"); answer.Status != http.StatusOK {
		t.Errorf("an upload after: %d %s", answer.Status, answer.Body)
	}
}

// TestFilesAreAnnounced: where class media has notice_hours the content of a file
// that somebody sent stays past its id's life and its days until they were told.
func TestFilesAreAnnounced(t *testing.T) {
	t.Parallel()
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": "version: 1\nclasses:\n  media: {days: 20, action: erase, notice_hours: 48}\n"},
		Config:   func(text string) string { return text + "retention: {at: \"off\"}\n" },
	})}
	told, err := a.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+4917139200751", Wait: true, Message: map[string]any{
		"type": "image", "image": map[string]any{"caption": "der pirol"},
	}})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	a.Hooks.With(t, "der pirol")
	rig.Await(t, "the file", func() bool { return files(t, a.Rig) == 1 })
	later := func(days int) {
		t.Helper()
		for range days / 2 {
			a.Clock.Forward(48 * time.Hour)
			a.write(t, "4917139200752", "weiter")
		}
	}
	later(24)
	a.purge(t) // cleans up, too
	if n := files(t, a.Rig); n != 1 {
		t.Fatalf("%d files of who was not told", n)
	}
	var list admin.NoticesDue
	a.Admin(t, "subject.notices", admin.Notices{}, &list)
	if len(list.Due) != 1 || list.Due[0].Class != "media" || len(list.Due[0].Subjects) != 1 {
		t.Fatalf("to be told: %+v", list.Due)
	}
	a.Admin(t, "subject.told", admin.NoticesTold{Class: "media", Subjects: list.Due[0].Subjects, Until: list.Due[0].Until}, nil)
	later(4)
	a.purge(t)
	if n := files(t, a.Rig); n != 0 {
		t.Errorf("%d files of who was told", n)
	}
}
