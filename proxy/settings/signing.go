package settings

import (
	"encoding/hex"
	"time"

	"postern/crypto/keyring"
)

// secretSize is the length of a derived secret in bytes, before it is written
// as hexadecimal digits.
const secretSize = 32

// Signing gives the secrets that sign webhooks of apps which have none of their
// own: each is derived from purpose webhook of the keystore and is rotated with
// it. The same version always gives an app the same secret.
type Signing struct {
	Keys    *keyring.Keyring
	Overlap time.Duration // how long the version before signs, too
	Now     func() time.Time
}

// Secret is the app's secret of now; nil where there is no key to make it of.
func (s Signing) Secret(app string) []byte {
	_, raw, err := s.Keys.Derive(keyring.Webhook, info(app), secretSize)
	if err != nil {
		return nil
	}
	return text(raw)
}

// Previous is the app's secret before the last rotation; nil once the overlap
// is over, or the version was destroyed.
func (s Signing) Previous(app string) []byte {
	before := uint32(0)
	for _, v := range s.Keys.Versions() {
		switch {
		case v.Purpose != keyring.Webhook:
		case v.State == keyring.Retired, v.State == keyring.Destroyed:
			before = v.Number // the last one before the active, gone or not
		case v.State == keyring.Active && !s.Now().Before(v.Created.Add(s.Overlap)):
			return nil
		}
	}
	raw, err := s.Keys.DeriveVersion(keyring.Webhook, before, info(app), secretSize)
	if err != nil {
		return nil
	}
	return text(raw)
}

func info(app string) string { return "webhooks of app " + app }

func text(raw []byte) []byte {
	defer clear(raw)
	return hex.AppendEncode(nil, raw)
}
