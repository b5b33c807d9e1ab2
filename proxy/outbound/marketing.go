package outbound

import (
	"strings"

	"postern/proxy/dialect"
	"postern/proxy/message"
)

// marketing refuses what the path for marketing messages does not take: all but
// marketing templates, and numbers whose messages are encrypted, since upstream
// takes no encrypted messages there. A template that is not known is for the
// gate to refuse.
func (h *Handler) marketing(c *call, number string, msg *message.Message) *dialect.Problem {
	if c.route.Name != dialect.RouteMarketing {
		return nil
	}
	if h.cfg.Envelope != nil {
		if _, on := h.cfg.Envelope(number); on {
			return &dialect.Problem{Kind: dialect.OnlyMarketing, Details: "The messages of this number are encrypted, which this path has no form for: use /messages."}
		}
	}
	if msg.Type != message.Template || msg.Template == nil || !h.mayMarket(c, msg.Template.Name) {
		return &dialect.Problem{Kind: dialect.OnlyMarketing, Details: "Only templates of the category marketing are sent this way: use /messages."}
	}
	return nil
}

// mayMarket reports a template that is for marketing in some language, or is
// not known.
func (h *Handler) mayMarket(c *call, name string) bool {
	account, _ := h.account(c)
	may := true
	for _, t := range h.cfg.Facts.Templates(c.who.Tenant, account.WABA) {
		if t.Name != name {
			continue
		}
		if strings.EqualFold(t.Category, "MARKETING") {
			return true
		}
		may = false
	}
	return may
}
