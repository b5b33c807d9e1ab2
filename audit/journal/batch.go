package journal

import (
	"errors"

	"postern/audit"
)

// Batch is everything one event changes, committed in one transaction or not
// at all. Each field may be empty.
type Batch struct {
	Records     []audit.Record // Seq, Prev, Chain, Leaf and the parts' Hash are filled in place
	Subjects    []Subject      // new or changed rows
	DataKeys    []DataKey
	Facts       []Fact // upserted by (Tenant, Subject, Kind, Key); nil Value deletes
	Deliveries  []Delivery
	Outcomes    []Outcome // progress of deliveries
	MessageIDs  []MessageID
	Idempotency []Idempotency
	Seen        []Seen // de-duplication marks; one already present fails the batch with ErrSeen
	Settings    []Setting
	Media       []Media // new rows
	Tokens      []Token // values that the records show as tokens

	ChangedMedia []Media    // of rows that are there: Mime, Bytes, Stored and FetchAt
	GoneMedia    []audit.ID // rows of media that go

	// Recheck runs in the writer, in commit order, after everything
	// committed before and with the facts that precede this batch in the
	// same transaction but are not in memory yet. An error keeps this batch
	// (only this one) out of the store and is returned by Append.
	Recheck func(pending []Fact) error

	// Committed runs in the writer after the commit is durable and before
	// any later batch is rechecked. It must be quick and must not call the
	// journal. Where the outcome was unknown it runs once recovery has found
	// the batch in the store, even if Append has answered ErrUnresolved.
	Committed func()

	// Lazy batches need not start a transaction of their own: they ride with
	// the next one, at the latest after Config.LazyDelay. Append returns as
	// soon as a lazy batch is queued; an error after that is reported by
	// Config.OnError. Used for settles, which nobody waits for. The caller
	// must not touch the batch's slices after Append has returned.
	Lazy bool
}

// Empty reports whether the batch changes nothing.
func (b *Batch) Empty() bool {
	return len(b.Records)+len(b.Subjects)+len(b.DataKeys)+len(b.Facts)+len(b.Deliveries)+len(b.Outcomes)+
		len(b.MessageIDs)+len(b.Idempotency)+len(b.Seen)+len(b.Settings)+len(b.Media)+len(b.Tokens)+len(b.ChangedMedia)+len(b.GoneMedia) == 0
}

// OnCommit adds to what runs once the batch is durable, after what is there.
func (b *Batch) OnCommit(f func()) {
	before := b.Committed
	if before == nil {
		b.Committed = f
		return
	}
	b.Committed = func() { before(); f() }
}

// Subject is a person's row. Identifiers is sealed under a data key of the
// subject (class "subject"); Index holds keyed blind indexes of the number
// forms and business-scoped ids, each for an interval of time.
type Subject struct {
	ID          audit.SubjectID
	Tenant      string
	Identifiers []byte // sealed
	Alias       audit.SubjectID
	Created     int64
	Index       []IndexEntry
}

// IndexEntry is one blind index of a subject. From and Until bound the
// interval (microseconds) in which it names this person; Until 0 is open.
// Kind is "number" (one exact form), "family" (the normal form that several
// forms of a number share) or "user_id".
type IndexEntry struct {
	Epoch uint32
	Hash  [16]byte // truncated HMAC-SHA-256 under the index key
	Kind  string
	From  int64
	Until int64
}

// DataKey is a wrapped data key of one subject, retention class and month
// ("2026-11"). Destroying the row is erasure.
type DataKey struct {
	Subject audit.SubjectID
	Class   string
	Month   string
	Wrapped []byte
}

// Fact is one current fact about a person (or, with the zero subject, about a
// tenant). Value is canonical JSON without personal data. Until 0 has no end.
type Fact struct {
	Tenant  string
	Subject audit.SubjectID
	Kind    string // "consent", "optout", "window", "zone", "template", ...
	Key     string // consent scope, number id, template "name/lang", ...
	Value   []byte
	Time    int64
	Until   int64
	Record  audit.ID // the record that proves it
}

// Delivery is one event on its way to an app. Body is sealed under the data
// key named by Subject, class "deliveries" and Month, and is dropped 24 h after the end.
type Delivery struct {
	ID       audit.ID // equals the id of the record delivered, plus app in the key
	Tenant   string
	App      string
	Subject  audit.SubjectID // order is kept per (App, Subject)
	Number   string
	Dialect  string
	Month    string
	Body     []byte // sealed
	NotAfter int64  // dead letter after this
	NextAt   int64
	Attempts int
	State    DeliveryState
	LastCode int64
	Created  int64 // when Meta's webhook arrived, microseconds
	Seq      int64 // order of insertion, set by the journal
}

// DeliveryState tells where a delivery stands. The zero value is pending.
type DeliveryState int

// States of a delivery.
const (
	DeliveryPending DeliveryState = iota
	DeliveryDone
	DeliveryDead // gave up; replay sets it pending again
)

// Outcome changes a delivery after an attempt.
type Outcome struct {
	ID       audit.ID
	App      string
	State    DeliveryState
	NextAt   int64
	Attempts int
	LastCode int64
	NotAfter int64 // 0 keeps it
}

// MessageID maps between the id an app knows and upstream's id. Upstream is
// sealed, Hash is its keyed hash (first 16 bytes). Kept 60 days.
type MessageID struct {
	Admission audit.ID // our id; the app's id is derived from it
	Tenant    string
	Number    string
	Subject   audit.SubjectID
	Hash      [16]byte
	Upstream  []byte // sealed
	Month     string // month of the data key
	Class     string // class of the data key; empty is audit.ClassMessages
	Time      int64
}

// Idempotency is the state of one Idempotency-Key of an app and number, 24 h.
// Answer is sealed; empty while in flight.
type Idempotency struct {
	App, Number string
	Key         [32]byte // keyed hash of the client's key
	Body        [32]byte // keyed hash of the request body
	Admission   audit.ID
	Subject     audit.SubjectID
	Month       string
	Answer      []byte
	Time        int64
	Free        bool // takes the row out: the key may be used again
}

// Seen is a de-duplication mark, kept 8 days.
type Seen struct {
	Hash [16]byte // keyed hash of "message:"+id, "status:"+id+state ...
	Time int64
}

// Setting is a small value of the system or an app (webhook target, login
// token hash, operator, app key hash, policy revision ...). Value is sealed
// where it is secret. Nil Value deletes.
type Setting struct {
	Scope string // "app/<name>", "operator", "policy", ...
	Key   string
	Value []byte
	Time  int64
}

// Errors a caller branches on.
var (
	// ErrSeen: a de-duplication mark of the batch is already stored.
	ErrSeen = errors.New("already recorded")
	// ErrFull: the queue to the writer is full; nothing was recorded.
	ErrFull = errors.New("recording queue is full")
	// ErrDown: the store cannot write; nothing was recorded, or at the worst
	// (ErrUnresolved, which is an ErrDown too) that is not known yet. It
	// recovers by itself.
	ErrDown = errors.New("recording is down")
	// ErrClosed: the journal is closed.
	ErrClosed = errors.New("journal is closed")
)
