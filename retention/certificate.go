package retention

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
)

// Certificate says what a retention run took, under which rule, and where it is
// gone from. It holds counts and days, never who.
type Certificate struct {
	Version  int      `json:"version"` // 1
	Chain    string   `json:"chain"`
	Run      audit.ID `json:"run"`   // of the record that says it began
	Actor    string   `json:"actor"` // who started it
	Moment   int64    `json:"moment"`
	Ended    int64    `json:"ended"`
	Revision string   `json:"revision"` // of the retention policy
	Presets  []string `json:"presets,omitempty"`
	Complete bool     `json:"complete"` // false: the policy was changed under it and another run followed

	Gone  []Tally `json:"gone"`
	Keys  int64   `json:"keys"` // data keys destroyed
	Stay  []Stays `json:"stay"` // due and not gone
	Place []Place `json:"places"`
}

// Tally counts what went of one class and day.
type Tally struct {
	Store  Store  `json:"store"`
	Class  string `json:"class"`
	Action Action `json:"action"`
	Day    string `json:"day"` // of the items, UTC
	Count  int64  `json:"count"`
}

// Stays counts what was due and is still there, by what keeps it.
type Stays struct {
	Why   string `json:"why"`
	Count int64  `json:"count"`
}

// Place is where what went rested, and how it stands there.
type Place struct {
	Name  string           `json:"name"`            // journal, media, clickhouse, backups, ...
	State string           `json:"state"`           // gone, pending or unknown
	By    int64            `json:"by,omitempty"`    // when what is pending will be gone, microseconds
	How   string           `json:"how"`             // one sentence
	Facts map[string]int64 `json:"facts,omitempty"` // what was looked at
}

// States of places.
const (
	StateGone    = "gone"
	StatePending = "pending" // still to disappear, at Place.By
	StateUnknown = "unknown" // could not be looked at
)

// Gone is what went, for those who keep copies of it.
type Gone struct {
	Run    audit.ID
	Ended  int64            // microseconds
	Purged []audit.SeqRange // records, ascending
	Erased []audit.SeqRange // records whose parts went, ascending
}

const certificateTitle = "postern retention certificate"

// scopeCertificate holds, by the id of the record, when a certificate was made.
const scopeCertificate = "certificate"

// certify counts from the trail what the run took, looks for what is left of it,
// signs that and puts it on record. Afterwards the run is over.
func (r *Runner) certify(ctx context.Context, run Run, p Policy, s *steps) (Certificate, error) {
	c := Certificate{
		Version: 1, Chain: r.cfg.Journal.Head().Chain, Run: run.ID, Actor: run.Actor, Moment: run.Moment, Ended: r.cfg.Now().UnixMicro(),
		Revision: run.Revision, Complete: run.Revision == p.Revision, Stay: s.left(),
	}
	if c.Complete {
		c.Presets = p.Presets
	}
	gone, err := r.count(ctx, &c)
	if err != nil {
		return c, err
	}
	if c.Place, err = r.look(ctx, gone, s.traces); err != nil {
		return c, err
	}
	return c, r.write(ctx, run, &c)
}

// left is what was due and stays, by reason.
func (s *steps) left() []Stays {
	out := []Stays{}
	for _, why := range slices.Sorted(maps.Keys(s.kept)) {
		out = append(out, Stays{Why: why, Count: s.kept[why]})
	}
	return out
}

// count reads the records of the run's steps: what they say went, went.
func (r *Runner) count(ctx context.Context, c *Certificate) (Gone, error) {
	gone := Gone{Run: c.Run, Ended: c.Ended}
	steps, err := r.cfg.Journal.Referring(ctx, c.Run)
	if err != nil {
		return gone, fmt.Errorf("count what went: %w", err)
	}
	tallies := map[Tally]int64{}
	for i := range steps {
		rec := &steps[i]
		n := rec.Code
		switch {
		case rec.Kind == audit.KindErasure:
			if n, err = gone.add(rec); err != nil {
				return gone, err
			}
		case rec.Kind == audit.KindRetention && rec.Type == typeKeys:
			c.Keys += n
			continue
		case rec.Kind != audit.KindRetention || rec.Type != typeBeside:
			continue
		}
		tallies[tallyOf(rec.Labels)] += n
	}
	c.Gone = []Tally{}
	for t, n := range tallies {
		t.Count = n
		c.Gone = append(c.Gone, t)
	}
	slices.SortFunc(c.Gone, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Store, b.Store), cmp.Compare(a.Action, b.Action))
	})
	gone.Purged, _ = joined(gone.Purged, nil)
	gone.Erased, _ = joined(gone.Erased, nil)
	return gone, nil
}

