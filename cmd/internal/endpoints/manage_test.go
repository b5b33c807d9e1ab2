package endpoints

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// managing is one management call that upstream serves.
type managing struct {
	method, edge, body string
	words              string // in the answer
	record             string // what the trail calls a change
}

// managed are the calls about a number in an order in which all succeed.
var managed = []managing{
	{"POST", "/request_code", `{"code_method":"SMS","language":"en_US"}`, `"success":true`, "register/request_code"},
	{"POST", "/verify_code", `{"code":"125001"}`, `"success":true`, "register/verify_code"},
	{"POST", "/register", `{"messaging_product":"whatsapp","pin":"901234","backup":{"data":"c2VjcmV0","password":"hunter2secret"}}`, `"success":true`, "register/register"},
	{"POST", "", `{"pin":"901235"}`, `"success":true`, "pin/set"},
	{"POST", "/settings", `{"user_identity_change":{"enable_identity_key_check":true}}`, `"success":true`, "number/settings"},
	{"GET", "/settings", "", `"enable_identity_key_check":true`, ""},
	{"POST", "/username", `{"username":"savings.bank"}`, `approved`, "username/post"},
	{"GET", "/username", "", `savings.bank`, ""},
	{"GET", "/username_suggestions", "", `test.number`, ""},
	{"DELETE", "/username", "", `"success":true`, "username/delete"},
	{"POST", "/message_qrdls", `{"prefilled_message":"Hello bank","generate_qr_image":"SVG"}`, `"deep_link_url"`, "qr_code/post"},
	{"GET", "/message_qrdls", "", `Hello bank`, ""},
	{"POST", "/whatsapp_commerce_settings", `{"is_cart_enabled":true}`, `"success":true`, "commerce/post"},
	{"GET", "/whatsapp_commerce_settings", "", `"is_cart_enabled":true`, ""},
	{"POST", "/business_compliance_info", `{"messaging_product":"whatsapp","entity_name":"Bank","grievance_officer_details":{"name":"Asha Officer"}}`, `"success":true`, "compliance/post"},
	{"GET", "/business_compliance_info", "", `Asha Officer`, ""},
	{"GET", "/whatsapp_business_encryption", "", `"data"`, ""},
	{"GET", "/health_status", "", `"can_send_message"`, ""},
	{"POST", "/conversational_automation", `{"enable_welcome_message":true,"prompts":["Open an account"]}`, `"success":true`, "number/conversational_automation"},
	{"GET", "/conversational_automation", "", `Open an account`, ""},
	{"POST", "/official_business_account", `{"business_website_url":"https://bank.example"}`, `"success":true`, "number/official_business_account"},
	{"GET", "/official_business_account", "", `bank.example`, ""},
	{"GET", "/block_users", "", `"data":[]`, ""},
	{"POST", "/deregister", "", `"success":true`, "register/deregister"},
}

// accounts are the calls about an account.
var accounts = []managing{
	{"GET", "/subscribed_apps", "", `whatsapp_business_api_data`, ""},
	{"POST", "/subscribed_apps", "", `"success":true`, "subscription/post"},
	{"GET", "/flows", "", `appointment`, ""},
	{"GET", "/product_catalogs", "", `Test Catalogue`, ""},
	{"GET", "/phone_numbers", "", `display_phone_number`, ""},
}

// TestManage makes every call end to end, and wants each change on record with
// its outcome and without what nobody may read there.
func TestManage(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	want := map[string]int{}
	for _, list := range []struct {
		base  string
		calls []managing
	}{{"/v25.0/" + r.Env["POSTERN_PHONE_ID"], managed}, {"/v25.0/" + r.Env["POSTERN_WABA_ID"], accounts}} {
		for _, c := range list.calls {
			a := cloud(r, list.base+c.edge).do(t, r, c.method, c.body)
			if a.Status != http.StatusOK || !strings.Contains(a.Body, c.words) {
				t.Errorf("%s %s: %d %s", c.method, c.edge, a.Status, a.Body)
			}
			if c.record != "" {
				want[c.record+" allow accepted"]++
			}
		}
	}
	awaitRecords(t, r, want)
	for _, row := range r.SQL(t, "SELECT type, body FROM audit WHERE kind = 'manage'") {
		for _, secret := range []string{"125001", "901234", "901235", "c2VjcmV0", "hunter2secret", "Asha"} {
			if strings.Contains(row[1], secret) {
				t.Errorf("%s: the record holds %q", row[0], secret)
			}
		}
	}
}

