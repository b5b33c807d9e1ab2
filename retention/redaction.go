package retention

import (
	"context"
	"slices"

	"postern/audit"
	"postern/audit/journal"
)

// Redaction is the treatment of records by stricter packs that a certificate is
// to say. Its erasures refer to Record and have the labels of its steps.
type Redaction struct {
	Record audit.ID // says that it began
	Actor  string
	Second string // who approved it
	Reason string // short token
	Packs  string // SHA-256 of packs, lists and operators, hex
	Moment int64  // microseconds: when it began
	Stay   []Stays
	// Traces are values that rested nowhere but with what went, from TracesOf; nil
	// where a restart lost them.
	Traces [][]byte
}

// ofRedaction is Certificate.Of for a redaction.
const ofRedaction = "redaction"

// RedactionLabels say what a step of a redaction took: records of one class and
// day, by microseconds of their time.
func RedactionLabels(class string, at int64) []string {
	return []string{"store:" + string(StoreRecords), "class:" + class, "action:" + string(ActionRedact), "day:" + day(at)}
}

// CertifyRedaction looks whether the bodies that a redaction took are gone, signs
// what it finds and puts that on record together with the rows given. It returns
// the id of that record.
func (r *Runner) CertifyRedaction(ctx context.Context, d Redaction, also ...journal.Setting) (audit.ID, error) {
	p := r.cfg.Policy()
	c := Certificate{
		Version: 1, Of: ofRedaction, Reason: d.Reason, Packs: d.Packs, Second: d.Second, Chain: r.cfg.Journal.Head().Chain, Run: d.Record, Actor: d.Actor,
		Moment: d.Moment, Ended: r.cfg.Now().UnixMicro(), Revision: p.Revision, Presets: p.Presets, Complete: true, Stay: slices.Clone(d.Stay),
	}
	if c.Stay == nil {
		c.Stay = []Stays{}
	}
	gone, err := r.count(ctx, &c, map[string]int64{})
	if err != nil {
		return audit.ID{}, err
	}
	here, err := r.here(ctx, gone, d.Traces)
	if err != nil {
		return audit.ID{}, err
	}
	others, again := r.elsewhere(ctx, gone)
	c.Place = append([]Place{here}, others...)
	if len(c.Gone) == 0 {
		again = nil
	}
	return r.write(ctx, &c, awaited{Again: again}, also...)
}
