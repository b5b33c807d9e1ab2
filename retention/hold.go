package retention

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
)

// Hold keeps what its scope covers from retention and from erasure until it is
// lifted. It names persons by subject id only, and no message text.
type Hold struct {
	ID     audit.ID `json:"id"`     // of the record that says who asked for it
	Matter string   `json:"matter"` // a reference such as CASE-2026-0042
	Why    string   `json:"why"`    // short token: litigation, investigation, ...
	Actor  string   `json:"actor"`  // who asked
	Second string   `json:"second,omitempty"`
	Scope  Scope    `json:"scope"`
	Placed int64    `json:"placed"`           // microseconds
	Review int64    `json:"review,omitempty"` // when to look whether it is still needed; it ends nothing

	// Expires, microseconds, is set while a second person has not approved the
	// hold. It holds until then, so that nothing goes between asking and
	// approving, and ends by itself. 0: approved, or nobody had to.
	Expires int64 `json:"expires,omitempty"`
	// Ended, microseconds: nobody approved it in time, as the trail says.
	Ended int64 `json:"ended,omitempty"`

	// Lifting is who asked to lift it, where a second person has to approve that.
	Lifting *Ask `json:"lifting,omitempty"`
}

// Ask is something one person asked for and another has to approve.
type Ask struct {
	Operator string    `json:"operator"`
	Filed    time.Time `json:"filed"`
	Expires  time.Time `json:"expires"`
}

// Live reports whether it can still be approved. A clock set back before it was
// filed ends it: how old it is can not be known then.
func (a Ask) Live(now time.Time) bool {
	return now.Before(a.Expires) && now.After(a.Filed.Add(-time.Minute))
}

// inForce reports whether the hold holds now. One that waits for approval holds
// at a clock that was set back, too.
func (h *Hold) inForce(now time.Time) bool {
	return h.Ended == 0 && (h.Expires == 0 || now.UnixMicro() < h.Expires)
}

// ReviewDue reports whether somebody was to look by now whether the hold is still
// needed.
func (h *Hold) ReviewDue(now time.Time) bool { return h.Review != 0 && h.Review <= now.UnixMicro() }

// Over reports whether nobody approved the hold in time, so that it holds nothing.
func (h *Hold) Over(now time.Time) bool { return !h.inForce(now) }

// Scope is what a hold covers: everything that fits each of its conditions.
// Empty ones do not count, and Tenant alone is none.
type Scope struct {
	Tenant   string            `json:"tenant,omitempty"`
	Subjects []audit.SubjectID `json:"subjects,omitempty"` // persons, with all that are linked to them
	Number   string            `json:"number,omitempty"`   // phone_number_id of the business
	App      string            `json:"app,omitempty"`
	From     int64             `json:"from,omitempty"`  // microseconds, included
	Until    int64             `json:"until,omitempty"` // microseconds, excluded; 0 is open: records to come are held, too
	Reason   string            `json:"reason,omitempty"`

	// AppNumbers are the numbers of App: inbound records name the number only.
	AppNumbers []string `json:"app_numbers,omitempty"`

	// Query is a SELECT over the view audit with a column seq. Seqs is what it
	// matched so far: what matched once stays held.
	Query string           `json:"query,omitempty"`
	Seqs  []audit.SeqRange `json:"seqs,omitempty"` // ascending, apart
}

// ErrScope is wrapped by every refusal of a scope.
var ErrScope = errors.New("the hold's scope is not usable")

func (s *Scope) check() error {
	switch {
	case len(s.Subjects) == 0 && s.Number == "" && s.App == "" && s.From == 0 && s.Until == 0 && s.Reason == "" && s.Query == "":
		return fmt.Errorf("%w: it is empty; name a person, number, app, time, reason or query", ErrScope)
	case s.From < 0 || s.Until < 0 || s.Until != 0 && s.Until <= s.From:
		return fmt.Errorf("%w: it ends before it begins; write until after from", ErrScope)
	case slices.ContainsFunc(s.Subjects, audit.SubjectID.IsZero):
		return fmt.Errorf("%w: a person is named by no id", ErrScope)
	}
	return nil
}

// Covers reports whether the item fits every condition. Aliases of a person are
// the caller's to resolve. An item that is no record fits Reason and Query only
// through its record, which Holds looks up.
func (s *Scope) Covers(it Item) bool {
	return s.coversRow(it) && s.coversRecord(it)
}

// coversRow judges what every row says of itself.
func (s *Scope) coversRow(it Item) bool {
	return s.check() == nil &&
		(s.Tenant == "" || it.Tenant == s.Tenant) &&
		(len(s.Subjects) == 0 || slices.Contains(s.Subjects, it.Subject)) &&
		(s.Number == "" || it.Number == s.Number) &&
		(s.App == "" || it.App == s.App || it.App == "" && slices.Contains(s.AppNumbers, it.Number)) &&
		it.Time >= s.From && (s.Until == 0 || cmp.Or(it.Begun, it.Time) < s.Until)
}

// coversRecord judges what only a record of the trail has.
func (s *Scope) coversRecord(it Item) bool {
	return (s.Reason == "" || slices.Contains(it.Reasons, s.Reason)) &&
		(s.Query == "" || inRanges(s.Seqs, it.Seq))
}

func inRanges(ranges []audit.SeqRange, seq uint64) bool {
	i, found := slices.BinarySearchFunc(ranges, seq, func(r audit.SeqRange, seq uint64) int {
		switch {
		case r.Last < seq:
			return -1
		case r.First > seq:
			return 1
		}
		return 0
	})
	return found && i < len(ranges)
}

// ItemOf is a record of the trail as holds and plans see it. Start is not set.
func ItemOf(r *audit.Record) Item {
	return Item{
		Store: StoreRecords, Seq: r.Seq, Row: r.ID, Time: r.Time, Class: audit.RetentionClass(r.Kind, r.Retention), Kind: r.Kind,
		Tenant: r.Tenant, App: r.App, Number: r.Number, Subject: r.Subject, Reasons: r.Reasons, Type: r.Type,
	}
}