// add takes over what an erasure record covers and says how many records.
func (g *Gone) add(rec *audit.Record) (n int64, err error) {
	at := slices.IndexFunc(rec.Parts, func(p audit.Part) bool { return p.Name == audit.PartDetail })
	if at < 0 {
		return 0, errors.New("count what went: an erasure record has no detail: verify the journal")
	}
	e, err := audit.DecodeErasure(rec.Parts[at].Body)
	if err != nil {
		return 0, fmt.Errorf("count what went: %w", err)
	}
	for _, r := range e.Ranges {
		n += int64(r.Last - r.First + 1) //nolint:gosec // far below 2^63
	}
	if e.Parts[0] == audit.PartRecord {
		g.Purged = append(g.Purged, e.Ranges...)
	} else {
		g.Erased = append(g.Erased, e.Ranges...)
	}
	return n, nil
}

func tallyOf(labels []string) Tally {
	var t Tally
	for _, l := range labels {
		name, value, _ := strings.Cut(l, ":")
		switch name {
		case "store":
			t.Store = Store(value)
		case "class":
			t.Class = value
		case "action":
			t.Action = Action(value)
		case "day":
			t.Day = value
		}
	}
	return t
}

// look asks every place whether what went is gone from it.
func (r *Runner) look(ctx context.Context, gone Gone, traces [][]byte) ([]Place, error) {
	left, err := r.cfg.Journal.Look(ctx, traces)
	if err != nil {
		return nil, fmt.Errorf("look whether it is gone: %w", err)
	}
	here := Place{Name: "journal", State: StateGone, How: "the pages and the log of the store were searched for salts of what went", Facts: map[string]int64{
		"searched_bytes": left.Bytes, "salts": int64(len(traces)), "found": int64(left.Found), "log_bytes": left.Log, "free_pages": left.Free,
	}}
	switch {
	case left.Found > 0:
		here.State, here.How = StatePending, "some of what went is still in the store's files; the next run looks again"
	case !left.Secure:
		here.State, here.How = StateUnknown, "the store does not overwrite what rows give up"
	case len(traces) == 0 && len(gone.Purged)+len(gone.Erased) > 0:
		here.How = "rows were overwritten and the log cut before this run went on after an interruption; what it took then was not searched for again"
	}
	out := []Place{here}
	for _, ask := range r.cfg.Elsewhere {
		place, err := ask(ctx, gone)
		if err != nil {
			place.State, place.How = StateUnknown, "could not be asked; the next certificate says more"
		}
		out = append(out, place)
	}
	return out, nil
}

// write signs the certificate and puts it on record, with the run's end.
func (r *Runner) write(ctx context.Context, run Run, c *Certificate) error {
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode certificate: %w", err)
	}
	signer, err := r.cfg.Signer()
	if err != nil {
		return fmt.Errorf("sign certificate: %w", err)
	}
	note, err := audit.SignStatement(certificateTitle, line, signer)
	if err != nil {
		return fmt.Errorf("sign certificate: %w", err)
	}
	detail, err := json.Marshal(certified{Note: string(note)})
	if err != nil {
		return fmt.Errorf("encode certificate: %w", err)
	}
	rec := r.record(audit.KindRetention, typeWritten)
	rec.Ref, rec.Actor, rec.Revision = run.ID, run.Actor, run.Revision
	rec.Parts = []audit.Part{audit.NewPart(audit.PartDetail, detail)}
	err = r.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{rec}, Settings: []journal.Setting{
		{Scope: scopeRun, Key: keyRun, Time: rec.Time},
		{Scope: scopeCertificate, Key: rec.ID.String(), Value: []byte(run.ID.String()), Time: rec.Time},
	}})
	if err != nil {
		return fmt.Errorf("record certificate: %w", err)
	}
	return nil
}

// certified is the detail of a certificate's record.
type certified struct {
	Note string `json:"note"`
}

// Issued is a certificate on record.
type Issued struct {
	ID   audit.ID `json:"id"` // of its record
	Run  audit.ID `json:"run"`
	Time int64    `json:"time"` // microseconds
}

// Certificates are those on record, newest first.
func Certificates(ctx context.Context, j *journal.Journal) ([]Issued, error) {
	rows, err := j.Settings(ctx, scopeCertificate)
	if err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	out := make([]Issued, 0, len(rows))
	for _, row := range rows {
		id, wrong := audit.ParseID(row.Key)
		run, bad := audit.ParseID(string(row.Value))
		if err := errors.Join(wrong, bad); err != nil {
			return nil, fmt.Errorf("list certificates: %w", err)
		}
		out = append(out, Issued{ID: id, Run: run, Time: row.Time})
	}
	slices.SortFunc(out, func(a, b Issued) int { return cmp.Or(cmp.Compare(b.Time, a.Time), bytes.Compare(b.ID[:], a.ID[:])) })
	return out, nil
}
