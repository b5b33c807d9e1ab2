package numbers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// round is one try to go on with a move.
type round struct {
	*Desk
	m     *move
	in    admin.NumberMove
	actor string
}

// waits says what the operator has to do before a move goes on.
type waits struct{ next string }

func (w waits) Error() string { return w.next }

// prepare takes up what the operator says, and begins a move that is new.
func (r *round) prepare(ctx context.Context) error {
	for _, name := range append(slices.Clone(r.in.Confirm), r.in.Again) {
		if _, ok := stepOf(name); name != "" && !ok {
			return refuse(admin.Invalid, "there is no such step; the plan lists them")
		}
	}
	for _, name := range r.in.Confirm {
		if s, _ := stepOf(name); !s.confirm {
			return refuse(admin.Invalid, "step "+name+" can not be confirmed: Meta is asked whether it is done")
		}
	}
	if s, _ := stepOf(r.in.Again); r.in.Again != "" && !s.again {
		return refuse(admin.Invalid, "step "+r.in.Again+" is not done a second time")
	}
	if err := checkWords(r.in); err != nil {
		return err
	}
	if r.m.State == planned {
		r.m.State = underWay
		if err := r.save(ctx, r.m, r.actor, "begun"); err != nil {
			return err
		}
	}
	if r.in.Again != "" {
		delete(r.m.Steps, r.in.Again)
		return r.save(ctx, r.m, r.actor, r.in.Again+" again")
	}
	return nil
}

// checkWords refuses what goes to Meta and on record and is not what it should be.
func checkWords(in admin.NumberMove) error {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	switch {
	case in.Method != "" && !oneOf(strings.ToLower(in.Method), "sms", "voice"):
		return refuse(admin.Invalid, "the code comes by sms or voice: --code-method")
	case len(in.Language) > 7 || strings.Trim(in.Language, letters+"_") != "":
		return refuse(admin.Invalid, "the language of the code's message is one such as de or de_DE: --language")
	case facts.TrunkPrefix(in.Display):
		return refuse(admin.Invalid, "the number has digits that are dialled only inside the country: --display \"+49 30 ...\", not \"+49 030 ...\"")
	case in.Region != "" && in.Region != policy.ResidencyDefault && (len(in.Region) != 2 || strings.Trim(in.Region, letters[:26]) != ""):
		return refuse(admin.Invalid, "the region of Local Storage is two capital letters, or default: --region")
	}
	return nil
}

// walk does one step after the other. What it returns first is what the
// operator has to do now.
func (r *round) walk(ctx context.Context) (next string, err error) {
	count := 0
	for _, s := range steps {
		if r.m.over(s.name) {
			continue
		}
		if r.in.Most > 0 && count == r.in.Most {
			return "Go on: --apply", nil
		}
		count++
		state, note, err := r.step(ctx, s)
		var w waits
		switch {
		case errors.As(err, &w):
			return w.next, nil
		case err != nil:
			return "", failed(s.name, err)
		}
		if err := r.note(ctx, s.name, state, note); err != nil {
			return "", err
		}
	}
	r.m.State = moved
	return "", r.save(ctx, r.m, r.actor, moved)
}

func (r *round) step(ctx context.Context, s step) (state, note string, err error) {
	if why := s.idle(r.m); why != "" {
		return stepNone, why, nil
	}
	if slices.Contains(r.in.Confirm, s.name) {
		return stepDone, "the operator says so", nil
	}
	note, err = s.do(r, ctx)
	return stepDone, note, err
}

func (r *round) note(ctx context.Context, name, state, note string) error {
	r.m.Steps[name] = progress{State: state, Note: note, At: r.cfg.Now().Unix()}
	return r.save(ctx, r.m, r.actor, name+" "+state)
}

// failed puts the step before an error, whose code stays.
func failed(name string, err error) error {
	var known *admin.Error
	var refused *refusal
	switch {
	case errors.As(err, &known):
		return &admin.Error{Code: known.Code, Message: "step " + name + ": " + known.Message}
	case errors.As(err, &refused):
		return &admin.Error{Code: admin.Conflict, Message: "step " + name + ": " + refused.advice()}
	}
	return fmt.Errorf("step %s: %w", name, err)
}

