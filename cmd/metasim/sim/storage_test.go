package sim_test

import (
	"strings"
	"testing"
	"time"
)

// TestStorage: where messages rest is set while a number is not registered,
// shown with its settings, and gone when its registration ends.
func TestStorage(t *testing.T) {
	w := start(t)
	node := "/v24.0/" + phoneID
	shows := func(what, want string) {
		t.Helper()
		if _, body := w.call("GET", node+"/settings", ""); !strings.Contains(body, `"storage_configuration":`+want) {
			t.Errorf("%s: %s", what, body)
		}
	}
	does := func(what, path, body string, want int) {
		t.Helper()
		status, answer := w.call("POST", node+path, body)
		if status != want {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	const in, ch = `{"storage_configuration":{"status":"IN_COUNTRY_STORAGE_ENABLED","data_localization_region":"IN"}}`, `{"pin":"123456","data_localization_region":"CH"}`
	shows("at first", `{"status":"DEFAULT"}`)
	does("registered", "/settings", in, 400)
	does("another region while registered", "/register", ch, 400)
	does("taken off", "/deregister", "", 200)
	for what, body := range map[string]string{
		"no such region":     `{"storage_configuration":{"status":"IN_COUNTRY_STORAGE_ENABLED","data_localization_region":"UK"}}`,
		"no such status":     `{"storage_configuration":{"status":"SOMEWHERE"}}`,
		"a day":              `{"storage_configuration":{"status":"NO_STORAGE_ENABLED","retention_minutes":1440}}`,
		"two things at once": `{"storage_configuration":{"status":"IN_COUNTRY_STORAGE_DISABLED"},"user_identity_change":{}}`,
	} {
		does(what, "/settings", body, 400)
	}
	does("set", "/settings", in, 200)
	does("registered again", "/register", `{"pin":"123456"}`, 200)
	shows("of the settings", `{"status":"IN_COUNTRY_STORAGE_ENABLED","data_localization_region":"IN"}`)
	does("the same region", "/register", strings.Replace(ch, "CH", "IN", 1), 200)
	does("taken off again", "/deregister", "", 200)
	shows("off", `{"status":"DEFAULT"}`)
	does("with a region", "/register", ch, 200)
	shows("of the registration", `{"status":"IN_COUNTRY_STORAGE_ENABLED","data_localization_region":"CH"}`)
}

// TestNoStorageFiles: with No Storage a file lives an hour, or as long as its
// upload says.
func TestNoStorageFiles(t *testing.T) {
	w := start(t)
	product := map[string]string{"messaging_product": "whatsapp"}
	if status, _ := w.upload("text/plain", "x", "ttl_minutes=90", product); status != 400 {
		t.Errorf("a life of its own without No Storage: %d", status)
	}
	w.call("POST", "/v24.0/"+phoneID+"/deregister", "")
	w.call("POST", "/v24.0/"+phoneID+"/settings", `{"storage_configuration":{"status":"NO_STORAGE_ENABLED","retention_minutes":60}}`)
	_, body := w.upload("text/plain", "x", "", product)
	short := dig(t, body, "id")
	_, body = w.upload("text/plain", "x", "ttl_minutes=90", product)
	long := dig(t, body, "id")
	for _, minutes := range []string{"59", "43201", "soon"} {
		if status, _ := w.upload("text/plain", "x", "ttl_minutes="+minutes, product); status != 400 {
			t.Errorf("%s minutes: %d", minutes, status)
		}
	}
	w.clock.forward(time.Hour)
	for id, want := range map[string]int{short: 400, long: 200} {
		if status, _ := w.call("GET", "/"+id, ""); status != want {
			t.Errorf("after an hour: %d, want %d", status, want)
		}
	}
}
