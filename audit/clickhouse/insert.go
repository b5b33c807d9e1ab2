package clickhouse

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
)

// put brings a batch into the tables: its rows, their leaves, their counts. It
// returns nil once the server has confirmed all of it.
func (s *Store) put(ctx context.Context, b *batch) error {
	for i := range b.inserts {
		if err := s.send(ctx, b, &b.inserts[i]); err != nil {
			return fmt.Errorf("insert into %s: %w", b.inserts[i].table, refused(err))
		}
	}
	return nil
}

// send sends one insert. Its range is the token by which the server knows a
// repetition; a repetition with fewer rows is another insert.
func (s *Store) send(ctx context.Context, b *batch, k *insert) error {
	a := ask{id: queryID(b.chain), columns: k.columns, settings: map[string]any{
		"insert_deduplication_token": fmt.Sprintf("%s %d-%d %d", b.chain, b.from, b.until, k.rows),
		"insert_deduplicate":         1, "async_insert": 0, "wait_end_of_query": 1,
		"distributed_foreground_insert":            1,
		"max_partitions_per_insert_block":          0, // a backlog may hold years
		"throw_on_max_partitions_per_insert_block": 0,
	}}
	if s.cfg.Quorum > 0 {
		maps.Copy(a.settings, map[string]any{"insert_quorum": s.cfg.Quorum, "insert_quorum_parallel": 0, "select_sequential_consistency": 1})
	}
	if s.cfg.Native {
		a.settings["low_cardinality_allow_in_native_format"] = 0 // see pack
	} else if s.cfg.Compression != "" {
		a.settings["decompress"] = 1
	}
	ctx, cancel := s.context(ctx, a)
	defer cancel()
	if !s.cfg.Native {
		return s.connection().InsertFormat(ctx, "Native", k.text, bytes.NewReader(k.body))
	}
	batch, err := s.connection().PrepareBatch(ctx, k.text)
	if err != nil {
		return err
	}
	for i, values := range k.values {
		if err := batch.Column(i).Append(values); err != nil {
			return errors.Join(fmt.Errorf("column %s: its values do not fit", k.columns[i].Name), batch.Abort())
		}
	}
	return batch.Send()
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

// there asks what the tables have of the batch. Leaves and counts of a batch
// are one part each, so they are there or not.
func (s *Store) there(ctx context.Context, b *batch) (*there, error) {
	if err := s.idle(ctx, b.chain); err != nil {
		return nil, err
	}
	seqs, err := s.seqs(ctx, b)
	if err != nil {
		return nil, err
	}
	have, err := s.ends(ctx, b.chain)
	return &there{seqs: seqs, ends: have}, err
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