// target is the tenant that the number goes to, with its token.
func (r *round) target() (boot.Tenant, upstream.Credential, error) {
	t, ok := tenantOf(r.cfg.Config(), r.m.To)
	if !ok {
		return t, upstream.Credential{}, refuse(admin.Conflict, "the configuration has no tenant "+r.m.To+" any more")
	}
	token, err := r.cfg.Token(t.Name)
	if err != nil {
		return t, upstream.Credential{}, refuse(admin.Unavailable, "the token of tenant "+t.Name+" can not be used: "+err.Error())
	}
	return t, token, nil
}

// here asks how the number stands in its new account.
func (r *round) here(ctx context.Context) (node, error) {
	_, token, err := r.target()
	if err != nil {
		return node{}, err
	}
	return r.node(ctx, token, r.m.Target)
}

// there asks how the number stands in its old account, where its tenant is one
// of this gateway's; ok is false where nobody can tell.
func (r *round) there(ctx context.Context) (n node, ok bool) {
	if r.m.From == fromD360 || r.m.From == fromOnPrem {
		return n, false
	}
	token, err := r.cfg.Token(r.m.From)
	if err != nil {
		return n, false
	}
	n, err = r.node(ctx, token, r.m.Source)
	return n, err == nil
}

// change makes a call at Meta that changes the number or its account: decided by
// policy and on record before it leaves, there without the hidden members. The
// error is a *refusal where Meta said no.
func (r *round) change(ctx context.Context, call, name, path string, body map[string]any, hidden ...string) (upstream.Answer, error) {
	t, token, err := r.target()
	if err != nil {
		return upstream.Answer{}, err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return upstream.Answer{}, fmt.Errorf("encode call: %w", err)
	}
	number := r.m.Target
	if number == "" {
		number = r.m.Source
	}
	adm, p := r.cfg.Gate.AdmitCall(ctx, proxy.CallRequest{
		Operator: r.actor, Account: proxy.Account{Tenant: t.Name, WABA: t.WABA}, Number: number,
		Kind: audit.KindManage, Call: call, Name: "move/" + name, Body: without(body, hidden),
	})
	if p != nil {
		return upstream.Answer{}, &unsent{refuse(admin.Forbidden, p.Details)}
	}
	ctx = context.WithoutCancel(ctx)
	var a upstream.Answer
	if adm.Take() {
		a = r.cfg.Upstream.Call(ctx, http.MethodPost, token, path, raw)
	}
	var done struct {
		Success *bool `json:"success"`
	}
	said := answered(a, &done)
	if said == nil && done.Success != nil && !*done.Success {
		said = refuse(admin.Unavailable, "Meta took the call and says that it did nothing")
	}
	if said != nil && !a.Answered() && !a.Sent {
		said = &unsent{said}
	}
	return a, errors.Join(said, r.cfg.Gate.SettleCall(ctx, adm, outcome(a, said)))
}

// unsent is why a call did not leave.
type unsent struct{ err error }

func (u *unsent) Error() string { return u.err.Error() }
func (u *unsent) Unwrap() error { return u.err }

// without is a body as the trail may keep it.
func without(body map[string]any, hidden []string) []byte {
	shown := map[string]any{}
	for name, value := range body {
		if !slices.Contains(hidden, name) {
			shown[name] = value
		}
	}
	out, err := json.Marshal(shown, json.Deterministic(true))
	if err != nil {
		return []byte("{}")
	}
	return out
}

func outcome(a upstream.Answer, said error) proxy.CallOutcome {
	var refused *refusal
	switch {
	case said == nil:
		return proxy.CallOutcome{Result: proxy.Accepted}
	case errors.As(said, &refused):
		return proxy.CallOutcome{Result: proxy.Refused, Upstream: &dialect.UpstreamError{Status: a.Status, Code: refused.code, Subcode: refused.subcode}}
	case !a.Answered() && !a.Sent:
		return proxy.CallOutcome{Result: proxy.NotSent}
	}
	return proxy.CallOutcome{Result: proxy.Unknown}
}
