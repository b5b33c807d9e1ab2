package dialect

import "slices"

// Phone is a business phone number as its node shows it.
type Phone struct {
	ID           string
	Display      string // "+49 30 1234567"
	VerifiedName string
	Quality      string // GREEN, YELLOW, RED, UNKNOWN
	Status       string // CONNECTED, ...
	Throughput   string // STANDARD, HIGH, NOT_APPLICABLE
	NameStatus   string
	Limit        string // whatsapp_business_manager_messaging_limit, TIER_250, ...
	Beside       bool   // is_on_biz_app: the WhatsApp Business app uses it, too
	Hooks        Hooks
}

// Hooks are the addresses that events may go to: the number's own, else the
// account's, else the app's (webhook_configuration). "" is none.
type Hooks struct{ Number, Account, App string }

func (h Hooks) append(out []byte) []byte {
	out = appendText(append(out, `,"webhook_configuration":{"application":`...), h.App)
	out = appendMember(appendMember(out, "whatsapp_business_account", h.Account), "phone_number", h.Number)
	return append(out, '}')
}

// EncodePhone answers GET /{phone-number-id}. Without fields it gives what
// Graph gives by default; the id is always there.
func EncodePhone(p Phone, fields []string) (status int, body []byte) {
	if len(fields) == 0 {
		fields = []string{"verified_name", "display_phone_number", "quality_rating", "platform_type", "throughput"}
	}
	out := appendText([]byte(`{"id":`), p.ID)
	for _, f := range []struct{ name, value string }{
		{"verified_name", p.VerifiedName}, {"display_phone_number", p.Display}, {"quality_rating", or(p.Quality, "UNKNOWN")},
		{"status", p.Status}, {"name_status", p.NameStatus}, {"platform_type", "CLOUD_API"},
		{"whatsapp_business_manager_messaging_limit", p.Limit},
	} {
		if slices.Contains(fields, f.name) {
			out = appendMember(out, f.name, f.value)
		}
	}
	if slices.Contains(fields, "throughput") && p.Throughput != "" {
		out = append(appendText(append(out, `,"throughput":{"level":`...), p.Throughput), '}')
	}
	if slices.Contains(fields, "webhook_configuration") {
		out = p.Hooks.append(out)
	}
	return 200, append(out, '}')
}

// DecodePhone reads upstream's node of a phone number.
func DecodePhone(body []byte) (Phone, error) {
	t, err := parse(body, true)
	if err != nil || t.str(0, "id") == "" {
		return Phone{}, ErrAnswer
	}
	return Phone{
		ID: t.str(0, "id"), Display: t.str(0, "display_phone_number"), VerifiedName: t.str(0, "verified_name"),
		Quality: t.str(0, "quality_rating"), Status: t.str(0, "status"), Throughput: t.str(0, "throughput", "level"),
		NameStatus: t.str(0, "name_status"), Limit: t.str(0, "whatsapp_business_manager_messaging_limit"),
		Beside: t.is(t.child(0, "is_on_biz_app"), 't'),
	}, nil
}

// DecodeFlowAccount reads whose a flow is: the id of its business account.
func DecodeFlowAccount(body []byte) (string, error) {
	t, err := parse(body, true)
	if err != nil || t.str(0, "whatsapp_business_account", "id") == "" {
		return "", ErrAnswer
	}
	return t.str(0, "whatsapp_business_account", "id"), nil
}
