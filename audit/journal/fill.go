package journal

import (
	"errors"
	"fmt"
	"maps"
	"math/bits"

	"postern/audit"
)

// fill writes the rows of every batch that goes in.
func (j *Journal) fill(group []*entry, p *plan) error {
	if err := j.hook(StepWrite); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	if err := j.fillRecords(p); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	for _, e := range group {
		if e.err != nil {
			continue
		}
		if err := j.fillBatch(e.batch); err != nil {
			return err
		}
	}
	return j.fillState(p)
}

// fillBatch writes all of a batch but its records.
func (j *Journal) fillBatch(b *Batch) error {
	for _, w := range []struct {
		what  string
		write func(*conn, *Batch) error
	}{
		{"subjects", putSubjects}, {"data keys", putDataKeys}, {"facts", putFacts}, {"deliveries", putDeliveries},
		{"message ids", putMessageIDs}, {"idempotency keys", putIdempotency},
		{"marks", putSeen}, {"settings", putSettings}, {"media", putMedia}, {"tokens", putTokens}, {"changed media", changeMedia}, {"media that goes", dropMedia},
	} {
		if err := w.write(j.w, b); err != nil {
			return fmt.Errorf("write %s: %w", w.what, err)
		}
	}
	if err := putOutcomes(j.w, b, j.cfg.Now().UnixMicro()); err != nil {
		return fmt.Errorf("write outcomes: %w", err)
	}
	return nil
}

// maxRows bounds the rows of one INSERT, so that few statements are prepared.
const maxRows = 64

var recordStatements = func() (s [7]string) {
	for i := range s {
		s[i] = insertRecords(1 << i)
	}
	return s
}()

// fillRecords writes records with statements of 1, 2, 4 ... 64 rows.
func (j *Journal) fillRecords(p *plan) error {
	for rest := p.records; len(rest) > 0; {
		k := min(bits.Len(uint(len(rest)))-1, bits.Len(uint(maxRows))-1)
		j.rowBuf = j.rowBuf[:0]
		for _, r := range rest[:1<<k] {
			id, err := j.contexts.id(j.w, r)
			if err != nil {
				return err
			}
			j.rowBuf = appendRow(j.rowBuf, r, id)
		}
		if _, err := j.w.exec(recordStatements[k], j.rowBuf...); err != nil {
			return err
		}
		rest = rest[1<<k:]
	}
	for _, n := range p.nodes {
		_, err := j.w.exec("INSERT INTO nodes VALUES (?, ?, ?)", int64(n.Level), int64(n.N), n.Hash[:]) //nolint:gosec // far below 2^63
		if err != nil {
			return err
		}
	}
	return nil
}

// fillState writes the marks when they are due. A transaction without a record
// always leaves its number: after a failed COMMIT it tells what was stored.
func (j *Journal) fillState(p *plan) error {
	now := j.cfg.Now()
	due := now.Sub(j.counted) >= countWait || now.Before(j.counted) || p.size-j.state.counted > 4096
	if len(p.records) == 0 {
		p.state.epoch++
	}
	if due && p.size > p.state.counted {
		all := maps.Clone(j.counts)
		for _, r := range p.records {
			all.add(r)
		}
		if err := all.write(j.w); err != nil {
			return fmt.Errorf("write counts: %w", err)
		}
		p.flush, j.counted = true, now
		p.state.counted, p.state.settled = p.size, j.lowestOpen(p)
	}
	if p.state == j.state {
		return nil
	}
	_, err := j.w.exec("UPDATE state SET counted = ?, settled = ?, epoch = ?",
		int64(p.state.counted), int64(p.state.settled), p.state.epoch) //nolint:gosec // far below 2^63
	return err
}

// lowestOpen is the mark below which no admission is open, without regard to
// the records of this transaction: it may lag, never lead.
func (j *Journal) lowestOpen(p *plan) uint64 {
	low := p.size - uint64(len(p.records))
	for _, o := range j.open {
		low = min(low, o.Seq)
	}
	return low
}

// counter holds the daily counts of records that the table does not have yet.
type counter map[countKey]int64

type countKey struct {
	day                          int64 // days since 1970
	tenant, kind, effect, reason string
}

func (c counter) add(r *audit.Record) {
	const day = 24 * 3600 * 1e6
	k := countKey{day: floorDiv(r.Time, day), tenant: r.Tenant, kind: string(r.Kind), effect: string(r.Effect)}
	if len(r.Reasons) > 0 {
		k.reason = r.Reasons[0]
	}
	c[k]++
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (c counter) write(w *conn) error {
	var errs []error
	for k, n := range c {
		_, err := w.exec(`INSERT INTO counts VALUES (strftime('%Y-%m-%d', ?, 'unixepoch'), ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, k.day*86400, k.tenant, k.kind, k.effect, k.reason, n)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
