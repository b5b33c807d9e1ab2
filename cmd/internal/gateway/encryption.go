package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/crypto/jwe"
	"postern/proxy/upstream"
)

// scopeEncryption holds, by number, what was exchanged with upstream.
const scopeEncryption = "encryption"

// exchange is what is kept of an exchange of keys: public keys alone.
type exchange struct {
	Cloud string `json:"cloud"` // upstream's public key, base64
	Own   string `json:"own"`   // fingerprint of ours that upstream confirmed
	Time  int64  `json:"time"`  // microseconds
}

// encryption knows which numbers send encrypted, and with which keys.
type encryption struct {
	log   zerolog.Logger
	alarm func(kind string)

	envelopes atomic.Pointer[map[string]*envelope] // of the numbers that are configured

	exchanging sync.Mutex // one exchange at a time; taken before mu
	mu         sync.Mutex
	kept       map[string]exchange // guarded by mu
}

// loadEncryption reads what was exchanged.
func loadEncryption(ctx context.Context, j *journal.Journal, cfg *boot.Config, log zerolog.Logger, alarm func(string)) (*encryption, error) {
	rows, err := j.Settings(ctx, scopeEncryption)
	if err != nil {
		return nil, fmt.Errorf("look up exchanged keys: %w", err)
	}
	e := &encryption{log: log, alarm: alarm, kept: map[string]exchange{}}
	for _, r := range rows {
		var x exchange
		if err := json.Unmarshal(r.Value, &x); err != nil {
			return nil, errors.New("look up exchanged keys: a stored one is damaged; verify the journal")
		}
		e.kept[r.Key] = x
	}
	e.configure(cfg)
	return e, nil
}

// configure makes an envelope for every number that sends encrypted. One that
// cannot seal stays: its number sends nothing, rather than in the clear.
func (e *encryption) configure(cfg *boot.Config) {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := map[string]*envelope{}
	for _, t := range cfg.Tenants {
		for _, n := range t.Numbers {
			if n.Encryption.On {
				all[n.ID] = e.envelope(n.Encryption, e.kept[n.ID])
			}
		}
	}
	e.envelopes.Store(&all)
}

func (e *encryption) envelope(c boot.Encryption, x exchange) *envelope {
	out := &envelope{content: c.Content, wrap: c.Wrap, owner: e}
	var confirmed bool
	for _, s := range []boot.Secret{c.Key, c.KeyPrevious} {
		key, err := jwe.ParsePrivate([]byte(s.Value()))
		if err != nil {
			continue // the configuration's check names it; a key that is not there opens nothing
		}
		out.own = append(out.own, key)
		confirmed = confirmed || key.Public().Fingerprint() == x.Own
	}
	if cloud, err := jwe.ParsePublic(x.Cloud); err == nil && confirmed {
		out.cloud = cloud
	}
	return out
}

func (e *encryption) exchanged(number string) exchange {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept[number]
}

// learn records an exchange and then uses it.
func (e *encryption) learn(ctx context.Context, j *journal.Journal, number string, x exchange, rec audit.Record) error {
	value, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("encode exchanged keys: %w", err)
	}
	b := journal.Batch{
		Records:  []audit.Record{rec},
		Settings: []journal.Setting{{Scope: scopeEncryption, Key: number, Value: value, Time: x.Time}},
	}
	if err := j.Append(ctx, b); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = maps.Clone(e.kept)
	e.kept[number] = x
	return nil
}

// of finds the envelope of a number; false sends in the clear inside TLS.
func (e *encryption) of(number string) (upstream.Envelope, bool) {
	env, on := (*e.envelopes.Load())[number]
	return env, on
}

// numbers are those that send encrypted.
func (e *encryption) numbers() []string {
	return slices.Sorted(maps.Keys(*e.envelopes.Load()))
}

// envelope seals to upstream's key and opens with ours. It is immutable.
type envelope struct {
	own     []*jwe.Private // the current one first
	cloud   *jwe.Public    // nil until keys are exchanged
	content jwe.Content
	wrap    jwe.Wrap
	owner   *encryption
}

var errNotExchanged = errors.New("the keys of this number are not exchanged; run: postern encryption enable PHONE_NUMBER_ID")

// Seal implements upstream.Envelope.
func (v *envelope) Seal(body []byte) (string, error) {
	if v.cloud == nil {
		v.report(errNotExchanged, "a message was not sent")
		return "", errNotExchanged
	}
	token, err := v.cloud.Seal(body, v.wrap, v.content)
	if err != nil {
		v.report(err, "a message was not sent")
	}
	return token, err
}

// Open implements upstream.Envelope.
func (v *envelope) Open(token string) ([]byte, error) {
	err := jwe.ErrOpen
	for _, key := range v.own {
		var plain []byte
		if plain, _, err = key.Open(token); err == nil {
			return plain, nil
		}
	}
	v.report(err, "an answer can not be read; what became of the message is unknown")
	return nil, err
}

func (v *envelope) report(err error, what string) {
	v.owner.alarm("encryption")
	v.owner.log.Error().Err(err).Msg("payload encryption: " + what)
}
