package proxy

import (
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
)

// second is the grain of upstream's stamps, in the microseconds of facts.
const second = int64(time.Second / time.Microsecond)

// said puts what a person said about being written to into the batch. Stamps of
// upstream are whole seconds: of two words in one second the one received later
// counts, as a row a microsecond younger. A word that came late by a second or
// more undoes nothing.
func (in *intake) said(record audit.ID, rows ...facts.Row) {
	for i := range rows {
		known := max(in.g.cfg.Facts.Known(rows[i]), in.pending(rows[i]))
		if rows[i].Time <= known && rows[i].Time/second == known/second {
			rows[i].Time = known + 1
		}
	}
	in.learn(record, rows...)
}

// learn puts facts into the batch. Of two in one place the younger counts, in
// memory and in the row, whatever their order.
func (in *intake) learn(record audit.ID, rows ...facts.Row) {
	AddFacts(&in.batch, in.g.cfg.Facts, record, rows...)
}

// pending is the time of the batch's own fact in the row's place, 0 if none.
func (in *intake) pending(row facts.Row) int64 {
	at := int64(0)
	for i := range in.batch.Facts {
		if f := &in.batch.Facts[i]; samePlace(f, &row) {
			at = max(at, f.Time)
		}
	}
	return at
}

func samePlace(f *journal.Fact, r *facts.Row) bool {
	return f.Subject == audit.SubjectID(r.Subject) && f.Kind == r.Kind && f.Key == r.Key && f.Tenant == r.Tenant
}

// recheck runs in the writer: a stop or start must be younger than what was
// committed since the webhook was read, and a template as it was then, else it
// is read again. Facts that precede it in the same transaction are not in
// memory yet.
func (in *intake) recheck(pending []journal.Fact) error {
	if in.templatesChanged(pending) {
		return errStale
	}
	for i := range in.batch.Facts {
		row := FactRow(in.batch.Facts[i])
		if row.Kind != facts.KindOptOut || !in.own(in.batch.Facts[i].Record) {
			continue // the older of two moments of writing never wins
		}
		if in.g.cfg.Facts.Known(row) >= row.Time {
			return errStale
		}
		for j := range pending {
			if samePlace(&pending[j], &row) {
				return errStale
			}
		}
	}
	return nil
}

// own reports whether a record is one of this webhook's. What a person refused
// before an erasure is proved by another one, and is in memory already.
func (in *intake) own(id audit.ID) bool {
	return slices.ContainsFunc(in.batch.Records, func(r audit.Record) bool { return r.ID == id })
}
