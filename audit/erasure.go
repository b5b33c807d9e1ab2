package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Erasure is the detail (PartDetail) of a KindErasure record: which parts of
// which earlier records were erased. Several sets of parts need several records.
type Erasure struct {
	Version int        `json:"version"` // 1
	Reason  string     `json:"reason"`  // short token: "request", "retention", ...
	Parts   []string   `json:"parts"`   // ascending
	Ranges  []SeqRange `json:"ranges"`  // ascending, not touching
}

// SeqRange is the records First to Last, both included. In JSON: [first,last].
type SeqRange struct{ First, Last uint64 }

// MarshalJSON writes [first,last].
func (r SeqRange) MarshalJSON() ([]byte, error) { return json.Marshal([2]uint64{r.First, r.Last}) }

// UnmarshalJSON reads [first,last].
func (r *SeqRange) UnmarshalJSON(data []byte) error {
	var pair [2]uint64
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	*r = SeqRange{First: pair[0], Last: pair[1]}
	return nil
}

// ErrErasure is wrapped by every refusal of an erasure.
var ErrErasure = errors.New("erasure is not well formed")

// NewErasure builds the erasure of the named parts of the given records, in
// whatever order they come; repeated ones count once.
func NewErasure(reason string, parts []string, seqs []uint64) Erasure {
	e := Erasure{Version: 1, Reason: reason, Parts: slices.Compact(slices.Sorted(slices.Values(parts)))}
	for _, seq := range slices.Sorted(slices.Values(seqs)) {
		last := len(e.Ranges) - 1
		if last >= 0 && seq <= e.Ranges[last].Last+1 {
			e.Ranges[last].Last = seq
			continue
		}
		e.Ranges = append(e.Ranges, SeqRange{First: seq, Last: seq})
	}
	return e
}

// Encode is the one JSON form of the erasure, or an error if it is not well formed.
func (e Erasure) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	out, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrErasure, err)
	}
	return out, nil
}

// DecodeErasure is the inverse of Encode. Any other spelling of the same
// erasure is refused, so that two readers never see two things.
func DecodeErasure(data []byte) (Erasure, error) {
	var e Erasure
	if err := json.Unmarshal(data, &e); err != nil {
		return Erasure{}, fmt.Errorf("%w: not the JSON of FORMAT.md", ErrErasure)
	}
	again, err := e.Encode()
	if err != nil {
		return Erasure{}, err
	}
	if !bytes.Equal(again, data) {
		return Erasure{}, fmt.Errorf("%w: not in canonical form", ErrErasure)
	}
	return e, nil
}

func (e Erasure) check() error {
	switch {
	case e.Version != 1:
		return fmt.Errorf("%w: version %d, this program knows 1", ErrErasure, e.Version)
	case !validPartName(e.Reason):
		return fmt.Errorf("%w: reason is not 1 to 32 of a-z, 0-9 and _", ErrErasure)
	case len(e.Parts) == 0 || len(e.Ranges) == 0:
		return fmt.Errorf("%w: no parts or no ranges", ErrErasure)
	}
	last := ""
	for _, name := range e.Parts {
		if !validPartName(name) || name <= last {
			return fmt.Errorf("%w: part names are not valid and ascending", ErrErasure)
		}
		last = name
	}
	return checkRanges(e.Ranges)
}

func checkRanges(ranges []SeqRange) error {
	for i, r := range ranges {
		if r.First > r.Last || r.Last > math.MaxInt64 {
			return fmt.Errorf("%w: range %d ends before it begins", ErrErasure, i)
		}
		if i > 0 && (r.First == 0 || ranges[i-1].Last >= r.First-1) {
			return fmt.Errorf("%w: ranges are not ascending and apart", ErrErasure)
		}
	}
	return nil
}

// JoinRanges sorts ranges in place and joins those that overlap or touch.
func JoinRanges(ranges []SeqRange) []SeqRange {
	slices.SortFunc(ranges, func(a, b SeqRange) int {
		if a.First < b.First {
			return -1
		}
		return 1
	})
	out := ranges[:0]
	for _, r := range ranges {
		if n := len(out); n > 0 && r.First <= out[n-1].Last+1 {
			out[n-1].Last = max(out[n-1].Last, r.Last)
			continue
		}
		out = append(out, r)
	}
	return out
}
