package numbers

import (
	"context"
	"slices"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
)

// looked is how many of the newest records are read for a number's last messages,
// and how many on each side of a registration for what passed around it: half a
// second.
const looked = 50_000

// asking bounds what Meta is asked for one number: what it does not say by then
// is not known.
const asking = 15 * time.Second

// Status says how a number stands, or all of them where none is named.
func (d *Desk) Status(ctx context.Context, number string) ([]admin.NumberStatus, error) {
	moves, err := d.moves(ctx)
	if err != nil {
		return nil, err
	}
	out := []admin.NumberStatus{}
	accounts := map[string]subscription{} // each account is asked about once
	for _, t := range d.cfg.Config().Tenants {
		for _, n := range t.Numbers {
			if number != "" && n.ID != number {
				continue
			}
			s, err := d.status(ctx, t, n, accounts)
			if err != nil {
				return nil, err
			}
			s.Move = moveOf(moves, n.ID)
			out = append(out, s)
		}
	}
	if number != "" && len(out) == 0 {
		return nil, refuse(admin.NotFound, "the configuration names no such number; write its phone_number_id")
	}
	return out, nil
}

// moveOf is the move from or to an id.
func moveOf(all []*move, number string) *admin.NumberMoved {
	for _, m := range all {
		if m.Source == number || m.Target == number {
			v := m.view()
			return &v
		}
	}
	return nil
}

func (d *Desk) status(ctx context.Context, t boot.Tenant, n boot.Number, accounts map[string]subscription) (admin.NumberStatus, error) {
	_, app, _, _ := d.cfg.Config().Number(n.ID)
	s := admin.NumberStatus{Number: n.ID, Tenant: t.Name, Account: t.WABA, App: app.Name, Dialect: app.Dialect, Needs: []admin.NumberNeed{}}
	if app.Name != "" {
		_, s.Webhook = d.cfg.Settings.Webhook(app.Name)
		s.Keys = app.Identify == "certificate" || d.cfg.Apps.Known(app.Name)
	}
	s.Restricted = d.cfg.Restricted(n.ID) || d.cfg.Facts.Lookup(facts.Query{Tenant: t.Name, Number: n.ID}).Account == "restricted"
	s.Templates, s.Approved = count(d.cfg.Facts.Templates(t.Name, t.WABA))
	head := d.cfg.Journal.Head().Size
	passed, err := d.cfg.Journal.Traffic(ctx, n.ID, head-min(head, looked), head)
	if err != nil {
		return s, err
	}
	s.LastIn, s.LastHook, s.LastOut = passed.LastIn/1e6, passed.LastHook/1e6, passed.LastOut/1e6
	d.askMeta(ctx, t, n, &s, accounts)
	s.Needs = needs(&s)
	return s, nil
}

func count(all []facts.Template) (known, approved int) {
	for _, t := range all {
		if t.Status == "APPROVED" {
			approved++
		}
	}
	return len(all), approved
}

// askMeta fills in what Meta says. What it does not say stays empty.
func (d *Desk) askMeta(ctx context.Context, t boot.Tenant, n boot.Number, s *admin.NumberStatus, accounts map[string]subscription) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	token, err := d.cfg.Token(t.Name)
	if err != nil {
		return
	}
	node, err := d.node(ctx, token, n.ID)
	if err != nil {
		return
	}
	s.Meta = node.view()
	s.Meta.Storage = d.storage(ctx, t.Name, n.ID)
	if _, asked := accounts[t.WABA]; !asked {
		accounts[t.WABA] = d.subscribed(ctx, token, t.WABA)
	}
	s.Meta.Subscribed = accounts[t.WABA].word()
	if s.Meta.Override == overrideNone && accounts[t.WABA].override {
		s.Meta.Override = "account"
	}
	if n.Flow != nil {
		if k, err := d.cfg.FlowKey(ctx, n.ID); err == nil {
			s.FlowKey = k.State
		}
	}
	if e, err := d.cfg.Encryption(ctx, n.ID); err == nil {
		s.Encryption = e.State
	}
}

// needs says for each thing that is missing who must do what.
func needs(s *admin.NumberStatus) []admin.NumberNeed {
	out := []admin.NumberNeed{}
	for _, r := range rules {
		if r.missing(s) {
			out = append(out, admin.NumberNeed{Who: r.who, What: r.what})
		}
	}
	return out
}

// Whose it is to mend something.
const (
	operator = "operator"
	theApp   = "app"
	meta     = "meta"
	business = "business"
)

// rules tell what a number that works has.
var rules = []struct {
	missing   func(*admin.NumberStatus) bool
	who, what string
}{
	{func(s *admin.NumberStatus) bool { return !s.Meta.Told }, operator, "Meta did not say how the number stands; GET /readyz says whether it answers and takes the token, and the token must see this number."},
	{func(s *admin.NumberStatus) bool { return s.Meta.Told && s.Meta.Status != connected }, operator, "The number is not registered: nothing can be sent. Register it with its PIN: postern number move ID --to TENANT"},
	{func(s *admin.NumberStatus) bool {
		return s.Meta.Told && s.Meta.Status != connected && s.Meta.Verification != "VERIFIED"
	}, operator, "Meta wants a code that shows the number is yours, before it can be registered; the move asks for it."},
	{func(s *admin.NumberStatus) bool {
		return oneOf(s.Meta.Name, "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE")
	}, meta, "The display name is not approved; see the number in WhatsApp Manager."},
	{func(s *admin.NumberStatus) bool { return oneOf(s.Meta.Sending, "BLOCKED", "LIMITED") }, meta, "Meta lets the number send little or nothing; its health_status says why."},
	{func(s *admin.NumberStatus) bool { return s.Restricted }, business, "Meta has restricted the number; see Account Quality in WhatsApp Manager and ask for a review there."},
	{func(s *admin.NumberStatus) bool { return s.Meta.Quality == "RED" }, business, "People block and report what the number sends; send less to those who do not answer."},
	{func(s *admin.NumberStatus) bool { return s.Meta.PIN == "off" }, operator, "Two-step verification is off: who gets a code of the number can take it. Set a PIN, unless a move is under way."},
	{func(s *admin.NumberStatus) bool { return s.Meta.Subscribed == "no" }, operator, "The app of the token is not subscribed to the account: no webhook comes. Subscribe it: POST /WABA_ID/subscribed_apps, or WhatsApp Manager."},
	{func(s *admin.NumberStatus) bool { return s.App == "" }, operator, "No app sends from the number: name one in the configuration."},
	{func(s *admin.NumberStatus) bool { return s.App != "" && !s.Keys }, operator, "The app has no key: postern app add APP"},
	{func(s *admin.NumberStatus) bool { return s.App != "" && !s.Webhook }, theApp, "The app's events go nowhere: it sets a webhook by its own API, or the configuration names one."},
	{func(s *admin.NumberStatus) bool {
		return oneOf(string(s.FlowKey), string(admin.FlowKeyOther), string(admin.FlowKeyMissing), string(admin.FlowKeyUnsigned))
	}, operator, "Meta does not hold the number's flow key: postern flows key upload ID"},
	{func(s *admin.NumberStatus) bool {
		return s.Encryption != "" && s.Encryption != admin.EncryptionReady && s.Encryption != admin.EncryptionOff
	}, operator, "The keys of payload encryption are not exchanged: postern encryption status ID"},
	{func(s *admin.NumberStatus) bool { return s.Templates > 0 && s.Approved == 0 }, meta, "None of the account's templates is approved."},
}

func oneOf(word string, words ...string) bool { return slices.Contains(words, word) }
