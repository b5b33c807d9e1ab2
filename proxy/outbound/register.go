package outbound

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// pinLife is how long the PIN of POST /v1/account waits for the code.
const pinLife = time.Hour

// pins holds, in memory alone, what old clients gave at the first of the two
// calls that register a number and upstream wants at the second. A restart in
// between asks for it again.
type pins struct {
	mu   sync.Mutex
	held map[string]held // by number
}

type held struct {
	pin    string
	backup *dialect.NumberBackup
	code   string // that upstream took: it takes a code once
	until  time.Time
}

func (p *pins) put(number string, h held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = map[string]held{}
	}
	delete(p.held, number)
	if h.pin != "" || h.backup != nil || h.code != "" {
		p.held[number] = h
	}
}

func (p *pins) get(number string, now time.Time) held {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.held[number]; now.Before(h.until) {
		return h
	}
	return held{}
}

// twoStep sets the PIN of two-step verification. No record holds it.
func (h *Handler) twoStep(ctx context.Context, c *call) int {
	pin, p := dialect.DecodePIN(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	p = h.change(ctx, c, proxy.CallRequest{Call: dialect.CallPIN, Name: dialect.CallPIN + "/post"}, func(ctx context.Context) upstream.Answer {
		return h.askAs(ctx, c, http.MethodPost, "/"+c.number(), dialect.EncodePIN(pin))
	})
	if p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}

// register begins what old clients call the registration of a number: nothing
// where it is registered, else a code is sent to it.
func (h *Handler) register(ctx context.Context, c *call) int {
	in, p := dialect.DecodeAccount(c.r.Header.Get("Content-Type"), c.body)
	if p == nil && in.Number != h.ownDigits(c) {
		p = &dialect.Problem{Kind: dialect.Forbidden, Details: "This credential is for another number."}
	}
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	a := h.askAs(ctx, c, http.MethodGet, "/"+c.number()+"?fields="+dialect.RegistrationFields, nil)
	if p := upstreamProblem(c, a); p != nil {
		return c.problem(p)
	}
	now, err := dialect.DecodeRegistration(a.Body)
	switch {
	case err != nil:
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."})
	case now.Active:
		return c.json(dialect.EncodeAccount(now.Name, true))
	}
	if p := h.registering(ctx, c, "request_code", dialect.EncodeCodeRequest(in.Method)); p != nil {
		return c.problem(p)
	}
	h.pins.put(c.number(), held{pin: in.PIN, backup: in.Backup, until: h.cfg.Now().Add(pinLife)})
	return c.json(dialect.EncodeAccount(now.Name, false))
}

func (h *Handler) ownDigits(c *call) string {
	account, _ := h.cfg.Accounts(c.number())
	number, _ := dialect.Number(account.Display)
	return number
}

// verify ends it: the code is checked, and the number registered with its PIN.
// Where that fails, for a wrong PIN, the same code is good for another try.
func (h *Handler) verify(ctx context.Context, c *call) int {
	in, p := dialect.DecodeVerify(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	before := h.pins.get(c.number(), h.cfg.Now())
	in.PIN, in.Backup = cmp.Or(in.PIN, before.pin), cmp.Or(in.Backup, before.backup)
	if in.PIN == "" {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Missing, Param: "pin", Details: "The Cloud API registers a number with a PIN of six digits only. Give it here or with /v1/account; it becomes the number's PIN where there is none."})
	}
	if before.code != in.Code {
		if p := h.registering(ctx, c, "verify_code", dialect.EncodeCode(in.Code)); p != nil {
			return c.problem(p)
		}
		before.code, before.until = in.Code, h.cfg.Now().Add(pinLife)
		h.pins.put(c.number(), before)
	}
	if p := h.registering(ctx, c, "register", dialect.EncodeRegister(in.PIN, in.Backup)); p != nil {
		return c.problem(p)
	}
	h.pins.put(c.number(), held{})
	h.standing.forget(c.number())
	return c.json(dialect.EncodeVerified())
}

// registering makes one of the calls that register a number. Codes, PINs and
// backups are in no record.
func (h *Handler) registering(ctx context.Context, c *call, edge string, body []byte) *dialect.Problem {
	return h.change(ctx, c, proxy.CallRequest{Call: dialect.CallRegister, Name: dialect.CallRegister + "/" + edge}, func(ctx context.Context) upstream.Answer {
		return h.askAs(ctx, c, http.MethodPost, "/"+c.number()+"/"+edge, body)
	})
}
