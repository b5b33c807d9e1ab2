package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/flows"
)

// ready waits until readyz says some words.
func ready(t *testing.T, r *rig.Rig, words string) {
	t.Helper()
	rig.Await(t, words, func() bool {
		return strings.Contains(r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body, words)
	})
}

func configure(t *testing.T, r *rig.Rig, change func(*sim.Settings)) {
	t.Helper()
	s := r.Sim.Settings()
	change(&s)
	if err := r.Sim.Configure(s); err != nil {
		t.Fatal(err)
	}
}

func lives(t *testing.T, r *rig.Rig, kind string) string {
	t.Helper()
	var out []string
	for _, row := range r.SQL(t, "SELECT result, code FROM audit WHERE kind = 'life' AND type = '"+kind+"' ORDER BY seq") {
		out = append(out, strings.Join(row, " "))
	}
	return strings.Join(out, ", ")
}

// TestTokenEndsAhead: what Meta says of the token's end is told 30, 7 and 1 days
// ahead and after it, once each, and is well again with a token without end.
func TestTokenEndsAhead(t *testing.T) {
	t.Parallel()
	ends := time.Now().Add(40 * 24 * time.Hour)
	r := rig.Start(t, rig.Options{Settings: func(s *sim.Settings) { s.TokenExpires = ends.Unix() }})
	ready(t, r, `"tokens":{"demo":{"data_access":"ok","token":"ok"}}`)
	told := ""
	for _, day := range []struct {
		left       int
		word, told string
	}{
		{30, "expires_within_30_days", "token expires_within_30_days 30"},
		{20, "expires_within_30_days", ""},
		{7, "expires_within_7_days", ", token expires_within_7_days 7"},
		{1, "expires_within_1_days", ", token expires_within_1_days 1"},
		{0, "expired", ", token expired -1"},
	} {
		r.Clock.Forward(ends.Add(-time.Duration(day.left)*24*time.Hour + time.Hour).Sub(r.Clock.Now()))
		ready(t, r, `"token":"`+day.word+`"`)
		told += day.told
		rig.Await(t, "the record "+told, func() bool { return lives(t, r, "token_expiry") == told })
	}
	alarms(t, r, "token_expiry", "4")
	body := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body
	if !strings.Contains(body, `postern_token_expiry_timestamp_seconds{tenant="demo",what="token"}`) || strings.Contains(body, `what="data_access"`) || !strings.Contains(body, `postern_token_valid{tenant="demo"} 1`) {
		t.Error("metrics do not show the token's end alone")
	}

	// Meta away for a day is no word about the token.
	fault, err := r.Sim.AddFault(sim.Fault{Method: http.MethodGet, Action: sim.ActionCut})
	if err != nil {
		t.Fatal(err)
	}
	r.Clock.Forward(25 * time.Hour)
	ready(t, r, `"demo":"unreachable"`)
	ready(t, r, `"token":"expired"`)
	r.Sim.ClearFaults(fault.ID)

	configure(t, r, func(s *sim.Settings) {
		s.TokenExpires, s.DataAccessExpires = 0, r.Clock.Now().Add(5*24*time.Hour).Unix()
	})
	r.Clock.Forward(25 * time.Hour)
	ready(t, r, `"tokens":{"demo":{"data_access":"expires_within_7_days","token":"ok"}}`)
	alarms(t, r, "token_expiry", "5")
	rig.Await(t, "the records", func() bool {
		return lives(t, r, "token_expiry") == told+", token ok 0, data_access expires_within_7_days 7"
	})
	if log := r.Log.String(); strings.Contains(log, r.Secret(t, "meta-token")) {
		t.Error("the log holds the token")
	}
}

// TestWhatBecameOfTheToken: Meta's subcodes are said in readyz, and a token that
// it calls invalid is told.
func TestWhatBecameOfTheToken(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	ready(t, r, `"tokens":{"demo":{"data_access":"ok","token":"ok"}}`)
	for subcode, word := range map[int]string{460: "token_password_changed", 463: "token_expired", 467: "token_invalid", 1: "token"} {
		fault, err := r.Sim.AddFault(sim.Fault{Method: http.MethodGet, Action: sim.ActionError, Code: 190, Subcode: subcode})
		if err != nil {
			t.Fatal(err)
		}
		r.Clock.Forward(30 * time.Second)
		ready(t, r, `"demo":"`+word+`"`)
		r.Sim.ClearFaults(fault.ID)
	}
	if _, err := r.Sim.AddFault(sim.Fault{Method: http.MethodGet, Action: sim.ActionError, Code: 190}); err != nil {
		t.Fatal(err)
	}
	r.Clock.Forward(25 * time.Hour)
	ready(t, r, `"token":"invalid"`)
	rig.Await(t, "the record", func() bool { return lives(t, r, "token_expiry") == "token invalid 0" })
	r.Sim.ClearFaults("")
	r.Clock.Forward(25 * time.Hour)
	ready(t, r, `"tokens":{"demo":{"data_access":"ok","token":"ok"}}`)
	rig.Await(t, "the record", func() bool { return lives(t, r, "token_expiry") == "token invalid 0, token ok 0" })
}

// TestFlowKeyAtMeta: another key than ours, or one whose signature Meta does not
// take, is told once for each change.
func TestFlowKeyAtMeta(t *testing.T) {
	ours, key := flowPair(t)
	_, other := flowPair(t)
	t.Setenv("FLOW_KEY", ours)
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, `display: "+49 30 23125 001"`, `display: "+49 30 23125 001", flow: {key: "env:FLOW_KEY", endpoint: {url: "https://flows.example.org/"}}`, 1)
	}})
	number := r.Env["POSTERN_PHONE_ID"]
	upload := func(public string) {
		a := r.At(t, http.MethodPost, r.Env["METASIM_GRAPH_URL"]+"/v25.0/"+number+"/whatsapp_business_encryption",
			url.Values{"business_public_key": {public}}.Encode(),
			"Authorization: Bearer "+r.Secret(t, "meta-token"), "Content-Type: application/x-www-form-urlencoded")
		wantStatus(t, a, http.StatusOK)
	}
	says := func(state string) {
		ready(t, r, `"flow_keys":{"`+number+`":"`+state+`"}`)
	}
	says("missing")
	upload(key)
	r.Clock.Forward(25 * time.Hour)
	says("current")
	upload(other)
	r.Clock.Forward(25 * time.Hour)
	says("other")
	r.Clock.Forward(25 * time.Hour) // nothing new
	configure(t, r, func(s *sim.Settings) { s.FlowKeyInvalid = true })
	upload(key)
	r.Clock.Forward(25 * time.Hour)
	says("unsigned")
	configure(t, r, func(s *sim.Settings) { s.FlowKeyInvalid = false })
	r.Admin(t, "flows.check", map[string]string{"number": number}, nil) // what an operator sees is told at once
	says("current")
	rig.Await(t, "the records", func() bool {
		return lives(t, r, "flow_key_upstream") == "missing 0, ok 0, other 0, unsigned 0, ok 0"
	})
	alarms(t, r, "flow_key_upstream", "3")
	if body := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body; !strings.Contains(body, `postern_flow_keys{state="current"} 1`) || !strings.Contains(body, `postern_flow_keys{state="other"} 0`) {
		t.Error("metrics do not count the number as current")
	}
}

func flowPair(t *testing.T) (private, public string) {
	t.Helper()
	k, err := flows.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	one, err := k.Private()
	if err != nil {
		t.Fatal(err)
	}
	two, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return string(one), string(two)
}
