package dialect

import (
	"strconv"
)

// flatState is the state an old client is told; "" holds the status back. One
// published receiver answers 400 to any word the old API did not have.
// The states of a payment are not the message's.
func (e *event) flatState() string {
	switch s := e.ev.Status.State; {
	case e.t.str(e.x, "type") == "payment":
		return ""
	case s == "sent" && e.r.Sent, s == "delivered" && !e.r.NoDelivered, s == "read" && !e.r.NoRead:
		return s
	case s == "failed", s == "deleted":
		return s
	case s == "played" && !e.r.ReadSeen && !e.r.NoRead:
		return "read"
	}
	return ""
}

func (e *event) flatStatus() ([]byte, bool) {
	t, x := e.t, e.x
	if !t.is(x, '{') || e.ev.Status == nil {
		return nil, false
	}
	e.ids()
	id, state := t.str(x, "id"), e.flatState()
	if id == "" || state == "" {
		return nil, false
	}
	to := or(or(t.str(x, "recipient_id"), e.ev.Peer.Number), e.ev.Peer.UserID)
	out := appendASCII([]byte(`{"statuses":[{"id":`), id)
	out = appendASCII(append(out, `,"recipient_id":`...), to)
	out = appendASCII(append(out, `,"status":`...), state)
	out = appendASCII(append(out, `,"timestamp":`...), t.str(x, "timestamp"))
	out = appendASCII(append(out, `,"type":"message","message":{"recipient_id":`...), to)
	out = e.flatBilling(append(out, '}'))
	out = e.flatErrors(out)
	return append(out, '}', ']', '}'), true
}

// flatBilling passes conversation and pricing on, the expiry as an integer.
func (e *event) flatBilling(out []byte) []byte {
	t := e.t
	if c := t.child(e.x, "conversation"); t.is(c, '{') {
		if n := t.child(c, "expiration_timestamp"); t.is(n, '"') {
			if s, ok := t.integer(n); ok {
				t.number(n, strconv.FormatInt(s, 10))
			}
		}
		out = t.write(append(out, `,"conversation":`...), c)
	}
	if p := t.child(e.x, "pricing"); t.is(p, '{') {
		out = t.write(append(out, `,"pricing":`...), p)
	}
	return out
}

func (e *event) flatErrors(out []byte) []byte {
	t := e.t
	list := t.child(e.x, "errors")
	if !t.is(list, '[') || t.nodes[list].first == none {
		return out
	}
	out = append(out, `,"errors":[`...)
	for c := t.nodes[list].first; c != none; c = t.nodes[c].next {
		if c != t.nodes[list].first {
			out = append(out, ',')
		}
		out = e.appendErrors(out, c)
	}
	return append(out, ']')
}
