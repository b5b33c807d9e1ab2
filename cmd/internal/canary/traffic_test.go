package canary_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func packed(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write([]byte(strings.Repeat(s+" ", 20)))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err.Error()
	}
	return b.String()
}

// dialects are the four ways a message is sent.
func (s *site) dialects() []way {
	onprem := s.login()
	return []way{
		{"cloud", "/v25.0/" + s.Env["POSTERN_PHONE_ID"] + "/messages", "Authorization: Bearer " + s.Env["POSTERN_CLOUD_TOKEN"], s.Env["POSTERN_PHONE_ID"], `"messaging_product":"whatsapp",`},
		{"d360v2", "/messages", "D360-API-KEY: " + s.Env["POSTERN_D360_V2_KEY"], s.Env["POSTERN_D360_PHONE_ID"], `"messaging_product":"whatsapp",`},
		{"d360v1", "/v1/messages", "D360-API-KEY: " + s.Env["POSTERN_D360_V1_KEY"], s.Env["POSTERN_D360_PHONE_ID"], ""},
		{"onprem", "/v1/messages", "Authorization: Bearer " + onprem, s.Env["POSTERN_ONPREM_PHONE_ID"], ""},
	}
}

const minute = 60 * 1_000_000_000

type way struct{ name, path, auth, phone, lead string }

func (s *site) send(w way, body string, headers ...string) rig.Reply {
	s.t.Helper()
	return s.Do(s.t, http.MethodPost, w.path, "{"+w.lead+body[1:], append([]string{w.auth}, headers...)...)
}

// login takes a token of the On-Premises user, which is a marker too, once.
func (s *site) login() string {
	s.t.Helper()
	if s.session != "" {
		return s.session
	}
	a := s.Do(s.t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+b64(s.Env["POSTERN_ONPREM_USER"]+":"+s.Env["POSTERN_ONPREM_PASSWORD"]))
	if a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden {
		s.t.Fatalf("login: %d", a.Status)
	}
	users, _ := a.JSON(s.t)["users"].([]any)
	if len(users) != 1 {
		s.t.Fatalf("login answered %d without a token", a.Status)
	}
	first, _ := users[0].(map[string]any)
	s.session, _ = first["token"].(string)
	return s.add("login token", s.session)
}

// opened is a marked customer with an open window and every consent.
func (s *site) opened(name string) string {
	s.t.Helper()
	n := s.number(name)
	at := s.Clock.Now().Add(-minute).UTC().Format("2006-01-02T15:04:05Z")
	data := "fact,number,category,source,evidence,time,business\n"
	for _, c := range []string{"marketing", "utility", "authentication"} {
		data += "consent,+" + n + "," + c + ",web_form,form-1," + at + ",\n"
	}
	for _, phone := range []string{"POSTERN_PHONE_ID", "POSTERN_D360_PHONE_ID", "POSTERN_ONPREM_PHONE_ID"} {
		data += "window,+" + n + ",,,," + at + "," + s.Env[phone] + "\n"
	}
	s.Admin(s.t, "facts.import", map[string]any{"tenant": "demo", "format": "csv", "data": data, "check": false}, nil)
	return n
}

