// Package audit says what the trail is made of: records, their canonical
// encoding, the tree over them and how a stranger verifies it.
//
// A record is a leaf of an RFC 6962 tree. Its personal parts (redacted body,
// sealed original, policy input) are not in the leaf: the leaf commits to each
// by a salted hash, so erasing a part leaves every proof intact.
//
// The package holds no store and no keys. It fails closed: a record that can
// not be encoded is an error, never a shorter record.
package audit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"
)

// ID names one record: 48 bits of milliseconds since 1970 and 80 random bits,
// so that ids of one process sort by time and indexes over them grow at the
// end. It is the admission id that travels upstream as
// biz_opaque_callback_data and says nothing about the person.
type ID [16]byte

// NewID returns a fresh id for the given moment.
func NewID(now time.Time) ID {
	var id ID
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	rand.Read(id[6:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return id
}

// Milli is the moment for which the id was made, in Unix milliseconds.
func (id ID) Milli() int64 {
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return ms
}

// String is the 32 lower-case hex digits of the id.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether the id was never set.
func (id ID) IsZero() bool { return id == ID{} }

// ErrBadID is returned by ParseID for anything but 32 lower-case hex digits.
var ErrBadID = errors.New("id is not 32 lower-case hex digits")

// ParseID is the inverse of ID.String.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 2*len(id) {
		return ID{}, ErrBadID
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ID{}, ErrBadID
		}
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, ErrBadID
	}
	return id, nil
}

// MarshalText is String, so that reports in JSON carry ids people can copy.
func (id ID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, id[:]), nil }

// UnmarshalText is ParseID.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// SubjectID is a person: 128 random bits that stand for the number everywhere
// in the trail. The zero value means "no person".
type SubjectID [16]byte

