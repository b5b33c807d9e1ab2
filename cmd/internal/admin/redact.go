package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Redact asks for trail.redact: what stricter packs would take out of the
// bodies that records keep. Empty conditions do not count.
type Redact struct {
	RedactPacks
	Tenant string `json:"tenant,omitempty"`
	Since  string `json:"since"`            // day or RFC 3339
	Until  string `json:"until,omitempty"`  // excluded; empty: now
	App    string `json:"app,omitempty"`    // which inbound records do not name
	Person string `json:"person,omitempty"` // subject id
	Class  string `json:"class,omitempty"`  // retention class

	// From is the first record to look at: the Next of the answer before, with the
	// same conditions. 0 begins.
	From uint64 `json:"from,omitempty"`
}

// Redacting answers trail.redact for some of the records. It holds no value.
type Redacting struct {
	Revision string `json:"revision"` // of packs, lists and operators: SHA-256, hex
	Next     uint64 `json:"next"`     // where to go on; 0: all were looked at
	Size     uint64 `json:"size"`     // of the trail
	Bodies   int64  `json:"bodies"`   // that fit the conditions
	// Records are those whose body would change; Kept are those of them that have to
	// stay as they are.
	Records int64 `json:"records"`
	Kept    int64 `json:"kept"`
	// Originals of them have their original kept sealed, which the packs leave as it
	// is or let go with the body: Original is keep or erase. OriginalsKept of them stay
	// all the same, since a clause of a law has their class keep originals.
	Originals     int64  `json:"originals"`
	Original      string `json:"original"`
	OriginalsKept int64  `json:"originals_kept"`
	// Superseded are bodies that a revision has taken the place of and that are
	// there still, since something was interrupted; they are not among Records.
	Superseded int64 `json:"superseded"`

	Found  []RedactCount `json:"found"`
	KeptBy []RedactKept  `json:"kept_by"`
}

// RedactCount counts records whose body holds something that would go, by what
// it is. One record may count under several.
type RedactCount struct {
	Type    string `json:"type"` // FIELD: a member that is personal by what it is
	Entity  string `json:"entity,omitempty"`
	Class   string `json:"class"`
	Day     string `json:"day"` // of the records, UTC
	Records int64  `json:"records"`
}

// RedactKept counts records that would change and have to stay, by what keeps
// them. One record may be kept by several.
type RedactKept struct {
	By      string `json:"by"`   // retention.KeptBy...
	Name    string `json:"name"` // of matter, clause or request
	Records int64  `json:"records"`
}

// How much one answer looks at: a caller that breaks off stops the work soon.
const (
	redactPage  = 1000    // records under one moment of the store
	redactBytes = 8 << 20 // of bodies held at once, and one more
	redactTime  = 2 * time.Second
)

// typeMember is the type under which members count that are replaced for what
// they are: no scan finds them.
const typeMember = "FIELD"

// trailRedact changes nothing. That bodies were looked at is recorded before
// the counts are given.
func (s *Service) trailRedact(ctx context.Context, a Actor, in Redact) (Redacting, error) {
	l, err := s.redactLook(ctx, &in)
	if err != nil {
		return Redacting{}, err
	}
	if err := l.run(ctx, in.From); err != nil {
		return Redacting{}, fmt.Errorf("look at bodies: %w", err)
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "redact", Rows: l.out.Bodies, Subject: in.Person})
	l.out.count(l.found, l.kept)
	return l.out, err
}

// Add takes in the answer about the records that follow.
func (r *Redacting) Add(next *Redacting) {
	found, kept := map[RedactCount]int64{}, map[RedactKept]int64{}
	for _, f := range slices.Concat(r.Found, next.Found) {
		n := f.Records
		f.Records = 0
		found[f] += n
	}
	for _, k := range slices.Concat(r.KeptBy, next.KeptBy) {
		n := k.Records
		k.Records = 0
		kept[k] += n
	}
	r.Revision, r.Next, r.Size = next.Revision, next.Next, next.Size
	r.Bodies, r.Records = r.Bodies+next.Bodies, r.Records+next.Records
	r.Kept, r.Originals, r.Original = r.Kept+next.Kept, r.Originals+next.Originals, next.Original
	r.OriginalsKept, r.Superseded = r.OriginalsKept+next.OriginalsKept, r.Superseded+next.Superseded
	r.count(found, kept)
}

// count lists counts in order.
func (r *Redacting) count(found map[RedactCount]int64, kept map[RedactKept]int64) {
	r.Found, r.KeptBy = []RedactCount{}, []RedactKept{}
	for k, n := range found {
		k.Records = n
		r.Found = append(r.Found, k)
	}
	for k, n := range kept {
		k.Records = n
		r.KeptBy = append(r.KeptBy, k)
	}
	slices.SortFunc(r.Found, byFound)
	slices.SortFunc(r.KeptBy, byKeeper)
}

func byKeeper(a, b RedactKept) int {
	return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Name, b.Name))
}

func byFound(a, b RedactCount) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Day, b.Day))
}
