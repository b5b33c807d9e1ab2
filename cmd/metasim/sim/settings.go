package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Values of Settings.Order and Settings.Window.
const (
	Realistic = "realistic" // sent, delivered, read
	Reversed  = "reversed"
	Shuffled  = "shuffled"

	WindowAsync = "async" // accepted, then a failed status: Meta's way
	WindowSync  = "sync"  // refused at once
	WindowOff   = "off"
)

// Values of Settings.Approval.
const (
	Manual = "manual" // a created template stays PENDING
	Auto   = "auto"   // it is approved at once
)

// Settings is what can be changed while the simulator runs.
type Settings struct {
	Webhook        string            `json:"webhook"`              // where webhooks go; empty sends none
	AppSecret      string            `json:"app_secret,omitempty"` // never shown
	Statuses       []string          `json:"statuses"`             // sent after each accepted message
	DelaysMS       []int             `json:"delays_ms"`            // from the acceptance, one for each status; the last one counts on
	Order          string            `json:"order"`
	Duplicates     int               `json:"duplicates"`        // further copies of each status
	BeforeAnswer   bool              `json:"before_answer"`     // statuses are posted before the send is answered
	LateSeconds    int               `json:"late_seconds"`      // how old the timestamps of statuses are
	BatchMax       int               `json:"batch_max"`         // updates in one POST, 1 to 1000
	LingerMS       int               `json:"linger_ms"`         // wait for more updates before a POST
	Window         string            `json:"window"`            // customer service window
	LenientTo      bool              `json:"lenient_to"`        // bare digits get no country code
	AnyMedia       bool              `json:"any_media"`         // media ids need not have been uploaded
	Approval       string            `json:"template_approval"` // of created templates
	LatencyMS      int               `json:"latency_ms"`        // before each send is answered
	WhatsAppIDs    map[string]string `json:"wa_ids"`            // digits of a number -> its wa_id where they differ
	UserIDInStatus bool              `json:"user_id_in_status"` // the 2026 shape; off is the shape before it
	FlatFlowKey    bool              `json:"flat_flow_key"`     // the older shape of the answer that shows a flow key
	FlowKeyInvalid bool              `json:"flow_key_invalid"`  // signatures of flow keys show as MISMATCH
	Throughputs    map[string]string `json:"throughputs"`       // phone number id -> HIGH; all others are STANDARD
	BesideApp      []string          `json:"beside_app"`        // phone number ids that the WhatsApp Business app uses, too

	TokenExpires      int64 `json:"token_expires_at"`       // of every token, Unix seconds; 0 is never
	DataAccessExpires int64 `json:"data_access_expires_at"` // as above
}

// DefaultSettings returns what a simulator starts with.
func DefaultSettings() Settings {
	return Settings{
		Statuses: []string{"sent", "delivered", "read"}, DelaysMS: []int{10, 30, 60},
		Order: Realistic, BatchMax: 1, Window: WindowAsync, Approval: Manual, UserIDInStatus: true,
	}
}

// maxBatch is Meta's limit of updates in one POST.
const maxBatch = 1000

func (c Settings) validate() error {
	for _, status := range c.Statuses {
		if !slices.Contains([]string{"sent", "delivered", "read", "played"}, status) {
			return fmt.Errorf("statuses: %q is not sent, delivered, read or played", status)
		}
	}
	for _, level := range c.Throughputs {
		if !slices.Contains([]string{"STANDARD", "HIGH", "NOT_APPLICABLE"}, level) {
			return fmt.Errorf("throughputs: %q is not STANDARD, HIGH or NOT_APPLICABLE", level)
		}
	}
	choices := []struct {
		name, value string
		of          []string
	}{
		{"order", c.Order, []string{Realistic, Reversed, Shuffled}},
		{"window", c.Window, []string{WindowAsync, WindowSync, WindowOff}},
		{"template_approval", c.Approval, []string{Manual, Auto}},
	}
	for _, choice := range choices {
		if !slices.Contains(choice.of, choice.value) {
			return fmt.Errorf("%s: must be one of %v", choice.name, choice.of)
		}
	}
	numbers := map[string]int{"duplicates": c.Duplicates, "late_seconds": c.LateSeconds, "linger_ms": c.LingerMS, "latency_ms": c.LatencyMS}
	for name, n := range numbers {
		if n < 0 {
			return fmt.Errorf("%s: must not be negative", name)
		}
	}
	if c.BatchMax < 1 || c.BatchMax > maxBatch {
		return fmt.Errorf("batch_max: must be between 1 and %d", maxBatch)
	}
	return nil
}

func (c Settings) clone() Settings {
	c.Statuses = slices.Clone(c.Statuses)
	c.DelaysMS = slices.Clone(c.DelaysMS)
	c.WhatsAppIDs = maps.Clone(c.WhatsAppIDs)
	c.Throughputs = maps.Clone(c.Throughputs)
	c.BesideApp = slices.Clone(c.BesideApp)
	return c
}

// delay returns when status number i follows the acceptance.
func (c Settings) delay(i int) time.Duration {
	if len(c.DelaysMS) == 0 {
		return 0
	}
	return time.Duration(c.DelaysMS[min(i, len(c.DelaysMS)-1)]) * time.Millisecond
}

// Settings returns the settings in force, without the app secret.
func (s *Server) Settings() Settings {
	c := s.settings.Load().clone()
	c.AppSecret = ""
	return c
}

// Configure changes the settings in force; an empty app secret keeps the old
// one. Statuses already planned keep their plan.
func (s *Server) Configure(c Settings) error {
	if err := c.validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c = c.clone()
	if c.AppSecret == "" {
		c.AppSecret = s.settings.Load().AppSecret
	}
	s.settings.Store(&c)
	s.sender.Batch(c.BatchMax, time.Duration(c.LingerMS)*time.Millisecond)
	return nil
}
