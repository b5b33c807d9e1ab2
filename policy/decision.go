package policy

// Effect is what a decision says. The zero value denies.
type Effect int

// Effects. The enum is open: later ones (hold) deny for readers that do not know them.
const (
	Deny Effect = iota
	Allow
)

// MarshalText gives the same words to JSON.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// String is "deny" or "allow".
func (e Effect) String() string {
	if e == Allow {
		return "allow"
	}
	return "deny"
}

// Decision is policy's answer to one Input. The zero value denies.
type Decision struct {
	Effect      Effect
	Reasons     []Reason // enforced refusals, the one to answer first; empty on allow
	Observed    []Reason // refusals of rules in observe mode
	Obligations Obligations
	Revision    string // hash over policy, settings and packs, hex
}

// Reason is one rule's refusal.
type Reason struct {
	Code     string `json:"code"`     // stable: "opt_in_missing", "window_closed", ...
	Rule     string `json:"rule"`     // Rego rule path
	Sentence string `json:"sentence"` // for people, English
	Next     int64  `json:"next"`     // Unix seconds of the next allowed instant; 0 if time alone does not help
}

// Obligations are what must be done with an allowed message. Operators are
// policy/pii operator names by finding type; "*" is the default.
type Obligations struct {
	Forward   map[string]string // what leaves
	Record    map[string]string // what is kept
	Retention string            // retention class
	Original  bool              // keep the sealed original
	Files     bool              // keep the files of the message
	Bare      bool              // keep no content at all: who, when and the decision
	Labels    []string
	// StripLocation: pictures leave without where they were taken.
	StripLocation bool
}