// awaitRecords waits for changes with their outcomes: they ride with the next
// commit.
func awaitRecords(t *testing.T, r *rig.Rig, want map[string]int) {
	t.Helper()
	total := 0
	for _, n := range want {
		total += n
	}
	got := map[string]int{}
	rig.Await(t, "changes on record with their outcome", func() bool {
		rows := r.SQL(t, "SELECT m.type, m.effect, s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle'")
		clear(got)
		for _, row := range rows {
			got[strings.Join(row, " ")]++
		}
		return len(rows) >= total
	})
	if !maps.Equal(got, want) {
		t.Errorf("on record %v, want %v", got, want)
	}
}

// TestManageOfOthers keeps an app to its own number and account, in every call,
// and bad bodies away from upstream.
func TestManageOfOthers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	own, other := "/v25.0/"+r.Env["POSTERN_PHONE_ID"], "/v25.0/"+r.Env["POSTERN_D360_PHONE_ID"]
	for _, list := range []struct {
		base  string
		calls []managing
	}{{other, managed}, {"/v25.0/200000000000999", accounts}} {
		for _, c := range list.calls {
			a := cloud(r, list.base+c.edge).do(t, r, c.method, c.body)
			want := http.StatusForbidden
			if c.edge == "" { // a node that is no number of the app's: no template of it either
				want = http.StatusBadRequest
			}
			if a.Status != want {
				t.Errorf("another's %s %s: %d %s", c.method, c.edge, a.Status, a.Body)
			}
		}
	}
	for _, c := range managed {
		if c.record == "" {
			continue
		}
		for _, body := range []string{`{"a":1,"a":2}`, `{"pin":`, `[]`, `{"no_such_property":true}`} {
			a := cloud(r, own+c.edge).do(t, r, c.method, body)
			if a.Status != http.StatusBadRequest && (c.record != "username/delete" || a.Status != http.StatusOK) {
				t.Errorf("%s %s with %s: %d %s", c.method, c.edge, body, a.Status, a.Body)
			}
		}
	}
	if rows := r.SQL(t, "SELECT type FROM audit WHERE kind = 'manage'"); len(rows) != 0 {
		t.Errorf("judged, though none could be read: %v", rows)
	}
}

// TestManageRefused asks for what the gateway does not do, and wants the reason.
func TestManageRefused(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	number, waba := "/v25.0/"+r.Env["POSTERN_PHONE_ID"], "/v25.0/"+r.Env["POSTERN_WABA_ID"]
	for _, c := range []struct{ method, path, body, words string }{
		{"DELETE", waba + "/subscribed_apps", "", "every app"},
		{"POST", number + "/settings", `{"payload_encryption":{"status":"disabled"}}`, "encrypts to WhatsApp itself"},
		{"POST", number + "/settings", `{"calling":{"status":"ENABLED"}}`, "can not judge"},
		{"POST", number + "/messages_encrypted", `{"messaging_product":"whatsapp","encrypted_contents":"x"}`, "encrypts to WhatsApp itself"},
		{"POST", number + "/whatsapp_business_encryption", `{"business_public_key":"x"}`, "postern flows key upload"},
		{"POST", number + "/calls", `{"messaging_product":"whatsapp"}`, "can not judge"},
		{"GET", number + "/call_permissions", "", "can not judge"},
		{"POST", number + "/groups", `{}`, "who reads a group"},
		{"POST", waba + "/flows", `{"name":"x"}`, "at WhatsApp"},
		{"POST", "/v25.0/7712345/assets", `{}`, "at WhatsApp"},
		{"POST", waba + "/product_catalogs", `{"catalog_id":"1"}`, "at WhatsApp"},
		{"GET", "/v25.0/me", "", "the gateway's own"},
		{"GET", "/v25.0/debug_token?input_token=x", "", "the gateway's own"},
		{"POST", "/v25.0/oauth/access_token", `{}`, "the gateway's own"},
		{"POST", "/graphql", `{"query":"{me{id}}"}`, "Use the path"},
		{"POST", "/", `{"batch":[{"method":"GET","relative_url":"me"}]}`, "one by one"},
		{"POST", "/v25.0", `{"batch":[]}`, "one by one"},
		{"POST", "/v25.0/", `{"batch":[]}`, "one by one"},
		{"POST", "/?batch=%5B%5D", "", "one by one"},
		{"POST", number + "/messages?batch=%5B%5D", "{}", "one by one"},
		{"GET", "/?ids=1,2", "", "one by one"},
		{"GET", "/v25.0/?ids=1,2", "", "one by one"},
		{"GET", number + "?ids=1,2", "", "one by one"},
		{"GET", number + "?method=delete", "", "with its own"},
		{"GET", "/v25.0/graphql?q=me", "", "Use the path"},
	} {
		a := cloud(r, c.path).do(t, r, c.method, c.body)
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, c.words) || !strings.Contains(a.Body, `"code":100`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.Status, a.Body)
		}
	}
}

