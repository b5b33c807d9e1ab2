package numbers

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"postern/cmd/internal/admin"
	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// check looks at what Meta wants before a number moves (whatsapp.md 3.4; Meta,
// "Migrating phone numbers between WhatsApp Business Accounts").
func (r *round) check(ctx context.Context) (string, error) {
	t, token, err := r.target()
	if err != nil {
		return "", err
	}
	if r.m.ToD360 {
		return "360dialog says in its hub what it wants of a number", nil
	}
	var account struct {
		Review string `json:"account_review_status"`
	}
	if err := answered(r.cfg.Upstream.Get(ctx, token, "/"+t.WABA+"?fields=id,account_review_status"), &account); err != nil {
		return "", err
	}
	if account.Review != "" && account.Review != "APPROVED" {
		return "", waits{"Meta has not approved the account that the number goes to yet (" + account.Review + "). See it in WhatsApp Manager, then go on."}
	}
	n, ok := r.there(ctx)
	switch {
	case !ok:
		return "Meta can not be asked here about the old side; its name must be approved there", nil
	case !r.m.again() && oneOf(n.Name, "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE"):
		return "", waits{"The number's display name is not approved (" + n.Name + "), and Meta moves only numbers whose name is. See it in WhatsApp Manager, then go on."}
	}
	return "", nil
}

// pinOff is seen at Meta where it can be asked.
func (r *round) pinOff(ctx context.Context) (string, error) {
	if r.m.Target != "" {
		return "the number is in the new account already", nil
	}
	n, ok := r.there(ctx)
	switch {
	case ok && n.PIN != nil && !*n.PIN:
		return "Meta says that it is off", nil
	case ok && n.PIN != nil:
		return "", waits{"Switch two-step verification off: WhatsApp Manager, the number, Two-step verification. Set a PIN again right after the registration, which takes one. Then go on."}
	}
	return "", waits{"Switch two-step verification off where the number is (at 360dialog in its hub), then go on with --confirm pin_off."}
}

// backupGiven is noted where the operator has the backup metadata, which is not
// kept and has to be given once more.
const backupGiven = "given"

func (r *round) backup(context.Context) (string, error) {
	if r.in.Backup != nil {
		return backupGiven, nil
	}
	return "", waits{"Give the backup metadata of the On-Premises client with --backup FILE --backup-password FILE, now and when the number is registered; without it go on with --confirm backup, and an official business account loses its badge."}
}

func (r *round) subscribe(ctx context.Context) (string, error) {
	t, token, err := r.target()
	if err != nil {
		return "", err
	}
	if r.subscribed(ctx, token, t.WABA).ours {
		return "it is already", nil
	}
	_, err = r.change(ctx, dialect.CallSubscription, "subscribe", "/"+t.WABA+"/subscribed_apps", map[string]any{})
	return "", err
}

// migrate asks for the number in the new account. One that is there already, by
// an earlier try or by hand, is taken.
func (r *round) migrate(ctx context.Context) (string, error) {
	t, token, err := r.target()
	if err != nil {
		return "", err
	}
	display := r.display()
	code, national := facts.Dial(display)
	if code == "" {
		return "", errNoDisplay
	}
	if r.m.Target, err = r.numberIn(ctx, token, t.WABA, display); err != nil {
		return "", err
	}
	if r.m.Target != "" {
		return "it is there as " + r.m.Target, nil
	}
	a, err := r.change(ctx, dialect.CallRegister, "migrate", "/"+t.WABA+"/phone_numbers",
		map[string]any{"cc": code, "phone_number": national, "migrate_phone_number": true}, "cc", "phone_number")
	if err != nil {
		return "", err
	}
	var made node
	if err := answered(a, &made); err != nil || !digitsOnly(made.ID) {
		return "", refuse(admin.Unavailable, "Meta took the call and gave no id; go on, and the number is looked for")
	}
	r.m.Target = made.ID
	return "it is there as " + made.ID, nil
}

