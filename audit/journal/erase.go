package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
)

// Erase says what to erase and why. Record is written first. Where parts are
// erased it is of KindErasure, and its detail part, which must not be set, is
// made from Reason, Parts and Seqs; where only keys or identifiers are
// destroyed it is of another kind.
type Erase struct {
	Record audit.Record
	Reason string    // short token: "request", "retention", ...
	Parts  []string  // names of the parts to overwrite, or audit.PartRecord alone: the records go
	Seqs   []uint64  // of which records
	Keys   []DataKey // data keys to destroy; Wrapped is ignored

	// MessageIDs: the sealed ids of the records' messages go, too. Their keyed hash
	// stays, so that a late status is not taken for one of a message that went round
	// the gate.
	MessageIDs bool

	// Shown are, by record, keyed hashes of the tokens that a revision of it shows
	// still: their values stay. The others go with body or original.
	Shown map[uint64][][10]byte

	// Media lose their sealed id and are over: what cleans up takes row and
	// content. Dead are dead letters that go, by id and app.
	Media []audit.ID
	Dead  []Outcome

	// Facts go where they are still as they were read. Dropped, if not nil, hears
	// in the writer of those that went, before any later batch is answered.
	Facts   []Fact
	Dropped func([]Fact)

	// Tally, if not empty, begins the key of settings (scope "erased") to which is
	// added, in the transaction that does it, how much went that was there: of
	// Tally + " keys", " media", " dead" and " facts". It is right after a crash, too.
	Tally string

	// Later leaves the overwritten bytes in the log until DropLog is called:
	// for many steps that follow each other.
	Later bool

	// Subjects lose their identifiers and blind indexes and what rests under
	// them beside the trail: facts, sealed message ids and answers, deliveries.
	// The row stays, so that the id in old records still means somebody.
	Subjects []audit.SubjectID
}

// Erase overwrites parts of records and destroys data keys, and returns when
// no byte of them is left in the file or its log. The erasure record is
// durable before anything is overwritten, so that verification tells erased
// from missing. After an error it is safe, and needed, to call it again with
// a fresh record: what was overwritten stays so.
func (j *Journal) Erase(ctx context.Context, e Erase) error {
	b := Batch{Records: []audit.Record{e.Record}}
	if (e.Record.Kind == audit.KindErasure) != (len(e.Seqs) > 0) {
		return fmt.Errorf("erase: %w: a record of kind erasure covers parts of records, and only it does", ErrInvalid)
	}
	if len(e.Seqs) > 0 {
		if err := j.erasable(ctx, e); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		detail, err := e.detail(j.Head().Size)
		if err != nil {
			return err
		}
		r := &b.Records[0]
		r.Parts = append(slices.Clone(r.Parts), audit.NewPart(audit.PartDetail, detail))
	}
	j.erasing.RLock()
	defer j.erasing.RUnlock()
	defer j.begins(b.Records[0].ID)()
	if j.cfg.Erased != nil {
		b.Settings = append(b.Settings, begun(b.Records[0].ID, e.Record.Time))
	}
	if err := j.Append(ctx, b); err != nil {
		return fmt.Errorf("record erasure: %w", err)
	}
	if j.cfg.Erased != nil {
		if err := j.cfg.Erased(b.Records[0], e); err != nil {
			return fmt.Errorf("note erasure outside the store: %w", err)
		}
	}
	if err := j.overwrite(context.WithoutCancel(ctx), e); err != nil || j.cfg.Erased == nil {
		return err
	}
	// Where this fails, who looks finds nothing left.
	_ = j.Append(ctx, Batch{Lazy: true, Settings: []Setting{NotBegun(b.Records[0].ID, e.Record.Time)}}) //nolint:errcheck // see above
	return nil
}

func (e *Erase) detail(size uint64) ([]byte, error) {
	for _, name := range e.Parts {
		if !e.purges() && !slices.Contains(partNames[:], name) {
			return nil, fmt.Errorf("erase: %w: unknown part name", ErrInvalid)
		}
	}
	if slices.Max(e.Seqs) >= size {
		return nil, fmt.Errorf("erase: %w: a record to erase does not exist", ErrInvalid)
	}
	detail, err := audit.NewErasure(e.Reason, e.Parts, e.Seqs).Encode()
	if err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	return detail, nil
}

func (j *Journal) overwrite(ctx context.Context, e Erase) error {
	step := func(seqs []uint64) error { return j.overwriteParts(&e, seqs) }
	if e.purges() {
		step = j.overwriteRecords
	}
	if err := inSteps(ctx, j, e.Seqs, step); err != nil {
		return fmt.Errorf("erase parts: %w", err)
	}
	if err := j.overwriteBeside(ctx, e); err != nil {
		return err
	}
	for _, subject := range e.Subjects {
		if err := j.forget(ctx, subject); err != nil {
			return fmt.Errorf("erase a person's rows: %w", err)
		}
	}
	if e.Later {
		return nil
	}
	return j.DropLog(ctx)
}

// overwriteParts keeps the committed hash of each part and nothing else.
// secure_delete makes SQLite zero the room that the row gives up.
func (j *Journal) overwriteParts(e *Erase, seqs []uint64) error {
	var texts []string
	for _, name := range e.Parts {
		texts = append(texts, fmt.Sprintf("UPDATE records SET %[1]s = CAST(x'02' || substr(%[1]s, 2, 32) AS BLOB) WHERE seq = ? AND substr(%[1]s, 1, 1) = x'01'", name))
	}
	if e.MessageIDs {
		texts = append(texts, "UPDATE message_ids SET upstream = NULL WHERE admission = (SELECT id FROM records WHERE seq = ?)")
	}
	return j.inTransaction(func() error {
		for _, text := range texts {
			for _, seq := range seqs {
				if _, err := j.w.exec(text, int64(seq)); err != nil { //nolint:gosec // far below 2^63
					return err
				}
			}
		}
		if !slices.Contains(e.Parts, audit.PartBody) && !slices.Contains(e.Parts, audit.PartOriginal) {
			return nil
		}
		for _, seq := range seqs {
			if err := j.dropOtherTokens(seq, e.Shown[seq]); err != nil {
				return err
			}
		}
		return nil
	})
}

// inTransaction runs fn in one transaction of the writer.
func (j *Journal) inTransaction(fn func() error) error {
	if _, err := j.w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	err := fn()
	if err == nil {
		_, err = j.w.exec("COMMIT")
	}
	if err != nil {
		_, undo := j.w.exec("ROLLBACK")
		return errors.Join(err, undo)
	}
	j.dirty.Add(1)
	return nil
}
