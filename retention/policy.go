package retention

import "time"

// Policy is a retention policy, checked: Decode makes it. The zero value keeps
// everything for ever.
type Policy struct {
	Version int
	Classes map[string]Class // by name
	Presets []string         // in the order of the file
	Notes   []Note           // what a reader of the file should know
	// Revision is the SHA-256 of the files it was read from, hex; Files are those,
	// by name.
	Revision string
	Files    map[string]string

	// What files of the older form ask of other parts. Zero where they do not.
	BackupEvery time.Duration
	Export      Export
}

// Class is what becomes of one class of records.
type Class struct {
	Days   int // after the clock began; 0 keeps for ever
	Keep   Keep
	Clock  Clock
	Action Action

	// Floor and Ceiling bound Days, in days; 0 is no bound. The clause that
	// sets a bound is named beside it; empty where the file itself did.
	Floor, Ceiling     int
	FloorBy, CeilingBy string
	KeepBy             string // the clause that asks for KeepOriginal

	// NoticeHours is how long before rows about a person go the person must have
	// been told; 0: nobody has to be. NoticeBy is the clause that asks for it.
	NoticeHours int
	NoticeBy    string
}

// Keep is what of a message's content is kept. The zero value keeps least.
type Keep string

// What is kept.
const (
	KeepNothing  Keep = "nothing"  // who, when and the decision, no content
	KeepRedacted Keep = "redacted" // the redacted form
	KeepOriginal Keep = "original" // beside it the message as received, sealed
)

// Clock is what the days are counted from.
type Clock string

// Starts of the clock.
const (
	ClockRecord  Clock = "record"  // the record's own time
	ClockContact Clock = "contact" // the newest record about the person
	ClockConsent Clock = "consent" // the end of the person's last consent
)

// Action is what is done with a record whose days are over.
type Action string

// Actions.
const (
	ActionErase Action = "erase" // its personal parts go, the record stays
	ActionPurge Action = "purge" // the record goes, its place in the chain stays
	ActionCold  Action = "cold"  // it moves to cold storage

	// ActionRedact is no class's: a revision took the place of the body.
	ActionRedact Action = "redact"
)

// Note says something of a policy that its reader should know: how a field of
// the older form was read, what a preset does not achieve.
type Note struct {
	Field string `json:"field"` // dotted path in the file, or "presets.NAME"
	Text  string `json:"text"`
}

// Export is where a file of the older form wants the trail copied.
type Export struct {
	Bucket, Prefix string
	IncludePayload bool
}
