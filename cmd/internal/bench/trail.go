package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/audit/thread"
	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/bench/machine"
)

// Trail is what keeping the trail in ClickHouse costs: shipping, room, answers.
type Trail struct {
	Records  float64 `json:"records"`
	Filling  float64 `json:"filled_records_per_s"`
	Shipping float64 `json:"shipped_rows_per_s"`
	Client   float64 `json:"client_us_a_row"`     // processor time of this process while it ships a backlog
	Engine   float64 `json:"engine_us_a_row"`     // of the engine's meanwhile, merges with it
	Bytes    float64 `json:"bytes_a_record"`      // on its disk, without the texts
	Text     float64 `json:"text_bytes_a_record"` // body, detail and policy input, compressed
	LagP99   float64 `json:"lag_p99_s"`           // of the oldest record that waits, at lagRate records a second
	Lag      float64 `json:"lag_max_s"`
	Asked    []Asked `json:"asked"`
	Purged   float64 `json:"purged_records"` // of a month that went through the trail
	Carried  float64 `json:"carried_out_s"`  // until ClickHouse had done what the erasures on record say
	Absent   float64 `json:"absent_s"`       // until nothing was left of it in rows, mutations or parts
	Dropped  float64 `json:"dropped_rows"`   // of one partition
	Drop     float64 `json:"drop_s"`         // its DROP PARTITION alone
}

// Asked is one question to ClickHouse.
type Asked struct {
	Title string  `json:"title"`
	Rows  float64 `json:"rows"`
	First float64 `json:"first_s"` // asked for the first time
	Again float64 `json:"again_s"` // the median of further times
}

const (
	lagRate  = 1000 // records a second
	trailAsk = 3    // further times

	trailChain = "bench"

	askPerson = "the newest 100 records of a person"
	askThread = "a conversation of 10,000 messages"
)

// measureTrail fills a journal, ships it and asks.
func measureTrail(ctx context.Context, o *options, dir string, say func(string)) (_ *Trail, err error) {
	dir = filepath.Join(dir, partTrail)
	v, err := openVault(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	e, err := startEngine(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	out := &Trail{}
	past := newPast(o.People)
	say(fmt.Sprintf("filling a journal with %d records", o.Trail))
	if out.Filling, err = past.pour(ctx, v.journal, o.Trail); err != nil {
		return nil, err
	}
	s, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	say("shipping it")
	if err := out.ship(ctx, o, e, s, v.journal, past, say); err != nil {
		return nil, err
	}
	say("asking")
	if err := out.ask(ctx, e, past); err != nil {
		return nil, err
	}
	say("merging")
	if err := out.room(ctx, e); err != nil {
		return nil, err
	}
	say("purging a month")
	return out, out.end(ctx, o, e, s, v.journal)
}

// ship sends the backlog, then keeps up with what is recorded.
func (t *Trail) ship(ctx context.Context, o *options, e *engine, s *clickhouse.Store, j *journal.Journal, past *past, say func(string)) error {
	f, err := j.Follow(ctx, clickhouse.FollowerName)
	if err != nil {
		return err
	}
	var late firstError
	h := clickhouse.NewShipper(s, f, clickhouse.ShipConfig{OnError: late.keep})
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	used, err := cpuOf(os.Getpid(), e.process.Process.Pid)
	if err != nil {
		stop()
		return err
	}
	begin := time.Now()
	go func() { ended <- h.Run(ctx) }()
	size := j.Head().Size
	for f.Cursor() < size && late.get() == nil && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	t.Records, t.Shipping = float64(size), float64(size)/time.Since(begin).Seconds()
	now, err := cpuOf(os.Getpid(), e.process.Process.Pid)
	if err == nil && late.get() == nil {
		t.Client, t.Engine = (now[0]-used[0])/t.Records, (now[1]-used[1])/t.Records
		say("keeping up with 1,000 records a second")
		err = t.keepUp(ctx, o, h, j, past)
	}
	stop()
	return errors.Join(err, <-ended, late.get())
}

// cpuOf is the processor time of processes so far, in microseconds.
func cpuOf(pids ...int) (out []float64, err error) {
	for _, pid := range pids {
		u, err := machine.Process(pid)
		if err != nil {
			return nil, fmt.Errorf("read processor time: %w", err)
		}
		out = append(out, float64(u.CPU.Microseconds()))
	}
	return out, nil
}

// keepUp looks at the lag while records come.
func (t *Trail) keepUp(ctx context.Context, o *options, h *clickhouse.Shipper, j *journal.Journal, past *past) error {
	watch, stop := context.WithCancel(ctx)
	lags := make(chan []float64)
	go func() {
		var seen []float64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-watch.Done():
				lags <- seen
				return
			case <-tick.C:
				_, age := h.Lag()
				seen = append(seen, age.Seconds())
			}
		}
	}()
	r := load.Run(ctx, generator(scenario{partTrail, lagRate / 2, 64}, o.Duration*time.Duration(o.Rounds)), func(_, _ int) error {
		return j.Append(ctx, past.batch(time.Now(), 2))
	})
	stop()
	seen := <-lags
	if r.Failed > 0 {
		return fmt.Errorf("append: %w", r.First)
	}
	slices.Sort(seen)
	t.LagP99, t.Lag = load.Quantile(seen, 0.99), load.Quantile(seen, 1)
	return nil
}