// bodies are messages of every kind with something marked in each place.
func (s *site) bodies(dialect, to string) []string {
	mail := func(where string) string { return s.email(dialect + " " + where) }
	phone := func(where string) string { return s.grouped(dialect+" "+where, s.number(dialect+" "+where)) }
	link := func(where string) string {
		return "https://files.example.org/" + s.word(dialect+" "+where+" path") + "?token=" + s.word(dialect+" "+where+" query")
	}
	b := func(kind, object string) string {
		return `{"to":"+` + to + `","type":"` + kind + `","` + kind + `":` + object + `}`
	}
	return []string{
		b("text", `{"body":"Write to `+mail("text")+` or call `+phone("text")+`, DE`+s.iban("text")+`"}`),
		b("template", `{"name":"order_update","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"`+mail("parameter")+` `+phone("parameter")+`"}]}]}`),
		b("image", `{"link":"`+link("image")+`","caption":"for `+mail("caption")+`"}`),
		b("document", `{"link":"`+link("document")+`","filename":"`+mail("file name")+`.pdf","caption":"`+phone("caption")+`"}`),
		b("audio", `{"id":"`+s.add(dialect+" media id", digits(s.t, 18))+`"}`),
		b("video", `{"link":"`+link("video")+`"}`),
		b("sticker", `{"link":"`+link("sticker")+`"}`),
		b("location", `{"latitude":48.`+s.add(dialect+" latitude", digits(s.t, 12))+`,"longitude":11.5,"name":"`+s.word(dialect+" place")+`","address":"`+s.word(dialect+" street")+`"}`),
		`{"to":"+` + to + `","type":"contacts","contacts":[{"name":{"formatted_name":"` + s.word(dialect+" contact name") + `","first_name":"` + s.word(dialect+" first name") +
			`"},"phones":[{"phone":"` + phone("contact") + `","type":"HOME"}],"emails":[{"email":"` + mail("contact") + `"}],"birthday":"1984-02-03",` +
			`"addresses":[{"street":"` + s.word(dialect+" contact street") + `"}],"urls":[{"url":"` + link("contact") + `"}]}]}`,
		`{"to":"+` + to + `","type":"interactive","interactive":{"type":"button","body":{"text":"ask ` + mail("button body") +
			`"},"action":{"buttons":[{"type":"reply","reply":{"id":"` + mail("button id") + `","title":"Yes"}}]}}}`,
	}
}

// iban is the rest of a German account number with a right check.
func (s *site) iban(name string) string {
	bban := "37040044" + digits(s.t, 10)
	rest := 0
	for _, c := range bban + "131400" {
		rest = (rest*10 + int(c-'0')) % 97
	}
	return s.add(name+" iban", fmt.Sprintf("%02d", 98-rest)+bban)
}

// sends go through in every dialect.
func (s *site) sends() {
	for _, w := range s.dialects() {
		to := s.opened(w.name + " recipient")
		passed := 0
		for _, body := range s.bodies(w.name, to) {
			a := s.send(w, body, "X-Request-Id: "+s.word(w.name+" header"), "User-Agent: "+s.word(w.name+" agent"), "Cookie: session="+s.word(w.name+" cookie"))
			if a.Status < 300 {
				passed++
				continue
			}
			s.others = append(s.others, []byte(a.Body))
		}
		if passed < 8 {
			s.t.Errorf("%s: only %d kinds passed", w.name, passed)
		}
		key := "Idempotency-Key: " + s.word(w.name+" idempotency key")
		body := `{"to":"+` + to + `","type":"text","biz_opaque_callback_data":"` + s.word(w.name+" callback data") + `","text":{"body":"once"}}`
		for range 2 {
			s.send(w, body, key)
		}
		s.send(w, strings.Replace(body, "once", "twice", 1), key)
		s.send(w, `{"to":"+`+to+`","type":"reaction","reaction":{"message_id":"`+s.wamid(w.name+" reaction", to)+`","emoji":"x"}}`)
		s.send(w, `{"to":"+`+to+`","type":"text","context":{"message_id":"`+s.wamid(w.name+" context", to)+`"},"text":{"body":"quoting"}}`)
	}
	w := s.dialects()[0]
	s.send(w, `{"status":"read","message_id":"`+s.wamid("read", s.number("read"))+`"}`)
	s.send(w, `{"recipient":"`+s.userID("recipient by user id")+`","type":"text","text":{"body":"hello"}}`)
}

