package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
)

// SubjectErasure is the erasure of a person that a certificate is to say.
type SubjectErasure struct {
	Record   audit.ID          `json:"record"` // says that it was asked for
	Actor    string            `json:"actor"`
	Reason   string            `json:"reason"`   // short token
	Subjects []audit.SubjectID `json:"subjects"` // all that are this person
	Keys     int64             `json:"keys"`     // data keys destroyed
	Stay     []Stays           `json:"stay"`     // what stays and why
	// Partly: clauses keep a rest; Stay says how much.
	Partly bool `json:"partly,omitempty"`
	// Traces are values that rested nowhere but with what went, from TracesOf; nil
	// where a restart lost them.
	Traces [][]byte `json:"-"`
}

// ofSubject is Certificate.Of for the erasure of a person.
const ofSubject = "subject"

// TracesOf are random values that rest with parts of records and nowhere else:
// before they go, so that it can be looked for them afterwards.
func TracesOf(ctx context.Context, j *journal.Journal, seqs []uint64, parts []string) ([][]byte, error) {
	var s steps
	for some := range slices.Chunk(seqs, stepRows) {
		if len(s.traces) >= maxTraces {
			break
		}
		found, err := j.RecordsAt(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("look what is to go: %w", err)
		}
		s.trace(found, parts)
	}
	return s.traces, nil
}

// tagBytes is the end of what is sealed: as good as random, and nowhere else.
const tagBytes = 16

// TracesOfPerson are such values of the person's row and data keys.
func TracesOfPerson(ctx context.Context, j *journal.Journal, id audit.SubjectID) ([][]byte, error) {
	var out [][]byte
	add := func(sealed []byte) {
		if len(sealed) >= 2*tagBytes {
			out = append(out, slices.Clone(sealed[len(sealed)-tagBytes:]))
		}
	}
	row, err := j.Subject(ctx, id)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	add(row.Identifiers)
	keys, err := j.KeysOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		full, err := j.DataKey(ctx, k.Subject, k.Class, k.Month)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return nil, err
		}
		add(full.Wrapped)
	}
	return out, nil
}

// CertifySubject looks whether what an erasure took is gone, signs what it finds
// and puts that on record together with the rows given. It returns the id of
// that record.
func (r *Runner) CertifySubject(ctx context.Context, e SubjectErasure, also ...journal.Setting) (audit.ID, error) {
	if r.cfg.Sweep != nil {
		if err := r.cfg.Sweep(ctx); err != nil {
			return audit.ID{}, fmt.Errorf("take media away: %w", err)
		}
	}
	p := r.cfg.Policy()
	c := Certificate{
		Version: 1, Of: ofSubject, Reason: e.Reason, Chain: r.cfg.Journal.Head().Chain, Run: e.Record, Actor: e.Actor, Moment: r.cfg.Now().UnixMicro(),
		Revision: p.Revision, Presets: p.Presets, Complete: !e.Partly, Stay: slices.Clone(e.Stay), Keys: e.Keys,
	}
	if c.Stay == nil {
		c.Stay = []Stays{}
	}
	c.Ended = c.Moment
	var counted Certificate // what the erasure's records cover has no class
	counted.Run, counted.Ended = c.Run, c.Ended
	gone, err := r.count(ctx, &counted, nil)
	if err != nil {
		return audit.ID{}, err
	}
	left, err := r.person(ctx, e, &c)
	if err != nil {
		return audit.ID{}, err
	}
	gone.Keys, gone.Persons = e.Keys, e.Subjects
	here, err := r.here(ctx, gone, e.Traces)
	if err != nil {
		return audit.ID{}, err
	}
	files, err := r.filesOf(ctx, e.Subjects, e.Partly)
	if err != nil {
		return audit.ID{}, err
	}
	maps.Copy(here.Facts, left)
	switch {
	case !e.Partly && left["parts_left"]+left["keys_left"]+left["rows_left"] > 0:
		here.State, here.How = StatePending, "some of the person's rows still have content: erase again, or verify the journal"
	case e.Traces == nil && here.State == StateGone:
		here.How = "each row of the person was looked at and the log was cut; the pages were not searched, since a restart came between"
	case here.State == StateGone:
		here.How = "each row of the person was looked at; the pages and the log of the store were searched for salts and seals of what went"
	}
	others, again := r.elsewhere(ctx, gone)
	c.Place = append([]Place{here, files}, others...)
	next := awaited{Again: again}
	if files.State == StatePending && !e.Partly { // what clauses keep stays for years
		next.Again, next.Persons = append(again, files.Name), e.Subjects
	}
	return r.write(ctx, &c, next, also...)
}

