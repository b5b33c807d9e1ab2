package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/internal/state"
	"postern/cmd/metasim/internal/template"
)

// Kinds of lines in the state. Faults and settings are not kept: a restart
// begins with those of its command line.
const (
	kindAccepted        = "accepted"
	kindInbound         = "inbound"
	kindUpdate          = "update"
	kindDelivery        = "delivery"
	kindPreference      = "preference"
	kindTemplate        = "template"
	kindTemplateRemoved = "template_removed"
	kindMedia           = "media"
	kindMediaRemoved    = "media_removed"
	kindProfile         = "profile"
	kindManaged         = "managed"
	kindSubscription    = "subscription"
	kindEncryption      = "encryption"
	kindFlowKey         = "flow_key"
	kindRegistration    = "registration"
	kindNumber          = "number"  // one that moved to an account
	kindNumbers         = "numbers" // how far ids and lists have counted
)

type keptAccepted struct {
	Accepted
	Counter int64 `json:"counter"`
}

type inboundState struct {
	Person  person    `json:"person"`
	PhoneID string    `json:"phone_number_id"`
	At      time.Time `json:"at"`
	Opens   bool      `json:"opens"`
	Counter int64     `json:"counter"`
}

type preferenceState struct {
	UserID  string `json:"user_id"`
	Stopped bool   `json:"stopped"`
}

type templateState struct {
	Account string             `json:"account"`
	Counter int64              `json:"counter"`
	Value   *template.Template `json:"template,omitempty"`
	ID      string             `json:"id,omitempty"` // of a removed one
}

type profileState struct {
	PhoneID string  `json:"phone_number_id"`
	Profile profile `json:"profile"`
}

type subscriptionState struct {
	Account  string `json:"account"`
	Off      bool   `json:"off"`
	Override string `json:"override,omitempty"`
}

type mediaState struct {
	media
	Counter int64 `json:"counter"`
}

type numbersState struct {
	Counter  int64 `json:"counter"`
	Serial   int64 `json:"serial"`
	Accepted int64 `json:"accepted"`
	Webhooks int64 `json:"webhooks"`
}

// forget empties everything that is kept; numbers go on counting. The caller
// holds the lock, or nobody else has the server yet.
func (s *Server) forget() {
	s.accepted.clear()
	s.webhooks.clear()
	s.people, s.byNumber = make(map[string]*person), make(map[string]*person)
	s.windows, s.stopped = make(map[string]time.Time), make(map[string]bool)
	s.media, s.profiles = make(map[string]media), make(map[string]profile)
	s.managed = make(map[string]managed)
	s.unsubscribed, s.overrides, s.waiting = make(map[string]bool), make(map[string]string), make(map[int64]hook.Update)
	s.encryption, s.flowKeys = make(map[string]encryptionState), make(map[string]string)
	s.flowFiles, s.flowFileIDs = make(map[string]storedFile), nil
	s.numbers.forget(len(s.cfg.Numbers))
	s.sessions, s.registrations = nil, make(map[string]registration)
}

// restore reads the state folder; without one nothing is kept.
func (s *Server) restore() error {
	if s.cfg.StateDir == "" {
		return nil
	}
	log, err := state.Open(s.cfg.StateDir, s.cfg.Fsync, s.replay)
	if err != nil {
		return err
	}
	s.log = log
	return nil
}

func read[T any](value jsontext.Value, apply func(T)) error {
	var v T
	if err := json.Unmarshal(value, &v); err != nil {
		return fmt.Errorf("is not in a known form: %w", err)
	}
	apply(v)
	return nil
}

// replay applies one line.
func (s *Server) replay(kind string, value jsontext.Value) error {
	switch kind {
	case kindAccepted:
		return read(value, s.replayAccepted)
	case kindInbound:
		return read(value, s.replayInbound)
	case kindUpdate:
		return read(value, func(u hook.Update) {
			s.waiting[u.Serial], s.serial = u, max(s.serial, u.Serial)
		})
	case kindDelivery:
		return read(value, s.replayDelivery)
	case kindPreference:
		return read(value, func(p preferenceState) { s.stopped[p.UserID] = p.Stopped })
	case kindTemplate, kindTemplateRemoved:
		return read(value, s.replayTemplate)
	case kindMedia:
		return read(value, func(m mediaState) {
			s.media[m.ID], s.counter = m.media, max(s.counter, m.Counter)
		})
	case kindMediaRemoved:
		return read(value, func(id string) { delete(s.media, id) })
	case kindProfile:
		return read(value, func(p profileState) { s.profiles[p.PhoneID] = p.Profile })
	case kindManaged:
		return read(value, func(m managed) { s.managed[m.PhoneID] = m })
	case kindSubscription:
		return read(value, s.subscribe)
	case kindEncryption:
		return read(value, func(e encryptionState) { s.encryption[e.PhoneID] = e })
	case kindFlowKey:
		return read(value, func(k flowKeyState) { s.flowKeys[k.PhoneID] = k.Public })
	case kindRegistration:
		return read(value, func(n registration) { s.registrations[n.PhoneID] = n })
	case kindNumber:
		return read(value, func(n movedNumber) {
			s.counter = max(s.counter, n.Counter)
			s.numbers.add(n.number())
		})
	case kindNumbers:
		return read(value, func(n numbersState) {
			s.counter, s.serial, s.accepted.last, s.webhooks.last = n.Counter, n.Serial, n.Accepted, n.Webhooks
		})
	}
	return fmt.Errorf("kind %s is not known: a newer metasim wrote it", strconv.Quote(kind))
}

func (s *Server) replayAccepted(k keptAccepted) {
	s.accepted.last = k.Seq - 1
	s.accepted.add(k.Accepted)
	s.counter = max(s.counter, k.Counter)
}

func (s *Server) replayInbound(in inboundState) {
	*s.meet(in.Person.Phone, in.Person.UserID) = in.Person
	s.counter = max(s.counter, in.Counter)
	s.apply(in)
}

func (s *Server) replayDelivery(d hook.Delivery) {
	s.webhooks.last = d.Seq - 1
	s.webhooks.add(d)
	if d.Outcome == "" {
		return
	}
	for _, serial := range d.Serials {
		delete(s.waiting, serial)
	}
}

func (s *Server) replayTemplate(t templateState) {
	s.counter = max(s.counter, t.Counter)
	if t.Value == nil {
		s.catalog.Remove(t.Account, "", t.ID)
		return
	}
	if err := t.Value.Compile(); err == nil { // it compiled when it was written
		s.catalog.Put(t.Account, t.Value)
	}
}

// resume posts the updates that had no outcome when the last process ended.
func (s *Server) resume() {
	var steps []step
	for _, serial := range slices.Sorted(maps.Keys(s.waiting)) {
		steps = append(steps, step{update: s.waiting[serial]})
	}
	clear(s.waiting)
	if s.settings.Load().Webhook != "" {
		s.dispatch(steps)
	}
}

// Reset forgets what was accepted and told, people, faults, media and
// templates of one's own. Settings stay, and so do the numbers ids are made
// from: no id is ever given twice.
func (s *Server) Reset() error {
	s.ClearFaults("")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	s.blobs.clear()
	s.defaultTemplates()
	return s.log.Restart(state.Entry{Kind: kindNumbers, Value: numbersState{
		Counter: s.counter, Serial: s.serial, Accepted: s.accepted.last, Webhooks: s.webhooks.last,
	}})
}