// TestManageDenied wants policy's refusal of every change, before upstream hears
// of it.
func TestManageDenied(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": `management:
  deny: [block, commerce, compliance, number, pin, qr_code, register, subscription, username]
`}})
	want := 0
	for _, c := range slices.Concat(managed, []managing{{"POST", "/block_users", `{"messaging_product":"whatsapp","block_users":[{"user":"+4915112345678"}]}`, "", "block/post"}}) {
		if c.record == "" {
			continue
		}
		want++
		a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+c.edge).do(t, r, c.method, c.body)
		if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "policy:call_not_allowed") {
			t.Errorf("%s %s: %d %s", c.method, c.edge, a.Status, a.Body)
		}
	}
	rows := r.SQL(t, "SELECT type FROM audit WHERE kind = 'manage' AND effect = 'deny' AND reason = 'call_not_allowed'")
	if len(rows) != want {
		t.Errorf("%d refusals on record, want %d", len(rows), want)
	}
	if rows := r.SQL(t, "SELECT body FROM audit WHERE kind = 'manage' AND body LIKE '%4915112345678%'"); len(rows) != 0 {
		t.Errorf("the record says who was to be blocked: %v", rows)
	}
}

// TestManageUpstream wants upstream's errors in its own words, and the truth
// where it gives no answer.
func TestManageUpstream(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	number := "/v25.0/" + r.Env["POSTERN_PHONE_ID"]
	fault := func(f sim.Fault) func() {
		f, err := r.Sim.AddFault(f)
		if err != nil {
			t.Fatal(err)
		}
		return func() { r.Sim.ClearFaults(f.ID) }
	}
	for _, c := range []struct {
		name, method, edge, body string
		fault                    sim.Fault
		status                   int
		words                    string
	}{
		{"too many registrations", "POST", "/register", `{"messaging_product":"whatsapp","pin":"111111"}`, sim.Fault{Path: "register", Action: sim.ActionError, Code: 133016}, 400, `"code":133016`},
		{"wrong code", "POST", "/verify_code", `{"code":"000000"}`, sim.Fault{}, 400, `"code":136025`},
		{"bad PIN", "POST", "", `{"pin":"1"}`, sim.Fault{}, 400, `"code":100`},
		{"bad username", "POST", "/username", `{"username":"A"}`, sim.Fault{}, 400, `"code":147001`},
		{"too many changes of blocked people", "POST", "/block_users", `{"messaging_product":"whatsapp","block_users":[{"user":"1"}]}`, sim.Fault{Path: "block_users", Action: sim.ActionError, Code: 139102}, 400, `"code":139102`},
		{"no answer to a change", "POST", "/deregister", "", sim.Fault{Path: "deregister", Action: sim.ActionCut, When: sim.After}, 500, "not known"},
		{"no answer to a read", "GET", "/username", "", sim.Fault{Path: "username", Action: sim.ActionCut}, 500, "can not be asked"},
		{"garbage", "GET", "/settings", "", sim.Fault{Path: "settings", Action: sim.ActionGarbage}, 500, ""},
	} {
		clear := func() {}
		if c.fault.Action != "" {
			clear = fault(c.fault)
		}
		a := cloud(r, number+c.edge).do(t, r, c.method, c.body)
		if a.Status != c.status || !strings.Contains(a.Body, c.words) {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Body)
		}
		clear()
	}
	awaitRecords(t, r, map[string]int{
		"register/register allow failed": 1, "register/verify_code allow failed": 1, "pin/set allow failed": 1,
		"username/post allow failed": 1, "block/post allow failed": 1, "register/deregister allow unknown": 1,
	})
}

// TestNumbers lists the app's own numbers alone, and reads nothing through
// nested fields.
func TestNumbers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	path := "/v25.0/" + r.Env["POSTERN_WABA_ID"] + "/phone_numbers"
	a := cloud(r, path+"?fields=id,status&limit=20").do(t, r, "GET", "")
	if want := `{"data":[{"id":"` + r.Env["POSTERN_PHONE_ID"] + `","status":"CONNECTED"}]}`; a.Status != http.StatusOK || a.Body != want {
		t.Errorf("numbers: %d %s, want %s", a.Status, a.Body, want)
	}
	a = cloud(r, path+"?fields=id,whatsapp_business_account%7Bphone_numbers%7D").do(t, r, "GET", "")
	if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "nested") {
		t.Errorf("nested fields: %d %s", a.Status, a.Body)
	}
}

// TestSettingsHoldNoKeys reads settings of a number with payload encryption
// without what belongs to it.
func TestSettingsHoldNoKeys(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, "/settings") {
				next.ServeHTTP(w, req)
				return
			}
			write(w, `{"payload_encryption":{"status":"enabled","client_encryption_key_fingerprint":"SHA256:aa","cloud_encryption_key":"MIIB"},`+
				`"calling":{"status":"ENABLED","sip":{"servers":[{"hostname":"sip.bank.example","sip_user_password":"p4ss"}]}}}`)
		})
	}})
	a := cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/settings").do(t, r, "GET", "")
	want := `{"payload_encryption":{"status":"enabled"},"calling":{"status":"ENABLED","sip":{"servers":[{"hostname":"sip.bank.example"}]}}}`
	if a.Status != http.StatusOK || a.Body != want {
		t.Errorf("settings: %d %s", a.Status, a.Body)
	}
}

func write(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(body)) //nolint:errcheck // the gateway notices
}

// TestFlowAssets reads the files of the account's flow, and of no other's that
// the token reaches, too.
func TestFlowAssets(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if !strings.Contains(req.URL.Path, "/7799") {
				next.ServeHTTP(w, req)
				return
			}
			if strings.HasSuffix(req.URL.Path, "/assets") {
				asked.Add(1)
			}
			write(w, `{"id":"7799","whatsapp_business_account":{"id":"200000000000999"},"data":[]}`)
		})
	}})
	waba := r.Env["POSTERN_WABA_ID"]
	list := cloud(r, "/v25.0/"+waba+"/flows?fields=id").do(t, r, "GET", "")
	_, rest, _ := strings.Cut(list.Body, `"id":"`)
	flow, _, _ := strings.Cut(rest, `"`)
	a := cloud(r, "/v25.0/"+flow+"/assets").do(t, r, "GET", "")
	if flow == "" || a.Status != http.StatusOK || !strings.Contains(a.Body, "FLOW_JSON") {
		t.Errorf("flow %q of %s: %d %s", flow, list.Body, a.Status, a.Body)
	}
	a = cloud(r, "/v25.0/7799/assets").do(t, r, "GET", "")
	if a.Status != http.StatusForbidden || asked.Load() != 0 {
		t.Errorf("another account's flow: %d %s, asked for %d times", a.Status, a.Body, asked.Load())
	}
	if a = cloud(r, "/v25.0/7788/assets").do(t, r, "GET", ""); a.Status != http.StatusBadRequest {
		t.Errorf("no flow at all: %d %s", a.Status, a.Body)
	}
}

