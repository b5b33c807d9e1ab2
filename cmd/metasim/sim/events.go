package sim

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/state"
)

// Event is any change of a webhook field.
type Event struct {
	PhoneID string         `json:"phone_number_id,omitempty"` // whose account it is of; the first number when empty
	Field   string         `json:"field"`
	Value   jsontext.Value `json:"value"`
	Wait    bool           `json:"wait,omitzero"`
}

// Event posts a webhook with the value as it is given.
func (s *Server) Event(ctx context.Context, e Event) (Told, error) {
	n, err := s.numberOf(e.PhoneID)
	switch {
	case err != nil:
		return Told{}, err
	case e.Field == "" || e.Value.Kind() == 0:
		return Told{}, errors.New("field and value are needed")
	}
	return s.change(ctx, n.Account, e.Field, e.Value, e.Wait)
}

// change keeps and posts one update of an account.
func (s *Server) change(ctx context.Context, account, field string, value jsontext.Value, waits bool) (Told, error) {
	steps, err := s.keep(hook.Update{Account: account, Field: field, Item: value})
	if err != nil {
		return Told{}, err
	}
	return s.tell(ctx, steps, false, waits), nil
}

// keep numbers an update and writes it down.
func (s *Server) keep(u hook.Update, more ...state.Entry) ([]step, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var steps []step
	if s.hasWebhook(s.settings.Load(), u.PhoneID, u.Account) {
		s.serial++
		u.Serial = s.serial
		steps = []step{{update: u}}
	}
	return steps, s.log.Append(append(more, updateEntries(steps)...)...)
}

// StatusEvent is a status webhook of our own making.
type StatusEvent struct {
	WAMID     string `json:"wamid"`
	Status    string `json:"status"`
	Code      int    `json:"code,omitzero"`                      // of a failed one
	Timestamp int64  `json:"timestamp,omitzero"`                 // seconds, now when zero
	PhoneID   string `json:"phone_number_id,omitempty"`          // for a message that was never accepted
	To        string `json:"to,omitempty"`                       // likewise
	Callback  string `json:"biz_opaque_callback_data,omitempty"` // likewise
	Wait      bool   `json:"wait,omitzero"`
}

// Status posts a status of an accepted message, or of one nobody sent.
func (s *Server) Status(ctx context.Context, e StatusEvent) (Told, error) {
	if e.WAMID == "" || e.Status == "" {
		return Told{}, errors.New("wamid and status are needed")
	}
	n, err := s.numberOf(e.PhoneID)
	if err != nil {
		return Told{}, err
	}
	at := s.cfg.Now()
	if e.Timestamp != 0 {
		at = time.Unix(e.Timestamp, 0)
	}
	s.mu.Lock()
	a, known := s.find(e.WAMID)
	if !known {
		phone, _, ok := send.Digits(e.To)
		if !ok {
			s.mu.Unlock()
			return Told{}, errors.New("to: a message that was not accepted needs its recipient")
		}
		p := s.meet(phone, "")
		a = Accepted{WAMID: e.WAMID, PhoneID: n.ID, UserID: p.UserID, Callback: e.Callback}
	}
	a.Failed = e.Code
	u := s.statusUpdate(s.settings.Load(), a, s.people[a.UserID], e.Status, at)
	s.mu.Unlock()
	steps, err := s.keep(u)
	if err != nil {
		return Told{}, err
	}
	return s.tell(ctx, steps, false, e.Wait), nil
}

// Preference is a person's choice about marketing messages.
type Preference struct {
	PhoneID string `json:"phone_number_id,omitempty"`
	From    string `json:"from,omitempty"`
	UserID  string `json:"user_id,omitempty"`
	Value   string `json:"value"` // stop or resume
	Wait    bool   `json:"wait,omitzero"`
}

type preferenceValue struct {
	WaID      string `json:"wa_id,omitempty"`
	UserID    string `json:"user_id"`
	Detail    string `json:"detail"`
	Category  string `json:"category"`
	Value     string `json:"value"`
	Timestamp int64  `json:"timestamp"`
}

// Preference posts user_preferences; after a stop marketing templates to the
// person are accepted and fail with 131050.
func (s *Server) Preference(ctx context.Context, e Preference) (Told, error) {
	n, phone, err := s.inboundParties(Inbound{PhoneID: e.PhoneID, From: e.From, UserID: e.UserID})
	if err != nil {
		return Told{}, err
	}
	if e.Value != "stop" && e.Value != "resume" {
		return Told{}, errors.New("value: must be stop or resume")
	}
	s.mu.Lock()
	p := *s.meet(phone, e.UserID)
	s.stopped[p.UserID] = e.Value == "stop"
	s.mu.Unlock()
	value := map[string]any{
		"messaging_product": "whatsapp",
		"metadata":          map[string]string{"display_phone_number": n.digits, "phone_number_id": n.ID},
		"contacts":          []contact{p.contact()},
		"user_preferences": []preferenceValue{{
			WaID: p.Phone, UserID: p.UserID, Category: "marketing_messages", Value: e.Value,
			Detail: "User requested to " + e.Value + " marketing messages", Timestamp: s.cfg.Now().Unix(),
		}},
	}
	u := hook.Update{Account: n.Account, Field: "user_preferences", Item: encode(value)}
	steps, err := s.keep(u, state.Entry{Kind: kindPreference, Value: preferenceState{UserID: p.UserID, Stopped: e.Value == "stop"}})
	if err != nil {
		return Told{}, err
	}
	return s.tell(ctx, steps, false, e.Wait), nil
}

// Sent is the answer to a message sent round the app.
type Sent struct {
	WAMID string `json:"id"`
	Seq   int64  `json:"seq"`
}

// Send takes a message as if somebody else had sent it with the same number:
// the app sees its statuses without having sent it. The body is that of the
// messages endpoint; messaging_product may be missing, text may be a string,
// and digits without a plus are taken as they are.
func (s *Server) Send(phoneID string, message map[string]any) (Sent, error) {
	n, err := s.numberOf(phoneID)
	if err != nil {
		return Sent{}, err
	}
	message["messaging_product"] = "whatsapp"
	if text, ok := message["text"].(string); ok {
		message["text"] = map[string]any{"body": text}
	}
	body := encode(message)
	m, refusal := send.Decode(body, send.Numbering{Country: country(n.digits).code, Lenient: true})
	if refusal != nil {
		return Sent{}, errors.New(strconv.Itoa(refusal.Code) + " " + refusal.Title + ": " + refusal.Details)
	}
	o := order{number: n, send: m, body: body, source: FromControl}
	if refusal := s.admit(&o); refusal != nil {
		return Sent{}, errors.New(strconv.Itoa(refusal.Code) + " " + refusal.Title + ": " + refusal.Details)
	}
	a, steps, refusal := s.accept(o)
	if refusal != nil {
		return Sent{}, refusal
	}
	s.dispatch(steps)
	return Sent{WAMID: a.WAMID, Seq: a.Seq}, nil
}
