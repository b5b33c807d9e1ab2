package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/template"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/certs"
)

// Setup makes the folder complete: what is missing is made, what is there is
// kept. Ports and webhook target follow the site.
func (s *Site) Setup(ctx context.Context, now time.Time) error {
	for _, dir := range []string{"", "certs", "secrets", "checkpoints", "log", "metasim"} {
		if err := os.MkdirAll(s.path(dir), 0o700); err != nil {
			return fmt.Errorf("make demo folder: %w", err)
		}
	}
	known, err := s.loadKeys()
	if err != nil {
		return err
	}
	if !known {
		if err := s.makeSecrets(now); err != nil {
			return err
		}
	}
	if err := s.writeConfig(); err != nil {
		return err
	}
	return s.prepare(ctx, !known)
}

func secret() string {
	var raw [24]byte
	rand.Read(raw[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// makeSecrets makes what Meta and the operator would bring, and certificates
// for loopback by an authority whose key is never written.
func (s *Site) makeSecrets(now time.Time) error {
	s.Keys = Keys{
		MetaToken: "EAA" + secret(), AppSecret: secret(), VerifyToken: secret(), WebhookSecret: secret(), OnPremPassword: secret(),
	}
	for name, value := range map[string]string{
		"meta-token": s.Keys.MetaToken, "app-secret": s.Keys.AppSecret, "verify-token": s.Keys.VerifyToken, "webhook-secret": s.Keys.WebhookSecret,
	} {
		if err := os.WriteFile(s.path("secrets", name), []byte(value+"\n"), 0o600); err != nil {
			return fmt.Errorf("write demo secret: %w", err)
		}
	}
	authority, err := certs.NewAuthority("Postern demo", now, 365*24*time.Hour)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.ca(), authority.CertPEM(), 0o600); err != nil {
		return fmt.Errorf("write demo authority: %w", err)
	}
	s.authority = authority
	return s.issue(now)
}

var configText = template.Must(template.New("config").Parse(`# Made by make run; made again at each start. For experiments only.
version: 1
data: ./data
checkpoints: {dir: ./checkpoints, every: {{.Every}}}
public_url: https://{{.App}}
listeners:
  app: {address: "{{.Own}}", cert: certs/server.pem, key: certs/server-key.pem}
  webhook: {address: "{{.Webhook}}", cert: certs/server.pem, key: certs/server-key.pem}
  admin: {address: "{{.Admin}}"}
upstream: {base_url: "https://{{.Graph}}", version: v25.0, ca: certs/ca.pem, timeout: 10s}
delivery: {allow_targets: ["{{.Allow}}"], ca: certs/ca.pem}
limits: {per_number_rate: 0, per_app_rate: 0}
unknown_after: 60s
{{with .Policies}}policy: {dir: {{.}}}
backup: {dir: ./backups, every: 700h}
{{end -}}
{{.Envoy}}operator_key: file:secrets/operator-key
log: {level: info}
tenants:
  - name: {{.Tenant}}
    legal_entity: Example Ltd
    countries: [DE]
    waba_id: "{{.WABA}}"
    token: file:secrets/meta-token
    app_secret: file:secrets/app-secret
    verify_token: file:secrets/verify-token
    numbers:
      - {id: "{{.CloudPhone}}", display: "+49 30 23125 001"}
      - {id: "{{.D360Phone}}", display: "+49 30 23125 002"}
      - {id: "{{.OnPremPhone}}", display: "+49 30 23125 003"}
    apps:
      - {name: cloud-demo, dialect: cloud, numbers: ["{{.CloudPhone}}"], webhook: {url: "{{.Target}}", secret: "file:secrets/webhook-secret"}}
      - {name: d360-demo, dialect: d360, numbers: ["{{.D360Phone}}"], webhook: {url: "{{.Target}}"}}
      - {name: onprem-demo, dialect: onprem, numbers: ["{{.OnPremPhone}}"], webhook: {url: "{{.Target}}"}}
{{with .ClickHouse}}clickhouse: {endpoints: ["{{.}}"], tls: false, read_user: reader}
{{end}}`))

func (s *Site) writeConfig() error {
	f, err := os.OpenFile(s.config(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write demo configuration: %w", err)
	}
	target, allow := s.target()
	err = configText.Execute(f, map[string]string{
		"Every": s.signed, "Policies": s.policies, "App": s.app(), "Own": s.own(), "Envoy": s.envoySection(), "Webhook": s.ownWebhook(), "Admin": s.admin(), "Graph": s.graph(), "Allow": allow, "Target": target,
		"Tenant": tenantName, "WABA": waba, "CloudPhone": cloudPhone, "D360Phone": d360Phone, "OnPremPhone": onpremPhone,
		"ClickHouse": s.clickHouse,
	})
	return errors.Join(err, f.Close())
}

// prepare adds the operator and the apps' keys on the first start, and opens
// the consented person's window at each: it would be over the next day.
func (s *Site) prepare(ctx context.Context, first bool) error {
	if first {
		// The configuration names the operator's key before there is one.
		if err := os.WriteFile(s.path("secrets", "operator-key"), []byte("none\n"), 0o600); err != nil {
			return fmt.Errorf("write operator key: %w", err)
		}
	}
	cfg, err := boot.Load(s.config())
	if err != nil {
		return err
	}
	store, err := admin.Open(ctx, cfg, time.Now)
	if err != nil {
		return err
	}
	if first {
		err = s.credentials(ctx, store)
	}
	if err == nil {
		err = s.consent(ctx, store, time.Now(), consented)
	}
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	return s.saveKeys()
}

// asker is a gateway's operations, wherever they are done.
type asker interface {
	Do(ctx context.Context, key, name string, in []byte) ([]byte, error)
}

func ask(ctx context.Context, a asker, key, name string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	answer, err := a.Do(ctx, key, name, raw)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

func (s *Site) credentials(ctx context.Context, a asker) error {
	var operator admin.OperatorKey
	if err := ask(ctx, a, "", "operator.add", admin.OperatorAdd{Name: "demo", Role: admin.RoleApprove}, &operator); err != nil {
		return err
	}
	s.Keys.Operator = operator.Key
	if err := os.WriteFile(s.path("secrets", "operator-key"), []byte(operator.Key+"\n"), 0o600); err != nil {
		return fmt.Errorf("write operator key: %w", err)
	}
	for _, c := range []struct {
		add admin.AppAdd
		key *string
	}{
		{admin.AppAdd{App: "cloud-demo"}, &s.Keys.Cloud},
		{admin.AppAdd{App: "d360-demo", Version: "v1"}, &s.Keys.D360V1},
		{admin.AppAdd{App: "d360-demo", Version: "v2"}, &s.Keys.D360V2},
		{admin.AppAdd{App: "onprem-demo", User: onpremUser, Password: s.Keys.OnPremPassword}, new(string)},
	} {
		var made admin.AppKey
		if err := ask(ctx, a, operator.Key, "app.add", c.add, &made); err != nil {
			return err
		}
		*c.key = made.Key
	}
	return nil
}

// consent imports every consent and open windows with all three numbers for
// the people given.
func (s *Site) consent(ctx context.Context, a asker, now time.Time, people ...string) error {
	data := "fact,number,category,source,evidence,time,business\n"
	at := now.Add(-time.Minute).UTC().Format(time.RFC3339)
	for _, p := range people {
		for _, category := range []string{"marketing", "utility", "authentication"} {
			data += "consent,+" + p + "," + category + ",web_form,demo-form-1," + at + ",\n"
		}
		for _, number := range []string{cloudPhone, d360Phone, onpremPhone} {
			data += "window,+" + p + ",,,," + at + "," + number + "\n"
		}
	}
	var done admin.Imported
	if err := ask(ctx, a, s.Keys.Operator, "facts.import", admin.Import{Tenant: tenantName, Format: "csv", Data: data}, &done); err != nil {
		return err
	}
	for _, p := range done.Problems {
		if p.Reason != admin.ReasonKnown { // a second start finds what the first one knew
			return fmt.Errorf("import of demo facts: line %d: %s", p.Line, p.Reason)
		}
	}
	return nil
}
