package gateway

import (
	"context"
	"net/http"
	"sync"

	"postern/proxy/dialect"
)

// namespaces is what upstream said of accounts' template namespaces, by
// tenant and account. Upstream never changes one.
type namespaces struct {
	mu sync.Mutex
	by map[string]string
}

func (n *namespaces) get(account string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[account]
}

func (n *namespaces) put(account, namespace string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.by == nil {
		n.by = map[string]string{}
	}
	n.by[account] = namespace
}

// namespace is the namespace of an account's templates, "" where upstream can
// not tell now.
func (g *Gateway) namespace(ctx context.Context, tenant, waba string) string {
	account := tenant + "/" + waba
	if known := g.spaces.get(account); known != "" {
		return known
	}
	token, err := g.token(tenant)
	if err != nil {
		return ""
	}
	a := g.upstream.Get(ctx, token, "/"+waba+"?fields=message_template_namespace")
	if !a.Answered() || a.Status != http.StatusOK {
		return ""
	}
	said := dialect.DecodeNamespace(a.Body)
	g.spaces.put(account, said)
	return said
}
