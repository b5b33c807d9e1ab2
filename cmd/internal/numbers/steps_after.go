package numbers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
	"postern/proxy/dialect"
)

// register takes the number over. When it was tried first is kept before it
// leaves: the silence counts from there.
func (r *round) register(ctx context.Context) (string, error) {
	n, err := r.here(ctx)
	if err != nil {
		return "", err
	}
	if n.Status == connected {
		r.cfg.Registered(r.m.Target)
		return "the number is registered there", r.cut(ctx, "register")
	}
	region, err := r.region(ctx)
	switch {
	case err != nil:
		return "", err
	case r.in.PIN == "":
		return "", waits{"Everything is ready. Choose a PIN of six digits, or take the one the number has, and keep it: without it the number can not be registered again. Go on with --pin file:PATH. From then on the old way is closed."}
	case r.m.Steps["backup"].Note == backupGiven && r.in.Backup == nil:
		return "", waits{"The backup metadata goes with the registration and was not kept: go on with --backup FILE --backup-password FILE beside --pin. To do without it: --again backup --confirm backup"}
	case !isDigits(r.in.PIN, 6):
		return "", refuse(admin.Invalid, "the PIN has six digits")
	}
	body := map[string]any{"messaging_product": "whatsapp", "pin": r.in.PIN}
	if region != "" {
		body["data_localization_region"] = region
	}
	if r.in.Backup != nil {
		body["backup"] = map[string]string{"data": r.in.Backup.Data, "password": r.in.Backup.Password}
	}
	if err := r.cut(ctx, "register"); err != nil {
		return "", err
	}
	_, err = r.change(ctx, dialect.CallRegister, "register", "/"+r.m.Target+"/register", body, "pin", "backup")
	r.cfg.Registered(r.m.Target)
	if refused, ok := refusalOf(err); ok && (refused.code == mustVerify || refused.subcode == mustVerify) {
		delete(r.m.Steps, "request_code")
		delete(r.m.Steps, "verify_code")
	}
	return "", r.untried(ctx, "register", err)
}

// hub waits for what 360dialog's hub does, and finds the number's new id in the
// configuration. The silence counts from when the operator was told to.
func (r *round) hub(ctx context.Context) (string, error) {
	t, _, err := r.target()
	if err != nil {
		return "", err
	}
	display := r.display()
	if display == "" {
		return "", errNoDisplay
	}
	i := slices.IndexFunc(t.Numbers, func(n boot.Number) bool { return facts.Key(n.Display) == facts.Key(display) })
	if i >= 0 {
		r.m.Target = t.Numbers[i].ID
		return "it is there as " + r.m.Target, r.cut(ctx, "hub")
	}
	if err := r.cut(ctx, "hub"); err != nil {
		return "", err
	}
	return "", waits{"Move the number in 360dialog's hub. Then write it under numbers of tenant " + t.Name + " with its new id and d360_key, the id also under numbers of the app that sends from it, reload, and go on."}
}

// cut keeps where the trail was when the old way was first about to be closed.
func (r *round) cut(ctx context.Context, name string) error {
	if r.m.Cut == 0 {
		r.m.Cut, r.m.CutAt = r.cfg.Journal.Head().Size, r.cfg.Now().UnixMicro()
	}
	return r.note(ctx, name, stepTried, "")
}

func (r *round) flowKey(ctx context.Context) (string, error) {
	if _, _, n, _ := r.cfg.Config().Number(r.m.Target); n.Flow == nil {
		return "the number has no flows", nil
	}
	k, err := r.cfg.UploadFlowKey(ctx, r.m.Target, r.actor)
	return string(k.State), err
}

func (r *round) encryption(ctx context.Context) (string, error) {
	if _, _, n, _ := r.cfg.Config().Number(r.m.Target); !n.Encryption.On {
		return "the number sends without payload encryption", nil
	}
	e, err := r.cfg.EnableEncryption(ctx, r.m.Target, r.actor)
	return string(e.State), err
}

