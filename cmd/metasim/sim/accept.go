package sim

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/state"
	"postern/cmd/metasim/internal/template"
)

// Values of Accepted.Source.
const (
	FromAPI       = "api"       // taken by the messages endpoint
	FromMarketing = "marketing" // taken by that for marketing messages
	FromControl   = "sim"       // sent round the app by the control API
)

// Accepted is one request the simulator took. The list of them is the truth
// about what left the sender.
type Accepted struct {
	Seq       int64          `json:"seq"`
	Time      time.Time      `json:"time"`
	PhoneID   string         `json:"phone_number_id"`
	Source    string         `json:"source"`
	Type      string         `json:"type"`              // message type, read or typing
	Input     string         `json:"input,omitempty"`   // recipient as it was written
	To        string         `json:"to,omitempty"`      // number it went to, with plus; empty by user id
	WaID      string         `json:"wa_id,omitempty"`   // of the person, digits
	UserID    string         `json:"user_id,omitempty"` // of the person
	ByUserID  bool           `json:"by_user_id,omitzero"`
	WAMID     string         `json:"wamid,omitempty"`      // id given to the message
	MessageID string         `json:"message_id,omitempty"` // message marked as read or reacted to
	Template  string         `json:"template,omitempty"`
	Category  string         `json:"category,omitempty"` // of the template
	Callback  string         `json:"biz_opaque_callback_data,omitempty"`
	Failed    int            `json:"failed,omitzero"`      // code of the failed status it leads to
	Free      bool           `json:"window_open,omitzero"` // an open window makes it free
	Encrypted string         `json:"encrypted,omitempty"`  // key wrap and content encryption of a JWE it came in
	Body      jsontext.Value `json:"body"`                 // as received, decrypted; of a form its fields without credentials, as one JSON string
}

// order is a valid request on its way to being accepted.
type order struct {
	number   Number
	send     *send.Send
	body     jsontext.Value
	source   string
	template *template.Template
	failed   int // code a fault wants as failed status

	encryption string // how it came, empty in the clear
}

// accept takes a message: it gets an id, is listed, and its statuses are
// planned. With a state folder all of that is written before accept returns;
// after an error nothing was taken.
func (s *Server) accept(o order) (Accepted, []step, *graph.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.settings.Load()
	p := s.recipient(c, o.send)
	a := s.describe(o, p)
	if err := s.judge(c, o, &a); err != nil {
		return Accepted{}, nil, err
	}
	steps := s.planStatuses(c, a, p)
	entries := append([]state.Entry{{Kind: kindAccepted, Value: keptAccepted{a, s.counter}}}, updateEntries(steps)...)
	if err := s.log.Append(entries...); err != nil {
		s.cfg.Log.Error().Err(err).Msg("a message was refused because the state cannot be written")
		return Accepted{}, nil, graph.New(131000, "The simulator cannot write its state.")
	}
	s.accepted.add(a)
	return a, steps, nil
}

// recipient finds the person a message goes to.
func (s *Server) recipient(c *Settings, m *send.Send) *person {
	phone := m.Phone
	if other, ok := c.WhatsAppIDs[phone]; ok {
		phone = other
	}
	return s.meet(phone, m.UserID)
}

func (s *Server) describe(o order, p *person) Accepted {
	s.counter++
	a := Accepted{
		Seq: s.accepted.last + 1, Time: s.cfg.Now().UTC(), PhoneID: o.number.ID, Source: o.source, Type: o.send.Type,
		Input: o.send.Input, WaID: p.Phone, UserID: p.UserID, ByUserID: o.send.Phone == "",
		MessageID: o.send.MessageID, Callback: o.send.Callback, Failed: o.failed, Encrypted: o.encryption, Body: o.body,
	}
	inID := p.Phone
	if inID == "" {
		inID = p.UserID
	}
	a.WAMID = messageID(s.cfg.Seed, s.counter, inID, outbound)
	if !a.ByUserID {
		a.To = "+" + o.send.Phone
	}
	if o.template != nil {
		a.Template, a.Category = o.template.Name, o.template.Category
	}
	return a
}

// judge applies what depends on the person: the service window and the
// marketing choice. Both are answered later, by a failed status, unless the
// settings want the window at once.
func (s *Server) judge(c *Settings, o order, a *Accepted) *graph.Error {
	a.Free = s.open(a.PhoneID, a.UserID, a.Time)
	outside := a.Template == "" && !a.Free && o.source == FromAPI
	switch {
	case outside && c.Window == WindowSync:
		return graph.New(131047, "More than 24 hours have passed since the customer last replied to this number.")
	case a.Failed != 0:
	case outside && c.Window == WindowAsync:
		a.Failed = 131047
	case a.Category == template.Marketing && s.stopped[a.UserID]:
		a.Failed = 131050
	}
	return nil
}

// note lists a request that is not a message: marked as read, or typing.
func (s *Server) note(o order) *graph.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := Accepted{
		Seq: s.accepted.last + 1, Time: s.cfg.Now().UTC(), PhoneID: o.number.ID, Source: o.source,
		Type: o.send.Type, MessageID: o.send.MessageID, Encrypted: o.encryption, Body: o.body,
	}
	if err := s.log.Append(state.Entry{Kind: kindAccepted, Value: keptAccepted{a, s.counter}}); err != nil {
		return graph.New(131000, "The simulator cannot write its state.")
	}
	s.accepted.add(a)
	return nil
}

// Accepted returns what was taken after entry number since, at most limit
// entries when that is not zero, and the number to ask from next.
func (s *Server) Accepted(since int64, limit int) (list []Accepted, next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted.since(since, limit)
}

// Webhooks returns the webhook attempts after number since in the same way.
func (s *Server) Webhooks(since int64, limit int) (list []hook.Delivery, next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.webhooks.since(since, limit)
}

// find returns the accepted message with that id, if it is still kept. The
// caller holds the lock.
func (s *Server) find(wamid string) (Accepted, bool) {
	for n := s.accepted.last; n >= s.accepted.oldest(); n-- {
		if a := s.accepted.at(n); a.WAMID == wamid && wamid != "" {
			return *a, true
		}
	}
	return Accepted{}, false
}
