package journal

import (
	"context"
	"database/sql/driver"

	"postern/audit"
)

// Media is one file that went to upstream or came from it. Its content, where
// it is kept, lies in the media store under the same id.
type Media struct {
	ID       audit.ID // ours; the On-Premises dialects show it as a UUID
	Tenant   string
	Number   string
	App      string
	Subject  audit.SubjectID // whose data key seals id and content
	Month    string          // of that key
	Hash     [16]byte        // keyed hash of upstream's id
	Upstream []byte          // upstream's id, sealed; nil once it is gone
	Kind     string          // image, audio, video, document or sticker
	Mime     string
	Bytes    int64 // -1 while not known
	Inbound  bool
	Stored   bool  // the media store holds the content
	Created  int64 // microseconds
	Until    int64 // when its id is over; row and content go then, unless something keeps them
	FetchAt  int64 // when the content is to be fetched from upstream; 0 if it is not
}

const selectMedia = `SELECT id, tenant, number, app, subject, month, hash, upstream, kind, mime, bytes, inbound, stored, created, until, fetch_at FROM media`

func putMedia(c *conn, b *Batch) error {
	return each(c, b.Media, "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", func(m Media) []any {
		return []any{
			m.ID[:], m.Tenant, m.Number, m.App, idOrNull(m.Subject), m.Month, m.Hash[:], orNull(m.Upstream), m.Kind, m.Mime, m.Bytes,
			bit(m.Inbound), bit(m.Stored), m.Created, m.Until, m.FetchAt,
		}
	})
}

// changeMedia changes of a row what comes to be known of its content, and
// nothing of one that went or was erased meanwhile. Its time only gets shorter.
func changeMedia(c *conn, b *Batch) error {
	const change = "UPDATE media SET mime = ?, bytes = ?, stored = ?, fetch_at = ?, until = min(until, ?) WHERE id = ? AND upstream IS NOT NULL"
	return each(c, b.ChangedMedia, change, func(m Media) []any {
		return []any{m.Mime, m.Bytes, bit(m.Stored), m.FetchAt, m.Until, m.ID[:]}
	})
}

func dropMedia(c *conn, b *Batch) error {
	return each(c, b.GoneMedia, "DELETE FROM media WHERE id = ?", func(id audit.ID) []any { return []any{id[:]} })
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func mediaOf(row []driver.Value) Media {
	m := Media{
		Tenant: asString(row[1]), Number: asString(row[2]), App: asString(row[3]), Month: asString(row[5]), Upstream: asBytes(row[7]),
		Kind: asString(row[8]), Mime: asString(row[9]), Bytes: asInt(row[10]), Inbound: asInt(row[11]) == 1, Stored: asInt(row[12]) == 1,
		Created: asInt(row[13]), Until: asInt(row[14]), FetchAt: asInt(row[15]),
	}
	copy(m.ID[:], asBytes(row[0]))
	copy(m.Subject[:], asBytes(row[4]))
	copy(m.Hash[:], asBytes(row[6]))
	return m
}

// Media returns the row of an id of ours, or ErrNotFound.
func (j *Journal) Media(ctx context.Context, id audit.ID) (Media, error) {
	return one(ctx, j, selectMedia+" WHERE id = ?", mediaOf, id[:])
}

// MediaByHash returns the newest row of an upstream id by its keyed hash, or
// ErrNotFound.
func (j *Journal) MediaByHash(ctx context.Context, hash [16]byte) (Media, error) {
	return one(ctx, j, selectMedia+" WHERE hash = ? ORDER BY created DESC LIMIT 1", mediaOf, hash[:])
}

// MediaOf returns the rows of a person.
func (j *Journal) MediaOf(ctx context.Context, id audit.SubjectID) ([]Media, error) {
	return rows(ctx, j, selectMedia+" WHERE subject = ? ORDER BY created, id", mediaOf, id[:])
}

// What is over: all of it; what was made before a floor; what no floor keeps. Rows
// that a floor keeps are years' worth, and are not walked through.
const (
	overAll  = " INDEXED BY media_until WHERE until < ?"
	overOld  = " INDEXED BY media_created WHERE stored = 1 AND created < ? AND upstream IS NOT NULL AND until < ?"
	overBare = " INDEXED BY media_bare WHERE (stored = 0 OR upstream IS NULL) AND until < ?"
)

// MediaOver returns at most limit rows whose time ended before a moment
// (microseconds), after the first skip of them. Those whose content is kept and
// that were made at floor or later are not among them, unless they were erased.
func (j *Journal) MediaOver(ctx context.Context, before, floor int64, skip, limit int) ([]Media, error) {
	const order = " ORDER BY until, id LIMIT ? OFFSET ?"
	if floor >= before { // it keeps nothing that is over
		return rows(ctx, j, selectMedia+overAll+order, mediaOf, before, int64(limit), int64(skip))
	}
	return rows(ctx, j, selectMedia+overOld+" UNION ALL "+selectMedia+overBare+order, mediaOf, floor, before, before, int64(limit), int64(skip))
}

// MediaDue returns at most limit rows whose content is to be fetched by now
// (microseconds).
func (j *Journal) MediaDue(ctx context.Context, now int64, limit int) ([]Media, error) {
	return rows(ctx, j, selectMedia+" WHERE fetch_at > 0 AND fetch_at <= ? ORDER BY fetch_at LIMIT ?", mediaOf, now, int64(limit))
}

// MediaOldest returns at most limit rows whose content is kept, in the order in
// which they make room: what apps uploaded, which they have themselves, before
// what people sent, of each the oldest first, after the first skip of them. What
// was made at floor (microseconds) or later is not among them.
func (j *Journal) MediaOldest(ctx context.Context, floor int64, skip, limit int) ([]Media, error) {
	return rows(ctx, j, selectMedia+oldestMedia, mediaOf, floor, int64(limit), int64(skip))
}

// oldestMedia walks the index and sorts nothing.
const oldestMedia = " INDEXED BY media_oldest WHERE stored = 1 AND created < ? ORDER BY inbound, created, id LIMIT ? OFFSET ?"
