package admin

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/pii/pack"
	"postern/proxy"
	"postern/retention"
)

// redactStep bounds what one step revises: for so long a hold waits to be placed.
const redactStep = 100

// taken is what of a step goes with one erasure record.
type taken struct {
	class, day string
	parts      string // with commas, ascending
	at         int64  // of one of them, microseconds
	seqs       []uint64
	shown      map[uint64][][10]byte // tokens whose values stay, by record
}

// Parts that go: the body, with it what it was made of, or that alone.
var (
	bodyAlone    = []string{audit.PartBody}
	originals    = []string{audit.PartOriginal, audit.PartSent}
	bodyAndWhole = []string{audit.PartBody, audit.PartOriginal, audit.PartSent}
)

// step makes revisions of what nothing keeps, then takes what they are of. No hold
// can be placed and nothing else erases while it runs.
func (r *redactRun) step(ctx context.Context, some []judged) error {
	return r.s.cfg.Holds.GuardAlone(ctx, func(func(retention.Item) []retention.Hold) error {
		free, err := r.free(ctx, some)
		if err != nil || len(free) == 0 {
			return err
		}
		b := journal.Batch{}
		for i := range free {
			if free[i].superseded {
				continue
			}
			rev, err := r.revision(&free[i])
			if err != nil {
				return err
			}
			b.Records = append(b.Records, rev)
		}
		if len(b.Records) > 0 {
			r.q.Revised += int64(len(b.Records))
			row, err := r.q.row(b.Records[0].Time)
			if err != nil {
				return err
			}
			b.Settings = []journal.Setting{row}
			if err := r.s.cfg.Journal.Append(ctx, b); err != nil {
				return fmt.Errorf("record revisions: %w", err)
			}
		}
		if err := r.fault("revised"); err != nil {
			return err
		}
		return r.take(ctx, free)
	})
}

// free are those that are as they were judged and that nothing keeps now.
func (r *redactRun) free(ctx context.Context, some []judged) (out []judged, err error) {
	seqs := make([]uint64, len(some))
	for i := range some {
		seqs[i] = some[i].record.Seq
	}
	found, err := r.s.cfg.Journal.RecordsAt(ctx, seqs)
	if err != nil {
		return nil, err
	}
	if r.open, err = leftAlone(ctx, r.s.cfg.Journal); err != nil {
		return nil, err
	}
	r.now = r.s.cfg.Now()
	for i := range some {
		c := &some[i]
		same := func(f audit.Record) bool { return f.Seq == c.record.Seq && bytes.Equal(bodyOf(&f), bodyOf(c.record)) }
		at := slices.IndexFunc(found, same)
		if at < 0 || !kept(&found[at], audit.PartBody) || c.first == nil {
			continue // it went meanwhile, or what it revises did: then retention takes it
		}
		by := r.keepers(c.Item)
		for _, k := range by {
			r.q.Stay[keptBy(k)]++
		}
		if len(by) == 0 {
			out = append(out, *c)
		}
	}
	return out, nil
}

// keptBy is what a certificate says of what stays. It is handed out, so it does
// not name the matter of a hold.
func keptBy(k RedactKept) string {
	if k.By == retention.KeptByHold {
		return k.By
	}
	return k.By + ": " + k.Name
}

// revision is the record that holds the new body.
func (r *redactRun) revision(c *judged) (audit.Record, error) {
	now := r.s.cfg.Now()
	out := audit.NewRevision(c.first, now, c.body)
	out.Actor, out.Revision, out.Findings = r.a.Name, r.q.Packs, c.findings
	out.Subject, out.App, out.Number, out.Retention = c.Subject, c.App, c.Number, c.Class // of the message whose outcome it may be
	detail, err := json.Marshal(struct {
		Version int      `json:"version"`
		Run     audit.ID `json:"run"`
		Revised string   `json:"revised"`
	}{1, r.q.Run, now.UTC().Format(time.RFC3339)}, json.Deterministic(true))
	out.Parts = append(out.Parts, audit.NewPart(audit.PartDetail, detail))
	return out, err
}

// take erases what has been revised, class by class and day by day.
func (r *redactRun) take(ctx context.Context, free []judged) error {
	var all []*taken
	for i := range free {
		c := &free[i]
		shown, err := r.shown(ctx, c)
		if err != nil {
			return err
		}
		for seq, parts := range r.parts(c) {
			all = join(all, taken{c.Class, micros(c.Time).Format(time.DateOnly), strings.Join(parts, ","), c.Time, []uint64{seq}, map[uint64][][10]byte{seq: shown}})
		}
	}
	for _, t := range all {
		if err := r.erase(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// join puts what goes with what goes with it.
func join(all []*taken, t taken) []*taken {
	i := slices.IndexFunc(all, func(o *taken) bool { return o.class == t.class && o.day == t.day && o.parts == t.parts })
	if i < 0 {
		return append(all, &t)
	}
	all[i].seqs = append(all[i].seqs, t.seqs...)
	maps.Copy(all[i].shown, t.shown)
	return all
}

// shown are the tokens that the new body shows as the one before did.
func (r *redactRun) shown(ctx context.Context, c *judged) ([][10]byte, error) {
	rows, err := r.s.cfg.Journal.TokensOf(ctx, c.record)
	var out [][10]byte
	for _, t := range rows {
		if bytes.Contains(c.body, []byte(proxy.TokenName(t.Hash))) {
			out = append(out, t.Hash)
		}
	}
	return out, err
}

// parts are what goes, by record: the body, and the sealed original with it where
// the packs say so and the class does not keep originals.
func (r *redactRun) parts(c *judged) map[uint64][]string {
	out := map[uint64][]string{c.record.Seq: bodyAlone}
	clause := r.keepsOriginal(c.Item)
	switch {
	case !c.hasOriginal():
	case r.original != pack.EraseOriginal:
		r.q.Stay["original: kept sealed, as the packs say"]++
	case clause != "":
		r.q.Stay["original: kept sealed by "+clause]++
	case c.first.Seq == c.record.Seq:
		out[c.record.Seq] = bodyAndWhole
	default:
		out[c.first.Seq] = originals
	}
	return out
}

func (r *redactRun) erase(ctx context.Context, t *taken) error {
	e := journal.Erase{Record: r.s.record(audit.KindErasure, r.a, ""), Reason: "redaction", Parts: strings.Split(t.parts, ","), Seqs: t.seqs, Shown: t.shown, Later: true}
	e.Record.Ref, e.Record.Tenant, e.Record.Revision = r.q.Run, r.q.Tenant, r.q.Packs
	e.Record.Labels = retention.RedactionLabels(t.class, t.at)
	if was := r.s.redacted[r.q.Run]; was != nil && len(was) < maxRedactTraces {
		some, err := retention.TracesOf(ctx, r.s.cfg.Journal, t.seqs, e.Parts)
		if err != nil {
			return err
		}
		r.s.redacted[r.q.Run] = append(was, some...)
	}
	if err := r.s.cfg.Journal.Erase(ctx, e); err != nil {
		return err
	}
	return r.fault("erased")
}

// maxRedactTraces bounds the values that are looked for afterwards.
const maxRedactTraces = 4096

func (r *redactRun) fault(at string) error {
	if r.s.cfg.Fault == nil {
		return nil
	}
	return r.s.cfg.Fault(at)
}
