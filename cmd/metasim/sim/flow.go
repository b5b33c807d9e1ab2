package sim

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/hook"
)

const (
	flowPatience = 10 * time.Second // of a person's client
	maxFlowBody  = 4 << 20
)

// FlowCall is one request of a person's client inside a flow.
type FlowCall struct {
	PhoneID string         `json:"phone_number_id,omitempty"` // the first number when empty
	URL     string         `json:"url,omitempty"`             // /flow/PHONE_ID beside the webhook when empty
	Request jsontext.Value `json:"request"`                   // what is encrypted
	Cached  string         `json:"cached_key,omitempty"`      // public key as PEM that the client still has, for the first try
	Secret  string         `json:"app_secret,omitempty"`      // signs instead of the app's own
}

// FlowReply is what the client got. Answer is set where the body decrypted.
type FlowReply struct {
	Status    int            `json:"status"` // 0: none within ten seconds
	Attempts  int            `json:"attempts"`
	Kind      string         `json:"content_type,omitempty"`
	Answer    jsontext.Value `json:"answer,omitempty"`
	Body      string         `json:"body,omitempty"` // as it came
	LatencyUS int64          `json:"latency_us"`
}

// Flow speaks to a data endpoint as a person's client does: a 421 makes it take
// the public key that was uploaded and send once more, nothing else does.
func (s *Server) Flow(ctx context.Context, call FlowCall) (FlowReply, error) {
	n, err := s.flowNumber(call.PhoneID)
	if err != nil {
		return FlowReply{}, err
	}
	s.mu.Lock()
	uploaded := s.flowKeys[n.ID]
	s.mu.Unlock()
	keys := []string{uploaded, uploaded}
	if call.Cached != "" {
		keys[0] = call.Cached
	}
	var out FlowReply
	for i, text := range keys {
		key, err := flowKey(text)
		if err != nil {
			return FlowReply{}, errors.New("phone_number_id: no public key was uploaded for it")
		}
		if out, err = s.flowOnce(ctx, n, call, key); err != nil {
			return FlowReply{}, err
		}
		if out.Attempts = i + 1; out.Status != http.StatusMisdirectedRequest {
			break
		}
	}
	return out, nil
}

func (s *Server) flowNumber(id string) (Number, error) {
	if id == "" {
		id = s.cfg.Numbers[0].ID
	}
	n := s.numbers.of(id)
	if n.ID == "" {
		return n, errors.New("phone_number_id: there is no such number")
	}
	return n, nil
}

// flowOnce encrypts, signs and posts the request, and decrypts the answer.
func (s *Server) flowOnce(ctx context.Context, n Number, call FlowCall, key *rsa.PublicKey) (FlowReply, error) {
	var content, nonce [16]byte
	rand.Read(content[:]) //nolint:errcheck // crypto/rand.Read never returns an error
	rand.Read(nonce[:])   //nolint:errcheck // as above
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, content[:], nil)
	if err != nil {
		return FlowReply{}, err
	}
	gcm, err := flowCipher(content[:])
	if err != nil {
		return FlowReply{}, err
	}
	body := encode(map[string]string{
		"encrypted_flow_data": base64.StdEncoding.EncodeToString(gcm.Seal(nil, nonce[:], call.Request, nil)),
		"encrypted_aes_key":   base64.StdEncoding.EncodeToString(wrapped),
		"initial_vector":      base64.StdEncoding.EncodeToString(nonce[:]),
	})
	out, raw, err := s.flowPost(ctx, n, call, body)
	if err != nil {
		return FlowReply{}, err
	}
	for i := range nonce {
		nonce[i] ^= 0xff
	}
	out.Body = string(raw)
	if sealed, err := base64.StdEncoding.DecodeString(string(raw)); err == nil && len(raw) > 0 {
		if plain, err := gcm.Open(nil, nonce[:], sealed, nil); err == nil && jsontext.Value(plain).IsValid() {
			out.Answer, out.Body = plain, ""
		}
	}
	return out, nil
}

func flowCipher(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithNonceSize(block, len(key))
}

func (s *Server) flowPost(ctx context.Context, n Number, call FlowCall, body []byte) (FlowReply, []byte, error) {
	settings := s.settings.Load()
	target, err := flowTarget(call.URL, settings.Webhook, n.ID)
	if err != nil {
		return FlowReply{}, nil, err
	}
	secret := settings.AppSecret
	if call.Secret != "" {
		secret = call.Secret
	}
	ctx, cancel := context.WithTimeout(ctx, flowPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return FlowReply{}, nil, errors.New("url: not an address")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", hook.Sign([]byte(secret), body))
	start := s.cfg.Now()
	res, err := s.cfg.WebhookClient.Do(req)
	if err != nil {
		return FlowReply{LatencyUS: s.cfg.Now().Sub(start).Microseconds()}, nil, nil //nolint:nilerr // no answer is a result here: status 0
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxFlowBody))
	if err != nil {
		return FlowReply{}, nil, errors.New("the answer was cut short")
	}
	return FlowReply{Status: res.StatusCode, Kind: res.Header.Get("Content-Type"), LatencyUS: s.cfg.Now().Sub(start).Microseconds()}, raw, nil
}

// flowTarget is the address named, or the one beside the webhook.
func flowTarget(given, webhook, phone string) (string, error) {
	if given != "" {
		return given, nil
	}
	u, err := url.Parse(webhook)
	if err != nil || u.Host == "" {
		return "", errors.New("url: there is none, and no webhook either")
	}
	return u.Scheme + "://" + u.Host + "/flow/" + phone, nil
}

// flowControl takes the call from the control API.
func (s *Server) flowControl(ctx context.Context, in FlowCall) (FlowReply, error) {
	var object map[string]jsontext.Value
	if json.Unmarshal(in.Request, &object) != nil {
		return FlowReply{}, errors.New("request: must be an object, such as {\"version\":\"3.0\",\"action\":\"ping\"}")
	}
	return s.Flow(ctx, in)
}
