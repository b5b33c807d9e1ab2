package journal

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"postern/audit"
)

// Aged is a row that may be too old: who it is about and when, never what it says.
type Aged struct {
	Record audit.Record // without reference and parts; of files and deliveries only what those have
	Seq    uint64       // of the record or delivery
	Row    audit.ID     // of the record, file or, for a delivery, of the record delivered
	// Parent is the record that Record refers to, without id and parts; its
	// Version is 0 where there is none, and Purged where it is gone.
	Parent  audit.Record
	Content bool // a part with content is there
	Detail  bool // its detail is there
}

// agedSlack is how many records past the last one whose id is old enough are
// looked at: what happened at one moment may be appended in another order.
const agedSlack = 1000

// agedPage is how many records are looked at under one moment of the store, and
// at once: an erasure waits for the end of it, and sends for a processor.
const agedPage = 500

// agedRowsPage bounds how many files or webhooks are held at once.
const agedRowsPage = 1000

// Aged calls fn for each record from seq on with a time before the given one
// (microseconds), in the chain's order, but for revisions: they come with the
// record that they are of, or its place. Purged ones are left out. The value is
// reused; fn must not keep it.
func (r *Reader) Aged(ctx context.Context, from uint64, before int64, fn func(*Aged) error) error {
	var last, revised int64
	err := r.view(ctx, func(c *conn) (err error) {
		if last, err = lastBefore(c, before); err == nil {
			revised, err = c.integer("SELECT count(*) FROM (" + revisionContexts + " LIMIT 1)")
		}
		return err
	})
	var page []Aged
	for at := int64(from); err == nil && at <= last; at += agedPage { //nolint:gosec // far below 2^63
		if page, err = r.agedPage(ctx, page[:0], at, min(at+agedPage-1, last), before, revised > 0); err == nil {
			err = eachAged(ctx, page, fn)
		}
	}
	return err
}

func (r *Reader) agedPage(ctx context.Context, page []Aged, from, last, before int64, revised bool) ([]Aged, error) {
	err := r.view(ctx, func(c *conn) error {
		contexts := newReader(c)
		add := func(row []driver.Value) error {
			page = append(page, Aged{})
			return contexts.aged(row, &page[len(page)-1])
		}
		err := c.query(agedRecords, add, from, last, before)
		if err != nil || !revised {
			return err
		}
		return c.query(agedRevisions, add, from, last, before)
	})
	if err != nil {
		return nil, fmt.Errorf("read old records: %w", err)
	}
	return page, nil
}

func eachAged(ctx context.Context, page []Aged, fn func(*Aged) error) error {
	for i := range page {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := fn(&page[i]); err != nil {
			return err
		}
	}
	return nil
}

const agedColumns = `SELECT r.seq, r.context, r.id, r.time, r.subject, p.context, p.subject, p.seq, p.time,
		x'01' IN (substr(r.body, 1, 1), substr(r.input, 1, 1), substr(r.answer, 1, 1), substr(r.original, 1, 1), substr(r.sent, 1, 1)),
		substr(r.detail, 1, 1) = x'01'`

const agedRecords = agedColumns + ` FROM records r LEFT JOIN records p ON p.id = r.ref AND p.seq >= 0
	WHERE r.seq >= ? AND r.seq <= ? AND r.time > 0 AND r.time < ? AND r.context NOT IN (` + revisionContexts + `) ORDER BY r.seq`

// agedRevisions have the time of what they revise and a place far behind it: they
// are looked up from there, also where it is purged.
const agedRevisions = agedColumns + ` FROM records p CROSS JOIN records r ON r.ref = p.id
	WHERE p.seq >= ? AND p.seq <= ? AND r.time > 0 AND r.time < ? AND r.context IN (` + revisionContexts + `) ORDER BY r.seq`

// lastBefore is where the records older than a time end, with some to spare. Ids
// sort by time, so that their index stands for one of times.
func lastBefore(c *conn, before int64) (int64, error) {
	last, err := c.integer("SELECT coalesce(max(seq), -1) FROM (SELECT seq FROM records WHERE id < ? AND seq >= 0 ORDER BY id DESC LIMIT 1000)",
		idAt(before+1000)) // those of its millisecond, too
	if err != nil {
		return 0, fmt.Errorf("look for old records: %w", err)
	}
	return last + agedSlack, nil
}

// idAt is below the id of every record of that time (microseconds) or later.
func idAt(at int64) []byte {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(at, 0)/1000)<<16) //nolint:gosec // not negative
	return id[:]
}

func (d *reader) aged(row []driver.Value, a *Aged) error {
	ctx, err := d.context(asInt(row[1]))
	if err != nil {
		return err
	}
	a.Record, a.Parent = *ctx, audit.Record{}
	r := &a.Record
	r.Seq, r.Time = asUint(row[0]), asInt(row[3])
	copyExact(r.ID[:], row[2])
	copyExact(r.Subject[:], row[4])
	a.Seq, a.Row = r.Seq, r.ID
	a.Content, a.Detail = asInt(row[9]) == 1, asInt(row[10]) == 1
	if row[5] == nil {
		return nil
	}
	if ctx, err = d.context(asInt(row[5])); err != nil {
		return err
	}
	a.Parent = *ctx
	copyExact(a.Parent.Subject[:], row[6])
	a.Parent.Seq, a.Parent.Time = asUint(row[7]), asInt(row[8])
	a.Parent.Purged = a.Parent.Kind == audit.KindPurged
	return nil
}

