package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Envelope turns bodies into tokens of the encrypted messages API and back, for
// one business number.
type Envelope interface {
	Seal(body []byte) (token string, err error)
	Open(token string) (body []byte, err error)
}

// ErrUnreadable says that upstream took a message and that its answer could not
// be decrypted: the message may have gone out.
var ErrUnreadable = errors.New("upstream's encrypted answer can not be read")

// ErrUnsealed says that a message could not be encrypted: nothing left.
var ErrUnsealed = errors.New("the message could not be encrypted")

// PostEncrypted sends a message's body as a token through the encrypted API of
// a number. A success answer comes decrypted; one that can not be decrypted has
// an error and no Status, so that its outcome is unknown. Errors of upstream
// come as they are: they are not encrypted. A body that can not be sealed does
// not leave.
func (c *Client) PostEncrypted(ctx context.Context, who Credential, number string, e Envelope, body []byte) Answer {
	sealed, err := e.Seal(body)
	if err != nil {
		return Answer{Err: fmt.Errorf("%w: %w", ErrUnsealed, err)}
	}
	request, err := json.Marshal(map[string]string{"messaging_product": "whatsapp", "encrypted_contents": sealed}, json.Deterministic(true))
	if err != nil {
		return Answer{Err: fmt.Errorf("encode sealed message: %w", err)}
	}
	a := c.Post(ctx, who, "/"+number+"/messages_encrypted", request)
	if !a.Answered() || a.Status < http.StatusOK || a.Status >= http.StatusMultipleChoices {
		return a
	}
	return decrypted(e, a)
}

// decrypted is a success answer with what is in its token. An error that comes
// with a success status stays as it is.
func decrypted(e Envelope, a Answer) Answer {
	var in struct {
		Token string         `json:"encrypted_contents"`
		Error jsontext.Value `json:"error"`
	}
	err := json.Unmarshal(a.Body, &in)
	if err == nil && in.Token == "" && in.Error.Kind() == '{' {
		return a
	}
	if err != nil {
		in.Token = "" // half an answer is none
	}
	plain, err := e.Open(in.Token)
	if err != nil {
		a.Status, a.Body, a.Err = 0, nil, ErrUnreadable
		return a
	}
	a.Body = plain
	return a
}
