package sim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// maxChallenge bounds how much of an answer is compared, in bytes.
const maxChallenge = 256

// Verified is the outcome of the handshake with the webhook.
type Verified struct {
	Verified bool `json:"verified"` // answered 200 with the bare challenge
	Status   int  `json:"status"`
}

// Verify asks the webhook to echo a challenge, as Meta does when an app
// subscribes.
func (s *Server) Verify(ctx context.Context) (Verified, error) {
	return s.handshake(ctx, s.settings.Load().Webhook, s.cfg.VerifyToken)
}

func (s *Server) handshake(ctx context.Context, address, token string) (Verified, error) {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return Verified{}, errors.New("no webhook is set")
	}
	challenge := strconv.FormatUint(mix(s.cfg.Seed, s.traces.Add(1), 5)%1_000_000_000, 10)
	q := target.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.challenge", challenge)
	q.Set("hub.verify_token", token)
	target.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return Verified{}, errors.New("the webhook address is not valid")
	}
	res, err := s.cfg.WebhookClient.Do(req)
	if err != nil {
		return Verified{}, errors.New("the webhook could not be reached")
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxChallenge))
	if err != nil {
		return Verified{}, errors.New("the answer of the webhook could not be read")
	}
	return Verified{Verified: res.StatusCode == http.StatusOK && string(body) == challenge, Status: res.StatusCode}, nil
}
