package outbound

import (
	"context"
	"net/http"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// profilePath is where the profile of a number is at upstream.
func profilePath(number string) string { return "/" + number + "/whatsapp_business_profile" }

// profileNow asks upstream for the caller's profile.
func (h *Handler) profileNow(ctx context.Context, c *call) (dialect.Profile, *dialect.Problem) {
	a := h.askAs(ctx, c, http.MethodGet, profilePath(c.number())+"?fields="+dialect.ProfileFields, nil)
	if p := upstreamProblem(c, a); p != nil {
		return dialect.Profile{}, p
	}
	profile, err := dialect.DecodeProfile(a.Body)
	if err != nil {
		return dialect.Profile{}, &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."}
	}
	return profile, nil
}

// about reads and changes the about text in the old dialects' form.
func (h *Handler) about(ctx context.Context, c *call) int {
	if c.r.Method == http.MethodGet {
		profile, p := h.profileNow(ctx, c)
		if p != nil {
			return c.problem(p)
		}
		return c.json(dialect.EncodeAbout(profile.About))
	}
	body, p := dialect.DecodeAbout(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	return h.changeProfile(ctx, c, body)
}

// business reads and changes the business profile in the old dialects' form.
func (h *Handler) business(ctx context.Context, c *call) int {
	if c.r.Method == http.MethodGet {
		profile, p := h.profileNow(ctx, c)
		if p != nil {
			return c.problem(p)
		}
		return c.json(dialect.EncodeBusiness(profile))
	}
	body, p := dialect.DecodeBusiness(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	return h.changeProfile(ctx, c, body)
}

func (h *Handler) changeProfile(ctx context.Context, c *call, body []byte) int {
	req := proxy.CallRequest{Call: dialect.CallProfile, Name: dialect.CallProfile + "/post", Raw: c.body, Body: body}
	p := h.change(ctx, c, req, func(ctx context.Context) upstream.Answer {
		return h.askAs(ctx, c, http.MethodPost, profilePath(c.number()), body)
	})
	if p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}