// TestBlock blocks and unblocks people who wrote, in both dialects that have the
// call, and hands on what could only be done for some.
func TestBlock(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	const ana, stranger = "4915112345678", "4915112345999"
	want := map[string]int{}
	for name, c := range map[string]struct {
		caller
		number string
	}{
		"cloud":  {cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/block_users"), r.Env["POSTERN_PHONE_ID"]},
		"d360v2": {d360(r, "/block_users"), r.Env["POSTERN_D360_PHONE_ID"]},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: c.number, From: ana, Message: map[string]any{"text": map[string]string{"body": "hi"}}, Wait: true}); err != nil {
				t.Fatal(err)
			}
			one := `{"messaging_product":"whatsapp","block_users":[{"user":"+` + ana + `"}]}`
			both := `{"messaging_product":"whatsapp","block_users":[{"user":"+` + ana + `"},{"user":"+` + stranger + `"}]}`
			for _, step := range []struct {
				method, body string
				status       int
				words        []string
			}{
				{"POST", one, 200, []string{"added_users", ana}},
				{"GET", "", 200, []string{ana}},
				{"POST", both, 400, []string{"added_users", "failed_users", stranger, `"code":139100`}},
				{"DELETE", one, 200, []string{"removed_users", ana}},
				{"GET", "", 200, []string{`"data":[]`}},
				{"POST", `{"messaging_product":"whatsapp","block_users":[{"user":"+` + stranger + `"}]}`, 400, []string{"failed_users", "139100"}},
				{"POST", `{"messaging_product":"whatsapp"}`, 400, []string{`"code":100`}},
			} {
				a := c.do(t, r, step.method, step.body)
				if a.Status != step.status || slices.ContainsFunc(step.words, func(w string) bool { return !strings.Contains(a.Body, w) }) {
					t.Errorf("%s %s: %d %s", step.method, step.body, a.Status, a.Body)
				}
			}
		})
		want["block/post allow accepted"] += 2
		want["block/delete allow accepted"]++
		want["block/post allow failed"] += 2
	}
	awaitRecords(t, r, want)
	for _, row := range r.SQL(t, "SELECT body FROM audit WHERE kind = 'manage'") {
		if strings.Contains(row[0], "4915112345") {
			t.Errorf("the record says who: %s", row[0])
		}
	}
	if rows := r.SQL(t, "SELECT code FROM audit WHERE kind = 'settle' AND type = 'block/post' AND result = 'accepted' AND code = 139100"); len(rows) != 2 {
		t.Errorf("%d records say that it was done for some alone, want 2", len(rows))
	}
}