// refusals are by policy: each has its record.
func (s *site) refusals() {
	for _, w := range s.dialects() {
		to := s.opened(w.name + " refused recipient")
		for _, body := range []string{
			`{"to":"+` + s.number(w.name+" stranger") + `","type":"text","text":{"body":"for ` + s.email(w.name+" stranger text") + `"}}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"card ` + s.card(w.name+" card") + `"}}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"token ` + s.token(w.name+" token in text") + `"}}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"track ;` + s.card(w.name+" track") + `=29121010000000000000?"}}`,
			`{"to":"+` + to + `","type":"template","template":{"name":"` + s.email(w.name+" template name") + `","language":{"code":"en_US"}}}`,
			`{"to":"+` + to + `","type":"template","template":{"name":"+` + s.number(w.name+" template name") + `","language":{"code":"de"}}}`,
			`{"to":"+` + to + `","type":"template","template":{"name":"order_update","language":{"code":"en_US"},"components":[]}}`,
		} {
			if a := s.send(w, body); a.Status < 400 {
				s.t.Errorf("%s: %d for what must be refused", w.name, a.Status)
			} else {
				s.others = append(s.others, []byte(a.Body))
			}
		}
	}
}

// badRequests are refused before policy sees them.
func (s *site) badRequests() {
	for _, w := range s.dialects() {
		m := func(what string) string { return s.word(w.name + " bad " + what) }
		to := s.number(w.name + " bad recipient")
		for _, body := range []string{
			`{"to":"` + m("recipient") + `","type":"text","text":{"body":"x"}}`,
			`{"to":"+` + to + `","type":"` + m("type") + `","x":{}}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"` + m("cut") + `"`,
			`{"to":"+` + to + `","type":"text","text":{"body":"x"},"to":"` + m("repeated") + `"}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"x"}} ` + m("trailing"),
			`{"to":"+` + to + `","type":"text","text":{"body":"` + m("broken text") + "\xff" + `"}}`,
			`{"to":"+` + to + `","type":"text","` + s.number(w.name+" property") + `":1,"text":{"body":"x"}}`,
			`{"to":"+` + to + `","type":"text","` + s.email(w.name+" property") + `":1,"text":{"body":"x","` + s.number(w.name+" inner property") + `":2}}`,
			`{"to":"+` + to + `","type":"text","a":` + strings.Repeat("[", 70) + `"` + m("deep") + `"` + strings.Repeat("]", 70) + `}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"` + m("too large") + strings.Repeat("x", 1<<20) + `"}}`,
			`{"to":"+` + to + `","type":"text","text":{"body":"` + m("too long") + strings.Repeat("x", 5000) + `"}}`,
			`{"to":"+` + to + `","type":"image","image":{"link":"` + m("no link") + `"}}`,
			`{"to":"+` + to + `","type":"image","image":{"link":"http://user:` + m("link password") + `@10.0.0.1/"}}`,
			`{"to":"+` + to + `","recipient_type":"` + m("recipient type") + `","type":"text","text":{"body":"x"}}`,
			`{"to":"+` + to + `","type":"interactive","interactive":{"type":"` + m("interactive") + `"}}`,
			`{"to":"+` + to + `","type":"text","text":{"body":["` + m("wrong kind") + `"]}}`,
		} {
			s.others = append(s.others, []byte(s.send(w, body).Body))
		}
		for _, h := range []string{"Content-Type: text/" + m("content type"), "Content-Encoding: " + m("encoding"), "Idempotency-Key: " + strings.Repeat(m("long key"), 20)} {
			s.others = append(s.others, []byte(s.send(w, `{"to":"+`+to+`","type":"text","text":{"body":"`+s.email(w.name+" "+h[:12])+`"}}`, h).Body))
		}
		for _, path := range []string{w.path + "/" + m("path"), w.path + "?" + m("query name") + "=" + m("query value"), "/" + m("unknown path"), w.path + "//" + m("segment"), w.path + "/%2e%2e/" + m("escape")} {
			s.others = append(s.others, []byte(s.Do(s.t, http.MethodPost, path, `{"x":"`+m("body")+`"}`, w.auth).Body))
			s.others = append(s.others, []byte(s.Do(s.t, http.MethodGet, path, "", w.auth).Body))
		}
	}
}

