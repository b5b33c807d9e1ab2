package sim

import (
	"strings"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/state"
	"postern/cmd/metasim/internal/template"
)

// movedNumber is one that came to an account while the simulator ran.
type movedNumber struct {
	ID      string `json:"id"`
	Display string `json:"display"`
	Account string `json:"account"`
	Name    string `json:"name"`
	Counter int64  `json:"counter"`
}

func (m movedNumber) number() Number {
	digits, _, _ := send.Digits(m.Display) // it was read once before
	return Number{ID: m.ID, Display: m.Display, Account: m.Account, Name: m.Name, digits: digits}
}

// addition is the body of POST /{account}/phone_numbers.
type addition struct {
	Code    string `json:"cc"`
	Phone   string `json:"phone_number"`
	Migrate bool   `json:"migrate_phone_number"`
	Name    string `json:"verified_name"`
}

// addNumber begins the move of a number to another account: it gets an id there
// and goes on where it is until it is registered under the new one.
func (s *Server) addNumber(r *request) answer {
	var in addition
	if json.Unmarshal(r.body, &in) != nil || !isDigits(in.Code) || !isDigits(in.Phone) {
		return s.refuse(graph.New(100, "Params cc and phone_number must be text of digits."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from, refused := s.movable(r.node, in)
	if refused != nil {
		return s.refuse(refused)
	}
	s.counter++
	moved := movedNumber{ID: nodeID(s.cfg.Seed, s.counter), Display: from.Display, Account: r.node, Name: from.Name, Counter: s.counter}
	begun := registration{PhoneID: moved.ID, Off: true, Unverified: true, New: true}
	err := s.log.Append(state.Entry{Kind: kindNumber, Value: moved}, state.Entry{Kind: kindRegistration, Value: begun})
	if err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	s.numbers.add(moved.number())
	s.registrations[moved.ID] = begun
	return success(map[string]string{"id": moved.ID})
}

// movable finds the number as it is now. The caller holds the lock.
func (s *Server) movable(account string, in addition) (Number, *graph.Error) {
	const notMovable = 2388103
	var from Number
	for _, n := range s.numbers.dialled(in.Code + in.Phone) {
		switch {
		case n.Account == account && !s.registrations[n.ID].Moved:
			return n, graph.New(2388012, "The phone number is already in this account.")
		case !s.registrations[n.ID].Moved:
			from = n
		}
	}
	switch {
	case !in.Migrate:
		return from, graph.New(100, "Adding numbers is simulated for moves alone: migrate_phone_number must be true.")
	case from.ID == "":
		return from, graph.New(notMovable, "The phone number can be added directly.")
	case s.unsubscribed[account]:
		return from, graph.New(notMovable, "Webhooks have not been set up for the destination account.")
	case s.registrations[from.ID].PIN != "":
		return from, graph.New(notMovable, "Two-step verification must be disabled for this phone number.")
	}
	return from, nil
}

// leave ends a number in the account it came from, when it is registered in its
// new one, where copies of the good templates go. The caller holds the lock.
func (s *Server) leave(to Number) (out []registration) {
	for _, n := range s.numbers.dialled(to.digits) {
		was := s.registrations[n.ID]
		if n.ID == to.ID || was.Moved {
			continue
		}
		was.PhoneID, was.Off, was.Moved, was.PIN = n.ID, true, true, ""
		out = append(out, was)
		s.copyTemplates(n.Account, to.Account)
	}
	return out
}

func (s *Server) copyTemplates(from, to string) {
	for _, t := range s.catalog.List(from) {
		there, _ := s.catalog.Find(to, t.Name, t.Language)
		if there != nil || t.Status != template.Approved {
			continue
		}
		copied := *t
		s.counter++
		copied.ID = nodeID(s.cfg.Seed, s.counter)
		entry := state.Entry{Kind: kindTemplate, Value: templateState{Account: to, Counter: s.counter, Value: &copied}}
		if err := s.log.Append(entry); err != nil {
			s.cfg.Log.Error().Err(err).Msg("a template is not in the state")
		}
		if copied.Compile() == nil { // it compiled where it was made
			s.catalog.Put(to, &copied)
		}
	}
}

// SetPIN puts a PIN on a number, or takes it off; a test begins there.
func (s *Server) SetPIN(phoneID, pin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.registrations[phoneID]
	n.PhoneID, n.PIN = phoneID, pin
	s.registrations[phoneID] = n
}

// NumberIn is the id of the number with those digits in an account, "" where
// there is none.
func (s *Server) NumberIn(account, display string) string {
	digits, _, _ := send.Digits(strings.TrimSpace(display))
	for _, n := range s.numbers.dialled(digits) {
		if n.Account == account {
			return n.ID
		}
	}
	return ""
}