// room asks the engine what rests on its disk once all is merged. Of parts that
// are one file it knows no sizes by column.
func (t *Trail) room(ctx context.Context, e *engine) error {
	for _, before := range []string{"ALTER TABLE bench.records MODIFY SETTING min_bytes_for_wide_part = 0", "OPTIMIZE TABLE bench.records FINAL"} {
		if _, err := e.ask(ctx, before); err != nil {
			return err
		}
	}
	const text = "name IN ('body', 'detail', 'input')"
	answer, err := e.ask(ctx, `SELECT
		(SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench'),
		(SELECT sum(column_data_compressed_bytes) FROM system.parts_columns WHERE active AND database = 'bench' AND `+strings.ReplaceAll(text, "name", "column")+`),
		(SELECT count() FROM bench.records)`)
	if err != nil {
		return err
	}
	var n [3]float64
	for i, f := range strings.Fields(answer) {
		if n[i], err = strconv.ParseFloat(f, 64); err != nil {
			return fmt.Errorf("read the size of the tables: %w", err)
		}
	}
	t.Text, t.Bytes = n[1]/n[2], (n[0]-n[1])/n[2]
	return nil
}

// ask puts the examiner's questions, then those about one person.
func (t *Trail) ask(ctx context.Context, e *engine, past *past) (err error) {
	s, err := clickhouse.OpenToAsk(e.config())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	questions, err := pageQuestions()
	if err != nil {
		return err
	}
	whole := journal.QueryOptions{MaxRows: 1_000_000, Timeout: time.Minute, Named: map[string]any{"person": past.people[0].String()}}
	for _, q := range questions {
		err := t.time(q.title, func() (int, error) {
			table, err := s.Query(ctx, q.text, whole)
			return len(table.Rows), err
		})
		if err != nil {
			return err
		}
	}
	others := past.people[1:] // again is of people whom nobody asked about before
	err = t.time(askPerson, func() (int, error) {
		hits, err := s.Search(ctx, journal.Search{Subject: others[0], Limit: 100})
		others = others[1:]
		return len(hits.Rows), err
	})
	if err != nil {
		return err
	}
	return t.time(askThread, func() (int, error) {
		got, _, err := thread.Collect(past.talker, journal.Search{}, func(q journal.Search) (journal.Hits, error) { return s.Search(ctx, q) })
		return len(got.Messages), err
	})
}

// time asks several times and keeps the first answer's time apart.
func (t *Trail) time(title string, ask func() (rows int, err error)) error {
	one := Asked{Title: title}
	var again []float64
	for i := range 1 + trailAsk {
		begin := time.Now()
		rows, err := ask()
		if err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
		if one.Rows = float64(rows); i == 0 {
			one.First = time.Since(begin).Seconds()
		} else {
			again = append(again, time.Since(begin).Seconds())
		}
	}
	one.Again = load.Median(again)
	t.Asked = append(t.Asked, one)
	return nil
}

func (t *Trail) figures() []Figure {
	out := []Figure{
		judge(Figure{Name: "shipping a backlog", Unit: "rows/s", Value: t.Shipping, Goal: 100_000, AtLeast: true}),
		within("lag at 1,000 records/s", "s", t.Lag, 2),
		within("a record in ClickHouse without its text", "bytes", t.Bytes, 350),
		within("a partition dropped", "s", t.Drop, 1), within("absence of a purged month proved", "s", t.Absent, 60),
	}
	for _, a := range t.Asked {
		goal := 1.0
		switch a.Title {
		case askPerson:
			goal = 0.2
		case askThread:
			goal = 5
		}
		out = append(out, within(a.Title, "s", max(a.First, a.Again), goal))
	}
	return out
}

func (t *Trail) print(p *page) {
	p.line("\ntrail of %.0f records in ClickHouse: filled with %.0f records/s, shipped with %.0f rows/s in %s us of processor time a row here and %s in the engine; %.0f bytes a record and %.0f of compressed text; at %d records/s the oldest waited %s s (p99 %s s)",
		t.Records, t.Filling, t.Shipping, num(t.Client), num(t.Engine), t.Bytes, t.Text, lagRate, num(t.Lag), num(t.LagP99))
	p.line("a month of %.0f records purged: ClickHouse had carried it out after %s s, and nothing of it was left after %s s; a partition of %.0f rows dropped in %s s",
		t.Purged, num(t.Carried), num(t.Absent), t.Dropped, num(t.Drop))
	rows := [][]string{{"question", "rows", "first s", "again s"}}
	for _, a := range t.Asked {
		rows = append(rows, []string{a.Title, num(a.Rows), num(a.First), num(a.Again)})
	}
	p.table(rows)
}
