package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/hook"
)

// status is an entry of statuses in a webhook.
type status struct {
	ID        string         `json:"id"`
	Status    string         `json:"status"`
	Timestamp string         `json:"timestamp"`
	Recipient string         `json:"recipient_id,omitempty"`
	UserID    string         `json:"recipient_user_id,omitempty"`
	Callback  string         `json:"biz_opaque_callback_data,omitempty"`
	Pricing   *pricing       `json:"pricing,omitempty"`
	Errors    []graph.Report `json:"errors,omitempty"`
}

type pricing struct {
	Billable bool   `json:"billable"`
	Model    string `json:"pricing_model"`
	Type     string `json:"type"`
	Category string `json:"category"`
}

// planStatuses lays out the statuses of an accepted message in the order and
// number the settings ask for. The caller holds the lock.
func (s *Server) planStatuses(c *Settings, a Accepted, p *person) []step {
	if !s.reports(c, a.PhoneID) {
		return nil
	}
	names := slices.Clone(c.Statuses)
	if a.Failed != 0 {
		names = []string{"failed"}
	} else if a.Type == "reaction" && slices.Contains(names, "sent") {
		names = []string{"sent"} // Meta reports nothing more of a reaction
	}
	arrange(names, c.Order, mix(s.cfg.Seed, uint64(s.counter), 3)) //nolint:gosec // a counter is never negative
	var steps []step
	for i, name := range names {
		u := s.statusUpdate(c, a, p, name, s.cfg.Now().Add(c.delay(i)))
		for range 1 + c.Duplicates {
			s.serial++
			u.Serial = s.serial
			steps = append(steps, step{update: u, after: c.delay(i)})
		}
	}
	return steps
}

// reports says whether webhooks are sent for that number.
func (s *Server) reports(c *Settings, phoneID string) bool {
	return s.hasWebhook(c, phoneID, s.numbers.of(phoneID).Account)
}

func arrange(names []string, order string, random uint64) {
	switch order {
	case Reversed:
		slices.Reverse(names)
	case Shuffled:
		for i := len(names) - 1; i > 0; i-- {
			j := int(mix(random, uint64(i), 0) % uint64(i+1)) //nolint:gosec // small and positive
			names[i], names[j] = names[j], names[i]
		}
	}
}

func (s *Server) statusUpdate(c *Settings, a Accepted, p *person, name string, at time.Time) hook.Update {
	st := status{
		ID: a.WAMID, Status: name, Callback: a.Callback, Recipient: p.Phone,
		Timestamp: strconv.FormatInt(at.Add(-time.Duration(c.LateSeconds)*time.Second).Unix(), 10),
	}
	u := hook.Update{List: hook.Statuses}
	if c.UserIDInStatus {
		st.UserID = p.UserID
	}
	switch name {
	case "failed":
		st.Errors = []graph.Report{graph.New(a.Failed, "The message was not delivered.").Report()}
	case "sent", "delivered":
		st.Pricing = price(a)
		fallthrough
	default:
		if c.UserIDInStatus {
			u.Person = encode(p.contact())
		}
	}
	u.Item = encode(st)
	return s.address(u, a.PhoneID, a.WAMID)
}

// address fills in whose update it is.
func (s *Server) address(u hook.Update, phoneID, id string) hook.Update {
	n := s.numbers.of(phoneID)
	u.ID, u.Field, u.Account, u.PhoneID, u.Display = id, "messages", n.Account, n.ID, n.digits
	return u
}

func price(a Accepted) *pricing {
	p := &pricing{Model: "PMP", Type: "regular", Category: strings.ToLower(a.Category), Billable: true}
	if p.Category == "" {
		p.Category = "service"
	}
	if p.Category == "service" || (p.Category == "utility" && a.Free) {
		p.Type, p.Billable = "free_customer_service", false
	}
	return p
}

// encode writes a value of our own types, which cannot fail.
func encode(v any) jsontext.Value {
	out, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return jsontext.Value("null")
	}
	return out
}
