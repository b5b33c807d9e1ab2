package canary_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"postern/cmd/internal/built"
	"postern/cmd/internal/rig"
)

// try asks an operation; what the answer or refusal says is looked through.
func (s *site) try(name string, in any) {
	s.t.Helper()
	var out json.RawMessage
	if err := s.TryAdmin(s.t, name, in, &out); err != nil {
		s.others = append(s.others, []byte(name+": "+err.Error()))
		return
	}
	s.others = append(s.others, append([]byte(name+" "), out...))
}

type object = map[string]any

// admin asks every operation, right and wrong.
func (s *site) admin() {
	n := func(what string) string { return "+" + s.number("admin "+what) }
	w := func(what string) string { return s.word("admin " + what) }
	known := n("known")
	s.try("consent.add", object{"tenant": "demo", "number": known, "category": "marketing", "source": "web_form", "evidence": "form-12"})
	for name, list := range map[string][]any{
		"consent.add": {
			object{"number": n("no category"), "category": w("category"), "source": "web_form"},
			object{"number": w("no number"), "category": "marketing", "source": "web_form"},
			object{"number": n("evidence"), "category": "marketing", "source": "web_form", "evidence": s.email("admin evidence")},
			object{"number": n("time"), "category": "marketing", "source": "web_form", "at": w("time")},
			object{"number": n("member"), w("member"): 1},
			object{"user_id": s.userID("admin user id"), "category": "utility", "source": "web_form"},
		},
		"consent.revoke": {object{"number": known, "category": "marketing"}, object{"number": n("revoked"), "category": "all"}, object{"number": w("no number"), "category": "all"}},
		"consent.show":   {object{"number": known}, object{"number": n("unknown")}, object{"number": w("shown")}, object{"subject": w("subject")}},
		"subject.show":   {object{"number": known}, object{"user_id": s.userID("admin shown")}},
		"subject.find":   {object{"number": known}, object{"number": n("unknown to find")}, object{"tenant": w("tenant"), "number": known}},
		"facts.import": {
			object{"format": "csv", "data": "fact,number,category,source,evidence,time,business\nconsent," + w("import number") + ",marketing,web_form,x,2026-01-01T00:00:00Z,\n" +
				"consent," + n("import") + "," + w("import category") + ",web_form,x,2026-01-01T00:00:00Z,\nwindow," + n("import window") + ",,,,2026-01-01T00:00:00Z," + w("import business") + "\n" +
				`"broken ` + w("import quote") + "\nconsent," + n("import time") + ",marketing,web_form,x," + w("import time") + ",\n"},
			object{"format": "csv", "data": w("import header") + "\n"},
			object{"format": "jsonl", "data": `{"fact":"consent","number":"` + n("jsonl") + `","` + w("jsonl member") + `":1}` + "\n" + `{"cut ` + w("jsonl cut") + "\n" + `{"fact":"` + w("jsonl fact") + `"}` + "\n"},
			object{"format": w("format"), "data": "x"},
			object{"format": "csv", "data": "fact,number,category,source,evidence,time,business\nconsent," + n("evidence import") + ",marketing,web_form," + s.email("import evidence") + ",2026-01-01T00:00:00Z,\n", "check": true},
		},
		"app.add":           {object{"app": w("app")}, object{"app": "onprem-demo", "user": "second", "password": w("password")}, object{"app": "onprem-demo", "user": "bad " + w("user name"), "password": w("bad user's password")}, object{"app": "onprem-demo", "user": "u", "password": "short"}},
		"app.list":          {object{}},
		"app.revoke":        {object{"app": "cloud-demo", "id": w("key id")}},
		"operator.add":      {object{"name": "bad " + w("operator"), "role": "read"}, object{"name": "x", "role": w("role")}},
		"operator.list":     {object{}},
		"operator.revoke":   {object{"name": w("nobody")}},
		"deliveries.list":   {object{"limit": 10}, object{"app": w("list app"), "limit": 10}},
		"deliveries.replay": {object{"app": w("replay app")}, object{"app": "cloud-demo", "id": w("delivery")}},
		"record.show":       {object{"id": w("record")}, object{"id": strings.Repeat("0", 32)}},
		"trail.read":        {object{"what": w("what"), "rows": 1}, object{"what": "sql", "rows": 1, "subject": w("trail subject")}, object{"what": "sql", "asked": "SELECT " + w("question"), "failed": "failed"}},
		"config.reload":     {object{}, object{w("reload"): 1}},
		w("operation"):      {object{}},
	} {
		for _, in := range list {
			if name == "app.add" || name == "app.list" {
				// What is asked for is answered: a user by its name.
				err := s.TryAdmin(s.t, name, in, nil)
				if err != nil && !strings.Contains(err.Error(), "no app") {
					s.others = append(s.others, []byte(err.Error()))
				}
				continue
			}
			if strings.HasPrefix(name, "mk") {
				_ = s.TryAdmin(s.t, name, in, nil) //nolint:errcheck // the name itself comes back to who sent it
				continue
			}
			s.try(name, in)
		}
	}
	url := s.Env["POSTERN_ADMIN_URL"]
	for _, a := range []rig.Reply{
		s.At(s.t, http.MethodPost, url+"/admin/v1/consent.add", `{"number":"`+n("unauthenticated")+`"}`),
		s.At(s.t, http.MethodPost, url+"/admin/v1/consent.add", `{"number":"`+n("wrong key")+`"}`, "Authorization: Bearer "+w("key")),
		s.At(s.t, http.MethodPost, url+"/admin/v1/"+w("path")+"/x", `{"`+w("body"), "Authorization: Bearer "+w("key")),
		s.At(s.t, http.MethodPost, url+"/admin/v1/consent.add", w("no json"), "Content-Type: "+w("content type")),
		s.At(s.t, http.MethodGet, url+"/"+w("get path")+"?x="+w("query"), ""),
	} {
		if a.Status < 400 {
			s.t.Errorf("admin: %d", a.Status)
		}
	}
	// Every record as an auditor may see it.
	for _, row := range s.SQL(s.t, "SELECT id FROM audit") {
		s.try("record.show", object{"id": row[0]})
	}
}

