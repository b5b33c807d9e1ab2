package journal

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"postern/audit"
)

// Token is a value that a record shows as a reversible token: sealed, under the
// keyed hash that the token shows. It goes with the record's body or original,
// with the record, and with the person.
type Token struct {
	Hash    [10]byte
	Record  audit.ID
	Subject audit.SubjectID
	Class   string // of the data key that seals it, with Month
	Month   string
	Time    int64 // of the record, microseconds
	Sealed  []byte
}

func putTokens(c *conn, b *Batch) error {
	return each(c, b.Tokens, "INSERT OR IGNORE INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)", func(t Token) []any {
		return []any{t.Hash[:], t.Record[:], t.Subject[:], t.Class, t.Month, t.Time, t.Sealed}
	})
}

func tokenOf(row []driver.Value) Token {
	t := Token{Class: asString(row[3]), Month: asString(row[4]), Time: asInt(row[5]), Sealed: asBytes(row[6])}
	copy(t.Hash[:], asBytes(row[0]))
	copy(t.Record[:], asBytes(row[1]))
	copy(t.Subject[:], asBytes(row[2]))
	return t
}

const selectToken = "SELECT hash, record, subject, class, month, time, sealed FROM tokens"

// Tokens returns at most limit rows of a keyed hash, the newest first: one for
// each record that shows the token.
func (j *Journal) Tokens(ctx context.Context, hash [10]byte, limit int) ([]Token, error) {
	return rows(ctx, j, selectToken+" WHERE hash = ? ORDER BY time DESC, record LIMIT ?", tokenOf, hash[:], int64(limit))
}

// Token returns the row of a keyed hash in one record, or ErrNotFound.
func (j *Journal) Token(ctx context.Context, hash [10]byte, record audit.ID) (Token, error) {
	return one(ctx, j, selectToken+" WHERE hash = ? AND record = ?", tokenOf, hash[:], record[:])
}

// TokensOf returns the rows of a record, or of what it revises, by keyed hash.
func (j *Journal) TokensOf(ctx context.Context, r *audit.Record) ([]Token, error) {
	of := r.ID
	if r.Kind == audit.KindRevision {
		of = r.Ref
	}
	return rows(ctx, j, selectToken+" WHERE record = ? ORDER BY hash", tokenOf, of[:])
}

// dropTokens is what goes with a record, and with its body or original. What a
// revision shows rests under the first record, as it was sealed.
const dropTokens = "DELETE FROM tokens WHERE record IN (SELECT id FROM records WHERE seq = ?1" +
	" UNION SELECT r.ref FROM records r JOIN contexts c ON c.id = r.context WHERE r.seq = ?1 AND c.kind = 'revision')"

// dropOtherTokens is dropTokens without those that are shown still.
func (j *Journal) dropOtherTokens(seq uint64, shown [][10]byte) error {
	names := make([]string, len(shown))
	for i := range shown {
		names[i] = hex.EncodeToString(shown[i][:])
	}
	list, err := json.Marshal(names)
	if err != nil {
		return fmt.Errorf("name tokens: %w", err)
	}
	_, err = j.w.exec(dropTokens+" AND lower(hex(hash)) NOT IN (SELECT value FROM json_each(?2))", int64(seq), string(list)) //nolint:gosec // far below 2^63
	return err
}

// neededByTokens takes out of free what seals values that records of a person
// show as tokens.
func (j *Journal) neededByTokens(ctx context.Context, s audit.SubjectID, e *Erase, free map[keyName]bool) error {
	const sealed = "SELECT t.class, t.month, r.seq FROM tokens t JOIN records r ON r.id = t.record WHERE t.subject = ?"
	return j.scan(ctx, sealed, func(row []driver.Value) error {
		if _, goes := slices.BinarySearch(e.Seqs, asUint(row[2])); !goes {
			delete(free, keyName{s, asString(row[0]), asString(row[1])})
		}
		return nil
	}, s[:])
}
