package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rs/zerolog"

	"postern/cmd/metasim/sim"
)

// upstream stands for Meta: the simulator, and in front of it, when switched
// on, a stub that takes every send and costs next to nothing.
type upstream struct {
	sim  *sim.Server
	stub atomic.Bool
	sent atomic.Uint64
}

// newUpstream begins with the stub off and no statuses. The control mux gets
// POST /stub?on=true|false and the simulator's own control API.
func newUpstream(s site, control *http.ServeMux) (*upstream, error) {
	token, err := s.read(metaToken)
	if err != nil {
		return nil, err
	}
	secret, err := s.read(appSecret)
	if err != nil {
		return nil, err
	}
	roots, err := s.roots()
	if err != nil {
		return nil, err
	}
	settings := sim.DefaultSettings()
	settings.Statuses, settings.Window = []string{}, sim.WindowOff
	u := &upstream{}
	u.sim, err = sim.New(sim.Config{
		Numbers: []sim.Number{{ID: phoneID, Display: display, Account: accountID}}, Tokens: []string{token}, AppSecret: secret,
		Seed: 1, WebhookClient: sim.WebhookClient(roots), AcceptedCap: 1000, WebhooksCap: 1000, Settings: &settings, Log: zerolog.Nop(),
	})
	if err != nil {
		return nil, err
	}
	control.HandleFunc("POST /stub", func(w http.ResponseWriter, r *http.Request) {
		u.stub.Store(r.URL.Query().Get("on") == "true")
		writeJSON(w, []byte("{}"))
	})
	control.Handle("/_sim/", u.sim)
	return u, nil
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !u.stub.Load() || !strings.HasSuffix(r.URL.Path, "/messages") {
		u.sim.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the sender broke off
	}
	writeJSON(w, stubAnswer(body, u.sent.Add(1)))
}

// stubAnswer is Meta's answer to a send, with an id of its own.
func stubAnswer(body []byte, n uint64) []byte {
	_, rest, _ := bytes.Cut(body, []byte(`"to":"+`))
	to, _, _ := bytes.Cut(rest, []byte(`"`))
	const id = "wamid.HBgNNDkxNTEwMDAwMDAwMBUCABEYEj"
	return fmt.Appendf(nil, `{"messaging_product":"whatsapp","contacts":[{"input":"+%[1]s","wa_id":"%[1]s"}],"messages":[{"id":"%[2]s%016X"}]}`, to, id, n)
}

// useStub switches the stub of a running upstream.
func (c *child) useStub(ctx context.Context, on bool) error {
	return c.tell(ctx, "/stub?on="+strconv.FormatBool(on), "")
}

// statuses switches the simulator's status webhooks on, to a URL, or off.
func (c *child) statuses(ctx context.Context, webhook string) error {
	if webhook == "" {
		return c.tell(ctx, "/_sim/config", `{"statuses":[]}`)
	}
	return c.tell(ctx, "/_sim/config", fmt.Sprintf(`{"statuses":["sent","delivered","read"],"webhook":%q}`, webhook))
}

func (c *child) tell(ctx context.Context, path, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.Control+path, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("control %s: %w", c.name, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("control %s: %w", c.name, err)
	}
	defer resp.Body.Close() //nolint:errcheck // only the status matters
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("control %s: answered with status %d", c.name, resp.StatusCode)
	}
	return nil
}
