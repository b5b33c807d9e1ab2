package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/state"
)

// maxInbound is the most messages one call may make.
const maxInbound = 100_000

// Inbound is a message of a person. What is not named here is the message
// object of Meta's webhook (type, text, image, context, …), taken as it is;
// id, timestamp and type are filled in when they are missing.
type Inbound struct {
	PhoneID  string         `json:"phone_number_id,omitempty"` // the first number when empty
	From     string         `json:"from,omitempty"`            // number in any form; empty hides it, then UserID is needed
	UserID   string         `json:"user_id,omitempty"`
	Parent   string         `json:"parent_user_id,omitempty"`
	Name     string         `json:"profile_name,omitempty"`
	Username string         `json:"username,omitempty"`
	ReplyTo  string         `json:"reply_to,omitempty"` // message id that is quoted
	Count    int            `json:"count,omitzero"`     // that many messages, 1 when zero
	Together bool           `json:"together,omitzero"`  // all in one POST
	Wait     bool           `json:"wait,omitzero"`      // answer when they were delivered or given up
	Message  map[string]any `json:",embed"`
}

// Told is what became of webhooks the control API asked for.
type Told struct {
	ID        string   `json:"id,omitempty"` // of the first message
	IDs       []string `json:"ids,omitempty"`
	Updates   int      `json:"updates"`             // 0 when no webhook is set or nobody subscribed
	Delivered int      `json:"delivered"`           // updates answered 200, when waited for
	Status    int      `json:"status,omitzero"`     // last answer
	LatencyUS int64    `json:"latency_us,omitzero"` // of the last answer
}

// Inbound posts the webhook of a person's message and opens the customer
// service window.
func (s *Server) Inbound(ctx context.Context, in Inbound) (Told, error) {
	n, phone, err := s.inboundParties(in)
	if err != nil {
		return Told{}, err
	}
	in.Count = max(in.Count, 1)
	if in.Count > maxInbound || (in.Together && in.Count > maxBatch) {
		return Told{}, fmt.Errorf("count: at most %d, together at most %d", maxInbound, maxBatch)
	}
	ids, steps, err := s.plan(n, phone, in)
	if err != nil {
		return Told{}, err
	}
	told := s.tell(ctx, steps, in.Together, in.Wait)
	told.ID, told.IDs = ids[0], ids
	return told, nil
}

func (s *Server) inboundParties(in Inbound) (Number, string, error) {
	n, err := s.numberOf(in.PhoneID)
	if err != nil {
		return n, "", err
	}
	phone, _, ok := send.Digits(in.From)
	switch {
	case in.From != "" && !ok:
		return n, "", errors.New("from: must be a phone number")
	case in.From == "" && in.UserID == "":
		return n, "", errors.New("from: a number or a user_id is needed")
	case in.UserID != "" && !send.IsUserID(in.UserID):
		return n, "", errors.New("user_id: must look like US.13491208655302741918")
	}
	return n, phone, nil
}

// numberOf returns a business number, the first one for an empty id.
func (s *Server) numberOf(id string) (Number, error) {
	if id == "" {
		id = s.cfg.Numbers[0].ID
	}
	n := s.numbers.of(id)
	if n.ID == "" {
		return n, errors.New("phone_number_id: is not a number of this simulator")
	}
	return n, nil
}

