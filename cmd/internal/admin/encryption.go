package admin

import "context"

// Number names a business number by its phone_number_id.
type Number struct {
	Number string `json:"number"`
}

// Encryption answers encryption.enable and encryption.status: what this gateway
// and Meta hold of each other's keys for one number. Fingerprints are SHA-256 of
// the public keys in hex.
type Encryption struct {
	Number     string          `json:"number"`
	State      EncryptionState `json:"state"`
	Configured bool            `json:"configured"`             // messages leave encrypted, and only so
	Upstream   string          `json:"upstream"`               // status at Meta: "enabled" or "disabled"
	Own        string          `json:"own_fingerprint"`        // of the key in the configuration
	OwnAtMeta  string          `json:"own_fingerprint_meta"`   // of ours, as Meta shows it
	Cloud      string          `json:"cloud_fingerprint"`      // of Meta's key that messages are encrypted to
	CloudNow   string          `json:"cloud_fingerprint_meta"` // of the key that Meta shows now
	Since      int64           `json:"since"`                  // of the exchange, Unix seconds; 0: none
}

// EncryptionState says in a word how a number stands. Only EncryptionReady
// sends and reads answers.
type EncryptionState string

// States of a number's encryption.
const (
	EncryptionOff          EncryptionState = "off"            // the configuration has no key for it, Meta neither
	EncryptionReady        EncryptionState = "ready"          // both hold the same two keys
	EncryptionNotExchanged EncryptionState = "not_exchanged"  // configured, keys never exchanged: sends are refused
	EncryptionOnlyUpstream EncryptionState = "only_upstream"  // on at Meta, not configured: messages leave in the clear inside TLS
	EncryptionDisabled     EncryptionState = "disabled"       // exchanged, and off at Meta since
	EncryptionOwnDiffers   EncryptionState = "own_differs"    // Meta or the last exchange has another key of ours
	EncryptionCloudDiffers EncryptionState = "cloud_differs"  // Meta has another key of its own by now
	EncryptionUnreadable   EncryptionState = "key_unreadable" // the key in the configuration can not be read
)

func (s *Service) encryptionEnable(ctx context.Context, a Actor, in Number) (Encryption, error) {
	if s.cfg.EnableEncryption == nil {
		return Encryption{}, refuse(Unavailable, "keys are exchanged by the running gateway; start it with: postern serve")
	}
	return s.cfg.EnableEncryption(ctx, in.Number, a.Name)
}

func (s *Service) encryptionStatus(ctx context.Context, _ Actor, in Number) (Encryption, error) {
	if s.cfg.EncryptionStatus == nil {
		return Encryption{}, refuse(Unavailable, "Meta is asked by the running gateway; start it with: postern serve")
	}
	return s.cfg.EncryptionStatus(ctx, in.Number)
}