// NewSubjectID returns a fresh random subject.
func NewSubjectID() SubjectID {
	var s SubjectID
	rand.Read(s[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return s
}

// String is the 32 lower-case hex digits of the subject.
func (s SubjectID) String() string { return hex.EncodeToString(s[:]) }

// MarshalText is String, for JSON.
func (s SubjectID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText is the inverse of MarshalText.
func (s *SubjectID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text)) // of the same form
	if err != nil {
		return err
	}
	*s = SubjectID(parsed)
	return nil
}

// IsZero reports whether the record concerns no person.
func (s SubjectID) IsZero() bool { return s == SubjectID{} }

// Kind says what a record is about. The set is open: readers keep unknown kinds.
type Kind string

// Kinds written by this version.
const (
	KindAdmission     Kind = "admission"      // an outbound message was decided; Effect says how
	KindMedia         Kind = "media"          // a media upload was decided
	KindManage        Kind = "manage"         // a call that changes a business number or account was decided
	KindRead          Kind = "read"           // mark as read or typing was decided
	KindSettle        Kind = "settle"         // outcome of an admission; Ref names it
	KindInbound       Kind = "inbound"        // a message from a person
	KindStatus        Kind = "status"         // upstream status of an admission; Ref names it
	KindUnmatchedSend Kind = "unmatched_send" // status or echo without admission: sent round the gate
	KindUndecodable   Kind = "undecodable"    // signed webhook content that could not be decoded, kept sealed
	KindEvent         Kind = "event"          // other webhook content: templates, account, preferences
	KindDelivery      Kind = "delivery"       // outcome of a webhook to an app; Ref names the record delivered
	KindConsent       Kind = "consent"        // consent given, revoked, imported, or an opt-out/opt-in signal
	KindConfig        Kind = "config"         // a revision of config, settings, policy or an app's own setting
	KindAccess        Kind = "access"         // app, operator or key added, revoked, used to log in
	KindTrailRead     Kind = "trail_read"     // somebody asked the trail
	KindRequest       Kind = "request"        // a person's own request was taken up or done; Type says what
	KindErasure       Kind = "erasure"        // parts of records were erased; Detail says by range
	KindRetention     Kind = "retention"      // a purge began, went on or ended; Type says which, Detail what
	KindHold          Kind = "hold"           // a legal hold was asked for, placed or lifted
	KindLife          Kind = "life"           // start, stop, recovery, clock jump, recording stopped
	KindUnauth        Kind = "unauth"         // unauthenticated requests, one record per source and minute
	KindRevision      Kind = "revision"       // the body of a record as stricter packs left it; Ref names that record, Time is its time

	// KindPurged is what a purged record shows as. Nothing is recorded under it.
	KindPurged Kind = "purged"
)

// LabelRevises begins the label of a revision that says of which kind the record
// is that it names.
const LabelRevises = "revises:"

// Effect is a decision as recorded. The zero value is deny's: nothing was let through.
type Effect string

// Effects written by this version.
const (
	EffectDeny  Effect = "deny"
	EffectAllow Effect = "allow"
)

// Part names of records.
const (
	PartBody     = "body"     // redacted body, clear text
	PartOriginal = "original" // received bytes, sealed
	PartSent     = "sent"     // forwarded bytes where they differ, sealed
	PartInput    = "input"    // policy.Input as JSON, for replay
	PartAnswer   = "answer"   // the client's own opaque value or upstream's answer, sealed
	PartDetail   = "detail"   // kind-specific structured detail, clear text JSON without personal data

	// PartRecord is what an erasure names where records themselves were purged.
	// No record has a part of this name.
	PartRecord = "record"
)

// Part is an erasable part of a record. The leaf holds only
// SHA-256(Salt || Body); erasing overwrites both and leaves the hash.
//
// Hash is that value as the store keeps it. Zero means "not stored": the
// encoding computes it from Salt and Body. A store that keeps it lets Verify
// name the part that was changed, not only the record.
type Part struct {
	Name   string // lower-case letters, digits and '_', at most 32
	Salt   [16]byte
	Body   []byte
	Hash   [32]byte
	Erased bool // Salt and Body are gone, Hash must be set

	// Elsewhere: this store never had Salt and Body, another one keeps them.
	// Hash must be set; Verify proves the record without them.
	Elsewhere bool
}

// NewPart returns a part with a fresh random salt.
func NewPart(name string, body []byte) Part {
	p := Part{Name: name, Body: body}
	rand.Read(p.Salt[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return p
}

// Record is one line of the trail, before it has its place. Seq, Prev and
// Chain are set by the journal when it is appended. Strings are short tokens
// without personal data; times are microseconds since 1970, UTC.
type Record struct {
	Version uint16 // format version; 1
	Chain   string
	Seq     uint64 // dense, from 0
	Prev    [32]byte
	ID      ID
	Kind    Kind
	Time    int64
	Ref     ID // admission, inbound record or delivery this one belongs to

	Tenant    string
	App       string // app name; empty for inbound and system records
	Number    string // phone_number_id of the business
	Actor     string // operator or "app:<name>", "system", "meta"
	Subject   SubjectID
	Country   string // ISO 3166-1 alpha-2 of the person, if known
	Direction string // "outbound", "inbound" or ""
	Dialect   string // "cloud", "d360v2", "d360v1", "onprem" or ""

	Type     string // canonical message type ("text", "template", ...), status or event name
	Category string // template category or "service"
	Template string // template name and language, "name/en_US"

	Effect    Effect
	Reasons   []string // stable codes, first is the one answered
	Observed  []string // codes of rules in observe mode that would have refused
	Revision  string   // policy revision hash
	Facts     string   // facts used, canonical JSON without personal data
	Findings  string   // findings summary "CREDIT_CARD:1,EMAIL:2"
	Changed   bool     // what was forwarded differs from what was received
	Mac       []byte   // keyed hash of the original bytes
	MacKey    uint32   // version of the key of Mac
	MessageID []byte   // keyed hash of upstream's message id
	Result    string   // "accepted", "refused", "unknown", "failed", "delivered", ...
	Code      int64    // upstream or dialect error code, HTTP status where there is no code
	Retention string   // retention class
	Labels    []string // labels set by policy

	Parts []Part

	// Purged says that the record is gone and its place stays: Seq, ID, Prev
	// and Leaf are there, Kind is KindPurged, all else is empty. Only a store
	// sets it; such a record has no leaf input any more.
	Purged bool

	// Leaf is the leaf hash as the store keeps it. It is no part of the
	// encoding: the journal sets it on reading, Verify compares it.
	Leaf [32]byte
}
