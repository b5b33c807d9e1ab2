package outbound

import (
	"context"
	"net/http"
	"slices"

	"postern/proxy/dialect"
)

// providers are the hosts of files that an On-Premises administrator names, with
// the credentials that links to them are fetched with. Credentials are never
// given back.
func (h *Handler) providers(ctx context.Context, c *call) int {
	if p := onlyAdmin(c); p != nil {
		return h.refuse(ctx, c, p)
	}
	if c.r.Method == http.MethodGet {
		return c.json(dialect.EncodeProviders(h.cfg.Settings.Providers(c.who.App)))
	}
	done, p := h.turns.take(ctx, c.who.App)
	if p != nil {
		return c.problem(p)
	}
	defer done()
	list, p := changedProviders(c, h.cfg.Settings.Providers(c.who.App))
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	p, err := h.changeHere(ctx, c, appChange(c), func(ctx context.Context) error {
		return h.cfg.Settings.SetProviders(ctx, c.who.Tenant, c.who.App, list)
	})
	switch {
	case p != nil:
		return c.problem(p)
	case err != nil:
		return c.problem(storeProblem(err))
	case c.r.Method == http.MethodDelete:
		return c.json(dialect.EncodeDone(c.who.Dialect))
	}
	return c.json(dialect.EncodeProviders(list))
}

// changedProviders are the providers after a call: those that it names anew,
// beside the others, or all but the one that it ends.
func changedProviders(c *call, list []dialect.Provider) ([]dialect.Provider, *dialect.Problem) {
	named := func(name string) func(dialect.Provider) bool {
		return func(o dialect.Provider) bool { return o.Name == name }
	}
	if c.r.Method == http.MethodDelete {
		if !slices.ContainsFunc(list, named(c.route.ID)) {
			return nil, &dialect.Problem{Kind: dialect.NotFound, Details: "There is no such provider."}
		}
		return slices.DeleteFunc(list, named(c.route.ID)), nil
	}
	given, p := dialect.DecodeProviders(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return nil, p
	}
	for _, one := range given {
		list = append(slices.DeleteFunc(list, named(one.Name)), one)
	}
	if len(list) > dialect.MaxProviders {
		return nil, &dialect.Problem{Kind: dialect.Invalid, Param: "providers", Details: "An app has at most 50 providers."}
	}
	return list, nil
}
