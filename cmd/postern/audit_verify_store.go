package main

import (
	"context"
	"errors"
	"slices"

	"postern/audit"
	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// verifyIn verifies the journal, or its copy in ClickHouse.
func (p *program) verifyIn(ctx context.Context, v proof, src *journal.Reader, opt audit.VerifyOptions) (out verdict, err error) {
	switch v.store {
	case "embedded":
		report, err := audit.Verify(ctx, src, opt)
		out.Report = &report
		return out, err
	case "clickhouse":
		err = p.inClickHouse(ctx, func(_ *boot.Config, s *clickhouse.Store) error {
			out, err = verifyCopy(ctx, s, src, opt)
			return err
		})
		return out, err
	}
	return out, usageError{errors.New("--store is embedded or clickhouse")}
}

// verifyCopy verifies what ClickHouse has confirmed, and says what it has beyond
// the journal and what the journal has beyond it.
func verifyCopy(ctx context.Context, s *clickhouse.Store, src *journal.Reader, opt audit.VerifyOptions) (out verdict, err error) {
	head, err := src.Head(ctx)
	if err != nil {
		return out, err
	}
	trail := &clickhouse.Trail{Store: s, Chain: head.Chain, Checkpoints: head.Checkpoints, Confirmed: func(ctx context.Context) (uint64, error) {
		next, _, err := src.Cursor(ctx, clickhouse.FollowerName)
		return next, err
	}, Size: func(ctx context.Context) (uint64, error) {
		now, err := src.Head(ctx)
		return now.Records, err
	}}
	size, err := trail.Confirmed(ctx)
	if err != nil {
		return out, err
	}
	out.Unshipped = head.Records - min(head.Records, size)
	given := len(opt.Against)
	opt.Against = slices.DeleteFunc(opt.Against, func(c audit.OutsideCheckpoint) bool { return aheadOf(c.Note, head, size) })
	out.Ahead = given - len(opt.Against)
	report, err := trail.Verify(ctx, opt)
	if err != nil {
		return out, err
	}
	out.Report = &report
	out.Lost, err = s.Lost(ctx, head.Chain)
	if errors.Is(err, clickhouse.ErrLineage) && !report.OK() {
		err = nil // the report names the record that was altered
	}
	return out, err
}

// aheadOf reports whether an outside checkpoint covers records that are not
// shipped yet, so that it says nothing of ClickHouse. One of this chain that
// reaches beyond the journal's own end stays: it proves that records are missing.
func aheadOf(note []byte, head audit.Head, confirmed uint64) bool {
	c, err := audit.UnverifiedCheckpoint(note)
	return err == nil && c.Size > confirmed && (c.Origin != head.Chain || c.Size <= head.Records)
}

func (p *program) unshippedText(v verdict) error {
	if v.Unshipped == 0 && v.Ahead == 0 {
		return nil
	}
	return p.say("Not proved here: %d records of the journal that ClickHouse has not confirmed yet, and %d outside checkpoints that reach to them; see: postern audit verify", v.Unshipped, v.Ahead)
}
