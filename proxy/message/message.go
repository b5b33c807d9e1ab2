// Package message is the canonical vocabulary: what an app wants to send and
// what came from a person, whatever dialect it was written in. Dialects decode
// into it, policy judges from it, connectors encode from it.
//
// A Message is complete or does not exist: decoders fail on what they do not
// know. An Event keeps what it does not know (Raw), because inbound content
// must never be lost.
package message

import "time"

// Type is the canonical type of a message, in the Cloud API's words.
type Type string

// Types of outbound messages and inbound content.
const (
	Text        Type = "text"
	Template    Type = "template"
	Image       Type = "image"
	Audio       Type = "audio"
	Video       Type = "video"
	Document    Type = "document"
	Sticker     Type = "sticker"
	Location    Type = "location"
	Contacts    Type = "contacts"
	Reaction    Type = "reaction"
	Interactive Type = "interactive"
	Read        Type = "read" // mark as read, with or without typing
	// Inbound only.
	Button      Type = "button"
	Order       Type = "order"
	System      Type = "system"
	Edit        Type = "edit"
	Revoke      Type = "revoke"
	Unsupported Type = "unsupported"
)

// Party is the person on the other side. Number is digits only, without plus,
// in the form given; UserID is the business-scoped user id. At least one is
// set. Both are personal data.
type Party struct {
	Number string
	UserID string
	Name   string // profile name, inbound only
	// Alternates are other forms in the same event, e.g. a parent user id.
	ParentUserID string
	Username     string
}

// Message is what an app asks to send. The typed object of Type is kept as
// validated canonical JSON of the Cloud API in Content: the bytes that leave
// are built from it and from nothing else.
type Message struct {
	Type    Type
	To      Party
	Input   string // recipient as the app wrote it, for the answer
	Content []byte // canonical Cloud JSON of the type object: {"body":"..."}; for Read: {"message_id":"..."}
	Sub     string // interactive kind, e.g. "button"

	ReplyTo      string // context.message_id as the app gave it
	Opaque       string // the client's own biz_opaque_callback_data
	IdentityHash string // recipient_identity_key_hash
	Typing       bool   // Read with typing indicator
	ReadID       string // Read: the inbound message marked, as the app gave it
	ReactTo      string // Reaction: the message reacted to, as the app gave it

	Template *TemplateUse
	Media    []Media  // every media reference in the message, header and cards included
	Links    []string // every URL a person could open: text bodies, buttons, media links
	Texts    []Phrase // every human-readable string with its JSON path, for detection
	Dropped  []string // names of unknown properties an old dialect ignored
}

// Phrase is one string that an app or a person chose: texts, captions, names,
// labels, payloads, links. Words of the API and ids of Meta's are none.
//
// Paths start at the message object. In events the contact's are
// "profile.name" and "contact.*", those of an error update "errors.*", and
// unknown members of the envelope "value.*", "change.*", "entry.*", "root.*". In a name
// "~", ".", "[" and "]" are written "~0" to "~3".
type Phrase struct {
	Path  string // e.g. "text.body", "template.components[1].parameters[0].text"
	Value string
}

// TemplateUse names a template and the parameters given to it.
type TemplateUse struct {
	Name       string
	Language   string
	Namespace  string // On-Premises only
	Components []Component
}

// Component counts what a template component was given. Named lists
// parameter_name where parameters are named.
type Component struct {
	Type       string // "header", "body", "button", "carousel", "carousel[0].body", ...
	SubType    string
	Index      string
	Parameters int
	Kinds      []string // "text", "currency", "image", ...
	Named      []string
}

// Media is one media reference. Exactly one of ID and Link is set.
type Media struct {
	Kind     Type
	ID       string
	Link     string
	Provider string // of a link of the old dialects: whose stored credentials fetch it, "" for none
	Filename string
}

// EventKind says what an inbound event is.
type EventKind string

// Kinds of inbound events.
const (
	EventMessage    EventKind = "message"    // a person wrote
	EventStatus     EventKind = "status"     // state of a message that was sent
	EventEcho       EventKind = "echo"       // a message sent by other means in our name
	EventPreference EventKind = "preference" // marketing stop or resume
	EventTemplate   EventKind = "template"   // template status, category, quality
	EventError      EventKind = "error"      // out-of-band errors
	EventOther      EventKind = "other"      // any other webhook field
)

// Event is one update out of an inbound webhook. Raw is the smallest complete
// Cloud envelope that holds just this event, ready to be re-signed.
type Event struct {
	Kind    EventKind
	Field   string // webhook field, "messages", "user_preferences", ...
	WABA    string
	Number  string // metadata.phone_number_id, empty for account fields
	Display string // metadata.display_phone_number
	Peer    Party
	ID      string // upstream message id (personal data)
	Time    time.Time
	Type    Type   // of a message
	Sub     string // interactive kind, system type
	// IdentityHash is what upstream names the person's identity by, "" if it does not.
	IdentityHash string
	Raw          []byte

	Status   *Status
	Template *TemplateUpdate
	Prefer   *Preference
	Opens    bool     // the event opens or refreshes the service window
	Words    string   // text that may be an opt-out or opt-in word, whole message
	Payload  string   // button payload or reply id
	ReplyTo  string   // context.id
	Texts    []Phrase // every human-readable string
	Unknown  []string // names of members the decoder does not know, kept
	Group    string
}

// Status is the life of a sent message. State is the Cloud API's word.
type Status struct {
	State  string
	Opaque string // biz_opaque_callback_data
	Code   int    // first error code of "failed"
	Title  string
	// Part tells states apart that one message has more than once: the
	// participant of a group, or the payment as upstream wrote it. Personal data.
	Part string `json:",omitempty"`
}

// TemplateUpdate changes what is known of a template.
type TemplateUpdate struct {
	ID, Name, Language string
	Event              string // APPROVED, PAUSED, ..., or CATEGORY, COMPONENTS, QUALITY_<score>
	Category           string
}

// Preference is a person's own marketing choice at Meta.
type Preference struct {
	Category string // "marketing_messages"
	Value    string // "stop" or "resume"
}
