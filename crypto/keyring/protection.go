package keyring

import (
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// The kinds of protection a keystore file may have.
const (
	protectionNone       = "none"       // guarded by the file's permissions only
	protectionPassphrase = "passphrase" // sealed under a key that PBKDF2 makes of a passphrase
	// protectionTransit: see wrapped.go
)

// Bounds of PBKDF2-HMAC-SHA-256. The lower one is what OWASP's password storage
// cheat sheet asks for; the upper one keeps a planted file from holding up the
// start for more than some seconds.
const (
	iterations    = 600_000
	maxIterations = 10_000_000
	saltSize      = 32
)

// Bounds of a passphrase in bytes. The lower one is what NIST SP 800-63B asks of
// a password that stands alone.
const (
	minPassphrase = 15
	maxPassphrase = 1024
)

// Why a passphrase is refused, with what to do.
var (
	errPassphraseWrong  = errors.New("the passphrase does not open the keystore: give the one it was last protected with, or restore the copy that belongs to this one")
	errPassphraseNone   = errors.New("the keystore is protected and no passphrase is given: name where it comes from in keystore.passphrase")
	errPassphraseExtra  = errors.New("a passphrase is given but the keystore is not protected: protect it with postern keys passphrase, or take keystore.passphrase out of the configuration")
	errPassphraseLength = fmt.Errorf("a passphrase has %d to %d bytes: choose another one", minPassphrase, maxPassphrase)
	errPassphraseMoved  = errors.New("the keystore's protection was changed by another process: restart with the new one")
)

// protection is what the file says of the way its body is kept.
type protection struct {
	Kind       string `json:"kind"`
	Iterations int    `json:"iterations,omitempty"`
	Salt       []byte `json:"salt,omitempty"`
	Tag        []byte `json:"tag,omitempty"` // of the body
}

func (p protection) known() bool {
	return p.Kind == protectionNone || p.Kind == protectionPassphrase || p.Kind == protectionTransit
}

func (p protection) valid() bool {
	if p.Kind == protectionPassphrase {
		return p.Iterations >= iterations && p.Iterations <= maxIterations && len(p.Salt) == saltSize && p.Tag == nil
	}
	tagged := len(p.Tag) == sha256.Size
	return p.Iterations == 0 && p.Salt == nil && tagged == (p.Kind == protectionTransit) && (tagged || p.Tag == nil)
}

// equal reports whether the same lock fits both. The tag belongs to one body.
func (p protection) equal(q protection) bool {
	return p.Kind == q.Kind && p.Iterations == q.Iterations && string(p.Salt) == string(q.Salt)
}

// bound is the authenticated data of the sealed body.
func (p protection) bound() []byte {
	return frame([]byte(fileFormat), []byte(p.Kind), binary.BigEndian.AppendUint64(nil, uint64(p.Iterations)), p.Salt) //nolint:gosec // valid has bounded it
}

// lock seals and opens the body of one protected file, or the keys in it. The
// nil lock is that of a file without protection: it leaves the body as it is.
type lock struct {
	protection
	aead    cipher.AEAD  // kind passphrase
	wrapper Wrapper      // kind vault-transit
	held    []wrappedKey // kind vault-transit; guarded by Keyring.change
}

// newLock makes the key of p; p is valid. It keeps no reference to passphrase.
func newLock(p protection, passphrase []byte) (*lock, error) {
	secret, err := pbkdf2.Key(sha256.New, string(passphrase), p.Salt, p.Iterations, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive key of keystore: %w", err)
	}
	defer wipe(secret)
	aead, err := newAEAD(secret)
	if err != nil {
		return nil, fmt.Errorf("derive key of keystore: %w", err)
	}
	return &lock{protection: p, aead: aead}, nil
}

// freshLock is a lock with a salt of its own.
func freshLock(passphrase []byte) (*lock, error) {
	if len(passphrase) < minPassphrase || len(passphrase) > maxPassphrase {
		return nil, errPassphraseLength
	}
	return newLock(protection{Kind: protectionPassphrase, Iterations: iterations, Salt: randomBytes(saltSize)}, passphrase)
}

// terms are what the file says of the lock.
func (l *lock) terms() protection {
	if l == nil {
		return protection{Kind: protectionNone}
	}
	return l.protection
}

// seal gives what stands as body in the file. The caller may wipe inner.
func (l *lock) seal(inner []byte) ([]byte, error) {
	if l == nil || l.wraps() {
		return append([]byte(nil), inner...), nil
	}
	return json.Marshal(sealAfter(nil, l.aead, l.bound(), inner))
}

// open reverses seal. Since the checksum fitted, a body that does not open was
// sealed under another passphrase.
func (l *lock) open(kept []byte) ([]byte, error) {
	if l == nil || l.wraps() {
		return append([]byte(nil), kept...), nil
	}
	var sealed []byte
	if err := json.Unmarshal(kept, &sealed); err != nil || sealed == nil {
		return nil, errDamaged
	}
	if again, err := json.Marshal(sealed); err != nil || string(again) != string(kept) {
		return nil, errDamaged
	}
	inner, err := openSealed(l.aead, l.bound(), sealed)
	if err != nil {
		return nil, errPassphraseWrong
	}
	return inner, nil
}

// firstLock is the lock of a new file.
func (c Config) firstLock() (*lock, error) {
	if c.Wrapper != nil {
		return newWrapping(c.Wrapper), nil
	}
	if c.Passphrase == nil {
		return nil, nil //nolint:nilnil // no protection was asked for
	}
	passphrase, err := c.Passphrase()
	defer wipe(passphrase)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	return freshLock(passphrase)
}

// unlock makes the lock of a file there is.
func (c Config) unlock(p protection) (*lock, error) {
	switch {
	case p.Kind == protectionTransit && c.Wrapper == nil:
		return nil, errWrapperNone
	case p.Kind == protectionTransit:
		return newWrapping(c.Wrapper), nil
	case c.Wrapper != nil:
		return nil, errWrapperExtra
	case p.Kind == protectionNone && c.Passphrase == nil:
		return nil, nil //nolint:nilnil // nothing is locked
	case p.Kind == protectionNone:
		return nil, errPassphraseExtra
	case c.Passphrase == nil:
		return nil, errPassphraseNone
	}
	passphrase, err := c.Passphrase()
	defer wipe(passphrase)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	return newLock(p, passphrase)
}

// reopen gives the lock that the file was opened with. The caller holds k.change.
func (k *Keyring) reopen(p protection) (*lock, error) {
	if !p.equal(k.lock.terms()) {
		return nil, errPassphraseMoved
	}
	return k.lock, nil
}

// Protected reports whether the file is sealed under a passphrase, or its keys
// are wrapped.
func (k *Keyring) Protected() bool {
	k.change.Lock()
	defer k.change.Unlock()
	return k.lock != nil
}

// Protect seals the file under a new passphrase of 15 to 1,024 bytes, whether it
// had one, had none, or was wrapped. The old file opens as it did as long as
// copies of it exist. Other processes that hold the keystore open must start again.
func (k *Keyring) Protect(passphrase []byte) error {
	l, err := freshLock(passphrase)
	if err == nil {
		err = k.relock(l)
	}
	if err != nil {
		return fmt.Errorf("protect keystore: %w", err)
	}
	return nil
}

// Unprotect leaves the keys to the file's permissions again.
func (k *Keyring) Unprotect() error {
	if err := k.relock(nil); err != nil {
		return fmt.Errorf("remove passphrase of keystore: %w", err)
	}
	return nil
}

func (k *Keyring) relock(l *lock) error {
	k.change.Lock()
	defer k.change.Unlock()
	return k.commitUnder(l, func(b *body) error {
		for i := range b.Keys {
			b.Keys[i].Wrapped = ""
		}
		return nil
	})
}
