package clients

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// upload puts a file at the simulator past the gateway, as the business could at
// Meta: sends may name an id that the gateway never saw.
func (s *site) upload(t *testing.T, phone, mimeType string) string {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(s.dir, "secrets", "meta-token"))
	if err != nil {
		t.Fatal(err)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="file"`}, "Content-Type": {mimeType},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(strings.Repeat("x", 64))); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"messaging_product": "whatsapp", "type": mimeType} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var made struct{ ID string }
	decode(t, fetch(t, s.http, http.MethodPost, s.env["METASIM_GRAPH_URL"]+"/v25.0/"+phone+"/media", form.String(), http.Header{
		"Content-Type": {w.FormDataContentType()}, "Authorization": {"Bearer " + strings.TrimSpace(string(token))},
	}), &made)
	return made.ID
}

// people counts the persons that tests made up, of the range reserved for
// fiction.
var people = 491713920100

// person makes a person with consents and open windows, so that the pair limit
// of one test is not reached by another.
func (s *site) person(t *testing.T) string {
	t.Helper()
	people++
	number, at := strconv.Itoa(people), time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	facts := "fact,number,category,source,evidence,time,business\n"
	for _, category := range []string{"utility", "authentication"} {
		facts += "consent,+" + number + "," + category + ",web_form,form-1," + at + ",\n"
	}
	for _, business := range []string{"POSTERN_PHONE_ID", "POSTERN_ONPREM_PHONE_ID"} {
		facts += "window,+" + number + ",,,," + at + "," + s.env[business] + "\n"
	}
	s.postern(t, strings.NewReader(facts), "facts", "import", "-", "--format", "csv")
	return number
}

// receive has a person write to a number and returns the message's id and the
// webhook that the app got.
func (s *site) receive(t *testing.T, phone, from, message, word string) (string, hook) {
	t.Helper()
	var told struct{ ID string }
	decode(t, s.control(t, http.MethodPost, "/_sim/inbound",
		`{"phone_number_id":"`+phone+`","from":"`+from+`",`+strings.TrimPrefix(message, "{")), &told)
	return told.ID, s.hooks.with(t, word)
}
