package limit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// maxSources bounds the sources named in one record; the rest is a sum.
const maxSources = 64

// Hasher turns an address into a keyed hash, so that a record shows that the
// same source came again without saying which it was.
type Hasher func(source string) (string, error)

// Strangers counts requests without a valid credential, per source and minute.
// An attacker can make it write one bounded record a minute, never more.
type Strangers struct {
	journal *journal.Journal
	hash    Hasher
	now     func() time.Time

	mu    sync.Mutex
	count tally
}

// tally is what was counted since the last record.
type tally struct {
	sources map[netip.Prefix]map[string]int
	others  int // requests of sources beyond the bound
	total   int
}

func (t *tally) add(from netip.Prefix, what string, n int) {
	t.total += n
	c := t.sources[from]
	if c == nil {
		if len(t.sources) >= maxSources {
			t.others += n
			return
		}
		c = map[string]int{}
		t.sources[from] = c
	}
	c[what] += n
}

func newTally() tally { return tally{sources: map[netip.Prefix]map[string]int{}} }

// NewStrangers returns an empty count.
func NewStrangers(j *journal.Journal, hash Hasher, now func() time.Time) *Strangers {
	return &Strangers{journal: j, hash: hash, now: now, count: newTally()}
}

// Count notes one refused request; what is a fixed word such as "token".
func (s *Strangers) Count(remote, what string) {
	from := sourceOf(remote)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count.add(from, what, 1)
}

// source is one line of the record's detail.
type source struct {
	Source string         `json:"source"`
	Counts map[string]int `json:"counts"`
}

// Flush writes what was counted as one record, nothing if there was nothing.
// What can not be recorded now stays counted.
func (s *Strangers) Flush(ctx context.Context) error {
	s.mu.Lock()
	t := s.count
	s.count = newTally()
	s.mu.Unlock()
	if t.total == 0 {
		return nil
	}
	if err := s.write(ctx, t); err != nil {
		s.putBack(t)
		return fmt.Errorf("record strangers: %w", err)
	}
	return nil
}

func (s *Strangers) putBack(t tally) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for from, c := range t.sources {
		for what, n := range c {
			s.count.add(from, what, n)
		}
	}
	s.count.others += t.others
	s.count.total += t.others
}

func (s *Strangers) write(ctx context.Context, t tally) error {
	lines := make([]source, 0, len(t.sources))
	for from, c := range t.sources {
		h, err := s.hash(from.String())
		if err != nil {
			return fmt.Errorf("hash source: %w", err)
		}
		lines = append(lines, source{h, c})
	}
	slices.SortFunc(lines, func(a, b source) int { return strings.Compare(a.Source, b.Source) })
	detail, err := json.Marshal(map[string]any{"sources": lines, "others": t.others})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	now := s.now()
	return s.journal.Append(ctx, journal.Batch{Records: []audit.Record{{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindUnauth, Time: now.UnixMicro(), Actor: "system", Result: "refused", Code: int64(t.total),
		Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
	}}})
}
