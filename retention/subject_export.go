package retention

import (
	"encoding/json"
	"slices"
	"strings"

	"postern/audit"
)

// Disclosure is what is known of a person, as it is given to that person: no legal
// holds, no labels, nobody's name who works here, and of others nothing. Times
// are RFC 3339.
type Disclosure struct {
	Version  int      `json:"version"` // 1
	Made     string   `json:"made"`
	Business string   `json:"business"` // legal entity
	Subject  string   `json:"subject"`
	Request  audit.ID `json:"request"`
	// From is when what is shown begins: before it the number was somebody else's,
	// or that it was not is not proven. Empty: from the beginning.
	From string `json:"from,omitempty"`

	Numbers    []string     `json:"numbers"`
	UserIDs    []string     `json:"user_ids"`
	Facts      []ExportFact `json:"facts"`
	Files      []ExportFile `json:"files"` // that no message here names
	Recipients []Recipient  `json:"recipients"`
	Kept       []ExportKept `json:"kept"`
	Missing    []string     `json:"missing"` // what is not in it, and why

	// Messages are the last member, oldest first. A Parcel takes them one by one.
	Messages []ExportMessage `json:"messages,omitempty"`
}

// ExportFact is a consent, an opt-out or the like.
type ExportFact struct {
	What  string          `json:"what"`
	About string          `json:"about"` // category, scope
	Value json.RawMessage `json:"value"`
	Since string          `json:"since"`
	Until string          `json:"until,omitempty"`
}

// ExportMessage is one message and what was decided about it.
type ExportMessage struct {
	Record    string       `json:"record"`
	Time      string       `json:"time"`
	Direction string       `json:"direction"` // "outbound": to the person
	Type      string       `json:"type"`
	Category  string       `json:"category,omitempty"`
	Text      string       `json:"text,omitempty"`
	Form      string       `json:"form"` // FormOriginal, FormRedacted or FormGone
	Note      string       `json:"note,omitempty"`
	Files     []ExportFile `json:"files,omitempty"`
	Decision  string       `json:"decision,omitempty"`
	Outcomes  []string     `json:"outcomes,omitempty"`
	KeptUntil string       `json:"kept_until"`
}

// ExportFile is a file of a message.
type ExportFile struct {
	Name string `json:"name"`           // as the message says, or what it is
	Path string `json:"path,omitempty"` // in the ZIP; empty: it is not in it
	Size int64  `json:"size,omitempty"` // bytes
	Note string `json:"note,omitempty"` // why it is not in it, or not whole
}

// Forms of a message's text.
const (
	FormOriginal = "original" // as it was sent, others' data redacted
	FormRedacted = "redacted"
	FormGone     = "gone"
)

// Recipient is who got data of the person.
type Recipient struct {
	Who  string `json:"who"`
	What string `json:"what"`
}

// ExportKept says how long a class of data is kept.
type ExportKept struct {
	Class string `json:"class"`
	How   string `json:"how"`
}

// InWords says to a person what a decision's codes mean.
func InWords(effect string, reasons []string) string {
	out := map[string]string{"allow": "let through", "deny": "not let through"}[effect]
	if out == "" {
		return ""
	}
	var why []string
	for _, code := range reasons {
		words, known := reasonWords[code]
		switch {
		case !known:
			words = "a rule of the business"
		case words == "":
			words = strings.ReplaceAll(code, "_", " ")
		}
		if !slices.Contains(why, words) {
			why = append(why, words)
		}
	}
	if len(why) == 0 {
		return out
	}
	return out + ": " + strings.Join(why, "; ")
}

// reasonWords are reasons of decisions for those they are about; "" stands for
// itself. The codes of a business's own rules are not here: their names may say
// what the person is not to be told, such as what is looked for.
var reasonWords = map[string]string{
	"opted_out":             "you had asked for no more messages",
	"marketing_stopped":     "you had stopped advertising",
	"opt_in_missing":        "no consent of yours was on record",
	"opt_in_expired":        "your consent had ended",
	"opt_in_source":         "your consent came from a source that does not count",
	"window_closed":         "your last message was more than a day old",
	"identity_changed":      "your number may have had another owner",
	"processing_restricted": "processing of your data was restricted",
	"quiet_hours":           "it was a quiet time where you live",
	"recipient_country":     "your country is not written to",
	"pii":                   "it held personal data that may not be passed on",
	"pii_treatment":         "it held personal data that could not be taken out",
	"type_not_allowed":      "messages of this type are not allowed",
	"link_host":             "it had a link that is not allowed",
	"media_kind":            "it had a file of a kind that is not allowed",
	"media_size":            "its file was too large",
	"account_restricted":    "WhatsApp had restricted the business",
	"residency":             "WhatsApp would have kept it where it must not be kept",
	"facts_missing":         "what has to be known first was not known",
	"received":              "you wrote it",
	"window":                "you had written within a day",
	"consent":               "your consent was on record",
	"not_required":          "it needs no consent",

	"policy_error": "", "template": "", "template_disabled": "", "template_paused": "", "template_not_approved": "",
	"template_category": "", "template_parameters": "", "media_location": "", "call_not_allowed": "",
}
