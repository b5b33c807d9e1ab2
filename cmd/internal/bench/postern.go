package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/boot"
)

// This file is all that knows how Postern is set up and started.

// posternConfig is its configuration: limits out of the way, everything else
// as it comes. The data folder lies on the disk that is measured.
const posternConfig = `version: 1
data: ./data
checkpoints: {dir: ./checkpoints, every: 60s}
public_url: https://%[1]s
listeners:
  app: {address: "%[1]s", cert: server.pem, key: server-key.pem}
  webhook: {address: "%[2]s", cert: server.pem, key: server-key.pem}
  admin: {address: "%[3]s"}
upstream: {base_url: "https://%[4]s", version: ` + graphVersion + `, ca: ca.pem, max_connections: 256}
delivery: {allow_targets: ["%[5]s"], ca: ca.pem}
limits: {per_number_rate: 0, per_app_rate: 1000000, pair_rate: 1000000}
log: {level: warn}
tenants:
  - name: ` + tenantName + `
    legal_entity: Example Ltd
    countries: [DE]
    waba_id: "` + accountID + `"
    token: file:` + metaToken + `
    app_secret: file:` + appSecret + `
    verify_token: file:` + verifyToken + `
    numbers: [{id: "` + phoneID + `", display: "` + display + `"}]
    apps:
      - name: ` + appName + `
        dialect: cloud
        numbers: ["` + phoneID + `"]
        webhook: {url: "https://%[5]s/events", secret: file:` + hookSecret + `}
`

// startPatience is how long Postern may take until it is ready.
const startPatience = time.Minute

// gateway is one Postern.
type gateway struct {
	*process
	config   *boot.Config
	key      string // the app's
	operator string // key of who may do everything
}

func (g *gateway) webhookURL() string {
	return "https://" + g.config.Listeners.Webhook.Address + "/webhook/" + tenantName
}

// setUp writes the configuration, with more sections where some are given, and
// makes the store with the app's key.
func setUp(ctx context.Context, s site, upstream, receiver string, sections ...string) (g *gateway, err error) {
	free, err := freeAddresses(ctx, 3)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(posternConfig, free[0], free[1], free[2], upstream, receiver) + strings.Join(sections, "")
	if err := s.write(configFile, []byte(text)); err != nil {
		return nil, err
	}
	g = &gateway{}
	if g.config, err = boot.Load(s.path(configFile)); err != nil {
		return nil, err
	}
	store, err := admin.Open(ctx, g.config, time.Now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	op, err := ask[admin.OperatorKey](ctx, store, "", "operator.add", admin.OperatorAdd{Name: "bench", Role: admin.RoleApprove})
	if err != nil {
		return nil, err
	}
	app, err := ask[admin.AppKey](ctx, store, op.Key, "app.add", admin.AppAdd{App: appName})
	if err != nil {
		return nil, err
	}
	g.key, g.operator = app.Key, op.Key
	return g, nil
}

// introduce gives every recipient a consent and an open window, as an operator
// would before going live. The gateway does not run meanwhile.
func (g *gateway) introduce(ctx context.Context, people int) (err error) {
	const piece = 10_000
	store, err := admin.Open(ctx, g.config, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	now := time.Now().UTC().Format(time.RFC3339)
	for first := 0; first < people; first += piece {
		var csv strings.Builder
		csv.WriteString("fact,number,category,source,time,business\n")
		for n := first; n < min(first+piece, people); n++ {
			fmt.Fprintf(&csv, "consent,%[1]s,utility,web_form,%[2]s,\nwindow,%[1]s,,,%[2]s,%[3]s\n", number(n), now, phoneID)
		}
		done, err := ask[admin.Imported](ctx, store, g.operator, "facts.import", admin.Import{Format: "csv", Data: csv.String()})
		if err != nil {
			return err
		}
		if done.Stored != done.Read {
			return fmt.Errorf("import facts: %d of %d lines were stored", done.Stored, done.Read)
		}
	}
	return nil
}

// operations are those of a store at hand or of a running gateway.
type operations interface {
	Do(ctx context.Context, key, name string, in []byte) ([]byte, error)
}

func ask[Out any](ctx context.Context, store operations, key, name string, in any) (Out, error) {
	var out Out
	raw, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("encode %s: %w", name, err)
	}
	answer, err := store.Do(ctx, key, name, raw)
	if err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return out, fmt.Errorf("decode answer of %s: %w", name, err)
	}
	return out, nil
}

// client asks the running gateway.
func (g *gateway) client() *admin.Client { return admin.NewClient(g.config.Listeners.Admin) }

// start runs the program until it listens.
func (g *gateway) start(ctx context.Context, s site, program string) (err error) {
	//nolint:gosec // the person at the keyboard names the program
	cmd := exec.Command(program, "serve", "--config", s.path(configFile))
	g.process, err = startProcess(ctx, s, posternName, cmd, startPatience)
	return err
}

// ready asks whether upstream was checked and, where that counts, the stored
// trail read: until then the check takes a tenth of a processor.
func ready(req *http.Request, checked bool) bool {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	var state struct {
		Trail string `json:"trail"`
	}
	err = errors.Join(json.NewDecoder(resp.Body).Decode(&state), resp.Body.Close())
	return err == nil && resp.StatusCode == http.StatusOK && (!checked || state.Trail == "ok")
}

// awaitReady asks until the gateway says that it is ready.
func (g *gateway) awaitReady(ctx context.Context, checked bool) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.config.Listeners.Admin+"/readyz", nil)
		if err != nil {
			return fmt.Errorf("ask whether Postern is ready: %w", err)
		}
		if ready(req, checked) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postern was not ready within %v; see postern.log in the folder of the run (-dir keeps it)", startPatience)
		case <-tick.C:
		}
	}
}

func (g *gateway) target(s site, people int) (*target, error) {
	tls, err := s.clientTLS()
	address := g.config.Listeners.App.Address
	return &target{
		name: posternName, pid: g.pid, pool: &load.Pool{Address: address, TLS: tls},
		letters: newLetters(address, g.key, people), metrics: "http://" + g.config.Listeners.Admin + "/metrics",
	}, err
}
