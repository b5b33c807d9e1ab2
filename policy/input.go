// Package policy decides. Input holds everything a rule may look at, and no
// message text and no number; Decision says allow only if a rule said so.
//
// It fails closed: an undefined decision, a missing fact source, an evaluation
// error or the zero Decision all deny.
package policy

// InputVersion is the version of Input. See INPUT.md and input.schema.json.
const InputVersion = 1

// Input is what policy sees of one message. Times are Unix seconds unless
// they say otherwise; every enum is a short token.
type Input struct {
	Version   int     `json:"version"`
	Kind      string  `json:"kind"`      // "message", "media", "read", "inbound", "manage"
	Direction string  `json:"direction"` // "outbound" or "inbound"
	Tenant    string  `json:"tenant"`
	App       string  `json:"app"`
	Number    string  `json:"number"`  // phone_number_id of the business
	Dialect   string  `json:"dialect"` // "cloud", "d360v2", "d360v1", "onprem"
	Peer      Peer    `json:"peer"`
	Message   Message `json:"message"`
	Findings  []Found `json:"findings"`
	Facts     Facts   `json:"facts"`
	Time      Time    `json:"time"`
}

// Peer is the person, without the number.
type Peer struct {
	Subject   string `json:"subject"` // hex subject id
	Country   string `json:"country"` // ISO 3166-1 alpha-2, "" if unknown
	HasNumber bool   `json:"has_number"`
	HasUserID bool   `json:"has_user_id"`
}

// Message is what is to be sent or was received, without its text.
type Message struct {
	Type      string    `json:"type"`
	Sub       string    `json:"sub"`      // interactive kind
	Category  string    `json:"category"` // "marketing", "utility", "authentication", "service"
	Reply     bool      `json:"reply"`    // quotes or reacts to a message of the person
	Template  *Template `json:"template,omitempty"`
	Media     []Media   `json:"media"`
	LinkHosts []string  `json:"link_hosts"`
	Length    int       `json:"length"` // characters of the longest text
	Dropped   []string  `json:"dropped"`
}

// Template is the template named, as known from upstream.
type Template struct {
	Name       string `json:"name"`
	Language   string `json:"language"`
	Known      bool   `json:"known"`
	Status     string `json:"status"`     // APPROVED, PAUSED, ...; "" if unknown
	Category   string `json:"category"`   // as upstream says now, lower case
	Parameters string `json:"parameters"` // "ok" or "count", "format", "component", "index" mismatch
	Want       int    `json:"want"`
	Got        int    `json:"got"`
}

// Media is one media reference.
type Media struct {
	Kind   string `json:"kind"`
	Source string `json:"source"` // "id", "link", "upload" or SourceProvider
	Bytes  int64  `json:"bytes"`  // -1 if unknown
	Mime   string `json:"mime"`
	// Location says whether a picture tells where it was taken: a Location word.
	// Empty is what nobody looked at.
	Location string `json:"location"`
}

// SourceProvider is a link that the gateway itself fetches with credentials.
// What it leads to is decided as an upload of its own (kind media) before the
// message leaves, so the message may name it while its size is not known.
const SourceProvider = "provider"

// Words of Media.Location.
const (
	LocationNone       = "none"       // it does not, or what was uploaded no longer does
	LocationSome       = "some"       // it does, or may
	LocationUnreadable = "unreadable" // nobody can say
)

// Found is a group of findings of one entity and level: never a value.
type Found struct {
	Type   string `json:"type"`   // "CREDIT_CARD", "EMAIL", "LEXICON", ...
	Entity string `json:"entity"` // "BR_CPF", "PROMISES", ...; equal to type where a type has one entity alone
	Class  string `json:"class"`  // "A" to "D", "" for words of lexicons
	Topic  string `json:"topic"`  // of the lexicon, "" for personal data
	Level  string `json:"level"`  // "possible", "likely", "certain"
	Count  int    `json:"count"`
	Where  string `json:"where"` // "text", "template", "interactive", "filename", ...
}

// Facts are what is known of the person and the number at this moment.
// Missing says which source could not be asked; a rule that needs it denies.
type Facts struct {
	Missing  []string           `json:"missing"`
	Window   Window             `json:"window"`
	Consent  map[string]Consent `json:"consent"` // by category
	OptOut   OptOut             `json:"optout"`
	Identity string             `json:"identity"` // "ok", "changed"
	Account  string             `json:"account"`  // "ok", "restricted"

	// Restricted: processing of the person's data is restricted (GDPR Art. 18).
	Restricted bool `json:"restricted"`

	Residency Residency `json:"residency"`
}

// Residency is where upstream keeps what a business number sends and receives,
// as far as upstream said.
type Residency struct {
	Kind   string `json:"kind"`   // "local", "none", "default" or "unknown"
	Region string `json:"region"` // of "local": upstream's name of it, such as DE, which stands for the EU; else ""
}

// Window is the customer service window of (number, person), 24 hours from the
// person's last message. The engine takes the margin of its settings off.
type Window struct {
	Open    bool  `json:"open"`
	Expires int64 `json:"expires"` // 0 if never opened
}

// Consent is the standing opt-in for one category.
type Consent struct {
	Given     bool   `json:"given"`
	Source    string `json:"source"`
	Scope     string `json:"scope"`
	At        int64  `json:"at"`
	Expires   int64  `json:"expires"` // 0 has no end
	Suspended bool   `json:"suspended"`
}

// OptOut says what the person refused. Scope "marketing" comes from Meta's
// signals; "all" from STOP words.
type OptOut struct {
	Marketing bool   `json:"marketing"`
	All       bool   `json:"all"`
	Source    string `json:"source"`
	At        int64  `json:"at"`
}

// Time is now and the peer's local time. Zones holds every zone the person may
// be in; a rule about local time must hold in all of them.
type Time struct {
	Now   int64   `json:"now"`
	Zones []Local `json:"zones"`
}

// Local is one candidate local time of the person. Offset is seconds east of
// UTC now; Minute is minutes since local midnight; Weekday 0 is Sunday; Date is "2006-01-02".
type Local struct {
	Zone    string `json:"zone"`
	Offset  int    `json:"offset"`
	Minute  int    `json:"minute"`
	Weekday int    `json:"weekday"`
	Date    string `json:"date"`
}