// TestCommerceOf360dialog changes cart and catalogue through its own path.
func TestCommerceOf360dialog(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	c := d360(r, "/whatsapp_commerce_settings")
	if a := c.do(t, r, "POST", `{"is_catalog_visible":true}`); a.Status != http.StatusOK {
		t.Errorf("set: %d %s", a.Status, a.Body)
	}
	if a := c.do(t, r, "GET", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, `"is_catalog_visible":true`) {
		t.Errorf("get: %d %s", a.Status, a.Body)
	}
}

// TestQRCode follows one short link from its making to its end, and takes what a
// call without a body asks for from its query.
func TestQRCode(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	base := "/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/message_qrdls"
	made := cloud(r, base+"?prefilled_message=Hello").do(t, r, "POST", "")
	code, _ := made.JSON(t)["code"].(string)
	if made.Status != http.StatusOK || code == "" {
		t.Fatalf("made: %d %s", made.Status, made.Body)
	}
	for _, step := range []struct {
		method, body string
		status       int
		words        string
	}{
		{"GET", "", 200, "Hello"},
		{"POST", `{"prefilled_message":"Good morning"}`, 200, "Good morning"},
		{"DELETE", "", 200, "true"},
		{"GET", "", 400, "no such code"},
	} {
		a := cloud(r, base+"/"+code).do(t, r, step.method, step.body)
		if a.Status != step.status || !strings.Contains(a.Body, step.words) {
			t.Errorf("%s: %d %s", step.method, a.Status, a.Body)
		}
	}
}

// TestSeveralNumbers: what is about an account needs no number of an app that
// has several.
func TestSeveralNumbers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		text = strings.Replace(text, "    numbers:\n", "    numbers:\n      - {id: \"106540352242999\", display: \"+49 30 7654321\"}\n", 1)
		return strings.Replace(text, "dialect: cloud, numbers: [", "dialect: cloud, numbers: [\"106540352242999\", ", 1)
	}})
	waba := "/v25.0/" + r.Env["POSTERN_WABA_ID"]
	for edge, body := range map[string]string{
		"/subscribed_apps":   "",
		"/message_templates": `{"name":"notice_of_all","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"Hello"}]}`,
	} {
		if a := cloud(r, waba+edge).do(t, r, http.MethodPost, body); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", edge, a.Status, a.Body)
		}
	}
	awaitRecords(t, r, map[string]int{"subscription/post allow accepted": 1, "template/create allow accepted": 1})
}
