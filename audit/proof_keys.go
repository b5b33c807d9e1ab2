package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ErrKeyChain is wrapped where statements about checkpoint keys do not form a
// chain that can be trusted.
var ErrKeyChain = errors.New("chain of checkpoint keys is broken")

// Succession is the statement that one checkpoint key follows another. Both
// sign it: the old key says who comes after it, the new one that it is held.
type Succession struct {
	Old, New string // text forms of the keys, as VerifierKey writes them
	Time     int64  // microseconds since 1970

	old, new Verifier
	note     []byte
}

// successionTitle is the first line of the statement. It has spaces, so the
// text is never that of a checkpoint.
const successionTitle = "postern checkpoint key"

// SignSuccession returns the statement as a signed note, see FORMAT.md. The
// texts are those of VerifierKey.
func SignSuccession(oldKey, newKey string, at int64, signers ...Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\nold %s\nnew %s\ntime %d\n", successionTitle, oldKey, newKey, at)
	msg, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign succession: %w", err)
	}
	if _, err := OpenSuccession(msg); err != nil {
		return nil, err
	}
	return msg, nil
}

// OpenSuccession reads a statement and checks both signatures under the keys
// it names itself. Whether the old one is to be trusted is for FollowKeys.
func OpenSuccession(msg []byte) (Succession, error) {
	if len(msg) > maxCheckpoint {
		return Succession{}, fmt.Errorf("%w: a statement is too long", ErrKeyChain)
	}
	text, _, _ := strings.Cut(string(msg), "\n\n")
	s, err := parseSuccession(text + "\n")
	if err != nil {
		return Succession{}, err
	}
	n, err := note.Open(msg, keySet{s.old, s.new})
	if err != nil || len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 || !canonicalSignatures(n.Sigs) {
		return Succession{}, fmt.Errorf("%w: a statement is not signed by the old key and the new one", ErrKeyChain)
	}
	s.note = msg
	return s, nil
}

func parseSuccession(text string) (Succession, error) {
	bad := fmt.Errorf("%w: a statement is not of the form of FORMAT.md", ErrKeyChain)
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] != successionTitle || lines[4] != "" {
		return Succession{}, bad
	}
	oldKey, okOld := strings.CutPrefix(lines[1], "old ")
	newKey, okNew := strings.CutPrefix(lines[2], "new ")
	at, okTime := strings.CutPrefix(lines[3], "time ")
	us, err := strconv.ParseInt(at, 10, 64)
	if !okOld || !okNew || !okTime || err != nil || strconv.FormatInt(us, 10) != at || oldKey == newKey {
		return Succession{}, bad
	}
	s := Succession{Old: oldKey, New: newKey, Time: us}
	if s.old, err = canonicalVerifier(oldKey); err != nil {
		return Succession{}, bad
	}
	if s.new, err = canonicalVerifier(newKey); err != nil {
		return Succession{}, bad
	}
	return s, nil
}

// canonicalVerifier reads a key that is spelled as VerifierKey spells it.
func canonicalVerifier(text string) (Verifier, error) {
	name, rest, _ := strings.Cut(text, "+")
	_, key64, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(key64)
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return nil, ErrKeyChain
	}
	if again, err := VerifierKey(name, key[1:]); err != nil || again != text {
		return nil, ErrKeyChain
	}
	return ParseVerifier(text)
}

// FollowKeys returns the pinned keys and all that the statements lead to from
// them. It refuses statements that are not signed as they say, and two that
// name different successors of one key: a chain that forks proves nothing.
// The order of statements does not matter; those no pinned key leads to are
// passed over. On error only the pinned keys are returned.
func FollowKeys(pinned []Verifier, statements [][]byte) ([]Verifier, error) {
	steps, err := openSuccessions(statements)
	if err != nil {
		return pinned, err
	}
	known := append([]Verifier(nil), pinned...)
	for i := 0; i < len(known); i++ {
		for _, s := range steps {
			if !sameName(s.old, known[i]) || holds(known, s.new) {
				continue
			}
			// Name and hash of a key can be made to agree with another's: it is
			// the trusted key itself that must have signed.
			if n, err := note.Open(s.note, keySet{known[i]}); err != nil || len(n.Sigs) != 1 {
				return pinned, fmt.Errorf("%w: a statement is not signed by the key it continues", ErrKeyChain)
			}
			known = append(known, s.new)
		}
	}
	return known, nil
}

// openSuccessions opens all statements and refuses forks.
func openSuccessions(statements [][]byte) ([]Succession, error) {
	steps := make([]Succession, 0, len(statements))
	next := make(map[string]string, len(statements))
	for _, msg := range statements {
		s, err := OpenSuccession(msg)
		if err != nil {
			return nil, err
		}
		if other, ok := next[s.Old]; ok && other != s.New {
			return nil, fmt.Errorf("%w: one key has two different successors", ErrKeyChain)
		}
		next[s.Old] = s.New
		steps = append(steps, s)
	}
	return steps, nil
}

func sameName(a, b Verifier) bool { return a.Name() == b.Name() && a.KeyHash() == b.KeyHash() }

func holds(list []Verifier, v Verifier) bool {
	return slices.ContainsFunc(list, func(k Verifier) bool { return sameName(k, v) })
}

// canonicalSignatures refuses a second spelling of the same signature.
func canonicalSignatures(sigs []note.Signature) bool {
	for _, sig := range sigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return false
		}
	}
	return true
}
