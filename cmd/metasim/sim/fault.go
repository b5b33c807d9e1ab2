package sim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"postern/cmd/metasim/internal/send"
)

// Values of Fault.Action.
const (
	ActionError    = "error"    // a Graph error: Code, and Status where it should differ from the documented one
	ActionHTTP     = "http"     // a bare HTTP status with an HTML page, as a proxy between would give
	ActionSlow     = "slow"     // DelayMS, then as usual
	ActionHang     = "hang"     // no answer until the client leaves
	ActionCut      = "cut"      // the connection is closed without an answer
	ActionGarbage  = "garbage"  // 200 with a body that is not JSON
	ActionTruncate = "truncate" // 200 with half of the announced body, then the connection is closed
	ActionFailed   = "failed"   // accepted; a failed status with Code follows
)

// Values of Fault.When.
const (
	Before = "before" // the request was not taken
	After  = "after"  // it was taken: listed as accepted, statuses follow
)

// Fault is a rule. It looks at requests that match all it names; of those it
// hits the nth, every so many, or by probability, at most Times. The first
// rule in the list that hits decides.
type Fault struct {
	ID string `json:"id"` // given when empty

	To      string `json:"to,omitempty"`              // recipient: number in any form, or user id
	PhoneID string `json:"phone_number_id,omitempty"` // sending number
	Path    string `json:"path,omitempty"`            // edge of the node: messages, media, message_templates, …
	Method  string `json:"method,omitempty"`
	Type    string `json:"type,omitempty"` // message type, read, typing

	Nth         int     `json:"nth,omitzero"`         // only the nth match
	Every       int     `json:"every,omitzero"`       // each so manieth match
	Probability float64 `json:"probability,omitzero"` // of a hit, drawn from the seed
	Times       int     `json:"times,omitzero"`       // most hits, 0 without limit

	Action     string `json:"action"`
	When       string `json:"when,omitempty"` // Before when empty
	Code       int    `json:"code,omitzero"`
	Subcode    int    `json:"subcode,omitzero"`
	Status     int    `json:"status,omitzero"`
	Details    string `json:"details,omitempty"`
	RetryAfter int    `json:"retry_after,omitzero"` // seconds, as a header
	DelayMS    int    `json:"delay_ms,omitzero"`    // before any action

	Matched int `json:"matched"` // requests it looked at
	Hits    int `json:"hits"`
}

func (f *Fault) validate() error {
	known := []string{ActionError, ActionHTTP, ActionSlow, ActionHang, ActionCut, ActionGarbage, ActionTruncate, ActionFailed}
	switch {
	case !slices.Contains(known, f.Action):
		return fmt.Errorf("action: must be one of %v", known)
	case f.When != "" && f.When != Before && f.When != After:
		return errors.New("when: must be before or after")
	case f.Action == ActionFailed && f.Code == 0:
		return errors.New("code: the failed status needs one")
	case f.Action == ActionHTTP && (f.Status < 400 || f.Status > 599):
		return errors.New("status: must be between 400 and 599")
	case f.Action == ActionSlow && f.DelayMS == 0:
		return errors.New("delay_ms: must not be zero")
	case f.Probability < 0 || f.Probability > 1:
		return errors.New("probability: must be between 0 and 1")
	}
	if _, _, ok := send.Digits(f.To); !ok && f.To != "" && !send.IsUserID(f.To) {
		return errors.New("to: must be a phone number or a user id")
	}
	return nil
}

// faults is the list of rules.
type faults struct {
	seed uint64

	mu     sync.Mutex
	rules  []*Fault
	number int // of the last rule
}

// AddFault appends a rule and returns it with its id.
func (s *Server) AddFault(f Fault) (Fault, error) {
	if err := f.validate(); err != nil {
		return Fault{}, err
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.number++
	if f.ID == "" {
		f.ID = "fault-" + strconv.Itoa(s.faults.number)
	}
	f.Matched, f.Hits = 0, 0
	s.faults.rules = append(s.faults.rules, &f)
	return f, nil
}

// Faults lists the rules with their counts.
func (s *Server) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]Fault, len(s.faults.rules))
	for i, f := range s.faults.rules {
		list[i] = *f
	}
	return list
}

// ClearFaults removes the rule with that id, or all when it is empty.
func (s *Server) ClearFaults(id string) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = slices.DeleteFunc(s.faults.rules, func(f *Fault) bool { return id == "" || f.ID == id })
}

// pick returns a copy of the first rule that hits, or nil.
func (fs *faults) pick(r *request) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.rules {
		if f.matches(r) && f.hits(fs.seed, i) {
			hit := *f
			return &hit
		}
	}
	return nil
}

func (f *Fault) matches(r *request) bool {
	switch {
	case f.PhoneID != "" && f.PhoneID != r.number.ID,
		f.Path != "" && f.Path != r.edge(),
		f.Method != "" && f.Method != r.Method:
		return false
	case f.To == "" && f.Type == "":
		return true
	case r.send == nil || (f.Type != "" && f.Type != r.send.Type):
		return false
	}
	return f.To == "" || f.To == r.send.UserID || sameNumber(f.To, r.send.Phone)
}

func sameNumber(written, digits string) bool {
	plain, _, ok := send.Digits(written)
	return ok && plain == digits
}

// hits counts a match and decides.
func (f *Fault) hits(seed uint64, rule int) bool {
	f.Matched++
	switch {
	case f.Times > 0 && f.Hits >= f.Times,
		f.Nth > 0 && f.Matched != f.Nth,
		f.Every > 0 && f.Matched%f.Every != 0,
		f.Probability > 0 && !draw(f.Probability, mix(seed, uint64(rule), uint64(f.Matched))): //nolint:gosec // counts
		return false
	}
	f.Hits++
	return true
}

// draw turns 53 random bits into a choice.
func draw(probability float64, random uint64) bool {
	return float64(random>>11)/(1<<53) < probability
}