// plan makes the messages and keeps them.
func (s *Server) plan(n Number, phone string, in Inbound) ([]string, []step, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.meet(phone, in.UserID)
	p.describe(in)
	at := messageTime(in.Message, s.cfg.Now())
	seen := inboundState{Person: *p, PhoneID: n.ID, At: at, Opens: in.Message["type"] != "system"}
	var ids []string
	var steps []step
	for i := range in.Count {
		m := s.message(n, p, phone, in, i == 0)
		id, _ := m["id"].(string)
		ids = append(ids, id)
		if !s.reports(s.settings.Load(), n.ID) || s.registrations[n.ID].Off { // of one that is off it is lost
			continue
		}
		s.serial++
		u := hook.Update{Serial: s.serial, List: hook.Messages, Person: encode(shown(p, phone).contact()), Item: encode(m)}
		steps = append(steps, step{update: s.address(u, n.ID, id)})
	}
	seen.Counter = s.counter
	entries := append([]state.Entry{{Kind: kindInbound, Value: seen}}, updateEntries(steps)...)
	if err := s.log.Append(entries...); err != nil {
		return nil, nil, err
	}
	s.apply(seen)
	return ids, steps, nil
}

// shown is the person as this message shows it: without the number when the
// message hides it.
func shown(p *person, phone string) *person {
	visible := *p
	visible.Phone = phone
	return &visible
}

func (p *person) describe(in Inbound) {
	if in.Name != "" {
		p.Name = in.Name
	}
	if in.Username != "" {
		p.Username = in.Username
	}
	if in.Parent != "" {
		p.Parent = in.Parent
	}
}

// apply takes over what an inbound message changes. The caller holds the lock.
func (s *Server) apply(seen inboundState) {
	if !seen.Opens {
		return
	}
	key := windowKey(seen.PhoneID, seen.Person.UserID)
	if last := s.windows[key]; seen.At.After(last) {
		s.windows[key] = seen.At
	}
}

// message builds one entry of messages; the first may keep the id it came with.
func (s *Server) message(n Number, p *person, phone string, in Inbound, first bool) map[string]any {
	m := maps.Clone(in.Message)
	if m == nil {
		m = make(map[string]any)
	}
	s.counter++
	if given, ok := m["id"].(string); !ok || given == "" || !first {
		inID := phone
		if inID == "" {
			inID = p.UserID
		}
		m["id"] = messageID(s.cfg.Seed, s.counter, inID, inbound)
	}
	if phone != "" {
		m["from"] = phone
	}
	m["from_user_id"] = p.UserID
	if p.Parent != "" {
		m["from_parent_user_id"] = p.Parent
	}
	m["timestamp"] = strconv.FormatInt(messageTime(m, s.cfg.Now()).Unix(), 10)
	if m["type"] == nil {
		m["type"] = "text"
	}
	if in.ReplyTo != "" {
		m["context"] = map[string]any{"from": n.digits, "id": in.ReplyTo}
	}
	s.fillMedia(n, m)
	return m
}

// messageTime reads the timestamp a message came with, in seconds.
func messageTime(m map[string]any, now time.Time) time.Time {
	switch at := m["timestamp"].(type) {
	case string:
		if seconds, err := strconv.ParseInt(at, 10, 64); err == nil {
			return time.Unix(seconds, 0).UTC()
		}
	case float64:
		return time.Unix(int64(at), 0).UTC()
	}
	return now.UTC()
}

// tell posts the steps and waits for them if asked to.
func (s *Server) tell(ctx context.Context, steps []step, together, waits bool) Told {
	told := Told{Updates: len(steps)}
	if len(steps) == 0 {
		return told
	}
	jobs := len(steps)
	var done <-chan hook.Delivery
	if together {
		done, jobs = s.post(steps), 1
	} else {
		done = s.dispatch(steps)
	}
	if !waits {
		return told
	}
	for _, d := range wait(ctx, done, jobs) {
		told.Status, told.LatencyUS = d.Status, d.LatencyUS
		if d.Outcome == hook.Delivered {
			told.Delivered += len(steps) / jobs
		}
	}
	return told
}

// post sends all updates in one body.
func (s *Server) post(steps []step) <-chan hook.Delivery {
	done := make(chan hook.Delivery, 1)
	updates := make([]hook.Update, len(steps))
	for i, st := range steps {
		updates[i] = st.update
	}
	s.sender.EnqueueAll(updates, func(d hook.Delivery) { done <- d })
	return done
}
