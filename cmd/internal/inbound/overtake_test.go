package inbound

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"postern/cmd/internal/rig"
)

// overtaker stands before the simulator and tells a state of each message
// before the answer to its send goes back.
type overtaker struct {
	form *form
	tell func(sent)
	told rig.Hook
}

func (o *overtaker) watch(simulator http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/messages") {
			simulator.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		simulator.ServeHTTP(answer, r)
		upstream, trace := between(answer.Body.String(), `"messages":[{"id":"`, `"`), between(string(body), `"biz_opaque_callback_data":"`, `"`)
		o.tell(sent{upstream: upstream, trace: trace, to: strings.TrimPrefix(between(string(body), `"to":"`, `"`), "+")})
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes()) //nolint:errcheck // the gateway sees what is missing
	})
}
