package sim

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/hook"
)

// metaEndpoint is where Meta posts an update: messages to the number's own address, else
// to its account's, else, and all the rest, to the app's.
func (s *Server) metaEndpoint(u hook.Update) (url string, secret []byte) {
	c := s.settings.Load()
	if u.Field != "messages" {
		return c.Webhook, []byte(c.AppSecret)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	url = c.Webhook
	if own := s.overrides[u.Account]; own != "" {
		url = own
	}
	if own := s.managed[u.PhoneID].Override; own != "" {
		url = own
	}
	return url, []byte(c.AppSecret)
}

// subscribe takes over how an account is subscribed. The caller holds the lock,
// or nobody else has the server yet.
func (s *Server) subscribe(c subscriptionState) {
	s.unsubscribed[c.Account], s.overrides[c.Account] = c.Off, c.Override
}

// hooksOf is a number's webhook_configuration.
func (s *Server) hooksOf(n Number, own string) jsontext.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{"application": s.settings.Load().Webhook}
	if own != "" {
		out["phone_number"] = own
	}
	if of := s.overrides[n.Account]; of != "" {
		out["whatsapp_business_account"] = of
	}
	return encode(out)
}

// reaches asks an address to echo a challenge before webhooks go there.
func (s *Server) reaches(r *request, address, token string) *graph.Error {
	if address == "" {
		return nil
	}
	v, err := s.handshake(r.Context(), address, token)
	if err != nil || !v.Verified {
		return &graph.Error{Status: 400, Code: 2200, Title: "Callback verification failed"}
	}
	return nil
}

// postPhone changes the address of a number's webhooks, or its PIN.
func (s *Server) postPhone(r *request) answer {
	var in struct {
		Hooks *struct {
			Address string `json:"override_callback_uri"`
			Token   string `json:"verify_token"`
		} `json:"webhook_configuration"`
	}
	if json.Unmarshal(r.body, &in) != nil || in.Hooks == nil {
		return s.serveRegistration(r)
	}
	if refused := s.reaches(r, in.Hooks.Address, in.Hooks.Token); refused != nil {
		return s.refuse(refused)
	}
	return s.manage(r, func(_ *Server, _ *request, m *managed) (any, *graph.Error) {
		m.Override = in.Hooks.Address
		return nil, nil
	})
}
