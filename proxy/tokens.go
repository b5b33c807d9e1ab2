package proxy

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/pii"
	"postern/proxy/person"
)

// tokenMaker makes the reversible tokens of one message and remembers what has to
// be sealed with its record. A value of the same type has the same token in all
// messages of a tenant, as long as the key of originals is not rotated; older
// tokens stay readable.
type tokenMaker struct {
	keys   *keyring.Keyring
	tenant string
	values map[[10]byte]string
}

func (g *Gate) newTokens(tenant string) *tokenMaker {
	return &tokenMaker{keys: g.cfg.Keys, tenant: tenant}
}

// Token implements pii.Tokenizer.
func (t *tokenMaker) Token(kind string, canonical []byte, written string) string {
	version, sum, err := t.keys.MAC(keyring.Original, []byte("token"), []byte(t.tenant), []byte(kind), canonical)
	if err != nil {
		return ""
	}
	hash := [10]byte(sum[:])
	if t.values == nil {
		t.values = map[[10]byte]string{}
	}
	if _, ok := t.values[hash]; !ok {
		t.values[hash] = written
	}
	return "v" + strconv.FormatUint(uint64(version), 10) + "_" + strings.ToLower(hashText.EncodeToString(hash[:]))
}

// of is t for treatments. What belongs to nobody could never be erased: it
// has no tokens, labels stand in their place.
func (t *tokenMaker) of(subject audit.SubjectID) pii.Tokenizer {
	if t == nil || subject.IsZero() {
		return nil
	}
	return t
}

// rows seals the values with the record that shows them, under its data key.
func (t *tokenMaker) rows(ctx context.Context, g *Gate, r *audit.Record, people *person.Rows) ([]journal.Token, error) {
	out := make([]journal.Token, 0, len(t.values))
	key := journal.DataKey{Subject: r.Subject, Class: audit.KeyClass(r.Kind, r.Retention), Month: person.Month(time.UnixMicro(r.Time))}
	for hash, value := range t.values {
		sealed, err := g.seal(ctx, key, people, r.ID, tokenPlace(hash), []byte(value))
		if err != nil {
			return nil, fmt.Errorf("keep the value of a token: %w", err)
		}
		out = append(out, journal.Token{Hash: hash, Record: r.ID, Subject: r.Subject, Class: key.Class, Month: key.Month, Time: r.Time, Sealed: sealed})
	}
	return out, nil
}

// tokenPlace names a value within its record, for what its seal is bound to.
func tokenPlace(hash [10]byte) string { return "token:" + hashText.EncodeToString(hash[:]) }

// tokenHash reads the keyed hash that a token shows.
func tokenHash(token string) (hash [10]byte, ok bool) {
	_, name, ok := pii.ParseToken(token)
	if !ok {
		return hash, false
	}
	b, err := hashText.DecodeString(strings.ToUpper(name[strings.IndexByte(name, '_')+1:]))
	return hash, err == nil && copy(hash[:], b) == len(hash) && len(b) == len(hash)
}

// IsToken reports the form of a reversible token.
func IsToken(s string) bool {
	_, ok := tokenHash(s)
	return ok
}

// TokenName is how a token names its value, by which a text that shows it is
// known; the version of the key stands before it.
func TokenName(hash [10]byte) string { return "_" + strings.ToLower(hashText.EncodeToString(hash[:])) }

// Tokens are the rows of a token, at most limit, the newest first.
func (s Sealed) Tokens(ctx context.Context, token string, limit int) ([]journal.Token, error) {
	hash, ok := tokenHash(token)
	if !ok {
		return nil, nil
	}
	return s.Journal.Tokens(ctx, hash, limit)
}

// token is the value that a record keeps for a token it shows.
func (s Sealed) token(ctx context.Context, r *audit.Record, token string) (sealedValue, error) {
	hash, ok := tokenHash(token)
	if !ok {
		return sealedValue{}, ErrNotKept
	}
	of := r.ID
	if r.Kind == audit.KindRevision { // the value was sealed with the record that it revises
		of = r.Ref
	}
	row, err := s.Journal.Token(ctx, hash, of)
	return sealedValue{row.Subject, row.Class, []string{row.Month}, partAAD(of, tokenPlace(hash)), row.Sealed}, kept(err)
}
