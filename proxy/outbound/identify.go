package outbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"postern/proxy/dialect"
	"postern/proxy/identity"
)

const formType = "application/x-www-form-urlencoded"

// identify says who is calling, by the credential the dialect uses and the
// client certificate, as the app's configuration asks.
func (h *Handler) identify(c *call) *dialect.Problem {
	if p := h.identifyKey(c); p != nil {
		return p
	}
	who, ok := h.certified(c.r, c.who, c.route.Dialect)
	if !ok {
		c.who = identity.Identity{}
		return unauthenticated()
	}
	c.who = who
	return nil
}

// certified holds a caller against its connection's client certificate.
func (h *Handler) certified(r *http.Request, who identity.Identity, dia dialect.Dialect) (identity.Identity, bool) {
	names, err := h.cfg.Certificate(r)
	if err != nil {
		return identity.Identity{}, false
	}
	return h.cfg.Identity.Certified(who, names, dia)
}

// identifyKey leaves who is calling open where no credential came; one that
// came and is not good is refused.
func (h *Handler) identifyKey(c *call) *dialect.Problem {
	switch c.route.Dialect {
	case dialect.D360V1, dialect.D360V2:
		return h.identifyD360(c)
	case dialect.OnPrem:
		return h.identifyOnPrem(c)
	default:
		return h.identifyCloud(c)
	}
}

func unauthenticated() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Unauthenticated, Details: "The credential is missing, wrong, expired or revoked."}
}

// identifyD360 takes the D360-API-KEY header. A key is for one of the two
// versions; the paths they share follow the key.
func (h *Handler) identifyD360(c *call) *dialect.Problem {
	key := c.r.Header.Get("D360-Api-Key")
	if key == "" {
		return nil
	}
	who, ok := h.cfg.Identity.Key(key)
	if !ok || who.Dialect != dialect.D360V1 && who.Dialect != dialect.D360V2 {
		return unauthenticated()
	}
	if who.Dialect != c.route.Dialect && !c.route.Shared {
		return unauthenticated()
	}
	c.who = who
	return nil
}

func (h *Handler) identifyOnPrem(c *call) *dialect.Problem {
	if c.r.Header.Get("Authorization") == "" {
		return nil
	}
	who, ok := h.monitor(c)
	if !ok {
		who, ok = h.cfg.Identity.Token(bearer(c.r.Header.Get("Authorization")))
	}
	if !ok {
		return unauthenticated()
	}
	c.who = who
	return nil
}

// monitor is who reads health and figures with the key of an app's monitor, as
// the old client allowed (Meta's page /metrics). For other calls it is nobody.
func (h *Handler) monitor(c *call) (identity.Identity, bool) {
	scheme, key, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Apikey") {
		return identity.Identity{}, false
	}
	switch c.route.Name {
	case dialect.RouteHealth, dialect.RouteStats, dialect.RouteMetrics:
		return h.cfg.Identity.Monitor(strings.TrimSpace(key))
	}
	return identity.Identity{}, false
}

// identifyCloud takes the token as Bearer header, access_token in the query or
// in a form (clients.md 10). Two that differ are refused.
func (h *Handler) identifyCloud(c *call) *dialect.Problem {
	query := c.r.URL.Query()
	tokens := []string{bearer(c.r.Header.Get("Authorization")), query.Get("access_token")}
	// A file's own bytes are no form, whatever a client calls them.
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), formType) && c.route.Name != dialect.RouteSession {
		if p := c.read(h.cfg.BodyBytes); p != nil {
			return p
		}
		if form, err := url.ParseQuery(string(c.body)); err == nil {
			tokens = append(tokens, form.Get("access_token"))
			for _, name := range []string{"appsecret_proof", "appsecret_time"} {
				if form.Get(name) != "" {
					query.Set(name, form.Get(name))
				}
			}
		}
	}
	token, same := only(tokens)
	if !same {
		return &dialect.Problem{Kind: dialect.Unauthenticated, Details: "The request holds two different tokens."}
	}
	if token == "" && c.r.Header.Get("Authorization") == "" {
		return nil
	}
	who, ok := h.cfg.Identity.Key(token)
	if !ok || who.Dialect != dialect.Cloud || !h.proven(who, token, query) {
		return unauthenticated()
	}
	c.who = who
	return nil
}

// caller says who made a request that is refused whatever it holds. Only a
// credential that comes alone and in a header says so: of two it would be
// anybody's guess which one counts.
func (h *Handler) caller(r *http.Request) (identity.Identity, bool) {
	who, ok := h.callerByKey(r)
	if !ok {
		return identity.Identity{}, false
	}
	return h.certified(r, who, who.Dialect)
}

func (h *Handler) callerByKey(r *http.Request) (identity.Identity, bool) {
	bearers, keys := r.Header["Authorization"], r.Header["D360-Api-Key"]
	if len(bearers)+len(keys) != 1 || r.URL.Query().Has("access_token") {
		return identity.Identity{}, false
	}
	if len(keys) == 1 {
		who, ok := h.cfg.Identity.Key(keys[0])
		return who, ok && (who.Dialect == dialect.D360V1 || who.Dialect == dialect.D360V2)
	}
	token := bearer(bearers[0])
	if who, ok := h.cfg.Identity.Token(token); ok {
		return who, true
	}
	who, ok := h.cfg.Identity.Key(token)
	return who, ok && who.Dialect == dialect.Cloud
}

// nameless reports a request without any credential in its head.
func nameless(r *http.Request) bool {
	return !hasKey(r) && len(r.Header["Authorization"]) == 0 && !r.URL.Query().Has("access_token")
}

// rivals reports more than one credential: whoever sends several speaks one of the
// APIs, and reads its errors.
func rivals(r *http.Request) bool {
	heads := len(r.Header["Authorization"]) + len(r.Header["D360-Api-Key"])
	return heads > 1 || heads == 1 && r.URL.Query().Has("access_token")
}

// only is the one token among several places.
func only(tokens []string) (string, bool) {
	token := ""
	for _, t := range tokens {
		if t == "" {
			continue
		}
		if token != "" && t != token {
			return "", false
		}
		token = t
	}
	return token, true
}

func bearer(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth") {
		return ""
	}
	return strings.TrimSpace(token)
}

// proven checks an appsecret_proof against the tenant's app secret when one is
// given (whatsapp.md 3.1): HMAC-SHA256 over the token, or over "token|time"
// with a time at most five minutes old.
func (h *Handler) proven(who identity.Identity, token string, query url.Values) bool {
	proof := query.Get("appsecret_proof")
	if proof == "" {
		return true
	}
	secret, err := h.cfg.AppSecret(who.Tenant)
	if err != nil || len(secret) == 0 {
		return true // the secret is not known here: nothing to check with
	}
	signed := token
	if at := query.Get("appsecret_time"); at != "" {
		t, err := time.ParseDuration(at + "s")
		if age := h.cfg.Now().Sub(time.Unix(int64(t.Seconds()), 0)); err != nil || age < -5*time.Minute || age > 5*time.Minute {
			return false
		}
		signed += "|" + at
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(signed)) //nolint:errcheck // hash.Hash never returns an error
	return hmac.Equal([]byte(hex.EncodeToString(m.Sum(nil))), []byte(strings.ToLower(proof)))
}
