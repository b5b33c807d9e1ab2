package endpoints

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// noStorage has nothing of the Cloud app's number rest at upstream, and waits
// until the gateway knows.
func noStorage(t *testing.T, r *rig.Rig) {
	t.Helper()
	if err := r.Sim.SetStorage(r.Env["POSTERN_PHONE_ID"], sim.Storage{Status: sim.StorageNone, Retention: 60}); err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "the gateway to know", func() bool {
		var known []admin.Residency
		err := r.TryAdmin(t, "residency.show", admin.ResidencyShow{Number: r.Env["POSTERN_PHONE_ID"]}, &known)
		return err == nil && len(known) > 0 && known[0].Kind == "none"
	})
}

// writes lets a person write to a number and waits for the gateway's 200.
func writes(t *testing.T, r *rig.Rig, number string, message map[string]any) {
	t.Helper()
	if _, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: number, From: "+491713927011", Wait: true, Message: message}); err != nil {
		t.Fatal(err)
	}
}

// TestNoStorageInbound: what upstream was told it has delivered, and keeps no
// more, is durable here and reaches the app although both were away.
func TestNoStorageInbound(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	noStorage(t, r)
	r.Hooks.Answer(http.StatusServiceUnavailable)
	writes(t, r, r.Env["POSTERN_PHONE_ID"], map[string]any{"type": "text", "text": map[string]any{"body": "only once"}})
	if rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'inbound'"); rows[0][0] != "1" {
		t.Errorf("%s messages on record when upstream had its answer", rows[0][0])
	}
	r.Halt()
	before := len(r.Hooks.All())
	r.Hooks.Answer(http.StatusOK)
	r.Resume(t)
	rig.Await(t, "the app to have it after a restart", func() bool {
		for _, h := range r.Hooks.All()[before:] {
			if strings.Contains(string(h.Body), "only once") {
				return true
			}
		}
		return false
	})
}

// told waits for words among the metrics.
func told(t *testing.T, r *rig.Rig, words string) {
	t.Helper()
	rig.Await(t, words, func() bool {
		return strings.Contains(r.At(t, "GET", r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, words)
	})
}

// TestNoStorageFiles: a person's file is fetched while upstream has it, which is
// an hour, and told when it could not be; files of other numbers have longer.
func TestNoStorageFiles(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	tried, down := map[string]int{}, true
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			number := req.URL.Query().Get("phone_number_id")
			mu.Lock()
			fails := down && number != "" && req.Method == http.MethodGet
			if fails {
				tried[number]++
			}
			mu.Unlock()
			if fails {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, req)
		})
	}})
	noStorage(t, r)
	brief, other := r.Env["POSTERN_PHONE_ID"], r.Env["POSTERN_D360_PHONE_ID"]
	attempts := func(number string, n int) {
		t.Helper()
		rig.Await(t, fmt.Sprintf("attempt %d", n), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return tried[number] >= n
		})
	}
	noted := func(n int) { // the clock that runs on before that would put the next attempt off for longer
		t.Helper()
		rig.Await(t, fmt.Sprintf("%d attempts to be noted", n), func() bool { return strings.Count(r.Log.String(), "it is tried again") >= n })
	}
	image := map[string]any{"type": "image", "image": map[string]any{}}
	writes(t, r, other, image)
	writes(t, r, brief, image)
	attempts(other, 1)
	attempts(brief, 1)
	noted(2)
	r.Clock.Forward(5*time.Minute + time.Second)
	attempts(brief, 2)
	attempts(other, 2)
	noted(4)
	r.Clock.Forward(52 * time.Minute)
	told(t, r, `postern_alarms_total{alarm="media_lost"} 1`)
	attempts(other, 3)
	noted(5)
	if !strings.Contains(r.Log.String(), `"number":"`+brief+`"`) {
		t.Error("the log does not name the number")
	}
	mu.Lock()
	down = false
	mu.Unlock()
	writes(t, r, brief, image)
	rig.Await(t, "a file of the number to be kept", func() bool { return stored(t, r) >= 1 })
	r.Clock.Forward(4 * time.Hour)
	rig.Await(t, "the other number's file to be kept, too", func() bool { return stored(t, r) == 2 })
}

// TestNoStorageUploads: an upload lives an hour, or as long as its form says,
// which only numbers without storage take.
func TestNoStorageUploads(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	upload := func(what string, want int, fields ...string) string {
		t.Helper()
		body, kind := form(t, "image/png", picture(t), append([]string{"messaging_product", "whatsapp"}, fields...)...)
		a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/media").do(t, r, "POST", body, "Content-Type: "+kind)
		if a.Status != want || want != http.StatusOK && !strings.Contains(a.Body, "ttl_minutes") {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
		id, _ := a.JSON(t)["id"].(string)
		return id
	}
	upload("a number with storage", http.StatusBadRequest, "ttl_minutes", "90")
	noStorage(t, r)
	for _, minutes := range []string{"59", "43201", "soon", "-90"} {
		upload(minutes, http.StatusBadRequest, "ttl_minutes", minutes)
	}
	short, long := upload("an hour", http.StatusOK), upload("the most", http.StatusOK, "ttl_minutes", "43200")
	if n := stored(t, r); short == long || n != 2 {
		t.Errorf("%d uploads are kept", n)
	}
	r.Clock.Forward(61 * time.Minute)
	rig.Await(t, "the clean-up to take away what is over", func() bool {
		r.Clock.Forward(time.Minute)
		return stored(t, r) == 1
	})
	if fetches(t, r, long) != string(picture(t)) {
		t.Error("the longer one is gone")
	}
}
