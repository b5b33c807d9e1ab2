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

	"postern/audit"
	"postern/audit/journal"
)

// Certificate says what a retention run, the erasure of a person or the redaction
// of records took, under which rule, and where it is gone from. It holds counts and days, never who.
type Certificate struct {
	Version  int      `json:"version"`          // 1
	Of       string   `json:"of,omitempty"`     // "subject": the erasure of a person; "redaction": of bodies by packs; empty: a run
	Reason   string   `json:"reason,omitempty"` // of an erasure or a redaction
	Packs    string   `json:"packs,omitempty"`  // of a redaction: SHA-256 of its packs, hex
	Second   string   `json:"second,omitempty"` // of a redaction: who approved it
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

	// Where some place had still to be asked, a later certificate completes this
	// one: it says the same of what went, and more of the places.
	Completes audit.ID `json:"completes,omitzero"` // the record of that one
	Looked    int64    `json:"looked,omitempty"`   // when its places were asked again
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
	told, over, err := r.told(ctx, run)
	if err != nil {
		return c, err
	}
	gone, err := r.count(ctx, &c, told)
	if err != nil {
		return c, err
	}
	here, err := r.here(ctx, gone, s.traces)
	if err != nil {
		return c, err
	}
	files, err := r.files(ctx, &c)
	if err != nil {
		return c, err
	}
	others, again := r.elsewhere(ctx, gone)
	c.Place = append([]Place{here, files}, others...)
	if cold, some := movedTo(&c); some {
		c.Place = append(c.Place, cold)
	}
	if len(c.Gone) == 0 && c.Keys == 0 {
		again = nil
	}
	if files.State == StatePending {
		again = append(again, files.Name)
	}
	_, err = r.write(ctx, &c, awaited{Again: again}, over...)
	return c, err
}

// told is what a run counted where it went, by the labels of its steps, and the
// rows that end the counts; nil if it did not.
func (r *Runner) told(ctx context.Context, run Run) (told map[string]int64, over []journal.Setting, err error) {
	if !run.Tallied {
		return nil, nil, nil
	}
	told, err = r.cfg.Journal.Tallies(ctx, run.tally(""))
	for of := range told {
		over = append(over, journal.NoTally(run.tally(of), r.cfg.Now().UnixMicro()))
	}
	return told, over, err
}

// left is what was due and stays, by reason.
func (s *steps) left() []Stays {
	out := []Stays{}
	for _, why := range slices.Sorted(maps.Keys(s.kept)) {
		out = append(out, Stays{Why: why, Count: s.kept[why]})
	}
	return out
}

// write signs the certificate and puts it on record, with the end of the run that
// it is of, the places that are to be asked again and the rows given.
func (r *Runner) write(ctx context.Context, c *Certificate, next awaited, also ...journal.Setting) (audit.ID, error) {
	detail, err := r.sign(c)
	if err != nil {
		return audit.ID{}, err
	}
	rec := r.record(audit.KindRetention, typeWritten)
	rec.Ref, rec.Actor, rec.Revision = c.Run, c.Actor, c.Revision
	rec.Parts = []audit.Part{audit.NewPart(audit.PartDetail, detail)}
	b := journal.Batch{Records: []audit.Record{rec}, Settings: []journal.Setting{
		{Scope: scopeCertificate, Key: rec.ID.String(), Value: []byte(c.Run.String()), Time: rec.Time},
	}}
	if c.Completes.IsZero() && c.Of == "" {
		b.Settings = append(b.Settings, journal.Setting{Scope: scopeRun, Key: keyRun, Time: rec.Time})
	}
	next.Certificate, next.Places, next.Looked = rec.ID, c.Place, rec.Time
	row, err := next.setting(c.Run)
	if err != nil {
		return rec.ID, err
	}
	b.Settings = append(append(b.Settings, row), also...)
	if err := r.cfg.Journal.Append(ctx, b); err != nil {
		return rec.ID, fmt.Errorf("record certificate: %w", err)
	}
	return rec.ID, nil
}

// sign is the detail of the certificate's record.
func (r *Runner) sign(c *Certificate) ([]byte, error) {
	line, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode certificate: %w", err)
	}
	signer, err := r.cfg.Signer()
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	note, err := audit.SignStatement(certificateTitle, line, signer)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	detail, err := json.Marshal(certified{Note: string(note)})
	if err != nil {
		return nil, fmt.Errorf("encode certificate: %w", err)
	}
	return detail, nil
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
