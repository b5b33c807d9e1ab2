package delivery

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// ErrChallenge says that an address did not prove to be its owner's.
var ErrChallenge = errors.New("callback verification failed")

// Challenge asks an address to prove itself before events go there: a GET with
// hub.mode, hub.verify_token and hub.challenge, which it has to give back
// (Webhooks, Verification Requests). Every error is ErrChallenge with the reason
// and holds neither address nor token.
func Challenge(ctx context.Context, client *http.Client, address, token string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("%w: the address can not be read", ErrChallenge)
	}
	word, query := rand.Text(), u.Query()
	query.Set("hub.mode", "subscribe")
	query.Set("hub.challenge", word)
	query.Set("hub.verify_token", token)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("%w: the address can not be read", ErrChallenge)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: the address did not answer", ErrChallenge)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("%w: its answer broke off", ErrChallenge)
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: it answered with status %d", ErrChallenge, resp.StatusCode)
	case subtle.ConstantTimeCompare(body, []byte(word)) != 1:
		return fmt.Errorf("%w: it did not give hub.challenge back", ErrChallenge)
	}
	return nil
}
