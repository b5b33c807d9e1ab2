package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cosignature is the signature type of C2SP tlog-cosignature: Ed25519 over the
// time and the checkpoint.
const cosignature = 0x04

// WitnessKey is the text form of a witness's public key, name+hash+key.
func WitnessKey(name string, key ed25519.PublicKey) (string, error) {
	if !validChain(name) || len(key) != ed25519.PublicKeySize {
		return "", errors.New("witness name is not 1 to 128 printable ASCII characters without space and '+'")
	}
	typed := append([]byte{cosignature}, key...)
	return fmt.Sprintf("%s+%08x+%s", name, cosignerHash(name, key), base64.StdEncoding.EncodeToString(typed)), nil
}

func cosignerHash(name string, key ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n\x04"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

// cosigner checks cosignatures, and makes them where it holds the private key.
type cosigner struct {
	name string
	key  ed25519.PublicKey
	sign ed25519.PrivateKey
	now  func() time.Time
}

// NewCosigner signs as a witness with the given private key.
func NewCosigner(name string, key ed25519.PrivateKey, now func() time.Time) (Signer, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || !validChain(name) {
		return nil, errors.New("witness has no name or no key")
	}
	return &cosigner{name: name, key: public, sign: key, now: now}, nil
}

// ParseWitness reads the text form of WitnessKey.
func ParseWitness(text string) (Verifier, error) {
	name, rest, _ := strings.Cut(text, "+")
	_, key64, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(key64)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosignature {
		return nil, errors.New("read witness key, want name+hash+key")
	}
	if again, err := WitnessKey(name, raw[1:]); err != nil || again != text {
		return nil, errors.New("read witness key, want name+hash+key")
	}
	return &cosigner{name: name, key: raw[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return cosignerHash(c.name, c.key) }

// Sign puts the time before the signature, in seconds since 1970.
func (c *cosigner) Sign(msg []byte) ([]byte, error) {
	at := uint64(c.now().Unix()) //nolint:gosec // after 1970
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(c.sign, cosigned(at, msg))...), nil
}

// Verify implements Verifier.
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(c.key, cosigned(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

func cosigned(at uint64, msg []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), msg...)
}

// WitnessRequest is the body that asks a witness who last saw a tree of size
// old for its signature (C2SP tlog-witness, add-checkpoint).
func WitnessRequest(old uint64, proof [][32]byte, checkpoint []byte) []byte {
	b := fmt.Appendf(nil, "old %d\n", old)
	for _, h := range proof {
		b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
	}
	return append(append(b, '\n'), checkpoint...)
}

var errWitnessRequest = errors.New("request is not of tlog-witness")

// parseWitnessRequest is the inverse of WitnessRequest.
func parseWitnessRequest(body []byte) (old uint64, proof [][32]byte, checkpoint []byte, err error) {
	head, checkpoint, found := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, ok := strings.CutPrefix(lines[0], "old ")
	if old, err = strconv.ParseUint(size, 10, 63); err != nil || !ok || !found || strconv.FormatUint(old, 10) != size || len(lines)-1 > maxPath {
		return 0, nil, nil, errWitnessRequest
	}
	for _, line := range lines[1:] {
		var h [32]byte
		if parseHash(&h, line) != nil {
			return 0, nil, nil, errWitnessRequest
		}
		proof = append(proof, h)
	}
	return old, proof, checkpoint, nil
}
