// Package outbound is the app-facing listener: it speaks the three API
// families, says who is calling, and takes every send through the Gate.
//
// It fails closed: no valid credential, no parse, no admission means no send,
// and every refusal comes in the caller's own dialect. It holds no state of
// its own, but for PINs that wait an hour for a code and for five minutes how a
// number stands with upstream.
package outbound

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/identity"
	"postern/proxy/limit"
	"postern/proxy/media"
	"postern/proxy/settings"
	"postern/proxy/stats"
	"postern/proxy/upstream"
)

// Config is what the listener stands on.
type Config struct {
	Gate     *proxy.Gate
	Identity *identity.Directory
	// Certificate gives the names in the verified client certificate of a
	// request's connection, none without one. An error is a bad certificate.
	Certificate func(r *http.Request) ([]string, error)
	Settings    *settings.Store
	Limits      *limit.Limiter
	Strangers   *limit.Strangers
	Refusals    *limit.Refusals
	Upstream    *upstream.Client
	Media       *media.Store
	Accounts    func(number string) (proxy.Account, bool)
	// Envelope gives the encryption of a number's messages; false where they
	// leave inside TLS alone. Nil has none.
	Envelope func(number string) (upstream.Envelope, bool)
	// Token is the tenant's upstream credential. It is asked for each send, so
	// that a rotated one is used at once.
	Token func(tenant string) (upstream.Credential, error)
	// AppSecret is the tenant's Meta app secret, to check appsecret_proof.
	AppSecret func(tenant string) ([]byte, error)
	// Journal is where receipts come from, SignedEvery how long a record waits
	// for the checkpoint that its receipt needs.
	Journal     *journal.Journal
	SignedEvery func() time.Duration

	// Files fetches links with apps' stored credentials. It guards addresses,
	// follows no redirect and ends a fetch by itself.
	Files *http.Client

	Facts *facts.State
	// Challenge asks an address to prove that it takes an app's events.
	Challenge func(ctx context.Context, address, token string) error
	// TemplatesChanged hears that an app changed templates: what upstream makes
	// of it is to be read.
	TemplatesChanged func()
	// NumberChanged hears that a call may have changed where upstream keeps what
	// a number sends: upstream is to be asked.
	NumberChanged func(number string)
	// Namespace is the namespace of an account's templates, "" while unknown.
	Namespace func(ctx context.Context, tenant, waba string) string
	// HealthShape is the form in which an app of an old dialect reads health.
	HealthShape func(app string) dialect.HealthShape
	// Stats are the figures that such an app asks for, Backlog the events in
	// memory that wait for each app.
	Stats     *stats.Counters
	Backlog   func() map[string]int
	PublicURL string
	BodyBytes int64
	Now       func() time.Time
	Log       zerolog.Logger
	Observe   Observer
	Held      func(limit.Held) // hears of what an answer of upstream's holds off from now on
}

// Observer measures. Labels are fixed words.
type Observer interface {
	Request(dialect, route string, status int, d time.Duration)
	Upstream(result string, d time.Duration)
	Limited(scope string, code int) // a call that was answered here with a code of Meta's
}

// Handler serves the app-facing API.
type Handler struct {
	cfg      Config
	pins     pins
	standing standing
	parcels  sync.Mutex // held while a backup is made or opened
	turns    turns      // of changes of one app's settings
}

// New returns the handler.
func New(cfg Config) *Handler { return &Handler{cfg: cfg} }

// call is one request that is being served.
type call struct {
	w     http.ResponseWriter
	r     *http.Request
	route dialect.Route
	who   identity.Identity
	body  []byte
	start time.Time
}

// hasKey reports a 360dialog key, even an empty one: who sends the header reads
// that dialect's answers.
func hasKey(r *http.Request) bool { return len(r.Header["D360-Api-Key"]) > 0 }

