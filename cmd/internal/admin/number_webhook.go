package admin

import "context"

// WebhookAsked asks for number.webhook: to show it, or to set it to URL.
type WebhookAsked struct {
	Number string `json:"number"`
	URL    string `json:"url,omitempty"`
}

// NumberWebhook is where 360dialog posts what concerns a number.
type NumberWebhook struct {
	Number string `json:"number"`
	URL    string `json:"url"`    // empty: none is set for the number itself
	Secret string `json:"secret"` // in the header: "current", "previous", "other" or "none"
}

func (s *Service) numberWebhook(ctx context.Context, a Actor, in WebhookAsked) (NumberWebhook, error) {
	if s.cfg.NumberWebhook == nil {
		return NumberWebhook{}, refuse(Unavailable, "360dialog is asked by the running gateway; start it with: postern serve")
	}
	return s.cfg.NumberWebhook(ctx, in, a.Name)
}
