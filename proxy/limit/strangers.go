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

	mu     sync.Mutex
	counts map[netip.Addr]map[string]int
	others int
	total  int
}

// NewStrangers returns an empty count.
func NewStrangers(j *journal.Journal, hash Hasher, now func() time.Time) *Strangers {
	return &Strangers{journal: j, hash: hash, now: now, counts: map[netip.Addr]map[string]int{}}
}

// Count notes one refused request; what is a fixed word such as "token".
func (s *Strangers) Count(remote, what string) {
	ap, _ := netip.ParseAddrPort(remote)
	source := ap.Addr().Unmap()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	c := s.counts[source]
	if c == nil {
		if len(s.counts) >= maxSources {
			s.others++
			return
		}
		c = map[string]int{}
		s.counts[source] = c
	}
	c[what]++
}

// source is one line of the record's detail.
type source struct {
	Source string         `json:"source"`
	Counts map[string]int `json:"counts"`
}

// Flush writes what was counted as one record, nothing if there was nothing.
func (s *Strangers) Flush(ctx context.Context) error {
	s.mu.Lock()
	counts, others, total := s.counts, s.others, s.total
	s.counts, s.others, s.total = map[netip.Addr]map[string]int{}, 0, 0
	s.mu.Unlock()
	if total == 0 {
		return nil
	}
	lines := make([]source, 0, len(counts))
	for addr, c := range counts {
		h, err := s.hash(addr.String())
		if err != nil {
			return fmt.Errorf("hash source: %w", err)
		}
		lines = append(lines, source{h, c})
	}
	slices.SortFunc(lines, func(a, b source) int { return strings.Compare(a.Source, b.Source) })
	detail, err := json.Marshal(map[string]any{"sources": lines, "others": others})
	if err != nil {
		return fmt.Errorf("encode strangers: %w", err)
	}
	now := s.now()
	return s.journal.Append(ctx, journal.Batch{Records: []audit.Record{{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindUnauth, Time: now.UnixMicro(), Actor: "system", Result: "refused", Code: int64(total),
		Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
	}}})
}
