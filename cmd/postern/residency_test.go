package main

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestResidencyCommands show and set where a number's messages rest, in two
// steps, and say what stands in the way.
func TestResidencyCommands(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	t.Setenv("POSTERN_CONFIG", r.Env["POSTERN_CONFIG"])
	t.Setenv("POSTERN_OPERATOR_KEY", "")
	t.Setenv("POSTERN_OPERATOR_KEY_FILE", r.Env["POSTERN_OPERATOR_KEY_FILE"])
	number := r.Env["POSTERN_PHONE_ID"]
	type line struct {
		args []string
		code int
		want string
	}
	try := func(lines ...line) {
		t.Helper()
		for _, c := range lines {
			code, out, failed := command(append([]string{"residency"}, c.args...)...)
			if code != c.code || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(out, `": "`, `":"`)+failed), " "), c.want) {
				t.Errorf("%v: exit %d\n%s%s", c.args, code, out, failed)
			}
		}
	}
	try(
		line{[]string{"show", number}, exitOK, "TENANT NUMBER STORAGE SINCE POLICY demo " + number + " default "},
		line{[]string{"show", "--json"}, exitOK, `"number":"` + r.Env["POSTERN_ONPREM_PHONE_ID"] + `"`},
		line{[]string{"show", "1"}, exitFailed, "names no such number"},
		line{[]string{"set", number}, exitUsage, ""},
		line{[]string{"set", number, "CH"}, exitOK, "default. It is registered: it has to be deregistered first."},
		line{[]string{"set", number, "CH", "--confirm"}, exitFailed, "/deregister"},
		line{[]string{"set", number, "Bern"}, exitFailed, "two capital letters"},
	)
	a := r.Do(t, http.MethodPost, "/v25.0/"+number+"/deregister", "", "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"])
	if a.Status != http.StatusOK {
		t.Fatalf("deregister: %d %s", a.Status, a.Body)
	}
	try(
		line{[]string{"set", number, "CH"}, exitOK, "add --confirm"},
		line{[]string{"set", number, "CH", "--confirm", "--json"}, exitOK, `"region":"CH"`},
		line{[]string{"set", number, "default", "--confirm"}, exitOK, "now: default."},
		line{[]string{"set", number, "none", "--confirm"}, exitOK, "now: none."},
		line{[]string{"show", number}, exitOK, number + " none "},
	)
	r.Stop()
	try(
		line{[]string{"show"}, exitFailed, "postern serve"},
		line{[]string{"set", number, "CH"}, exitFailed, "postern serve"},
	)
}
