package retention

import (
	"postern/audit"
	"postern/audit/journal"
)

// Store is where an item rests.
type Store string

// Stores of items.
const (
	StoreRecords    Store = "records"    // a record of the trail
	StoreMedia      Store = "media"      // a file that the media store holds
	StoreDeliveries Store = "deliveries" // a webhook that waits or was given up
	StoreFacts      Store = "facts"      // what was known of a person and ended: a consent, an opt-out undone, a service window
	StorePersons    Store = "persons"    // what a person is found by of whom nothing else is left
	StoreLost       Store = "lost"       // a record that the trail lost when it was restored, in ClickHouse
)

// Item is one row that retention judges: who it is about and how old it is,
// never what it says.
type Item struct {
	Store   Store
	Seq     uint64   // of the record or delivery; 0 for others
	Row     audit.ID // of a fact: the record that proves it
	Time    int64    // microseconds since 1970; of a fact: when it ended
	Class   string
	Kind    audit.Kind
	Tenant  string
	App     string
	Number  string // phone_number_id of the business
	Subject audit.SubjectID
	Reasons []string

	Begun  int64  // when what a fact says began; 0: at its time
	Chain  string // of a record that was lost
	Type   string // of a record
	Bare   bool   // a record without parts that could be erased
	Of     *Item  // what a record is the outcome of; nil: nothing, not known, or gone
	Orphan bool   // a record that is the outcome of one that is gone

	fact *journal.Fact // of a fact

	same  []audit.SubjectID // of a person: all subjects that are this one
	rests []Item            // of a person: the records that are left, without content

	// Start is when the clock of the class began, microseconds; 0 while it has
	// not: a consent that holds.
	Start int64
}
