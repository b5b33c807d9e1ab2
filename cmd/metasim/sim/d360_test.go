package sim_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

// dialog is the simulator's face of 360dialog, and a customer's webhook.
type dialog struct {
	*world
	url, hook string

	mu    sync.Mutex
	hooks []hooked
}

type hooked struct {
	head http.Header
	body string
}

const d360Key = "first_AK"

func startD360(t *testing.T, changes ...func(*sim.Config, *sim.Settings)) *dialog {
	t.Helper()
	d := &dialog{world: start(t, append([]func(*sim.Config, *sim.Settings){func(c *sim.Config, _ *sim.Settings) {
		c.D360 = sim.D360{Keys: map[string]string{phoneID: d360Key}, PlatformSecret: "platform", Sandbox: "106540000000002"}
	}}, changes...)...)}
	face := httptest.NewServer(d.sim.D360())
	t.Cleanup(face.Close)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.hooks = append(d.hooks, hooked{r.Header.Clone(), string(body)})
	}))
	t.Cleanup(receiver.Close)
	d.url, d.hook = face.URL, receiver.URL
	return d
}

// ask makes one call with a key.
func (d *dialog) ask(method, path, key, body string) (int, string) {
	d.Helper()
	req, err := http.NewRequestWithContext(d.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	req.Header.Set("D360-API-KEY", key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		d.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// told has a person write and gives the webhook of it, nil where none came.
func (d *dialog) told(number string) *hooked {
	d.Helper()
	told, err := d.sim.Inbound(d.Context(), sim.Inbound{PhoneID: number, From: ana, Wait: true, Message: map[string]any{"text": map[string]any{"body": "hello"}}})
	if err != nil {
		d.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if told.Delivered == 0 || len(d.hooks) == 0 {
		return nil
	}
	return &d.hooks[len(d.hooks)-1]
}

func TestD360Face(t *testing.T) {
	d := startD360(t)
	message := `{"messaging_product":"whatsapp","to":"` + ana + `","type":"text","text":{"body":"hello"}}`
	for _, x := range []struct {
		method, path, key, body string
		status                  int
		words                   string
	}{
		{"POST", "/messages", d360Key, message, 200, `"messages":[{"id":"wamid.`},
		{"POST", "/messages", d360Key, `{"to":"1"}`, 400, `"error":{`},
		{"POST", "/messages", "", message, 401, `{"meta":{"developerMessage":"Invalid api_key or token expired","httpCode":404,"success":false}}`},
		{"POST", "/messages", "other", message, 401, `"meta"`},
		{"GET", "/health_status", d360Key, "", 200, `"can_send_message":"AVAILABLE"`},
		{"GET", "/whatsapp_business_profile", d360Key, "", 200, `"data"`},
		{"GET", "/block_users", d360Key, "", 200, `"data"`},
		{"GET", "/v1/configs/phone_number", d360Key, "", 200, `{"phone_number":"4915550100001"}`},
		{"GET", "/v1/configs/webhook", d360Key, "", 404, `"success":false`},
		{"POST", "/v1/configs/webhook", d360Key, `{"url":"nowhere"}`, 400, `"success":false`},
		{"GET", "/v1/configs/templates?limit=2&offset=1", d360Key, "", 200, `"count":2,"filters":{},"limit":2,"offset":1,"sort":["id"],"total":9`},
		{"POST", "/v1/configs/templates", d360Key, `{"name":"x"}`, 400, `"meta"`},
		{"POST", "/v1/configs/templates", d360Key, `{"name":"late","language":"de","category":"UTILITY","components":[{"type":"BODY","text":"Your order is late today."}]}`, 201, `"status":"submitted"`},
		{"DELETE", "/v1/configs/templates/late", d360Key, "", 200, `"success":true`},
		{"DELETE", "/v1/configs/templates/late", d360Key, "", 400, `"meta"`},
		{"GET", "/message_templates?limit=1", d360Key, "", 200, `"data":[{`},
		{"GET", "/v1/users", d360Key, "", 403, `This URL /v1/users is blocked`},
		{"POST", "/" + phoneID + "/messages", d360Key, message, 403, `"httpCode":403`},
		{"GET", "/v24.0/" + phoneID, d360Key, "", 403, `"httpCode":403`},
		{"DELETE", "/messages", d360Key, "", 403, `"httpCode":403`},
		{"POST", "/register", d360Key, "{}", 403, `"httpCode":403`},
	} {
		if status, body := d.ask(x.method, x.path, x.key, x.body); status != x.status || !strings.Contains(body, x.words) {
			t.Errorf("%s %s: %d %s", x.method, x.path, status, body)
		}
	}
	all, _ := d.sim.Accepted(0, 0)
	if len(all) != 1 || all[0].PhoneID != phoneID {
		t.Errorf("accepted %v", all)
	}
}

// TestD360Webhooks: a number's own URL goes before its account's, with the
// headers that were given and the signature.
func TestD360Webhooks(t *testing.T) {
	d := startD360(t)
	if d.told(phoneID) != nil {
		t.Error("told, and no webhook is set: Meta's is not 360dialog's")
	}
	set := func(path, key, more string) {
		t.Helper()
		if status, body := d.ask("POST", path, key, `{"url":"`+d.hook+`","headers":{"X-Way":"`+path+`"}`+more+`}`); status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
	}
	expect := func(way string) {
		t.Helper()
		h := d.told(phoneID)
		if h == nil {
			t.Fatalf("not told through %s", way)
		}
		mac := hmac.New(sha256.New, []byte("platform"))
		mac.Write([]byte(h.body))
		if h.head.Get("X-Way") != way || h.head.Get("X-360dialog-Signature") != hex.EncodeToString(mac.Sum(nil)) || h.head.Get("X-Hub-Signature-256") != "" {
			t.Errorf("through %s: %v", way, h.head)
		}
		if !strings.Contains(h.body, `"object":"whatsapp_business_account"`) || !strings.Contains(h.body, phoneID) {
			t.Errorf("no envelope of Meta's: %s", h.body)
		}
	}
	set("/waba_webhook", d360Key, "")
	expect("/waba_webhook")
	set("/v1/configs/webhook", d360Key, "")
	expect("/v1/configs/webhook")
	set("/waba_webhook", d360Key, `,"override_all":true`)
	expect("/waba_webhook")
	set("/v1/configs/webhook", d360Key, "")
	made, err := d.sim.NewD360Key(sim.D360NewKey{PhoneID: phoneID})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := d.ask("GET", "/health_status", d360Key, ""); status != http.StatusUnauthorized {
		t.Errorf("the key before answers %d", status)
	}
	expect("/waba_webhook")
	set("/v1/configs/webhook", made.Key, "")
	expect("/v1/configs/webhook")
	if _, err := d.sim.NewD360Key(sim.D360NewKey{PhoneID: "106540000000002"}); err == nil {
		t.Error("a number without a key got a new one")
	}
}

// TestD360Files: after 20 errors within an hour a number's files are blocked for
// half an hour.
func TestD360Files(t *testing.T) {
	d := startD360(t)
	for range 20 {
		if status, body := d.ask("GET", "/12345", d360Key, ""); status != http.StatusBadRequest {
			t.Fatalf("%d %s", status, body)
		}
	}
	if status, body := d.ask("GET", "/12345", d360Key, ""); status != http.StatusForbidden {
		t.Errorf("the next one: %d %s", status, body)
	}
	d.clock.forward(31 * time.Minute)
	if status, body := d.ask("GET", "/12345", d360Key, ""); status != http.StatusBadRequest {
		t.Errorf("half an hour later: %d %s", status, body)
	}
}

// TestD360Sandbox: START gives a key that is bound to one phone and to 200
// messages of the old form.
func TestD360Sandbox(t *testing.T) {
	d := startD360(t)
	got, err := d.sim.StartSandbox(sim.D360Start{From: ana})
	if err != nil || !strings.HasSuffix(got.Key, "_sandbox") {
		t.Fatalf("%+v %v", got, err)
	}
	if again, err := d.sim.StartSandbox(sim.D360Start{From: ana}); err != nil || again != got {
		t.Errorf("a second START: %+v %v", again, err)
	}
	if _, err := d.sim.StartSandbox(sim.D360Start{From: "x"}); err == nil {
		t.Error("nobody's phone got a key")
	}
	text := `{"to":"` + ana + `","type":"text","preview_url":true,"text":{"body":"hello"}}`
	for _, x := range []struct {
		method, path, body string
		status             int
		words              string
	}{
		{"POST", "/v1/messages", text, 200, `{}`},
		{"POST", "/v1/messages", `{"to":"` + ana + `","ttl":{},"type":"template","template":{"namespace":"ns","name":"order_update","language":{"policy":"deterministic","code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"42"}]}]}}`, 200, `{}`},
		{"POST", "/v1/messages", `{"to":"` + ana + `","type":"template","template":{"name":"of_my_own","language":{"code":"en_US"}}}`, 400, "its own templates only"},
		{"POST", "/v1/messages", `{"to":"` + ana + `","type":"image","image":{"id":"123"}}`, 400, "no media ids"},
		{"POST", "/v1/messages", strings.Replace(text, ana, "+4915199999999", 1), 400, "asked for its key only"},
		{"POST", "/v1/messages", `[`, 400, "not valid"},
		{"POST", "/v1/media", "x", 403, "blocked"},
		{"POST", "/messages", text, 403, "blocked"},
		{"GET", "/v1/configs/templates", "", 200, `"waba_templates":[`},
		{"POST", "/v1/configs/webhook", `{"url":"` + d.hook + `"}`, 200, `"url"`},
	} {
		if status, body := d.ask(x.method, x.path, got.Key, x.body); status != x.status || !strings.Contains(body, x.words) {
			t.Errorf("%s %s: %d %s", x.path, x.body, status, body)
		}
	}
	if d.told("106540000000002") == nil {
		t.Error("the sandbox does not tell what its tester writes")
	}
	for range 198 {
		if status, body := d.ask("POST", "/v1/messages", got.Key, text); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	if status, body := d.ask("POST", "/v1/messages", got.Key, text); status != http.StatusBadRequest || !strings.Contains(body, "200 messages") {
		t.Errorf("one more than 200: %d %s", status, body)
	}
}