// templates names those that could be sent before and can not now. Without the
// old account's list it can only say what there is.
func (r *round) templates(ctx context.Context) (string, error) {
	t, _, err := r.target()
	if err != nil {
		return "", err
	}
	if err := r.cfg.Refresh(ctx, t.Name, t.WABA); err != nil {
		return "", refuse(admin.Unavailable, "Meta did not list the new account's templates; try again")
	}
	now := r.cfg.Facts.Templates(t.Name, t.WABA)
	old, ok := tenantOf(r.cfg.Config(), r.m.From)
	if !ok {
		_, approved := count(now)
		return fmt.Sprintf("%d approved; hold them against the old account's list yourself", approved), nil
	}
	missing := missingOf(r.cfg.Facts.Templates(old.Name, old.WABA), now)
	if len(missing) == 0 {
		return "all that were approved are approved", nil
	}
	return "", waits{fmt.Sprintf("%d templates that were approved are not in the new account: %s. Make them there (Meta reviews them), or go on with --confirm templates.", len(missing), some(missing))}
}

func missingOf(before, now []facts.Template) (out []string) {
	approved := map[string]bool{}
	for _, t := range now {
		approved[t.Name+"/"+t.Language] = t.Status == "APPROVED"
	}
	for _, t := range before {
		if name := t.Name + "/" + t.Language; t.Status == "APPROVED" && !approved[name] {
			out = append(out, name)
		}
	}
	return out
}

// some are the first of a list.
func some(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// test looks for traffic of the new way in the trail.
func (r *round) test(ctx context.Context) (string, error) {
	if err := r.measure(ctx); err != nil {
		return "", err
	}
	passed, err := r.since(ctx, r.m.Target)
	switch {
	case err != nil:
		return "", err
	case passed.FirstOut == 0:
		return "", waits{"Send a message by the app from number " + r.m.Target + ", and go on."}
	case passed.FirstHook == 0:
		return "", waits{"The send went out and nothing came back yet: write to the number from a phone, and go on. If nothing comes, see --again webhook and postern number status."}
	}
	return "", r.tellSilence(ctx)
}

// old ends the move once the old way is closed here, too.
func (r *round) old(ctx context.Context) (string, error) {
	if err := r.measure(ctx); err != nil {
		return "", err
	}
	_, _, _, here := r.cfg.Config().Number(r.m.Source)
	switch {
	case r.m.OffD360 || r.m.From == fromOnPrem:
		return "", waits{"Cancel the number's subscription where it was (360dialog bills until then), or switch the On-Premises client off; then go on with --confirm old"}
	case here:
		return "", waits{"Statuses of what was sent before may come for up to 30 days. When that is over, or to end it now, take number " + r.m.Source + " out of the configuration of tenant " + r.m.From + " and reload; then go on. To leave it there: --confirm old"}
	}
	return "", nil
}

// Codes of Meta's that a move meets (whatsapp.md 3.9).
const (
	wrongPIN   = 133005
	mustVerify = 133006
)

var advices = map[int]string{
	33:         "Meta does not know the number in this account",
	136024:     "codes were asked for too often; wait some hours, then --again request_code",
	136025:     "that is not the code that came; try again, or ask for another one with --again request_code",
	wrongPIN:   "that is not the PIN the number has; a few wrong ones lock it for a while",
	mustVerify: "Meta wants to see again that the number is yours: go on, and it sends another code",
	133008:     "too many wrong PINs: wait as long as the number's details at Meta say",
	133009:     "the PIN was tried too fast: wait some minutes",
	133015:     "the number was taken off a moment ago: wait five minutes",
	133016:     "the number was registered or taken off ten times within 72 hours: wait",
	2200:       "the webhook's address did not echo Meta's challenge: it must reach this gateway's webhook listener under a certificate that Meta trusts",
	2388012:    "the number is in the new account already; go on, and it is taken",
	2388103:    "Meta does not move this number: two-step verification must be off, its name approved, both accounts approved and the new one subscribed",
}

// advice says what to do about a refusal. Meta writes some codes as the subcode of
// a general one.
func (r *refusal) advice() string {
	for _, code := range []int{r.subcode, r.code} {
		if text, ok := advices[code]; ok {
			return fmt.Sprintf("%s (code %d)", text, code)
		}
	}
	return r.Error() + "; see its list of error codes"
}

func refusalOf(err error) (*refusal, bool) {
	var r *refusal
	ok := errors.As(err, &r)
	return r, ok
}
