package numbers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/internal/admin"
	"postern/policy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// connected is the status of a number that is registered.
const connected = "CONNECTED"

// overrideNone says that webhooks go where the app's do.
const overrideNone = "none"

// nodeFields are what a number is asked for (Graph API, WhatsApp Business Phone
// Number).
const nodeFields = "id,status,code_verification_status,name_status,quality_rating,throughput,is_pin_enabled,webhook_configuration,health_status,whatsapp_business_manager_messaging_limit"

// node is a number as Meta shows it.
type node struct {
	ID           string `json:"id"`
	Display      string `json:"display_phone_number"`
	Status       string `json:"status"`
	Verification string `json:"code_verification_status"`
	Name         string `json:"name_status"`
	Quality      string `json:"quality_rating"`
	Limit        string `json:"whatsapp_business_manager_messaging_limit"`
	PIN          *bool  `json:"is_pin_enabled"`
	Throughput   struct {
		Level string `json:"level"`
	} `json:"throughput"`
	Health struct {
		Sending string `json:"can_send_message"`
	} `json:"health_status"`
	Webhook *struct {
		Number  string `json:"phone_number"`
		Account string `json:"whatsapp_business_account"`
		App     string `json:"application"`
	} `json:"webhook_configuration"`
}

func (n node) view() admin.NumberAtMeta {
	out := admin.NumberAtMeta{
		Told: true, Status: n.Status, Verification: n.Verification, Name: n.Name, Quality: n.Quality, Throughput: n.Throughput.Level,
		Limit: n.Limit, Sending: n.Health.Sending,
	}
	if n.PIN != nil {
		out.PIN = map[bool]string{true: "on", false: "off"}[*n.PIN]
	}
	switch {
	case n.Webhook == nil:
	case n.Webhook.Number != "":
		out.Override = "number"
	case n.Webhook.Account != "":
		out.Override = "account"
	default:
		out.Override = overrideNone
	}
	return out
}

// hooksTo reports whether the address that counts for the number's messages
// (whatsapp.md 3.8: the number's, the account's, the app's) ends in a path.
func (n node) hooksTo(path string) bool {
	if n.Webhook == nil {
		return false
	}
	u, err := url.Parse(cmp.Or(n.Webhook.Number, n.Webhook.Account, n.Webhook.App))
	return err == nil && strings.HasSuffix(u.Path, path)
}

func (d *Desk) node(ctx context.Context, token upstream.Credential, number string) (node, error) {
	var out node
	return out, answered(d.cfg.Upstream.Get(ctx, token, "/"+number+"?fields="+nodeFields), &out)
}

// storage is where a number's messages rest at Meta: a region, "none", "default",
// or "" where Meta did not say.
func (d *Desk) storage(ctx context.Context, tenant, number string) string {
	said, err := d.cfg.Storage(ctx, tenant, number)
	if err != nil || said.Kind == policy.ResidencyUnknown {
		return ""
	}
	return cmp.Or(said.Region, said.Kind)
}

// subscription is whether our app hears of an account.
type subscription struct {
	told     bool
	ours     bool
	override bool // the account's webhooks go to an address of their own
}

func (s subscription) word() string {
	switch {
	case !s.told:
		return ""
	case s.ours:
		return "yes"
	}
	return "no"
}

// subscribed asks which apps hear of an account, and looks for the token's.
func (d *Desk) subscribed(ctx context.Context, token upstream.Credential, account string) subscription {
	var apps struct {
		Data []struct {
			App struct {
				ID string `json:"id"`
			} `json:"whatsapp_business_api_data"`
			Override string `json:"override_callback_uri"`
		} `json:"data"`
	}
	var own struct {
		Data struct {
			App string `json:"app_id"`
		} `json:"data"`
	}
	if answered(d.cfg.Upstream.Get(ctx, token, "/"+account+"/subscribed_apps"), &apps) != nil ||
		answered(d.cfg.Upstream.Inspect(ctx, token), &own) != nil {
		return subscription{}
	}
	out := subscription{told: true}
	for _, a := range apps.Data {
		if a.App.ID == own.Data.App {
			out.ours, out.override = true, a.Override != ""
		}
	}
	return out
}

// answered decodes a success. Of a refusal only its code is told: what Meta wrote
// may hold the number.
func answered(a upstream.Answer, into any) error {
	if b := (*upstream.Blocked)(nil); errors.As(a.Err, &b) {
		return refuse(admin.Unavailable, b.Reason)
	}
	if !a.Answered() {
		return refuse(admin.Unavailable, "Meta can not be reached or did not answer in full; try again")
	}
	if _, refused, _ := dialect.DecodeAnswer(a.Status, a.Body); refused != nil { //nolint:errcheck // only the error object counts here
		return &refusal{code: refused.Code, subcode: refused.Subcode}
	}
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, into, jsontext.AllowDuplicateNames(true)) != nil {
		return refuse(admin.Unavailable, "Meta's answer has another form than this version knows")
	}
	return nil
}

// refusal is an error of Meta's.
type refusal struct{ code, subcode int }

func (r *refusal) Error() string { return fmt.Sprintf("Meta refused with code %d", r.code) }