var errNoDisplay = refuse(admin.Invalid, "the number itself is needed until it is in the new account: --display \"+49 30 ...\"")

// display is the number itself, where it is known.
func (r *round) display() string {
	if _, _, n, ok := r.cfg.Config().Number(r.m.Source); ok {
		return n.Display
	}
	return r.in.Display
}

// numberIn looks for a number in an account's list, by its normal form.
func (r *round) numberIn(ctx context.Context, token upstream.Credential, account, display string) (string, error) {
	after := ""
	for range 20 { // 100 a page; portfolios have fewer (whatsapp.md 3.10)
		var list struct {
			Data   []node `json:"data"`
			Paging struct {
				Next    string `json:"next"`
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
			} `json:"paging"`
		}
		path := "/" + account + "/phone_numbers?fields=id,display_phone_number,status&limit=100&after=" + url.QueryEscape(after)
		if err := answered(r.cfg.Upstream.Get(ctx, token, path), &list); err != nil {
			return "", err
		}
		for _, n := range list.Data {
			if facts.Key(n.Display) == facts.Key(display) && n.Status != "MIGRATED" && n.Status != "DELETED" && digitsOnly(n.ID) {
				return n.ID, nil
			}
		}
		if after = list.Paging.Cursors.After; list.Paging.Next == "" {
			return "", nil
		}
	}
	return "", nil
}

// proved reports a number that needs no code any more.
func (n node) proved() bool { return n.Verification == "VERIFIED" || n.Status == connected }

// requestCode has one code sent. Whether a try that was cut off sent one nobody
// can tell, and a second one makes the first invalid.
func (r *round) requestCode(ctx context.Context) (string, error) {
	n, err := r.here(ctx)
	switch {
	case err != nil:
		return "", err
	case n.proved():
		return "Meta knows that the number is yours", nil
	case r.m.Steps["request_code"].State == stepTried:
		return "a code may have been sent; for another one: --again request_code", nil
	}
	body := map[string]any{"code_method": "SMS", "language": "en_US"}
	if r.in.Method != "" {
		body["code_method"] = strings.ToUpper(r.in.Method)
	}
	if r.in.Language != "" {
		body["language"] = r.in.Language
	}
	if err := r.note(ctx, "request_code", stepTried, ""); err != nil {
		return "", err
	}
	_, err = r.change(ctx, dialect.CallRegister, "request_code", "/"+r.m.Target+"/request_code", body)
	return "", r.untried(ctx, "request_code", err)
}

// untried takes back that a call was tried which Meta refused, or which did not
// leave.
func (r *round) untried(ctx context.Context, name string, err error) error {
	var stayed *unsent
	if _, refused := refusalOf(err); !refused && !errors.As(err, &stayed) {
		return err
	}
	delete(r.m.Steps, name)
	if name == r.m.turn() {
		r.m.Cut, r.m.CutAt = 0, 0 // the old way is open still
	}
	if kept := r.save(ctx, r.m, r.actor, name+" refused"); kept != nil {
		return kept
	}
	return err
}

func (r *round) verifyCode(ctx context.Context) (string, error) {
	n, err := r.here(ctx)
	switch {
	case err != nil:
		return "", err
	case n.proved():
		return "Meta knows that the number is yours", nil
	case r.in.Code == "":
		return "", waits{"Write the code that came to the number into a file and go on with --code file:PATH. If none comes: --again request_code, with --code-method voice for a call."}
	}
	if !isDigits(r.in.Code, 6) {
		return "", refuse(admin.Invalid, "the code has six digits")
	}
	_, err = r.change(ctx, dialect.CallRegister, "verify_code", "/"+r.m.Target+"/verify_code", map[string]any{"code": r.in.Code}, "code")
	return "", err
}

func isDigits(s string, n int) bool { return len(s) == n && digitsOnly(s) }
