package export

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"postern/audit"
)

// schema is the version of the event's form (event.schema.json).
const schema = 1

// Event is one record on its way out.
type Event struct {
	Chain string
	Seq   uint64
	Time  time.Time
	Kind  string
	Level Level

	JSON []byte // one object, ASCII, without line breaks

	prev, leaf [32]byte
	head, body int // lengths in JSON of what every event has, and of all that is not large
	large      []string
}

// Level is how urgent an event is to who watches. The zero value is the least.
type Level int

// Levels.
const (
	Info    Level = iota
	Notice        // something was refused
	Warning       // somebody went round the gate, or nobody could read what came
)

func levelOf(r *audit.Record) Level {
	switch {
	case r.Kind == audit.KindUnmatchedSend, r.Kind == audit.KindUndecodable:
		return Warning
	case r.Effect == audit.EffectDeny:
		return Notice
	}
	return Info
}

// shape makes events of records by one filter. It is one goroutine's.
type shape struct {
	chain    string // of a record that does not say it: it was purged
	filter   Filter
	fields   []field
	previous int64 // seq of the last event, -1 before the first; kept where the filter narrows
}

func newShape(chain string, f Filter) (*shape, error) {
	chosen, err := f.chosen()
	if err != nil {
		return nil, err
	}
	return &shape{chain: chain, filter: f, fields: chosen, previous: -1}, nil
}

// event is the record as an event; false where the filter leaves it out.
func (s *shape) event(r *audit.Record) (Event, bool) {
	if !s.filter.passes(r) {
		return Event{}, false
	}
	e := encoder{b: append(make([]byte, 0, 1024), '{')}
	s.writeHead(&e, r)
	out := Event{
		Chain: cmp.Or(r.Chain, s.chain), Seq: r.Seq, Time: time.UnixMicro(timeOf(r)).UTC(), Kind: string(r.Kind), Level: levelOf(r),
		prev: r.Prev, leaf: r.Leaf, head: len(e.b),
	}
	for _, f := range s.fields {
		if !f.large {
			f.write(&e, r)
		}
	}
	out.body = len(e.b)
	for _, f := range append([]field{erasure}, s.fields...) {
		if n := len(e.b); f.large {
			if f.write(&e, r); len(e.b) > n {
				out.large = append(out.large, f.name)
			}
		}
	}
	out.JSON = append(e.b, '}')
	s.previous = int64(r.Seq) //nolint:gosec // far below 2^63
	return out, true
}

// writeHead writes what every event has: its place in the chain, and what it is.
func (s *shape) writeHead(e *encoder, r *audit.Record) {
	e.number("schema", schema)
	e.text("chain", cmp.Or(r.Chain, s.chain))
	e.number("seq", int64(r.Seq)) //nolint:gosec // far below 2^63
	e.hex("prev", r.Prev[:])
	e.hex("leaf", r.Leaf[:])
	if s.filter.narrows() && s.previous >= 0 {
		e.number("previous_exported", s.previous)
	}
	e.hex("id", r.ID[:])
	e.text("kind", string(r.Kind))
	e.number("time", timeOf(r))
	e.one("erased", slices.ContainsFunc(r.Parts, func(p audit.Part) bool { return p.Erased }))
}

// timeOf is the record's time in microseconds; of a purged one that of its id,
// which is all that is left.
func timeOf(r *audit.Record) int64 {
	if !r.Purged {
		return r.Time
	}
	var ms int64
	for _, b := range r.ID[:6] {
		ms = ms<<8 | int64(b)
	}
	return ms * 1000
}

// erasure is what the receiver has to erase, too. A detail that is no erasure
// covers nothing.
var erasure = field{name: "erasure", large: true, write: func(e *encoder, r *audit.Record) {
	if r.Kind != audit.KindErasure {
		return
	}
	detail := []byte(part(r, audit.PartDetail))
	if _, err := audit.DecodeErasure(detail); err == nil {
		e.raw("erasure", detail)
	}
}}

// shrink makes the event fit into n bytes: first without its large members, then
// without all that not every event has; `omitted` names what is missing. The
// second result says whether something is.
func (e Event) shrink(n int) (Event, bool, error) {
	if len(e.JSON) <= n {
		return e, false, nil
	}
	if small := e.without(e.body, e.large); len(e.large) > 0 && len(small.JSON) <= n {
		return small, true, nil
	}
	if least := e.least(); len(least.JSON) <= n {
		return least, true, nil
	}
	return e, false, fmt.Errorf("record %d does not fit into %d bytes even without its fields; let the receiver take more", e.Seq, n)
}

// least is the event with what every event has.
func (e Event) least() Event { return e.without(e.head, []string{"*"}) }

func (e Event) without(keep int, omitted []string) Event {
	enc := encoder{b: slices.Clone(e.JSON[:keep])}
	enc.list("omitted", omitted)
	e.JSON, e.body, e.large = append(enc.b, '}'), min(e.body, keep), nil
	return e
}

func hash(h [32]byte) string { return hex.EncodeToString(h[:]) }
