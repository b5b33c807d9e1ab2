package gateway_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// listings holds each answer with a list of templates, made already, until it
// is let go.
type listings struct {
	made chan struct{} // a list is made and held
	free chan struct{} // lets one go; closed: all
}

func (l *listings) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, "/message_templates") {
			next.ServeHTTP(w, req)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, req)
		select {
		case l.made <- struct{}{}:
			<-l.free
		case <-l.free:
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
}

// TestTemplatesMeanwhile: a list that was made before a template came, went or
// was paused does not undo that, however late it arrives.
func TestTemplatesMeanwhile(t *testing.T) {
	t.Parallel()
	held := &listings{made: make(chan struct{}), free: make(chan struct{}, 1)}
	held.free <- struct{}{} // the one of the start
	r := rig.Start(t, rig.Options{Watch: held.watch, Config: func(text string) string {
		return strings.NewReplacer("timeout: 10s", "timeout: 5m", "per_app_rate: 0}", "per_app_rate: 0, pair_rate: 0}").Replace(text)
	}})
	defer close(held.free)
	r.Clock.Stop() // all of it within one second
	base := "/v25.0/" + r.Env["POSTERN_WABA_ID"] + "/message_templates"
	cloud := "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]
	known := func(name, want string) {
		t.Helper()
		if a := r.Do(t, http.MethodGet, base+"?fields=name,status&name="+name, "", cloud); !strings.Contains(a.Body, want) {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	offered(t, r, "spring_offer", "template_parameters") // the gateway knows them all
	r.Admin(t, "config.reload", admin.None{}, nil)
	<-held.made
	wantStatus(t, r.Do(t, http.MethodPost, base, `{"name":"fresh","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"Good morning."}]}`, cloud), http.StatusOK)
	wantStatus(t, r.Do(t, http.MethodDelete, base+"?name=order_update", "", cloud), http.StatusOK)
	change(t, r, sim.TemplateChange{Name: "spring_offer", Status: "PAUSED", Wait: true})
	held.free <- struct{}{}
	<-held.made // it is read again: what the first list said is over
	known("fresh", `"PENDING"`)
	known("order_update", `"data":[]`)
	known("spring_offer", `"PAUSED"`)
}