// dialect is the one to answer in: the caller's own once it is known.
func (c *call) dialect() dialect.Dialect {
	if c.who.Dialect != "" {
		return c.who.Dialect
	}
	return c.route.Dialect
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r, start: h.cfg.Now()}
	c.route = dialect.Detect(r.Method, r.URL.Path, hasKey(r))
	if isOwn(r) {
		route, status := h.posterns(r.Context(), c)
		h.cfg.Observe.Request(string(c.dialect()), route, status, h.cfg.Now().Sub(c.start))
		return
	}
	status := h.serve(r.Context(), c)
	took := h.cfg.Now().Sub(c.start)
	h.cfg.Observe.Request(string(c.dialect()), string(c.route.Name), status, took)
	if c.who.Dialect == dialect.OnPrem && c.route.Row != nil {
		h.cfg.Stats.Request(c.who.App, c.route.Row.Method, c.route.Row.Path, status, max(took, 0))
	}
}

func (h *Handler) serve(ctx context.Context, c *call) int {
	if c.route.Name == dialect.RouteLogin && c.route.Problem == nil {
		return h.login(ctx, c)
	}
	if p := h.identify(c); p != nil {
		h.cfg.Strangers.Count(c.r.RemoteAddr, string(c.route.Dialect))
		if nameless(c.r) {
			c.route.Dialect = dialect.Nameless(c.r.URL.Path)
		}
		return c.problem(p)
	}
	if c.route.Problem != nil {
		return h.refuse(ctx, c, c.route.Problem)
	}
	if c.who.Dialect == dialect.Cloud {
		if p := dialect.Manifold(c.r.Method, c.r.URL.Query()); p != nil {
			return h.refuse(ctx, c, p)
		}
	}
	if c.route.Name == dialect.RouteUpload { // read as it comes
		return h.upload(ctx, c)
	}
	if c.route.Name == dialect.RouteSession {
		return h.session(ctx, c)
	}
	if p := c.read(h.bodyBytes(c)); p != nil {
		return h.refuse(ctx, c, p)
	}
	return h.dispatch(ctx, c)
}

// bodyBytes bounds the body of a call.
func (h *Handler) bodyBytes(c *call) int64 {
	if c.route.Name == dialect.RoutePhoto {
		return max(h.cfg.BodyBytes, maxPhoto+maxPhotoForm)
	}
	return h.cfg.BodyBytes
}

func (h *Handler) dispatch(ctx context.Context, c *call) int {
	switch c.route.Name {
	case dialect.RouteMessages, dialect.RouteMarkRead, dialect.RouteMarketing:
		return h.messages(ctx, c)
	case dialect.RouteContacts:
		return h.contacts(ctx, c)
	case dialect.RouteLogout:
		return h.logout(ctx, c)
	case dialect.RouteUsers:
		return h.users(ctx, c)
	case dialect.RouteWebhookCA:
		return h.webhookCA(ctx, c)
	case dialect.RouteSettings:
		return h.settings(ctx, c)
	case dialect.RouteBackup:
		return h.backup(ctx, c)
	case dialect.RouteRestore:
		return h.restore(ctx, c)
	case dialect.RouteIdentity:
		return h.contactIdentity(ctx, c)
	case dialect.RouteProviders:
		return h.providers(ctx, c)
	case dialect.RouteConfigWebhook:
		return h.configWebhook(ctx, c)
	case dialect.RouteAccountHook:
		return h.accountWebhook(ctx, c)
	case dialect.RouteConfigPhone:
		return h.configPhone(c)
	case dialect.RouteHealth:
		return h.health(ctx, c)
	case dialect.RouteStats, dialect.RouteMetrics:
		return h.stats(ctx, c)
	case dialect.RouteSupport:
		return h.support(ctx, c)
	case dialect.RouteMedia:
		return h.mediaByID(ctx, c)
	case dialect.RouteFile:
		return h.mediaByLink(ctx, c)
	case dialect.RouteAbout:
		return h.about(ctx, c)
	case dialect.RoutePhoto:
		return h.photo(ctx, c)
	case dialect.RouteBusiness:
		return h.business(ctx, c)
	case dialect.RouteTwoStep:
		return h.twoStep(ctx, c)
	case dialect.RouteAccount:
		return h.register(ctx, c)
	case dialect.RouteVerify:
		return h.verify(ctx, c)
	case dialect.RouteStub:
		return h.stub(ctx, c)
	case dialect.RouteTemplates:
		return h.templates(ctx, c)
	case dialect.RouteConfigTmpl:
		return h.configTemplates(ctx, c)
	case dialect.RouteTemplate:
		return h.templateByID(ctx, c)
	case dialect.RouteUploads:
		return h.announce(ctx, c)
	case dialect.RouteSubscriptions:
		return h.subscriptions(ctx, c)
	case dialect.RouteRelay:
		return h.relay(ctx, c)
	default:
		return h.lookup(ctx, c)
	}
}

