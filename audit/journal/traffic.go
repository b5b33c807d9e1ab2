package journal

import (
	"context"
	"database/sql/driver"
	"fmt"

	"postern/audit"
)

// Traffic is what passed one business number within a part of the chain. Times
// are microseconds, 0 where there was none.
type Traffic struct {
	FirstHook, LastHook int64 // webhooks of upstream about the number, of any kind
	LastIn              int64 // messages of people
	FirstOut, LastOut   int64 // sends that upstream took
	Unmatched           int64 // statuses and echoes of messages nobody admitted
	Strays              int64 // webhook content that belongs to nobody here
}

const selectTraffic = `SELECT c.kind, min(r.time), max(r.time), count(*) FROM records r JOIN contexts c ON c.id = r.context
WHERE r.seq >= max(?, 0) AND r.seq < ? AND (c.kind <> 'settle' OR r.message_id IS NOT NULL)
AND r.context IN (SELECT id FROM contexts WHERE number = ? AND kind IN ('inbound', 'status', 'unmatched_send', 'undecodable', 'settle'))
GROUP BY c.kind`

const selectUnended = `SELECT count(*) FROM records r WHERE r.seq >= max(?, 0) AND r.seq < ? AND r.message_id IS NOT NULL
AND r.context IN (SELECT id FROM contexts WHERE number = ? AND kind = 'settle')
AND NOT EXISTS (SELECT 1 FROM records s JOIN contexts c ON c.id = s.context
  WHERE s.ref = r.ref AND s.seq >= 0 AND c.kind = 'status' AND c.result IN ('delivered', 'read', 'played', 'failed'))`

// Traffic reads the records from one seq to before another. It reads each of
// them, about 100,000 a second on two busy cores: bound the part.
func (j *Journal) Traffic(ctx context.Context, number string, from, until uint64) (Traffic, error) {
	var t Traffic
	err := j.scan(ctx, selectTraffic, func(row []driver.Value) error {
		t.add(audit.Kind(asString(row[0])), asInt(row[1]), asInt(row[2]), asInt(row[3]))
		return nil
	}, int64(from), int64(until), number) //nolint:gosec // far below 2^63
	if err != nil {
		return Traffic{}, fmt.Errorf("read traffic: %w", err)
	}
	return t, nil
}

// Unended counts the sends of a number that upstream took within a part of the
// chain and whose end no status told, up to now. It costs about twice as much as
// Traffic.
func (j *Journal) Unended(ctx context.Context, number string, from, until uint64) (n int64, err error) {
	err = j.scan(ctx, selectUnended, func(row []driver.Value) error {
		n = asInt(row[0])
		return nil
	}, int64(from), int64(until), number) //nolint:gosec // as above
	return n, err
}

func (t *Traffic) add(kind audit.Kind, first, last, n int64) {
	if kind == audit.KindSettle {
		t.FirstOut, t.LastOut = first, last
		return
	}
	if t.FirstHook == 0 || first < t.FirstHook {
		t.FirstHook = first
	}
	t.LastHook = max(t.LastHook, last)
	switch kind {
	case audit.KindInbound:
		t.LastIn = last
	case audit.KindUnmatchedSend:
		t.Unmatched = n
	case audit.KindUndecodable:
		t.Strays = n
	}
}
