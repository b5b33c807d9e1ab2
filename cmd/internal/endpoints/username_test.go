package endpoints

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestUserIDs: with a person whose number is hidden behind a user name an app of
// each dialect talks by the user id: inbound, answer, statuses. A number beside
// the id wins, and operators find the person by the id.
func TestUserIDs(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	var known []string
	for i, d := range dialectsOf(t, r) {
		t.Run(d.name, func(t *testing.T) {
			user := "DE.1349120865530274191" + string(rune('0'+i))
			said, answer := "Question by "+d.name, "Answer for "+d.name
			told, err := r.Sim.Inbound(t.Context(), sim.Inbound{
				PhoneID: d.number, UserID: user, Parent: "DE.ENT.1181" + user[len(user)-1:], Username: "kit_koe", Wait: true, Message: map[string]any{"text": map[string]any{"body": said}},
			})
			if err != nil || told.Delivered != 1 {
				t.Fatalf("inbound: %+v %v", told, err)
			}
			flat := d.accepted == http.StatusCreated
			old := d.name == "onprem" // the keys of 360dialog's both versions have one webhook, in the newer form
			about := map[bool][]string{false: {`"user_id":"` + user + `"`, `"from_user_id":"` + user + `"`, `"username":"kit_koe"`, `"parent_user_id":"DE.ENT.`}, true: {`"wa_id":"` + user + `"`, `"from":"` + user + `"`}}[old]
			r.Hooks.With(t, append(about, said)...)

			product := strings.TrimPrefix(d.text[:strings.Index(d.text, `"to"`)], "{")
			a := r.Do(t, "POST", d.messages, `{`+product+`"recipient":"`+user+`","type":"text","text":{"body":"`+answer+`"}}`, d.auth)
			if a.Status != d.accepted || !strings.Contains(a.Body, `"input":"`+user+`"`) || strings.Contains(a.Body, "wa_id") || !flat && !strings.Contains(a.Body, `"user_id":"`+user+`"`) {
				t.Errorf("send: %d %s", a.Status, a.Body)
			}
			id := messageOf(t, a)
			member := map[bool]string{false: `"recipient_user_id":"`, true: `"recipient_id":"`}[old]
			r.Hooks.With(t, id, `"delivered"`, member+user+`"`)

			other := `{` + product + `"to":"` + r.Env["DEMO_CONSENTED"] + `","recipient":"` + user + `","type":"text","text":{"body":"For the number"}}`
			if a := r.Do(t, "POST", d.messages, other, d.auth); a.Status != d.accepted || strings.Contains(a.Body, user) {
				t.Errorf("a number beside the id: %d %s", a.Status, a.Body)
			}
			if a := r.Do(t, "POST", d.messages, `{`+product+`"recipient":"`+user[3:]+`","type":"text","text":{"body":"x"}}`, d.auth); a.Status != http.StatusBadRequest {
				t.Errorf("an id that is none: %d %s", a.Status, a.Body)
			}
			var found admin.Known
			r.Admin(t, "subject.show", admin.Who{UserID: user}, &found)
			if len(found.Records) == 0 {
				t.Error("operators do not find the person by the id")
			}
			known = append(known, user)
		})
	}
	all, _ := r.Sim.Accepted(0, 0)
	var byID []string
	for _, a := range all {
		if a.ByUserID {
			byID = append(byID, a.UserID)
		}
	}
	if len(all) != 2*len(known) || strings.Join(byID, " ") != strings.Join(known, " ") {
		t.Errorf("upstream took %d, by user id %v, want %v", len(all), byID, known)
	}
	for _, row := range r.SQL(t, "SELECT body FROM audit") {
		for _, user := range known {
			if strings.Contains(row[0], user) {
				t.Errorf("a record says who: %s", row[0])
			}
		}
	}
}

func messageOf(t *testing.T, a rig.Reply) string {
	t.Helper()
	var said struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	if err := json.Unmarshal([]byte(a.Body), &said); err != nil || len(said.Messages) != 1 {
		t.Fatalf("no message in %s", a.Body)
	}
	return said.Messages[0].ID
}

// TestBlockUserIDs blocks a person whose number is hidden, by the user id.
func TestBlockUserIDs(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	const user = "DE.13491208655302741920"
	c := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/block_users")
	body := `{"messaging_product":"whatsapp","block_users":[{"user_id":"` + user + `"}]}`
	if a := c.do(t, r, "POST", body); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "failed_users") {
		t.Errorf("a stranger: %d %s", a.Status, a.Body)
	}
	if _, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: r.Env["POSTERN_PHONE_ID"], UserID: user, Username: "kit_koe", Wait: true, Message: map[string]any{"text": map[string]any{"body": "hi"}}}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ method, body, words string }{
		{"POST", body, `"added_users":[{"input":"` + user + `","user_id":"` + user + `"}]`}, {"GET", "", `"user_id":"` + user + `"`},
		{"DELETE", body, "removed_users"}, {"GET", "", `"data":[]`},
	} {
		if a := c.do(t, r, step.method, step.body); a.Status != http.StatusOK || !strings.Contains(a.Body, step.words) || strings.Contains(a.Body, "wa_id") {
			t.Errorf("%s: %d %s", step.method, a.Status, a.Body)
		}
	}
	awaitRecords(t, r, map[string]int{"block/post allow accepted": 1, "block/post allow failed": 1, "block/delete allow accepted": 1})
	for _, row := range r.SQL(t, "SELECT body FROM audit") {
		if strings.Contains(row[0], user) {
			t.Errorf("a record says who: %s", row[0])
		}
	}
}