// AgedMedia is Aged for the files that the media store holds, and AgedDeliveries
// for webhooks that were given up.
func (r *Reader) AgedMedia(ctx context.Context, before int64, fn func(*Aged) error) error {
	return r.agedRows(ctx, "SELECT 0, id, created, tenant, app, number, subject FROM media WHERE stored = 1 AND created < ?1 AND (created, id) > (?2, ?3) ORDER BY created, id LIMIT ?5", audit.KindMedia, before, fn)
}

// AgedDeliveries see AgedMedia.
func (r *Reader) AgedDeliveries(ctx context.Context, before int64, fn func(*Aged) error) error {
	return r.agedRows(ctx, "SELECT seq, id, created, tenant, app, number, subject FROM deliveries WHERE state = 2 AND created < ?1 AND seq > ?4 ORDER BY seq LIMIT ?5", audit.KindDelivery, before, fn)
}

// agedRows asks page by page. The text's parameters are the time, the time, id
// and place of the last row before, and how many rows are asked for.
func (r *Reader) agedRows(ctx context.Context, text string, kind audit.Kind, before int64, fn func(*Aged) error) error {
	last := Aged{Record: audit.Record{Time: math.MinInt64}}
	for {
		page, err := r.agedRowsAfter(ctx, text, kind, before, &last)
		if err != nil {
			return fmt.Errorf("read old rows: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		last = page[len(page)-1]
		if err := eachAged(ctx, page, fn); err != nil {
			return err
		}
	}
}

func (r *Reader) agedRowsAfter(ctx context.Context, text string, kind audit.Kind, before int64, last *Aged) (page []Aged, err error) {
	err = r.view(ctx, func(c *conn) error {
		return c.query(text, func(row []driver.Value) error {
			a := Aged{Seq: asUint(row[0]), Content: true, Record: audit.Record{
				Kind: kind, Time: asInt(row[2]), Tenant: asString(row[3]), App: asString(row[4]), Number: asString(row[5]),
			}}
			copyExact(a.Row[:], row[1])
			copyExact(a.Record.Subject[:], row[6])
			page = append(page, a)
			return ctx.Err()
		}, before, last.Record.Time, last.Row[:], int64(last.Seq), int64(agedRowsPage)) //nolint:gosec // far below 2^63
	})
	return page, err
}

// LastContact is the time of the newest record about a person, or 0. That somebody
// here looked at what is kept of them is none: it would never end then.
func (r *Reader) LastContact(ctx context.Context, s audit.SubjectID) (at int64, err error) {
	err = r.view(ctx, func(c *conn) error {
		at, err = c.integer(`SELECT coalesce((SELECT r.time FROM records r CROSS JOIN contexts c ON c.id = r.context
			WHERE r.subject = ?1 AND r.ref IS NULL AND r.seq >= 0 AND c.kind <> 'trail_read' ORDER BY r.seq DESC LIMIT 1), 0)`, s[:])
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for the last contact: %w", err)
	}
	return at, nil
}

// Times are moments by which a clock can be judged, microseconds; 0 is none.
type Times struct {
	Newest int64 // of the newest record that has a time of its own: revisions have an old one
	Before int64 // of the newest record that is older than the time asked for
	Jumped int64 // of the newest record since then and up to now that says the clock jumped ahead by more than farAhead
}

// farAhead is more than a clock is ever corrected by, in seconds.
const farAhead = 3600

// Times reads moments of the trail around a time, as seen from now. A jump that
// is on record after now was taken back.
func (r *Reader) Times(ctx context.Context, at, now time.Time) (t Times, err error) {
	err = r.view(ctx, func(c *conn) error {
		err := c.query("SELECT time FROM records WHERE seq >= 0 AND time > 0 AND context NOT IN ("+revisionContexts+") ORDER BY seq DESC LIMIT 1", func(row []driver.Value) error {
			t.Newest = asInt(row[0])
			return nil
		})
		older := c.query("SELECT id FROM records WHERE id < ? AND seq >= 0 ORDER BY id DESC LIMIT 1", func(row []driver.Value) error {
			var id audit.ID
			copyExact(id[:], row[0])
			t.Before = id.Milli() * 1000
			return nil
		}, idAt(at.UnixMicro()))
		return cmp.Or(err, older, t.readJump(c, at, now))
	})
	if err != nil {
		return Times{}, fmt.Errorf("read times: %w", err)
	}
	return t, nil
}

// readJump reads nothing of the records while no clock ever jumped.
func (t *Times) readJump(c *conn, at, now time.Time) error {
	jumped := false
	err := c.query("SELECT 1 FROM contexts WHERE kind = 'life' AND type = 'clock_jump' LIMIT 1", func([]driver.Value) error {
		jumped = true
		return nil
	})
	if err != nil || !jumped {
		return err
	}
	return c.query(`SELECT time FROM records WHERE id >= ? AND id < ? AND code > ? AND context IN
		(SELECT id FROM contexts WHERE kind = 'life' AND type = 'clock_jump') ORDER BY id DESC LIMIT 1`, func(row []driver.Value) error {
		t.Jumped = asInt(row[0])
		return nil
	}, idAt(at.UnixMicro()), idAt(now.Add(time.Second).UnixMicro()), int64(farAhead))
}
