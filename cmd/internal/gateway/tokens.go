package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// scopeToken holds, by tenant and what expires, the state told last.
const scopeToken = "token-expiry"

// tokens is what Meta says of the tenants' tokens.
type tokens struct {
	mu sync.Mutex
	by map[string]tokenSaid // by tenant
}

// tokenSaid is Meta's last answer about a token.
type tokenSaid struct {
	of    [sha256.Size]byte // the token that was asked about; owned by clocks
	next  time.Duration     // when to ask again, monotonic; owned by clocks
	known bool              // Meta gave an answer
	valid bool

	expires, access time.Time // the zero time is never
}

// Things of a token that end, as records and readyz name them.
const (
	tokenItself = "token"
	tokenAccess = "data_access" // the permission to read data
)

// tokenAnswer is debug_token's: times in Unix seconds, 0 for never.
type tokenAnswer struct {
	Data struct {
		Valid   bool  `json:"is_valid"`
		Expires int64 `json:"expires_at"`
		Access  int64 `json:"data_access_expires_at"`
	} `json:"data"`
}

// watchTokens asks Meta about tokens that are due or new, and tells of those that
// end.
func (g *Gateway) watchTokens(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, 20*time.Second) // other tasks wait
	defer cancel()
	now := map[string]tokenSaid{}
	for _, t := range g.config.Load().Tenants {
		if t.ByD360() {
			continue // nothing is said of its keys
		}
		said := g.tokens.of(t.Name)
		if token, err := g.token(t.Name); err == nil {
			said = g.askToken(asking, token, said)
		}
		now[t.Name] = said
	}
	g.tokens.mu.Lock()
	g.tokens.by = now
	g.tokens.mu.Unlock()
	return g.tellTokens(ctx, now)
}

func (t *tokens) of(tenant string) tokenSaid {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by[tenant]
}

// askToken gives what Meta says of a token, or what it said last.
func (g *Gateway) askToken(ctx context.Context, token upstream.Credential, last tokenSaid) tokenSaid {
	of, at := sha256.Sum256([]byte(token.Token)), g.elapsed()
	if of == last.of && at < last.next {
		return last
	}
	if of != last.of {
		last = tokenSaid{of: of}
	}
	last.next = at + askSoon
	said, err := readToken(g.upstream.Inspect(ctx, token))
	if err != nil {
		return last
	}
	said.of, said.next = of, at+askAgain
	return said
}

var errUntold = errors.New("nothing was said of the token")

// readToken reads an answer. A refusal for the sake of the token says as much as
// an answer: the token asked for itself.
func readToken(a upstream.Answer) (tokenSaid, error) {
	if !a.Answered() {
		return tokenSaid{}, errUntold
	}
	if _, refused, _ := dialect.DecodeAnswer(a.Status, a.Body); refused != nil { //nolint:errcheck // only the error object counts here
		if refused.Code == 190 {
			return tokenSaid{known: true}, nil
		}
		return tokenSaid{}, errUntold
	}
	var in tokenAnswer
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &in) != nil {
		return tokenSaid{}, errUntold
	}
	return tokenSaid{known: true, valid: in.Data.Valid, expires: unix(in.Data.Expires), access: unix(in.Data.Access)}, nil
}

// unix is a moment in seconds; 0 is never.
func unix(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// ends are the states of a token and of its access to data.
func (s tokenSaid) ends(now time.Time) (token, access string, days, accessDays int) {
	token, days = expiryWord(now, s.expires)
	access, accessDays = expiryWord(now, s.access)
	if !s.valid && token != "expired" {
		token, days = "invalid", 0
	}
	return token, access, days, accessDays
}

func (g *Gateway) tellTokens(ctx context.Context, said map[string]tokenSaid) error {
	told, err := g.told(ctx, scopeToken)
	if err != nil {
		return err
	}
	var errs []error
	for tenant, s := range said {
		if !s.known {
			continue
		}
		g.metrics.token(tenant, s)
		token, access, days, accessDays := s.ends(g.now())
		f := finding{
			scope: scopeToken, key: tenant + " " + tokenItself, tenant: tenant, what: tokenItself, state: token, days: days,
			version: strconv.FormatInt(s.expires.Unix(), 10),
		}
		f.alarm = "token_expiry"
		errs = append(errs, g.tell(ctx, told, f))
		f.key, f.what, f.state, f.days, f.version = tenant+" "+tokenAccess, tokenAccess, access, accessDays, strconv.FormatInt(s.access.Unix(), 10)
		errs = append(errs, g.tell(ctx, told, f))
	}
	return errors.Join(errs...)
}

// tokenStates is for readyz: by tenant what is known of its token.
func (g *Gateway) tokenStates() map[string]any {
	out := map[string]any{}
	for _, tenant := range g.tenantNames() {
		if g.routes.Load().tenants[tenant].ByD360() {
			continue
		}
		s := g.tokens.of(tenant)
		if !s.known {
			out[tenant] = map[string]string{tokenItself: notTold}
			continue
		}
		token, access, _, _ := s.ends(g.now())
		out[tenant] = map[string]string{tokenItself: token, tokenAccess: access}
	}
	return out
}
