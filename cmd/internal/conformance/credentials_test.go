package conformance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// denied checks a refused credential in the dialect's words (needs 08 and 09).
func denied(t *testing.T, c *caller, a rig.Reply) {
	t.Helper()
	if strings.HasPrefix(c.name, "d360") {
		v := a.JSON(t)
		word, _ := at(v, "meta", "developerMessage").(string)
		if a.Status != 401 || word == "" || at(v, "meta", "httpCode") == nil || at(v, "meta", "success") != false || v["messages"] != nil {
			t.Errorf("%s: need 08: %d %s", c.name, a.Status, a.Body)
		}
		return
	}
	code := 190
	if c.flat {
		code = 1005
	}
	refused(t, c, a, 401, code)
}

// TestCredentials: nobody, a wrong key, a key of another family and a revoked
// one send nothing and leave no record of their own.
func TestCredentials(t *testing.T) {
	s := open(t, rig.Options{})
	to := s.Env["DEMO_CONSENTED"]
	admissions := s.count(t, "kind = 'admission'")
	other := map[*caller]*caller{s.cloud: s.v2, s.v2: s.v1, s.v1: s.v2, s.onprem: s.cloud}
	s.each(t, func(t *testing.T, c *caller) {
		header, value, _ := strings.Cut(c.auth, ": ")
		scheme, _, bearer := strings.Cut(value, " ")
		key := other[c].auth[strings.LastIndex(other[c].auth, " ")+1:]
		for name, auth := range map[string]string{"empty": "", "wrong": strings.Repeat("x", 43), "of another family": key} {
			if bearer {
				auth = scheme + " " + auth
			}
			t.Run(name, func(t *testing.T) {
				denied(t, c, s.ask(t, "POST", c.send, s.body(c, to), header+": "+auth))
			})
		}
		t.Run("none", func(t *testing.T) {
			if c == s.v1 {
				return // without the header the path belongs to another dialect
			}
			denied(t, c, s.ask(t, "POST", c.send, s.body(c, to)))
		})
		t.Run("given twice", func(t *testing.T) {
			a := s.raw(t, "POST", c.send, s.body(c, to), c.auth, c.auth)
			if a.Status < 400 || a.Status > 401 {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
		})
	})
	if n := s.count(t, "kind = 'admission'"); n != admissions || len(s.taken(s.base)) != 0 {
		t.Errorf("strangers left records or sends: %s, before %s", n, admissions)
	}
	s.Stop()
	if n := s.count(t, "kind = 'unauth' AND code > 15"); n != "1" {
		t.Errorf("strangers are summed up in %s records, want one", n)
	}
}

// testRevoked: a revoked key stops at once, others go on.
func testRevoked(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	for _, c := range []*caller{s.cloud, s.v2, s.v1} {
		version := ""
		if c != s.cloud {
			version = c.name[len("d360"):]
		}
		var made admin.AppKey
		s.Admin(t, "app.add", admin.AppAdd{App: c.app, Version: version}, &made)
		second := *c
		second.auth = c.auth[:strings.LastIndex(c.auth, " ")+1] + made.Key
		if a := s.message(t, &second, text(to, "Hello")); a.Status > 201 {
			t.Errorf("%s: second key: %d %s", c.name, a.Status, a.Body)
		}
		s.Admin(t, "app.revoke", admin.Name{Name: made.ID}, nil)
		denied(t, &second, s.message(t, &second, text(to, "Hello")))
		if a := s.message(t, c, text(to, "Hello")); a.Status > 201 {
			t.Errorf("%s: first key: %d %s", c.name, a.Status, a.Body)
		}
	}
}

// testOtherNumber: a good token on another app's number is refused and, since
// its owner is known, on record.
func testOtherNumber(t *testing.T, s *site) {
	c := *s.cloud
	for _, path := range []string{"/v25.0/" + s.v2.number + "/messages", "/v25.0/106540000000000/messages"} {
		c.send = path
		refused(t, &c, s.message(t, &c, text(s.Env["DEMO_CONSENTED"], "Hello")), 403, 10)
	}
	refused(t, &c, s.ask(t, "GET", "/v25.0/106540000000001/message_templates", "", c.auth), 403, 10)
	refused(t, &c, s.ask(t, "GET", "/v25.0/"+s.v2.number, "", c.auth), 400, 100) // like an id of media
	s.checkRefusals(t, map[string]int{"cloud request_forbidden": 2})
}

func proof(secret, signed string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(signed)) //nolint:errcheck // hash.Hash never returns an error
	return hex.EncodeToString(m.Sum(nil))
}

