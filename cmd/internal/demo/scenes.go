package demo

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"postern/cmd/internal/admin"
)

const (
	customer = "491713920010"
	cardText = "Your card 4111 1111 1111 1111 was charged."
	marker   = "Zitronenfalter" // a word of a recorded body that is found again
)

// scene is one step of the conversation: what it says and how it is done.
type scene struct {
	says string
	do   func(ctx context.Context) (told string, err error)
}

func (t *talk) scenes() []scene {
	return []scene{
		{"A shop wants to write to somebody who never agreed.", func(ctx context.Context) (string, error) {
			return t.refused(ctx, templateTo(customer, demoTemplate, "42"), "opt_in_missing")
		}},
		{"The customer ticks the box for order updates; the consent is recorded.", t.consentGiven},
		{"Now the template goes out.", func(ctx context.Context) (string, error) {
			if _, err := t.allowed(ctx, templateTo(customer, demoTemplate, marker)); err != nil {
				return "", err
			}
			return "accepted and delivered", t.webhookWith(ctx, `"statuses"`, `"delivered"`)
		}},
		{"Free text outside the service window.", func(ctx context.Context) (string, error) {
			return t.refused(ctx, textTo(customer, "How was it?"), "window_closed")
		}},
		{"The customer writes: the window opens and the app's webhook gets it.", func(ctx context.Context) (string, error) {
			if err := t.inbound(ctx, "Where is my parcel?"); err != nil {
				return "", err
			}
			return "the app got it", t.webhookWith(ctx, "Where is my parcel?")
		}},
		{"The app replies in the window.", func(ctx context.Context) (string, error) {
			return t.allowed(ctx, textTo(customer, "It arrives at noon."))
		}},
		{"It uploads a picture, reads it back and sends it.", t.sendPicture},
		{"The customer sends a picture, and the app fetches it.", t.takePicture},
		{"The business changes its profile.", t.changeProfile},
		{"A reply with a card number.", t.cardNumber},
		{"The customer writes STOP.", func(ctx context.Context) (string, error) {
			if err := t.inbound(ctx, "STOP"); err != nil {
				return "", err
			}
			return "noted", t.webhookWith(ctx, `"STOP"`)
		}},
		{"Marketing after STOP, although marketing consent comes in later.", t.marketingAfterStop},
		{"A service reply is still allowed.", func(ctx context.Context) (string, error) {
			if err := t.snapshot(); err != nil {
				return "", err
			}
			return t.allowed(ctx, textTo(customer, "Understood, only answers from now on."))
		}},
		{"Somebody sends round the gate with Meta's token.", t.roundTheGate},
		{"An auditor counts refusals by reason.", t.countReasons},
		{"And verifies the trail against the checkpoints kept outside.", t.verifies},
	}
}

func (t *talk) inbound(ctx context.Context, text string) error {
	status, body, err := t.call(ctx, "http://"+t.control()+"/_sim/inbound", map[string]any{
		"phone_number_id": cloudPhone, "from": customer, "type": "text", "text": map[string]string{"body": text},
	})
	if err == nil && status != http.StatusOK {
		err = errNot("the simulator to take it", body)
	}
	return err
}

func (t *talk) consentGiven(ctx context.Context) (string, error) {
	in := admin.Consent{Category: "utility", Source: "web_form", Evidence: "form-77"}
	in.Tenant, in.Number = tenantName, "+"+customer
	return "recorded", ask(ctx, t.admin, t.Keys.Operator, "consent.add", in, nil)
}

func (t *talk) cardNumber(ctx context.Context) (string, error) {
	told, err := t.refused(ctx, textTo(customer, cardText), "pii")
	if err != nil {
		return "", err
	}
	out, _, err := t.postern(ctx, "audit", "sql", "--json", "SELECT body FROM audit WHERE reason = 'pii'")
	if err != nil {
		return "", err
	}
	if strings.Contains(out, "1111 1111") || !strings.Contains(out, "CREDIT_CARD") && !strings.Contains(out, "*") {
		return "", errNot("a redacted record", out)
	}
	return told + "; the record holds no number", nil
}

func (t *talk) marketingAfterStop(ctx context.Context) (string, error) {
	in := admin.Consent{Category: "marketing", Source: "web_form", Evidence: "form-78"}
	in.Tenant, in.Number = tenantName, "+"+customer
	if err := ask(ctx, t.admin, t.Keys.Operator, "consent.add", in, nil); err != nil {
		return "", err
	}
	return t.refused(ctx, templateTo(customer, "spring_offer", "Ana"), "opted_out")
}

func (t *talk) roundTheGate(ctx context.Context) (string, error) {
	status, body, err := t.call(ctx, "http://"+t.control()+"/_sim/send", map[string]any{
		"phone_number_id": cloudPhone, "to": "+" + customer, "text": map[string]string{"body": "psst"},
	})
	if err != nil || status != http.StatusOK {
		return "", errNot("the simulator to take it", fmt.Sprint(status, " ", body, " ", err))
	}
	return "alarm unmatched_send", await(ctx, "an unmatched_send record and alarm", func() (bool, error) {
		out, _, err := t.postern(ctx, "audit", "sql", "--json", "SELECT count(*) AS n FROM audit WHERE kind = 'unmatched_send'")
		if err != nil || strings.Contains(out, `"n":0`) || strings.Contains(out, `"n": 0`) {
			return false, err
		}
		metrics, err := t.get(ctx, "http://"+t.Site.admin()+"/metrics")
		return strings.Contains(metrics, `postern_alarms_total{alarm="unmatched_send"}`), err
	})
}

func (t *talk) countReasons(ctx context.Context) (string, error) {
	out, code, err := t.postern(ctx, "audit", "sql",
		"SELECT reason, count(*) AS n FROM audit WHERE effect = 'deny' GROUP BY reason ORDER BY reason")
	if err != nil || code != 0 {
		return "", errNot("a table", out)
	}
	for _, reason := range []string{"opt_in_missing", "opted_out", "pii", "window_closed"} {
		if !strings.Contains(out, reason) {
			return "", errNot("the reason "+reason, out)
		}
	}
	return "\n" + out, nil
}

func (t *talk) verifies(ctx context.Context) (string, error) {
	err := await(ctx, "a checkpoint outside the store", func() (bool, error) {
		files, err := os.ReadDir(t.path("checkpoints"))
		return len(files) > 0, err
	})
	if err != nil {
		return "", err
	}
	out, code, err := t.postern(ctx, "audit", "verify", "--against", t.path("checkpoints"))
	if err != nil || code != 0 {
		return "", errNot("a sound trail", out)
	}
	return strings.TrimSpace(out), nil
}
