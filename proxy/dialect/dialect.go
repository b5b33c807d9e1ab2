// Package dialect turns bytes of the three API families into messages and
// back. It decides nothing: it refuses what it cannot read completely, in the
// caller's own error shape, and builds every byte that leaves from the parse.
package dialect

import "time"

// Dialect is one of the API families an app may speak. The zero value is none.
type Dialect string

// Dialects on the app's side.
const (
	Cloud  Dialect = "cloud"  // Meta Cloud API
	D360V2 Dialect = "d360v2" // 360dialog, Cloud hosted
	D360V1 Dialect = "d360v1" // 360dialog, On-Premises style
	OnPrem Dialect = "onprem" // WhatsApp Business On-Premises API v1
)

// Flat reports whether webhooks and errors have the On-Premises shape.
func (d Dialect) Flat() bool { return d == D360V1 || d == OnPrem }

// Kind is the class of a Problem; each dialect maps it to code and status in
// one table. The zero value is an internal error.
type Kind int

// Problem kinds.
const (
	Internal         Kind = iota
	Malformed             // not JSON, duplicate key, bad UTF-8, too deep, trailing data
	Invalid               // a value is wrong (131009/100, 1009)
	Missing               // a required parameter is missing (131008, 1008)
	UnknownProperty       // Cloud and v2: unexpected property (100)
	TooLarge              // body over the limit (100 / 1009, always HTTP 400)
	UnknownType           // message type not known (131051 / 501 style)
	Unsupported           // known to the API, not offered by this version; says so
	Unauthenticated       // 401: 190 / 1005 / 360dialog meta
	Forbidden             // token and number do not match: 403, 10 / 1005
	NotFound              // unknown path or object
	Method                // wrong method
	ContentType           // wrong content type
	PasswordChange        // On-Premises 1024
	Blocked               // 360dialog: blocked URL, 403 meta shape
	Policy                // refused by policy; Reason decides code
	RateNumber            // 429, 130429 / 1015
	RatePair              // 429, 131056 / 1015
	RateAccount           // 429, 80007 / 1015
	RateManagement        // 429, 80008 / 1015
	RateApp               // 429, 4 / 1015
	Overloaded            // shed before recording
	RecordingDown         // journal cannot write: 503 (Cloud 500)
	UpstreamDown          // not sent
	UnknownOutcome        // may have gone out: Cloud and v2 500/131000 not transient
	UpstreamRefused       // upstream answered with an error: Upstream holds it
	IdempotencyReuse      // same key, other body: 400
	TooLong               // a text is longer than allowed (100 / 1001)
	RecipientType         // groups and other recipient types (100 / 1002)
	Exists                // what is to be made is there already (1004)
	TemplateFormat        // a template component or parameter has the wrong form (132012 / 2012)
	OnlyMarketing         // not a marketing template where only those are taken (131055 / 1009)
)

// Problem is a refusal in no dialect's words yet. Details is a sentence for
// people and never holds personal data; it names the place and the remedy.
type Problem struct {
	Kind       Kind
	Param      string // JSON path of the offending parameter; of upstream's refusals the kind of message
	Details    string
	Reason     string // policy reason code, "" otherwise; details then start "policy:<reason>"
	Next       time.Time
	RetryAfter time.Duration // only with rate limits and overload
	Upstream   *UpstreamError
	Receipt    string // id of the record of a refusal by policy, "" where none was made
	Trace      string // fbtrace_id: the id under which support finds this refusal
	// Stranger says that nobody knows who called: 360dialog's own shape is the
	// one that both of its versions have.
	Stranger bool
}

// Error makes a Problem usable as an error; it holds no personal data.
func (p *Problem) Error() string { return p.Details }

// UpstreamError is Graph's error object as received.
type UpstreamError struct {
	Status                               int
	Code, Subcode                        int
	Message, Type, Details, Title, Trace string
	UserTitle, UserMessage               string
	Transient                            bool
}
