package person

import (
	"context"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
)

// contentParts are what a record holds of a person; consentParts are the
// evidence of a consent. Details of other records are about those who worked
// here, and what says that something was erased must stay.
var (
	contentParts = []string{audit.PartAnswer, audit.PartBody, audit.PartInput, audit.PartOriginal, audit.PartSent}
	consentParts = []string{audit.PartDetail}
)

// ContentParts are the parts of a record that hold what was said.
func ContentParts() []string { return slices.Clone(contentParts) }

// Destroyed counts what an erasure destroyed.
type Destroyed struct {
	Records    int   `json:"records"`    // whose parts are gone; the records stay
	Keys       int   `json:"keys"`       // data keys
	Deliveries int64 `json:"deliveries"` // webhooks that were waiting, and dead letters
}

// Finish destroys the data of somebody who was forgotten: parts of records,
// data keys, identifiers, index entries, facts, answers, ids and deliveries. It
// records before it overwrites. After an error, or a crash, it is called again
// and does the rest.
func (d *Directory) Finish(ctx context.Context, f Forgotten) (Destroyed, error) {
	var out Destroyed
	var content, consents []uint64
	var keys []journal.DataKey
	for _, id := range f.Subjects {
		about, err := d.cfg.Journal.SeqsOf(ctx, id)
		if err != nil {
			return out, fmt.Errorf("look up records: %w", err)
		}
		evidence, err := d.cfg.Journal.SeqsOf(ctx, id, audit.KindConsent)
		if err != nil {
			return out, fmt.Errorf("look up consents: %w", err)
		}
		own, err := d.cfg.Journal.KeysOf(ctx, id)
		if err != nil {
			return out, fmt.Errorf("look up data keys: %w", err)
		}
		waiting, err := d.cfg.Journal.DeliveriesOf(ctx, id)
		if err != nil {
			return out, fmt.Errorf("look up deliveries: %w", err)
		}
		content, consents, keys = append(content, about...), append(consents, evidence...), append(keys, own...)
		out.Deliveries += waiting
	}
	slices.Sort(content)
	out.Records, out.Keys = len(slices.Compact(content)), len(keys)
	return out, d.destroy(ctx, f, content, consents, keys)
}

func (d *Directory) destroy(ctx context.Context, f Forgotten, content, consents []uint64, keys []journal.DataKey) error {
	if len(consents) > 0 {
		e := journal.Erase{Record: d.note(f, audit.KindErasure), Reason: f.Reason, Parts: consentParts, Seqs: consents}
		if err := d.cfg.Journal.Erase(ctx, e); err != nil {
			return fmt.Errorf("erase evidence of consents: %w", err)
		}
	}
	e := journal.Erase{Record: d.note(f, audit.KindErasure), Reason: f.Reason, Parts: contentParts, Seqs: content, Keys: keys, Subjects: f.Subjects}
	if err := d.cfg.Journal.Erase(ctx, e); err != nil {
		return fmt.Errorf("erase a person: %w", err)
	}
	done := d.note(f, audit.KindRequest)
	done.Type, done.Result = "erase", "done"
	return d.cfg.Journal.Append(ctx, journal.Batch{
		Records:  []audit.Record{done},
		Settings: []journal.Setting{{Scope: scopeErasing, Key: f.Subjects[0].String(), Time: done.Time}},
	})
}

// note is a record of the erasure.
func (d *Directory) note(f Forgotten, kind audit.Kind) audit.Record {
	now := d.cfg.Now()
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Ref: f.Record,
		Tenant: f.Tenant, Actor: f.Actor, Subject: f.Subjects[0],
	}
}