// credentials that are wrong, in each place where one can stand. They come
// last, since nobody may guess for long.
func (s *site) credentials() {
	s.Do(s.t, http.MethodPost, "/v1/users/logout", "", "Authorization: Bearer "+s.login())
	cloud := "/v25.0/" + s.Env["POSTERN_PHONE_ID"] + "/messages"
	body := func() string {
		return `{"messaging_product":"whatsapp","to":"+` + s.number("unauthenticated recipient") + `","type":"text","text":{"body":"` + s.email("unauthenticated text") + `"}}`
	}
	for i := range 3 {
		w := func(what string) string { return s.word("wrong " + what + strconv.Itoa(i)) }
		for _, a := range []rig.Reply{
			s.Do(s.t, http.MethodPost, cloud, body(), "Authorization: Bearer "+w("token")),
			s.Do(s.t, http.MethodPost, cloud, body(), "Authorization: "+w("scheme")),
			s.Do(s.t, http.MethodPost, cloud+"?access_token="+w("query token"), body()),
			s.Do(s.t, http.MethodPost, cloud+"?appsecret_proof="+w("proof"), body(), "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]),
			s.Do(s.t, http.MethodPost, cloud+"?access_token="+w("second token"), body(), "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]),
			s.Do(s.t, http.MethodPost, cloud, "access_token="+w("form token")+"&to="+w("form field"), "Content-Type: application/x-www-form-urlencoded"),
			s.Do(s.t, http.MethodPost, "/v1/messages", body(), "D360-API-KEY: "+w("d360 key")),
			s.Do(s.t, http.MethodPost, "/v1/messages", body(), "Authorization: Bearer "+w("login token")),
			s.Do(s.t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+b64(w("user")+":"+w("password"))),
			s.Do(s.t, http.MethodPost, "/v1/users/login", `{"new_password":"`+w("new password")+`"}`, "Authorization: Basic "+b64("admin:"+w("password"))),
			s.Do(s.t, http.MethodPost, "/v1/users/login", `{"`+w("login body"), "Authorization: Basic "+b64("admin:"+w("password"))),
			s.Do(s.t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+w("no base64")),
		} {
			if a.Status < 400 {
				s.t.Errorf("a wrong credential was answered %d", a.Status)
			}
			s.others = append(s.others, []byte(a.Body))
		}
	}
}

// appSettings may hold secrets in targets and headers.
func (s *site) appSettings() {
	hook := strings.TrimSuffix(s.Hooks.URL, "/events")
	target := func(what string) string {
		return hook + "/" + s.word(what+" target path") + "?key=" + s.word(what+" target query")
	}
	v1, v2 := "D360-API-KEY: "+s.Env["POSTERN_D360_V1_KEY"], "D360-API-KEY: "+s.Env["POSTERN_D360_V2_KEY"]
	onprem := "Authorization: Bearer " + s.login()
	for _, a := range []rig.Reply{
		s.Do(s.t, http.MethodPost, "/v1/configs/webhook", `{"url":"`+target("v1")+`","headers":{"X-Key":"`+s.word("webhook header")+`","Authorization":"Basic `+s.word("webhook basic")+`"}}`, v1),
		s.Do(s.t, http.MethodPost, "/v1/configs/webhook", `{"url":"`+target("v2")+`"}`, v2),
		s.Do(s.t, http.MethodPatch, "/v1/settings/application", `{"webhooks":{"url":"`+target("onprem")+`"},"callback_persist":true}`, onprem),
		s.Do(s.t, http.MethodGet, "/v1/settings/application", "", onprem),
	} {
		if a.Status >= 300 {
			s.t.Errorf("settings: %d", a.Status)
		}
	}
	for _, body := range []string{
		`{"url":"https://user:` + s.word("target password") + `@example.org/"}`,
		`{"url":"https://10.0.0.1/` + s.word("private target") + `"}`,
		`{"url":"` + s.word("no url") + `"}`,
		`{"url":"` + hook + `/x","headers":{"Host":"` + s.word("host header") + `"}}`,
		`{"url":"` + hook + `/x","headers":{"X":"` + s.word("header with line") + `\r\nY: 1"}}`,
		`{"url":"` + s.word("cut settings"),
	} {
		a := s.Do(s.t, http.MethodPost, "/v1/configs/webhook", body, v1)
		if a.Status < 400 {
			s.t.Errorf("bad settings: %d", a.Status)
		}
		b := s.Do(s.t, http.MethodPatch, "/v1/settings/application", `{"webhooks":`+body+`}`, onprem)
		s.others = append(s.others, []byte(a.Body), []byte(b.Body))
	}
	s.Do(s.t, http.MethodPost, "/v1/contacts", `{"blocking":"wait","contacts":["+`+s.number("contact check")+`","`+s.word("no contact")+`"]}`, onprem)
	// The events go to where they went before.
	s.Do(s.t, http.MethodPost, "/v1/configs/webhook", `{"url":"`+s.Hooks.URL+`"}`, v2)
	s.Do(s.t, http.MethodDelete, "/v1/settings/application", "", onprem)
}

// reads change nothing and are not recorded.
func (s *site) reads() {
	cloud, v1 := "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"], "D360-API-KEY: "+s.Env["POSTERN_D360_V1_KEY"]
	for _, a := range []rig.Reply{
		s.Do(s.t, http.MethodGet, "/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"?fields="+s.word("field"), "", cloud),
		s.Do(s.t, http.MethodGet, "/v25.0/"+s.word("node"), "", cloud),
		s.Do(s.t, http.MethodGet, "/v25.0/"+s.Env["POSTERN_WABA_ID"]+"/message_templates?limit=2&name="+s.word("template"), "", cloud),
		s.Do(s.t, http.MethodGet, "/v25.0/"+s.Env["POSTERN_WABA_ID"]+"/message_templates?limit=1&access_token="+s.Env["POSTERN_CLOUD_TOKEN"], ""),
		s.Do(s.t, http.MethodGet, "/v1/configs/templates?sort="+s.word("sort"), "", v1),
		s.Do(s.t, http.MethodGet, "/v1/configs/phone_number", "", v1),
		s.Do(s.t, http.MethodGet, "/v1/health", "", v1),
		s.Do(s.t, http.MethodGet, "/health_status", "", "D360-API-KEY: "+s.Env["POSTERN_D360_V2_KEY"]),
	} {
		if a.Status >= 500 {
			s.t.Errorf("read: %d", a.Status)
		}
	}
}

// upstreamFaults are answered with words of upstream's that hold markers.
func (s *site) upstreamFaults() {
	for _, w := range s.dialects() {
		to := s.opened(w.name + " faulty recipient")
		for i, f := range []sim.Fault{
			{Action: sim.ActionError, Code: 131026}, {Action: sim.ActionError, Code: 131047}, {Action: sim.ActionError, Code: 190},
			{Action: sim.ActionError, Code: 130429, Status: 429, RetryAfter: 1}, {Action: sim.ActionHTTP, Status: 500},
			{Action: sim.ActionHTTP, Status: 503}, {Action: sim.ActionCut}, {Action: sim.ActionCut, When: sim.After},
			{Action: sim.ActionGarbage}, {Action: sim.ActionTruncate, When: sim.After}, {Action: sim.ActionFailed, Code: 131050},
		} {
			// Upstream's sentence names the person, as it may: it goes to the
			// app that named the person first, and nowhere else.
			f.To, f.Times, f.Details = to, 1, "details for "+s.number(fmt.Sprintf("%s fault %d details", w.name, i))
			_, err := s.Sim.AddFault(f)
			s.check(err)
			s.send(w, `{"to":"+`+to+`","type":"text","text":{"body":"`+s.email(fmt.Sprintf("%s fault %d", w.name, i))+`"}}`, "Idempotency-Key: "+s.word("fault key"))
			s.Sim.ClearFaults("")
		}
	}
}
