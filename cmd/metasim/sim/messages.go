package sim

import (
	"context"
	"maps"
	"net/http"
	"time"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/template"
)

// edgeMarketing takes marketing templates alone.
const edgeMarketing = "marketing_messages"

// beforeAnswer bounds how long a send waits for its own webhooks.
const beforeAnswer = 2 * time.Second

// graphParameters may stand in a form beside the message.
var graphParameters = []string{"access_token", "appsecret_proof", "appsecret_time", "format", "method", "suppress_http_code"}

// sendAnswer is the answer to a send; clients refuse further members.
type sendAnswer struct {
	Product  string        `json:"messaging_product"`
	Contacts []sentContact `json:"contacts"`
	Messages []sentMessage `json:"messages"`
}

type sentContact struct {
	Input  string `json:"input"`
	WaID   string `json:"wa_id,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

type sentMessage struct {
	ID     string `json:"id"`
	Status string `json:"message_status,omitempty"`
}

// decodeSend reads the message, so that faults can look at it.
func (s *Server) decodeSend(r *request) {
	n := s.numbering(r.number)
	if r.form == nil {
		r.send, r.refusal = send.Decode(r.body, n)
		return
	}
	form := maps.Clone(r.form)
	for _, name := range graphParameters {
		form.Del(name)
	}
	r.send, r.refusal = send.DecodeForm(form, n)
	r.body = encode(form.Encode()) // without the token
}

func (s *Server) numbering(n Number) send.Numbering {
	return send.Numbering{Country: country(n.digits).code, Lenient: s.settings.Load().LenientTo}
}

// postMessage takes a message or refuses it.
func (s *Server) postMessage(r *request, f *Fault) answer {
	c := s.settings.Load()
	s.pause(r.Context(), time.Duration(c.LatencyMS)*time.Millisecond)
	if r.refusal != nil {
		return s.refuse(r.refusal)
	}
	if !s.registered(r.number.ID) {
		return s.refuse(graph.New(133010, "The number is not registered."))
	}
	o := order{number: r.number, send: r.send, body: r.body, source: FromAPI, encryption: r.encryption()}
	marketing := r.edge() == edgeMarketing
	if marketing && r.send.Template == nil {
		return s.refuse(graph.New(131055, "Only marketing templates are sent this way."))
	}
	if r.send.Type == send.Read || r.send.Type == send.Typing {
		if err := s.note(o); err != nil {
			return s.refuse(err)
		}
		return success(map[string]bool{"success": true})
	}
	if err := s.admit(&o); err != nil {
		return s.refuse(err)
	}
	if marketing {
		if o.template.Category != template.Marketing {
			return s.refuse(graph.New(134100, "The template is not of the category marketing."))
		}
		o.source = FromMarketing
	}
	if f != nil && f.Action == ActionFailed {
		o.failed = f.Code
	}
	a, steps, err := s.accept(o)
	if err != nil {
		return s.refuse(err)
	}
	done := s.dispatch(steps)
	if c.BeforeAnswer {
		ctx, cancel := context.WithTimeout(r.Context(), beforeAnswer)
		defer cancel()
		wait(ctx, done, len(steps))
	}
	return answer{status: http.StatusOK, body: encode(answerTo(a))}
}

// admit checks a decoded message against what the account has: templates,
// media, its own number.
func (s *Server) admit(o *order) *graph.Error {
	if o.send.Phone == o.number.digits {
		return graph.New(131021, "The recipient is the sending number.")
	}
	for _, id := range o.send.MediaIDs {
		if !s.settings.Load().AnyMedia && !s.hasMedia(id) {
			return graph.New(100, "A media id is not a valid whatsapp business account media attachment ID.")
		}
	}
	if o.send.Template == nil {
		return nil
	}
	t, known := s.catalog.Find(o.number.Account, o.send.Template.Name, o.send.Template.Language)
	switch {
	case !known:
		return graph.New(132001, "The template name does not exist.")
	case t == nil:
		return graph.New(132001, "The template does not exist in this language.")
	case t.Category == template.Authentication && o.send.UserID != "":
		return graph.New(131062, "Authentication templates cannot be addressed by user id.")
	}
	o.template = t
	return t.Check(o.send.Template)
}

func answerTo(a Accepted) sendAnswer {
	to := sentContact{Input: a.Input, WaID: a.WaID}
	if a.ByUserID {
		to = sentContact{Input: a.Input, UserID: a.UserID}
	}
	m := sentMessage{ID: a.WAMID}
	if a.Template != "" {
		m.Status = "accepted"
	}
	return sendAnswer{Product: "whatsapp", Contacts: []sentContact{to}, Messages: []sentMessage{m}}
}

// pause waits unless the client leaves or the simulator closes.
func (s *Server) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.ending():
	}
}
