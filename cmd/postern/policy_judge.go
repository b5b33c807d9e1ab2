package main

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"postern/audit"
	"postern/policy"
)

// replaying judges records as they come.
type replaying struct {
	engine  *policy.Engine
	show    int
	report  replayReport
	changes map[change3]*change
}

type change3 struct{ kind, from, to string }

// piece is how many records are read at once: no moment of the store is held
// for long, since erasing waits for that.
const piece = 4096

func (r *replaying) all(ctx context.Context, t *trail, start, end uint64, from int64, told func(done, total uint64)) error {
	for at := start; at < end; at += piece {
		told(at-start, end-start)
		if err := t.Records(ctx, at, min(at+piece, end), func(rec *audit.Record) error { return r.judge(ctx, rec, from) }); err != nil {
			return err
		}
	}
	told(end-start, end-start)
	return nil
}

func (r *replaying) judge(ctx context.Context, rec *audit.Record, from int64) error {
	judged := []audit.Kind{audit.KindAdmission, audit.KindMedia, audit.KindManage, audit.KindRead, audit.KindInbound}
	if !slices.Contains(judged, rec.Kind) || rec.Time < from {
		return nil
	}
	in := inputOf(rec)
	if in == nil {
		r.report.Missing++
		return nil
	}
	d, err := r.engine.Decide(ctx, in)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.report.Judged++
	before, after := word(rec.Effect == audit.EffectAllow, rec.Reasons), word(d.Effect == policy.Allow, codes(d.Reasons))
	if before == policy.CodeTreatment && after == "allow" && treats(d, in) {
		after = before // rules allowed it then, too: what an operator did to its text can not be tried again
	}
	if before == after {
		r.report.Unchanged++
		return nil
	}
	r.note(change3{string(rec.Kind), before, after}, rec)
	return nil
}

// treats reports whether a decision still changes something that was found.
func treats(d policy.Decision, in *policy.Input) bool {
	return slices.ContainsFunc(in.Findings, func(f policy.Found) bool {
		op, own := d.Obligations.Forward[f.Type]
		if !own {
			op = d.Obligations.Forward["*"]
		}
		return op != "keep" && op != "alert"
	})
}

// inputOf is the kept input, nil if it is gone or not for this version.
func inputOf(rec *audit.Record) *policy.Input {
	for i := range rec.Parts {
		if rec.Parts[i].Name == audit.PartInput && !rec.Parts[i].Erased {
			if in, err := policy.UnmarshalInput(rec.Parts[i].Body); err == nil {
				return in
			}
		}
	}
	return nil
}

// word is "allow", or the code that was answered.
func word(allowed bool, reasons []string) string {
	if allowed {
		return "allow"
	}
	if len(reasons) == 0 {
		return "deny"
	}
	return reasons[0]
}

func codes(reasons []policy.Reason) []string {
	out := make([]string, len(reasons))
	for i, r := range reasons {
		out[i] = r.Code
	}
	return out
}

func (r *replaying) note(key change3, rec *audit.Record) {
	c := r.changes[key]
	if c == nil {
		c = &change{Kind: key.kind, From: key.from, To: key.to, Records: []affected{}}
		r.changes[key] = c
	}
	c.Count++
	if len(c.Records) < r.show {
		c.Records = append(c.Records, affected{rec.ID.String(), rec.Subject.String()})
	}
}

// result lists the changes, the most frequent first.
func (r *replaying) result() replayReport {
	r.report.Changes = slices.SortedFunc(maps.Values(r.changes), func(a, b *change) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return r.report
}