// commands are the program itself: what it prints is looked through, but for
// what a command is there to show.
func (s *site) commands() {
	bin := filepath.Join(built.Programs(s.t), "postern")
	file := func(name, text string) string {
		path := filepath.Join(s.t.TempDir(), name)
		s.check(os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	n := func(what string) string { return "+" + s.number("command "+what) }
	w := func(what string) string { return s.word("command " + what) }
	known := n("known")
	config, err := os.ReadFile(s.Env["POSTERN_CONFIG"])
	s.check(err)
	broken := strings.Replace(string(config), "file:secrets/meta-token", w("secret in the file"), 1)
	broken = strings.Replace(broken, "verify_token: file:secrets/verify-token", "verify_token: {"+w("wrong kind")+": 1}", 1)
	for _, args := range [][]string{
		{"consent", "add", known, "--category", "marketing", "--source", "web_form"},
		{"consent", "add", n("bad category"), "--category", w("category"), "--source", "web_form"},
		{"consent", "add", w("no number"), "--category", "marketing", "--source", "web_form"},
		{"consent", "add", n("bad time"), "--category", "marketing", "--source", "web_form", "--at", w("time")},
		{"consent", "show", known}, {"consent", "show", n("unknown")}, {"consent", "show", known, "--json"},
		{"consent", "revoke", known, "--category", "all"}, {"subject", "show", known}, {"subject", "show", n("nobody"), "--json"},
		{"facts", "import", file("facts.csv", "fact,number,category,source,evidence,time,business\nconsent,"+w("import")+",marketing,web_form,x,2026-01-01T00:00:00Z,\nconsent,"+n("import")+","+w("category")+",web_form,x,y,\n")},
		{"facts", "import", file("facts.jsonl", `{"cut `+w("jsonl")+"\n")},
		{"audit", "sql", "SELECT * FROM audit ORDER BY seq DESC LIMIT 20"}, {"audit", "sql", "--json", "SELECT * FROM audit"},
		{"audit", "sql", "--csv", "--person", known, "SELECT * FROM audit WHERE subject = :person"},
		{"audit", "sql", "--person", n("unknown person"), "SELECT * FROM audit WHERE subject = :person"},
		{"audit", "verify"}, {"audit", "verify", "--against", s.Env["POSTERN_CHECKPOINTS"]}, {"audit", "verify", "--json"},
		{"audit", "export"}, {"audit", "export", "--csv", "--person", known},
		{"audit", "show", strings.Repeat("0", 32)},
		{"app", "list"}, {"app", "revoke", w("key")},
		{"operator", "list"}, {"deliveries", "list"}, {"deliveries", "list", "--dead", "--json"},
		{"config", "check"}, {"--config", file("postern.yaml", broken), "config", "check"},
		{"config", "reload"}, {"version"},
		{"policy", "replay", "--since", "30d"}, {"policy", "explain", file("message.json", `{"`+w("explain"))},
		{"serve"}, // another one runs
	} {
		ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
		cmd := exec.CommandContext(ctx, bin, args...) //nolint:gosec // our own program
		cmd.Env = append(os.Environ(), "POSTERN_CONFIG="+s.Env["POSTERN_CONFIG"], "POSTERN_OPERATOR_KEY_FILE="+s.Env["POSTERN_OPERATOR_KEY_FILE"])
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
			s.t.Errorf("postern %s did not run to its end: %v", args[0], err)
		}
		cancel()
		s.others = append(s.others, append([]byte("postern "+args[0]+": "), out...))
	}
}
