package outbound

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"postern/policy/facts"
	"postern/proxy/dialect"
)

// healthAge is how long the old client went by what it had found out.
const healthAge = 5 * time.Minute

// standing is how each number stands with upstream, in memory alone.
type standing struct {
	mu sync.Mutex
	by map[string]*stand // by number
}

// stand is what is known of one number. Its lock is held while upstream is
// asked, so that many who ask at once are one question.
type stand struct {
	mu   sync.Mutex
	word dialect.GatewayStatus
	at   time.Time // zero: not known
}

func (s *standing) of(number string) *stand {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]*stand{}
	}
	if s.by[number] == nil {
		s.by[number] = &stand{}
	}
	return s.by[number]
}

// forget has a number looked at again: what is known of it changed.
func (s *standing) forget(number string) {
	one := s.of(number)
	one.mu.Lock()
	defer one.mu.Unlock()
	one.at = time.Time{}
}

// get is what was found out in the last five minutes, else what look finds.
func (s *standing) get(number string, now time.Time, look func() dialect.GatewayStatus) dialect.GatewayStatus {
	one := s.of(number)
	one.mu.Lock()
	defer one.mu.Unlock()
	if age := now.Sub(one.at); one.at.IsZero() || age < 0 || age >= healthAge {
		one.word, one.at = look(), now
	}
	return one.word
}

// troubles are the words of health, the worst first: an app of several numbers
// hears the worst of them.
var troubles = []dialect.GatewayStatus{dialect.Uninitialized, dialect.Disconnected, dialect.Unregistered, dialect.Connecting, dialect.Connected}

// health says how the app's numbers stand with WhatsApp, in the old client's
// words and in the shape of the deployment that the app knew.
func (h *Handler) health(ctx context.Context, c *call) int {
	return c.json(dialect.EncodeHealth(h.cfg.HealthShape(c.who.App), h.publicHost(), h.worst(ctx, c)))
}

// worst is how the app's numbers stand, in one word.
func (h *Handler) worst(ctx context.Context, c *call) dialect.GatewayStatus {
	found := map[dialect.GatewayStatus]bool{}
	for _, number := range c.who.Numbers {
		found[h.standingOf(ctx, c, number)] = true
	}
	for _, word := range troubles {
		if found[word] {
			return word
		}
	}
	return dialect.Unregistered // an app without a number
}

// standingOf is what is known here at once, else what upstream says.
func (h *Handler) standingOf(ctx context.Context, c *call, number string) dialect.GatewayStatus {
	switch {
	case h.cfg.Journal.Err() != nil:
		return dialect.Uninitialized
	case h.cfg.Facts.Lookup(facts.Query{Tenant: c.who.Tenant, Number: number}).Account != "ok", h.cfg.Limits.Restricted(number):
		return dialect.Disconnected
	}
	return h.standing.get(number, h.cfg.Now(), func() dialect.GatewayStatus {
		// Who asks may go away; what is found out is for the next ones, too.
		a := h.askUncounted(context.WithoutCancel(ctx), c, http.MethodGet, "/"+number+"?fields=id,status", nil)
		if !a.Answered() {
			return dialect.Disconnected
		}
		return dialect.DecodeHealth(a.Status, a.Body)
	})
}

// publicHost is the host that apps know the gateway by.
func (h *Handler) publicHost() string {
	u, err := url.Parse(h.cfg.PublicURL)
	if err != nil || u.Hostname() == "" {
		return "postern"
	}
	return u.Hostname()
}
