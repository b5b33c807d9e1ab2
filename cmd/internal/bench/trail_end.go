package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/clickhouse"
	"postern/audit/journal"
)

// purgeStep is how many records one erasure takes, as a retention run does.
const purgeStep = 500

// end purges a month through the trail until it is proved gone, then times one
// DROP PARTITION by itself.
func (t *Trail) end(ctx context.Context, o *options, e *engine, s *clickhouse.Store, j *journal.Journal) error {
	months, err := e.months(ctx)
	if err != nil || len(months) < 3 {
		return errors.Join(err, errors.New("the trail has fewer than three months"))
	}
	gone, err := e.seqs(ctx, months[0])
	if err != nil {
		return err
	}
	for some := range slices.Chunk(gone, purgeStep) {
		r := audit.Record{Version: audit.Version, ID: audit.NewID(time.Now()), Kind: audit.KindErasure, Time: time.Now().UnixMicro(), Actor: "system"}
		if err := j.Erase(ctx, journal.Erase{Record: r, Reason: "retention", Parts: []string{audit.PartRecord}, Seqs: some, Later: true}); err != nil {
			return fmt.Errorf("purge a month: %w", err)
		}
	}
	t.Purged = float64(len(gone))
	if err := t.absence(ctx, o, s, j, audit.NewErasure("retention", []string{audit.PartRecord}, gone)); err != nil {
		return err
	}
	return t.drop(ctx, e, months[1])
}

// absence ships the erasures and looks until nothing is left of what they took. A
// quick run does not wait for parts that were replaced, which takes half a minute.
func (t *Trail) absence(ctx context.Context, o *options, s *clickhouse.Store, j *journal.Journal, of audit.Erasure) error {
	f, err := j.Follow(ctx, clickhouse.FollowerName)
	if err != nil {
		return err
	}
	var late firstError
	h := clickhouse.NewShipper(s, f, clickhouse.ShipConfig{OnError: late.keep})
	shipping, stop := context.WithCancel(ctx)
	ended, size, begin := make(chan error, 1), j.Head().Size, time.Now()
	go func() { ended <- h.Run(shipping) }()
	for f.Cursor() < size && late.get() == nil && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := errors.Join(<-ended, late.get(), ctx.Err()); err != nil {
		return err
	}
	out := time.Now()
	t.Carried = out.Sub(begin).Seconds()
	for {
		left, err := s.Absence(ctx, trailChain, of, size-1, f.Cursor(), out)
		if err != nil {
			return fmt.Errorf("look what is left: %w", err)
		}
		if o.Quick {
			left.Replaced = nil
		}
		if left.Gone() {
			t.Absent = time.Since(begin).Seconds()
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// drop times the statement alone, on the largest partition of a month.
func (t *Trail) drop(ctx context.Context, e *engine, month string) error {
	answer, err := e.ask(ctx, "SELECT class, count() FROM bench.records WHERE toYYYYMM(ts) = "+month+" GROUP BY class ORDER BY 2 DESC LIMIT 1 FORMAT TSV")
	if err != nil {
		return err
	}
	class, count, _ := strings.Cut(strings.TrimSpace(answer), "\t")
	if t.Dropped, err = strconv.ParseFloat(count, 64); err != nil {
		return errors.New("the month that is to be dropped has no records")
	}
	begin := time.Now()
	_, err = e.ask(ctx, "ALTER TABLE bench.records DROP PARTITION ('"+class+"', "+month+") SETTINGS alter_sync = 2")
	t.Drop = time.Since(begin).Seconds()
	return err
}

// months of the trail, oldest first.
func (e *engine) months(ctx context.Context) ([]string, error) {
	answer, err := e.ask(ctx, "SELECT DISTINCT toYYYYMM(ts) FROM bench.records ORDER BY 1 FORMAT TSV")
	return strings.Fields(answer), err
}

// seqs are the records of a month.
func (e *engine) seqs(ctx context.Context, month string) ([]uint64, error) {
	answer, err := e.ask(ctx, "SELECT seq FROM bench.records WHERE toYYYYMM(ts) = "+month+" ORDER BY seq FORMAT TSV")
	if err != nil {
		return nil, err
	}
	var out []uint64
	for one := range strings.FieldsSeq(answer) {
		seq, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read places of records: %w", err)
		}
		out = append(out, seq)
	}
	return out, nil
}
