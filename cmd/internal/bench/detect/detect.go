// Package detect measures how fast personal data is found, beside a naive
// scanner that runs an expression for each of 46 kinds over the same texts in
// the same rounds: what the machine did besides shows in both.
package detect

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"hash"
	"math"
	"runtime"
	"strings"
	"sync"
	"time"

	"postern/cmd/internal/bench/machine"
	"postern/policy/pii"
	"postern/policy/pii/pack"
	"postern/policy/pii/pack/large"
)

// Options of a run.
type Options struct {
	Messages []string      // the set
	Rounds   int           // in which everything is measured once
	Each     time.Duration // of one measurement
	Worst    int           // bytes of adversarial texts
}

// Row is what one kind of text costs: the best round, which other programs
// disturbed least, and the worst one. Times are nanoseconds for a text.
type Row struct {
	Name   string  `json:"name"`
	Bytes  float64 `json:"bytes"` // of a text, on average
	Best   float64 `json:"best_ns"`
	Worst  float64 `json:"worst_ns"`
	Naive  float64 `json:"naive_ns,omitempty"` // best round of the naive scanner; 0 where it was not run
	Allocs float64 `json:"allocations"`        // for each text
}

// PerByte is the best round's time for a byte, in nanoseconds.
func (r Row) PerByte() float64 { return r.Best / r.Bytes }

// Report is what was measured.
type Report struct {
	Messages  Row     `json:"messages"`
	Short     Row     `json:"text_300b"`
	Long      Row     `json:"text_4kb"`
	Clean     Row     `json:"clean"` // messages in which nothing is found
	Large     Row     `json:"large_pack"`
	Treated   Row     `json:"treated"` // found, replaced, one of them by a keyed hash
	Families  []Row   `json:"adversarial"`
	StartMS   float64 `json:"start_ms"`
	TableMB   float64 `json:"tables_mb"`
	LargeLoad float64 `json:"large_load_ms"` // reading the large pack with its examples, and a scanner of it
}

// subject is what is measured, and what it is measured beside.
type subject struct {
	row   *Row
	texts []string
	run   func(text string)
	naive func(text string) // nil: nothing
}

// Measure takes all rounds. Start and tables are the caller's: see Start.
func Measure(ctx context.Context, o Options) (*Report, error) {
	r := &Report{}
	subjects, err := r.subjects(o)
	if err != nil {
		return nil, err
	}
	for range o.Rounds {
		for i := range subjects {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err := subjects[i].round(o.Each); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (r *Report) subjects(o Options) ([]subject, error) {
	plain, err := pii.New(pii.Config{})
	if err != nil {
		return nil, err
	}
	added, err := r.loadLarge(o.Messages)
	if err != nil {
		return nil, err
	}
	naive := newNaive()
	room := make([]pii.Finding, 0, 1<<16)
	scan := func(s *pii.Scanner) func(string) {
		return func(text string) { room = s.Scan(text, pii.Hint{}, room[:0]) }
	}
	all := []subject{
		{row: &r.Messages, texts: o.Messages, run: scan(plain), naive: naive.scan},
		{row: &r.Short, texts: []string{shortText}, run: scan(plain), naive: naive.scan},
		{row: &r.Long, texts: []string{longText()}, run: scan(plain), naive: naive.scan},
		{row: &r.Clean, texts: clean(plain, o.Messages), run: scan(plain)},
		{row: &r.Large, texts: o.Messages, run: scan(added)},
		{row: &r.Treated, texts: []string{treatedText}, run: treat(plain)},
	}
	for i, name := range []string{"a message of the set", "a text of 300 bytes", "a text of 4 KB", "a message without personal data", "a message of the set, 50 patterns and 10,000 phrases added", "found, replaced, one keyed hash"} {
		all[i].row.Name = name
	}
	r.Families = make([]Row, len(families))
	for i, f := range families {
		r.Families[i].Name = f.name
		all = append(all, subject{row: &r.Families[i], texts: []string{strings.Repeat(f.unit, o.Worst/len(f.unit))}, run: scan(plain)})
	}
	return all, nil
}

// loadLarge times what it takes until the large pack is in force.
func (r *Report) loadLarge(messages []string) (*pii.Scanner, error) {
	files := large.Files(messages)
	start := time.Now()
	set, err := pack.Load(files, pack.All(files))
	if err != nil {
		return nil, fmt.Errorf("load the large pack: %w", err)
	}
	s, err := pii.New(set.Config())
	r.LargeLoad = time.Since(start).Seconds() * 1000
	return s, err
}

// clean are the messages in which nothing is found.
func clean(s *pii.Scanner, messages []string) (out []string) {
	for _, m := range messages {
		if len(s.Scan(m, pii.Hint{}, nil)) == 0 {
			out = append(out, m)
		}
	}
	return out
}

// treat finds and replaces as a record does where phone numbers are hashed.
func treat(s *pii.Scanner) func(string) {
	t := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Redact, pii.Phone: pii.Hash}, Hasher: hasher{}}
	var room []pii.Finding
	return func(text string) {
		_, room = s.Treat(text, pii.Hint{}, t, &pii.Labels{}, room[:0])
	}
}

// hasher makes keyed hashes as the gateway's keys do, which keep the state that a
// key leads to.
type hasher struct{}

var keyed = sync.Pool{New: func() any {
	return hmac.New(sha256.New, []byte("a key that is as long as keys of HMAC are"))
}}

var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (hasher) Hash(kind string, value []byte) string {
	mac := keyed.Get().(hash.Hash) //nolint:forcetypeassert // the pool has nothing else
	defer keyed.Put(mac)
	mac.Reset()
	mac.Write([]byte(kind))
	mac.Write(value)
	return lower.EncodeToString(mac.Sum(nil)[:16])
}

// round measures once, and takes the naive scanner behind it.
func (s *subject) round(each time.Duration) error {
	size := 0
	for _, t := range s.texts {
		size += len(t)
	}
	took, allocs, err := perText(s.texts, s.run, each)
	if err != nil {
		return err
	}
	r := s.row
	r.Bytes, r.Worst = float64(size)/float64(len(s.texts)), max(r.Worst, took)
	if r.Best == 0 || took < r.Best {
		r.Best = took
	}
	r.Allocs = allocs
	if s.naive == nil {
		return nil
	}
	took, _, err = perText(s.texts, s.naive, each)
	if r.Naive == 0 || took < r.Naive {
		r.Naive = took
	}
	return err
}

// perText goes over the texts, once before it counts, then as often as the time
// allows. What it gives is the time that the processor worked for it: that others
// took the processor meanwhile does not count, though they leave its caches empty.
func perText(texts []string, run func(string), each time.Duration) (ns, allocs float64, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, t := range texts {
		run(t)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	worked, err := machine.Worked()
	if err != nil {
		return 0, 0, err
	}
	start, n := time.Now(), 0
	for passed := time.Duration(0); n == 0 || passed < each; passed = time.Since(start) {
		for _, t := range texts {
			run(t)
		}
		n += len(texts)
	}
	now, err := machine.Worked()
	runtime.ReadMemStats(&after)
	return float64((now - worked).Nanoseconds()) / float64(n), math.Round(100*float64(after.Mallocs-before.Mallocs)/float64(n)) / 100, err
}
