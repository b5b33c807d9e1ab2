package clickhouse

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"postern/audit"
)

// put brings a batch into the tables: its rows, their leaves, their counts. It
// returns nil once the server has confirmed all of it. unsure says that a part
// may be there already: then the server is asked first, and what is missing is
// sent.
func (s *Store) put(ctx context.Context, b *batch, unsure bool) error {
	send := b.whole
	if unsure {
		var err error
		if send, err = s.missing(ctx, b); err != nil {
			return err
		}
	}
	for _, k := range send {
		if k.rows == 0 {
			continue
		}
		if err := s.insert(ctx, b, k); err != nil {
			return err
		}
	}
	return nil
}

// insert sends one block. Its range is the token by which the server knows a
// repetition; a repetition with fewer rows is another block.
func (s *Store) insert(ctx context.Context, b *batch, k *block) error {
	a := ask{id: queryID(b.chain), columns: k.types(), settings: map[string]any{
		"insert_deduplication_token": fmt.Sprintf("%s %d-%d %d", b.chain, b.from, b.until, k.rows),
		"insert_deduplicate":         1, "async_insert": 0, "wait_end_of_query": 1,
		"distributed_foreground_insert":            1,
		"low_cardinality_allow_in_native_format":   0, // columns come as plain text over the native protocol, too
		"max_partitions_per_insert_block":          0, // a backlog may hold years
		"throw_on_max_partitions_per_insert_block": 0,
	}}
	if s.cfg.Quorum > 0 {
		maps.Copy(a.settings, map[string]any{"insert_quorum": s.cfg.Quorum, "insert_quorum_parallel": 0, "select_sequential_consistency": 1})
	}
	ctx, cancel := s.context(ctx, a)
	defer cancel()
	what := "insert into " + k.table
	batch, err := s.connection().PrepareBatch(ctx, k.insert(s.table(k.table)))
	if err != nil {
		return fmt.Errorf("%s: %w", what, refused(err))
	}
	if err := k.fill(batch); err != nil {
		return fmt.Errorf("%s: %w", what, errors.Join(err, refused(batch.Abort())))
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("%s: %w", what, refused(err))
	}
	return nil
}

// queryID names an insert so that one whose outcome is not known can be found
// among those that run.
func queryID(chain string) string {
	var b [8]byte
	rand.Read(b[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return queryPrefix(chain) + hex.EncodeToString(b[:])
}

func queryPrefix(chain string) string {
	sum := sha256.Sum256([]byte(chain))
	return "postern-ship-" + hex.EncodeToString(sum[:8]) + "-"
}

// errRunning: an insert of this chain still runs, so what is there may change.
var errRunning = errors.New("an earlier insert still runs")

// idle is errRunning while an insert of the chain runs.
func (s *Store) idle(ctx context.Context, chain string) error {
	var running uint64
	err := s.one(ctx, "look for running inserts", "SELECT count() FROM "+s.system("processes")+" WHERE startsWith(query_id, {prefix:String}) AND is_initial_query",
		ask{params: map[string]string{"prefix": queryPrefix(chain)}}, &running)
	if err == nil && running > 0 {
		err = errRunning
	}
	return err
}

// missing asks what the tables have of the batch and makes blocks of the rest.
// Leaves and counts of a batch are one part each, so they are there or not.
func (s *Store) missing(ctx context.Context, b *batch) ([]*block, error) {
	if err := s.idle(ctx, b.chain); err != nil {
		return nil, err
	}
	there, err := s.seqs(ctx, b)
	if err != nil {
		return nil, err
	}
	have, err := s.ends(ctx, b.chain)
	if err != nil {
		return nil, err
	}
	var rows, uncounted []row
	for _, r := range b.rows {
		if !there[r.Seq] {
			rows = append(rows, r)
		}
		if r.Seq >= have.counts {
			uncounted = append(uncounted, r)
		}
	}
	var purged []audit.Record
	for _, r := range b.records {
		if r.Purged && !there[r.Seq] {
			purged = append(purged, r)
		}
	}
	leaves := b.records[min(uint64(len(b.records)), max(have.leaves, b.from)-b.from):]
	return b.blocks(rows, purged, leaves, uncounted), nil
}

// blocks are the inserts of a batch, in their order.
func (b *batch) blocks(rows []row, purged, leaves []audit.Record, counted []row) []*block {
	return []*block{
		recordBlock(rows), purgedBlock(b.chain, purged), leafBlock(b.chain, leaves), countBlock(b.chain, b.until, counted),
	}
}

// seqs are the records of the batch's range that are there.
func (s *Store) seqs(ctx context.Context, b *batch) (map[uint64]bool, error) {
	out := make(map[uint64]bool)
	where := " WHERE chain = {chain:String} AND seq >= {from:Int64} AND seq < {until:Int64}"
	from := func(table string) string { return "SELECT seq FROM " + s.table(table) + where }
	err := s.query(ctx, "look what is there", from("records")+" UNION ALL "+from("held")+" UNION ALL "+from("purged"),
		ask{params: rangeOf(b.chain, b.from, b.until), settings: s.consistent()}, func(scan func(...any) error) error {
			var seq int64
			if err := scan(&seq); err != nil {
				return err
			}
			out[uint64(seq)] = true //nolint:gosec // from a uint64
			return nil
		})
	return out, err
}

// consistent makes a question wait for what a quorum has confirmed.
func (s *Store) consistent() map[string]any {
	if s.cfg.Quorum == 0 {
		return nil
	}
	return map[string]any{"select_sequential_consistency": 1}
}

func rangeOf(chain string, from, until uint64) map[string]string {
	return map[string]string{"chain": chain, "from": strconv.FormatUint(from, 10), "until": strconv.FormatUint(until, 10)}
}

// ends are the first records that the tables do not have.
type ends struct{ records, leaves, counts uint64 }

func (e ends) highest() uint64 { return max(e.records, e.leaves, e.counts) }

// ends asks how far the chain reaches in each table.
func (s *Store) ends(ctx context.Context, chain string) (ends, error) {
	var out ends
	for _, t := range []struct {
		table, end string
		to         *uint64
	}{{"records", "max(seq) + 1", &out.records}, {"leaves", "max(seq) + 1", &out.leaves}, {"counts", "max(until)", &out.counts}} {
		var n uint64
		err := s.one(ctx, "look how far it reaches", "SELECT toUInt64(if(count() = 0, 0, "+t.end+")) FROM "+s.table(t.table)+" WHERE chain = {chain:String}",
			ask{params: map[string]string{"chain": chain}, settings: s.consistent()}, &n)
		if err != nil {
			return ends{}, err
		}
		*t.to = n
	}
	return out, nil
}