// person counts, by class and day, the records of a person whose content is
// gone, and what is left of the person.
func (r *Runner) person(ctx context.Context, e SubjectErasure, c *Certificate) (map[string]int64, error) {
	j, left, sums := r.cfg.Journal, map[string]int64{"parts_left": 0, "keys_left": 0, "rows_left": 0}, map[Tally]int64{}
	for _, id := range e.Subjects {
		seqs, err := j.SeqsOf(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("look what is left: %w", err)
		}
		for some := range slices.Chunk(seqs, stepRows) {
			found, err := j.RecordsAt(ctx, some)
			if err != nil {
				return nil, fmt.Errorf("look what is left: %w", err)
			}
			for i := range found {
				left["parts_left"] += tallyErased(&found[i], sums)
			}
		}
		if err := r.rowsLeft(ctx, id, left); err != nil {
			return nil, fmt.Errorf("look what is left: %w", err)
		}
	}
	c.Gone = make([]Tally, 0, len(sums))
	for t, n := range sums {
		t.Count = n
		c.Gone = append(c.Gone, t)
	}
	slices.SortFunc(c.Gone, func(a, b Tally) int { return cmp.Or(strings.Compare(a.Day, b.Day), strings.Compare(a.Class, b.Class)) })
	return left, nil
}

// tallyErased counts a record whose content is gone, and says how many parts are not.
func tallyErased(rec *audit.Record, sums map[Tally]int64) (left int64) {
	parts, went := contentParts, false
	if rec.Kind == audit.KindConsent {
		parts = consentParts
	}
	for i := range rec.Parts {
		switch p := &rec.Parts[i]; {
		case !slices.Contains(parts, p.Name):
		case p.Erased:
			went = true
		default:
			left++
		}
	}
	if went && left == 0 {
		it := ItemOf(rec)
		sums[Tally{Store: StoreRecords, Class: it.Class, Action: ActionErase, Day: day(it.Time)}]++
	}
	return left
}

// rowsLeft counts what rests under a person beside the trail.
func (r *Runner) rowsLeft(ctx context.Context, id audit.SubjectID, left map[string]int64) error {
	j := r.cfg.Journal
	keys, err := j.KeysOf(ctx, id)
	if err != nil {
		return err
	}
	left["keys_left"] += int64(len(keys))
	row, err := j.Subject(ctx, id)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if len(row.Identifiers) > 0 {
		left["rows_left"]++
	}
	known, err := j.FactsOf(ctx, id)
	if err != nil {
		return err
	}
	waiting, err := j.DeliveriesOf(ctx, id)
	left["rows_left"] += int64(len(row.Index)) + int64(len(known)) + waiting
	return err
}

// filesOf says how files that went to the person or came from it stand.
func (r *Runner) filesOf(ctx context.Context, subjects []audit.SubjectID, partly bool) (Place, error) {
	out := Place{Name: placeMedia, State: StateGone, How: "no file of the person is kept", Facts: map[string]int64{"files": 0}}
	for _, id := range subjects {
		files, err := r.cfg.Journal.MediaOf(ctx, id)
		if err != nil {
			return out, fmt.Errorf("look whether files are gone: %w", err)
		}
		out.Facts["files"] += int64(len(files))
	}
	switch {
	case out.Facts["files"] == 0:
	case partly:
		out.State, out.How = StatePending, "files stay with what clauses keep, at most until their own time is over"
	default:
		out.State, out.How = StatePending, "rows of files are marked as over; the gateway's next cleaning takes them and the files"
	}
	return out, nil
}
