package demo

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/template"
)

// env are the variables that scripts source, in the order of the file.
func (s *Site) env(children []*child) [][2]string {
	return append(s.static(), [][2]string{
		{"METASIM_PID", strconv.Itoa(children[0].cmd.Process.Pid)}, {"POSTERN_PID", strconv.Itoa(children[1].cmd.Process.Pid)},
	}...)
}

// Env is what demo.env says of a demo whose programs the caller runs itself.
func (s *Site) Env() map[string]string {
	out := map[string]string{}
	for _, kv := range s.static() {
		out[kv[0]] = kv[1]
	}
	return out
}

func (s *Site) static() [][2]string {
	out := [][2]string{
		{"POSTERN_URL", "https://" + s.app()}, {"POSTERN_CA", s.ca()}, {"POSTERN_ADMIN_URL", "http://" + s.admin()},
		{"POSTERN_CONFIG", s.config()}, {"POSTERN_PHONE_ID", cloudPhone}, {"POSTERN_D360_PHONE_ID", d360Phone},
		{"POSTERN_ONPREM_PHONE_ID", onpremPhone}, {"POSTERN_WABA_ID", waba}, {"POSTERN_CLOUD_TOKEN", s.Keys.Cloud},
		{"POSTERN_D360_V1_KEY", s.Keys.D360V1}, {"POSTERN_D360_V2_KEY", s.Keys.D360V2}, {"POSTERN_ONPREM_USER", onpremUser},
		{"POSTERN_ONPREM_PASSWORD", s.Keys.OnPremPassword}, {"POSTERN_WEBHOOK_URL", "https://" + s.webhook() + "/webhook/" + tenantName},
		{"POSTERN_OPERATOR_KEY_FILE", s.path("secrets", "operator-key")}, {"POSTERN_CHECKPOINTS", s.path("checkpoints")},
		{"METASIM_URL", "http://" + s.control()}, {"METASIM_GRAPH_URL", "https://" + s.graph()}, {"META_APP_SECRET", s.Keys.AppSecret}, {"META_VERIFY_TOKEN", s.Keys.VerifyToken},
		{"DEMO_WEBHOOK_SECRET", s.Keys.WebhookSecret}, {"DEMO_CONSENTED", consented}, {"DEMO_STRANGER", stranger},
		{"DEMO_TEMPLATE", demoTemplate}, {"POSTERN_SERVE_CMD", quote(s.serveArgs())}, {"METASIM_CMD", quote(s.metasimArgs())},
	}
	if s.clickHouse != "" {
		out = append(out, [2]string{"CLICKHOUSE_URL", "http://" + s.clickHouse})
	}
	return out
}

// writeEnv writes demo.env, whole or not at all: it says that all is ready.
func (s *Site) writeEnv(children []*child) error {
	var b strings.Builder
	for _, kv := range s.env(children) {
		fmt.Fprintf(&b, "%s=%s\n", kv[0], quote([]string{kv[1]}))
	}
	if err := os.WriteFile(s.path("demo.env.new"), []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write demo.env: %w", err)
	}
	return os.Rename(s.path("demo.env.new"), s.path("demo.env"))
}

var explanation = template.Must(template.New("explain").Parse(`
Postern runs. Apps use https://{{.app}}, Meta posts to https://{{.webhook}}/webhook/demo,
operators ask http://{{.admin}}, the simulator answers at http://{{.control}}.
Everything scripts need is in {{.dir}}/demo.env.

Keys   Cloud token {{.cloud}}
       360dialog   v1 {{.v1}}
                   v2 {{.v2}}
       On-Premises user admin, password {{.onprem}}

Paste, one by one:

# 1. a send that is allowed
curl --cacert {{.ca}} -H 'Authorization: Bearer {{.cloud}}' -H 'Content-Type: application/json' \
  -d '{"messaging_product":"whatsapp","to":"+{{.consented}}","type":"text","text":{"body":"Your parcel is on its way."}}' \
  https://{{.app}}/v25.0/{{.phone}}/messages

# 2. one that is refused: nobody asked this person
curl --cacert {{.ca}} -H 'Authorization: Bearer {{.cloud}}' -H 'Content-Type: application/json' \
  -d '{"messaging_product":"whatsapp","to":"+{{.stranger}}","type":"template","template":{"name":"order_update","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"42"}]}]}}' \
  https://{{.app}}/v25.0/{{.phone}}/messages

# 3. a customer writes
curl -d '{"phone_number_id":"{{.phone}}","from":"{{.consented}}","type":"text","text":{"body":"When will it arrive?"}}' \
  http://{{.control}}/_sim/inbound

# 4. an auditor asks
{{.bin}}/postern --config {{.config}} audit sql "SELECT kind, effect, reason, count(*) AS n FROM audit GROUP BY kind, effect, reason ORDER BY n DESC"

# 5. and verifies
{{.bin}}/postern --config {{.config}} audit verify --against {{.dir}}/checkpoints
{{with .clickhouse}}
# 6. the same trail in ClickHouse, at http://{{.}}
{{$.bin}}/postern --config {{$.config}} clickhouse status
{{$.bin}}/postern --config {{$.config}} audit sql --store clickhouse "SELECT kind, count(*) AS n FROM audit GROUP BY kind ORDER BY n DESC"
{{end}}
Ctrl-C stops; the data stays in {{.dir}}.
`))

// word is a path as one word of a shell, quoted only where it must be.
func word(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return path
	}
	return quote([]string{path})
}

// explain says where things are and what to try.
func (s *Site) explain(out io.Writer) error {
	return explanation.Execute(out, map[string]string{
		"app": s.app(), "webhook": s.webhook(), "admin": s.admin(), "control": s.control(), "dir": word(s.Dir), "bin": word(s.Bin),
		"config": word(s.config()), "ca": word(s.ca()), "cloud": s.Keys.Cloud, "v1": s.Keys.D360V1, "v2": s.Keys.D360V2,
		"onprem": s.Keys.OnPremPassword, "consented": consented, "stranger": stranger, "phone": cloudPhone,
		"clickhouse": s.clickHouse,
	})
}