// refuse answers a problem of an authenticated caller and records calls that
// would have changed something; a flood of them is summed up.
func (h *Handler) refuse(ctx context.Context, c *call, p *dialect.Problem) int {
	reading := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	if !reading && h.cfg.Refusals.Single(c.who.Tenant, c.who.App, string(c.route.Name)+"/"+p.Kind.String()) {
		h.cfg.Gate.Malformed(ctx, c.who, c.number(), string(c.route.Name), p)
	}
	return c.problem(p)
}

// number is the business number the call is about, as far as the path or the
// credential says.
func (c *call) number() string {
	if c.who.Dialect == dialect.Cloud && c.who.Owns(c.route.ID) {
		return c.route.ID
	}
	return c.who.Number()
}

// read takes the body, whole or not at all. A form was read already, to look
// for the token in it.
func (c *call) read(limit int64) *dialect.Problem {
	if c.body != nil {
		return nil
	}
	body, err := edge.ReadBody(c.r, limit)
	switch {
	case err == nil:
		c.body = body
		return nil
	case errors.Is(err, edge.ErrTooLarge):
		return &dialect.Problem{Kind: dialect.TooLarge, Details: "the body is larger than this gateway takes"}
	default:
		return &dialect.Problem{Kind: dialect.Malformed, Details: "the body was cut short or is badly framed"}
	}
}

func (c *call) problem(p *dialect.Problem) int {
	status, header, body := dialect.EncodeProblem(c.dialect(), p)
	if p.Receipt != "" {
		c.w.Header().Set(headerReceipt, p.Receipt)
	}
	return c.write(status, header, body)
}

func (c *call) json(status int, body []byte) int { return c.write(status, nil, body) }

func (c *call) write(status int, header map[string]string, body []byte) int {
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	for k, v := range header {
		h.Set(k, v)
	}
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		c.w.Write(body) //nolint:errcheck // nobody is left to tell
	}
	return status
}

// Refuse answers what the strict shell stops: in the caller's dialect where one
// credential says who that is, else in that of the path.
func (h *Handler) Refuse(w http.ResponseWriter, r *http.Request, f edge.Fault) {
	c := &call{w: w, r: r, route: dialect.Detect(http.MethodGet, r.URL.Path, hasKey(r))}
	p := &dialect.Problem{Kind: shellKind(f), Details: string(f)}
	if f == edge.FaultBusy { // shed before anybody is looked up or anything recorded
		c.problem(p)
		return
	}
	who, ok := h.caller(r)
	if !ok {
		h.cfg.Strangers.Count(r.RemoteAddr, "malformed")
		if nameless(r) {
			c.route.Dialect = dialect.Nameless(r.URL.Path)
		}
		p.Stranger = !rivals(r)
		c.problem(p)
		return
	}
	c.who = who
	h.refuse(r.Context(), c, p)
}

func shellKind(f edge.Fault) dialect.Kind {
	switch f {
	case edge.FaultMethod:
		return dialect.Method
	case edge.FaultPath, edge.FaultTarget:
		return dialect.NotFound
	case edge.FaultEncoding:
		return dialect.ContentType
	case edge.FaultProxy, edge.FaultAnswer:
		return dialect.Internal
	case edge.FaultBusy:
		return dialect.Overloaded
	}
	return dialect.Malformed
}
