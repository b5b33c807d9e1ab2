package sim

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/graph"
)

// registration is how a number stands. Its zero value is a number that is
// verified and registered and has no PIN.
type registration struct {
	PhoneID    string `json:"phone_number_id"`
	Off        bool   `json:"off"`        // not registered
	Unverified bool   `json:"unverified"` // needs a code
	Asked      bool   `json:"asked"`      // a code was sent
	New        bool   `json:"new"`        // came to its account and was never registered there
	Moved      bool   `json:"moved"`      // registered in another account since
	PIN        string `json:"pin"`

	Calls []time.Time `json:"calls"` // registrations and their ends
	Codes []time.Time `json:"codes"` // codes asked for

	Storage Storage `json:"storage_configuration,omitzero"` // the zero value is Meta's default
}

// Registrations a number may have within that time.
const (
	maxRegistrations = 10
	registrationTime = 72 * time.Hour
	maxCodes         = 5
	codeTime         = time.Hour
)

// codeDigits is the length of codes and PINs.
const codeDigits = 6

// numberChange is what the registration calls may hold.
type numberChange struct {
	Method string `json:"code_method"`
	Code   string `json:"code"`
	PIN    string `json:"pin"`
	Region string `json:"data_localization_region"`
}

// code is what the simulated phone gets: the last digits of its own number.
func (n Number) code() string { return n.digits[max(len(n.digits)-codeDigits, 0):] }

// registered reports whether a number can send.
func (s *Server) registered(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.registrations[id].Off
}

// status is the word that Meta has for it.
func (n registration) status() string {
	switch {
	case n.Moved:
		return "MIGRATED"
	case n.New && n.Off:
		return "PENDING"
	case n.Off:
		return "DISCONNECTED"
	}
	return "CONNECTED"
}

// serveRegistration answers the calls by which a number is verified, registered,
// given its PIN and taken off.
func (s *Server) serveRegistration(r *request) answer {
	var in numberChange
	if len(r.body) > 0 && json.Unmarshal(r.body, &in) != nil {
		return s.refuse(graph.New(100, "The request body is not a JSON object of the right form."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.registrations[r.number.ID]
	now.PhoneID = r.number.ID
	if err := now.apply(r, in, s.cfg.Now()); err != nil {
		return s.refuse(err)
	}
	changed := []registration{now}
	if r.edge() == "register" {
		changed = append(changed, s.leave(r.number)...)
	}
	for _, n := range changed {
		if err := s.keepRegistration(n); err != nil {
			return s.refuse(graph.New(131000, "The simulator cannot write its state."))
		}
	}
	return success(map[string]bool{"success": true})
}

func (n *registration) apply(r *request, in numberChange, at time.Time) *graph.Error {
	switch r.edge() {
	case "request_code":
		if in.Method != "SMS" && in.Method != "VOICE" {
			return graph.New(100, "Param code_method must be SMS or VOICE.")
		}
		if n.Codes = within(n.Codes, at, codeTime); len(n.Codes) >= maxCodes {
			return graph.New(136024, "Codes were asked for too often. Wait, and try again.")
		}
		n.Asked, n.Codes = true, append(n.Codes, at)
	case "verify_code":
		if !n.Asked || in.Code != r.number.code() {
			return graph.New(136025, "The code is not the one that was sent.")
		}
		n.Asked, n.Unverified = false, false
	case "register":
		return n.register(in, at)
	case "deregister":
		n.Off, n.Storage = true, Storage{}
		return n.count(at)
	default:
		if !isPIN(in.PIN) {
			return graph.New(100, "Param pin must be text of six digits.")
		}
		n.PIN = in.PIN
	}
	return nil
}

func (n *registration) register(in numberChange, at time.Time) *graph.Error {
	switch {
	case !isPIN(in.PIN):
		return graph.New(100, "Param pin must be text of six digits.")
	case n.Moved:
		return graph.New(33, "The number belongs to another account by now.")
	case n.Unverified:
		return graph.New(133006, "The number must be verified by a code first.")
	case n.PIN != "" && n.PIN != in.PIN:
		return graph.New(133005, "The PIN is not the one that was set.")
	}
	if err := n.localize(in.Region); err != nil {
		return err
	}
	n.Off, n.PIN = false, in.PIN
	return n.count(at)
}

// count holds registrations to their limit.
func (n *registration) count(at time.Time) *graph.Error {
	if n.Calls = within(n.Calls, at, registrationTime); len(n.Calls) >= maxRegistrations {
		return graph.New(133016, "The number was registered and taken off too often.")
	}
	n.Calls = append(n.Calls, at)
	return nil
}

// within are the moments that are younger than d, in a slice of their own.
func within(all []time.Time, now time.Time, d time.Duration) []time.Time {
	return slices.DeleteFunc(slices.Clone(all), func(at time.Time) bool { return now.Sub(at) >= d })
}

func isPIN(s string) bool { return len(s) == codeDigits && isDigits(s) }

// SetRegistration puts a number off, or as one that needs a code; a test begins
// there.
func (s *Server) SetRegistration(phoneID string, off, unverified bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.registrations[phoneID]
	n.PhoneID, n.Off, n.Unverified = phoneID, off, unverified
	s.registrations[phoneID] = n
}
