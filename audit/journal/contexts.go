package journal

import (
	"bytes"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"

	"postern/audit"
)

// contextCache maps the repeating values of a record to their row. Rows made
// in a transaction join known when it is committed.
type contextCache struct {
	known map[string]int64
	fresh map[string]int64
	key   []byte
}

// maxContexts bounds the memory of the cache; beyond it rows are looked up.
const maxContexts = 20000

func (k *contextCache) forget() { k.known, k.fresh = map[string]int64{}, map[string]int64{} }

func (k *contextCache) committed() {
	if len(k.known) > maxContexts {
		clear(k.known)
	}
	for s, id := range k.fresh {
		k.known[s] = id
	}
	clear(k.fresh)
}

func (k *contextCache) rolledBack() { clear(k.fresh) }

// contextWidth is the number of text columns.
const contextWidth = 17

// contextFields are in the order of the table's columns after version.
func contextFields(r *audit.Record) [contextWidth]string {
	return [...]string{
		r.Chain, string(r.Kind), r.Tenant, r.App, r.Number, r.Actor, r.Direction, r.Dialect, r.Type, r.Category,
		string(r.Effect), joinList(r.Reasons), joinList(r.Observed), r.Revision, r.Retention, joinList(r.Labels), r.Result,
	}
}

// appendKey appends a form of the fields that no other fields have: the
// encoding of records refuses a zero byte.
func appendKey(dst []byte, version uint16, fields []string) []byte {
	dst = append(dst, byte(version>>8), byte(version))
	for _, f := range fields {
		dst = append(append(dst, f...), 0)
	}
	return dst
}

func contextHash(key []byte) []byte {
	sum := sha256.Sum256(key)
	return sum[:16]
}

// id returns the row of the record's context and makes it if there is none.
func (k *contextCache) id(c *conn, r *audit.Record) (int64, error) {
	fields := contextFields(r)
	k.key = appendKey(k.key[:0], r.Version, fields[:])
	if id, ok := k.known[string(k.key)]; ok {
		return id, nil
	}
	if id, ok := k.fresh[string(k.key)]; ok {
		return id, nil
	}
	hash := contextHash(k.key)
	id, err := c.integer("SELECT id FROM contexts WHERE hash = ?", hash)
	if err == nil && id == 0 {
		id, err = insertContext(c, hash, r.Version, fields[:])
	}
	if err != nil {
		return 0, fmt.Errorf("store context: %w", err)
	}
	k.fresh[string(k.key)] = id
	return id, nil
}

const insertContextText = "INSERT INTO contexts VALUES (NULL, ?, ?, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id"

func insertContext(c *conn, hash []byte, version uint16, fields []string) (int64, error) {
	values := []any{hash, int64(version)}
	for _, f := range fields {
		values = append(values, f)
	}
	return c.integer(insertContextText, values...)
}

// readContext reads one row as a record that holds those fields only. A row
// that is missing or not as it was written gives an empty record, which has no
// leaf: Verify then names every record of that context.
func readContext(c *conn, id int64) (*audit.Record, error) {
	out := &audit.Record{}
	err := c.query("SELECT * FROM contexts WHERE id = ?", func(row []driver.Value) error {
		fields := make([]string, 0, contextWidth)
		for _, v := range row[3:] {
			s, ok := v.(string)
			if !ok {
				return nil
			}
			fields = append(fields, s)
		}
		version := uint16(asInt(row[2])) //nolint:gosec // compared by the hash
		if asInt(row[2]) == int64(version) && bytes.Equal(asBytes(row[1]), contextHash(appendKey(nil, version, fields))) {
			out = contextRecord(version, fields)
		}
		return nil
	}, id)
	if err != nil {
		return nil, fmt.Errorf("read context: %w", err)
	}
	return out, nil
}

// contextRecord is the inverse of contextFields.
func contextRecord(version uint16, f []string) *audit.Record {
	return &audit.Record{
		Version: version, Chain: f[0], Kind: audit.Kind(f[1]), Tenant: f[2], App: f[3], Number: f[4], Actor: f[5],
		Direction: f[6], Dialect: f[7], Type: f[8], Category: f[9], Effect: audit.Effect(f[10]),
		Reasons: splitList(f[11]), Observed: splitList(f[12]), Revision: f[13], Retention: f[14],
		Labels: splitList(f[15]), Result: f[16],
	}
}
