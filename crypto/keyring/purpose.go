package keyring

import (
	"errors"
	"fmt"
)

// Purpose says what a key is for. Keys of different purposes never meet. The
// zero value has no keys.
type Purpose string

// The purposes. Their names are part of the file format and of key derivation.
const (
	KEK         Purpose = "kek"         // wraps data keys
	Index       Purpose = "index"       // blind index of identifiers
	Original    Purpose = "original"    // keyed hash of originals
	Suppression Purpose = "suppression" // do-not-message list, kept after erasure
	App         Purpose = "app"         // keyed hash of app keys, tokens, passwords
	Checkpoint  Purpose = "checkpoint"  // Ed25519 signature of checkpoints
	Webhook     Purpose = "webhook"     // signs what apps receive
	Secret      Purpose = "secret"      // seals stored settings
)

// purposes lists all of them in the order a new keystore is written.
func purposes() []Purpose {
	return []Purpose{KEK, Index, Original, Suppression, App, Checkpoint, Webhook, Secret}
}

// State says what a version may still do. The zero value may do nothing.
type State string

// The states, in the order a version passes through them.
const (
	Next      State = "next"      // announced: its public key is listed, it does nothing else
	Active    State = "active"    // the one version that seals, signs and authenticates; opens too
	Retired   State = "retired"   // opens and verifies only
	Destroyed State = "destroyed" // its key is gone; number and public key stay
)

// opens reports whether a version in this state may open and verify.
func (s State) opens() bool { return s == Active || s == Retired }

// Errors that callers branch on.
var (
	// ErrOpen means that a sealed value or wrapped key was changed, cut short,
	// or belongs to another scope, other bound data or another keystore.
	ErrOpen = errors.New("sealed value does not open: changed, or bound to something else")
	// ErrNoKey means that the keyring holds no key that may do this.
	ErrNoKey = errors.New("no usable key")
	// ErrDestroyed means that the key was destroyed: what it protected is
	// gone for good.
	ErrDestroyed = errors.New("key was destroyed")
	// ErrExhausted means that a key has sealed as often as it safely may.
	ErrExhausted = errors.New("key has reached its limit of seals: rotate this purpose")
)

// noKey names purpose and operation in an ErrNoKey.
func noKey(p Purpose, what string) error {
	return fmt.Errorf("%w: %s under purpose %q", ErrNoKey, what, p)
}