// testTokenPlaces: a Cloud token may stand in three places (need 10), a form
// may stand for JSON (need 11), a proof is checked, and two tokens are none.
func testTokenPlaces(t *testing.T, s *site) {
	c, to := s.cloud, s.Env["DEMO_CONSENTED"]
	token, body := s.Env["POSTERN_CLOUD_TOKEN"], s.body(c, to)
	form := url.Values{
		"messaging_product": {"whatsapp"}, "to": {"+" + to}, "type": {"text"}, "text": {`{"body":"Hello + 100%","preview_url":true}`},
	}
	with := func(more ...string) string {
		f := url.Values{}
		for k, v := range form {
			f[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f.Encode()
	}
	for _, other := range []*caller{s.v2, s.v1, s.onprem} {
		code := 100
		if other.flat {
			code = 1025
		}
		refused(t, other, s.ask(t, "POST", other.send, form.Encode(), other.auth, "Content-Type: application/x-www-form-urlencoded"), 400, code)
	}
	now := strconv.FormatInt(s.Clock.Now().Unix(), 10)
	old := strconv.FormatInt(s.Clock.Now().Unix()-400, 10)
	good := proof(s.Env["META_APP_SECRET"], token)
	formType := "Content-Type: application/x-www-form-urlencoded"
	for _, x := range []struct {
		name, query, body string
		headers           []string
		status            int
	}{
		{"need 10 bearer", "", body, []string{c.auth}, 200},
		{"need 10 OAuth", "", body, []string{"Authorization: OAuth " + token}, 200},
		{"need 10 query", "?access_token=" + token, body, nil, 200},
		{"need 10 format", "?format=json", body, []string{c.auth}, 200},
		{"need 10 query and bearer, the same", "?access_token=" + token, body, []string{c.auth}, 200},
		{"two different tokens", "?access_token=other", body, []string{c.auth}, 401},
		{"two tokens in the query", "?access_token=" + token + "&access_token=other", body, nil, 400},
		{"need 11 form", "", with(), []string{c.auth, formType}, 200},
		{"need 10 token in a form", "", with("access_token", token), []string{formType}, 200},
		{"form with another token", "", with("access_token", "other"), []string{c.auth, formType}, 401},
		{"form with a field twice", "", with() + "&type=image", []string{c.auth, formType}, 400},
		{"form with an unknown field", "", with("priority", "high"), []string{c.auth, formType}, 400},
		{"need 10 proof", "?appsecret_proof=" + good, body, []string{c.auth}, 200},
		{"need 10 proof in a form", "", with("access_token", token, "appsecret_proof", good), []string{formType}, 200},
		{"wrong proof", "?appsecret_proof=" + proof("other", token), body, []string{c.auth}, 401},
		{"wrong proof in a form", "", with("access_token", token, "appsecret_proof", strings.Repeat("0", 64)), []string{formType}, 401},
		{"proof with time", "?appsecret_time=" + now + "&appsecret_proof=" + proof(s.Env["META_APP_SECRET"], token+"|"+now), body, []string{c.auth}, 200},
		{"proof that is old", "?appsecret_time=" + old + "&appsecret_proof=" + proof(s.Env["META_APP_SECRET"], token+"|"+old), body, []string{c.auth}, 401},
		{"proof of another time", "?appsecret_time=" + now + "&appsecret_proof=" + proof(s.Env["META_APP_SECRET"], token+"|"+old), body, []string{c.auth}, 401},
	} {
		t.Run(x.name, func(t *testing.T) {
			mark := s.mark()
			a := s.ask(t, "POST", c.send+x.query, x.body, x.headers...)
			if a.Status != x.status {
				t.Fatalf("answered %d %s", a.Status, a.Body)
			}
			list := s.taken(mark)
			if (x.status == 200) != (len(list) == 1) {
				t.Fatalf("%d sends were taken", len(list))
			}
			if x.status == 401 {
				denied(t, c, a)
			}
			if len(list) == 1 && strings.Contains(string(list[0].Body), token) {
				t.Error("the app's token left")
			}
		})
	}
}
