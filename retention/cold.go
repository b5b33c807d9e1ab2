package retention

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"postern/audit"
	"postern/audit/blob"
)

// ColdRecord is one line of an object in cold storage: enough to prove the
// record against the tree, and to read it. Sealed parts stay sealed under their
// data keys, which are destroyed with what needs them here.
type ColdRecord struct {
	Seq   uint64              `json:"seq"`
	Leaf  string              `json:"leaf"` // the canonical leaf input of audit/FORMAT.md
	Hash  string              `json:"hash"` // its leaf hash, hex
	Parts map[string]ColdPart `json:"parts,omitempty"`
}

// ColdPart is a part that was still there.
type ColdPart struct {
	Salt []byte `json:"salt"`
	Body []byte `json:"body"`
}

// ColdManifest stands beside each object.
type ColdManifest struct {
	Version int      `json:"version"` // 1
	Chain   string   `json:"chain"`
	Run     audit.ID `json:"run"`
	Class   string   `json:"class"`
	Day     string   `json:"day"`
	First   uint64   `json:"first"` // places of the first record and the last
	Last    uint64   `json:"last"`
	Records int      `json:"records"`
	SHA256  string   `json:"sha256"` // of the object, hex
}

// moveOut writes what is to move to cold storage, and says which records lie
// there whole. Placing a hold does not wait for that storage: what is held
// meanwhile is in both.
func (s *steps) moveOut(ctx context.Context, k batchKey, items []Item) (map[uint64]bool, error) {
	if s.cold == nil || s.coldAway != nil {
		return nil, nil //nolint:nilnil // nothing moves
	}
	counted := maps.Clone(s.kept)
	items = slices.DeleteFunc(slices.Clone(items), func(it Item) bool { return len(s.r.cfg.Holds.Holding(it)) > 0 })
	found, err := s.due(ctx, k, items)
	s.kept = counted // what stays is counted when the step runs
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if err := s.checkCold(ctx); err != nil {
		return nil, s.unless(ctx, err)
	}
	frozen := map[uint64]bool{}
	for i := range found {
		frozen[found[i].Seq] = true
	}
	if err := s.freeze(ctx, k, found); err != nil {
		return nil, s.unless(ctx, err)
	}
	return frozen, nil
}

// awayError: cold storage does not do what it should. Other classes go on.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// unless has the run go on without cold storage where it is what failed.
func (s *steps) unless(ctx context.Context, err error) error {
	if _, ok := errors.AsType[awayError](err); !ok || ctx.Err() != nil {
		return err
	}
	s.away(err)
	return nil
}

// away leaves cold storage alone for the rest of the run.
func (s *steps) away(err error) {
	s.coldAway = err
	if s.r.cfg.ColdAway != nil {
		s.r.cfg.ColdAway(err)
	}
}

// checkCold looks at cold storage before a run first writes there.
func (s *steps) checkCold(ctx context.Context) error {
	c, ok := s.cold.(interface {
		Check(ctx context.Context) error
	})
	if !ok || s.coldChecked {
		return nil
	}
	if err := c.Check(ctx); err != nil {
		return awayError{fmt.Errorf("check cold storage: %w", err)}
	}
	s.coldChecked = true
	return nil
}

var errCold = errors.New("cold storage does not give back what was put there; nothing of it was purged: look at that storage")

// freeze writes records to cold storage and reads them back. The same records
// give the same object, so that a run that goes on writes it once more.
func (s *steps) freeze(ctx context.Context, k batchKey, records []audit.Record) error {
	object, err := coldObject(records)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(object)
	m := ColdManifest{
		Version: 1, Chain: s.r.cfg.Journal.Head().Chain, Run: s.run.ID, Class: k.class, Day: k.day,
		First: records[0].Seq, Last: records[len(records)-1].Seq, Records: len(records), SHA256: hex.EncodeToString(sum[:]),
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode manifest of cold storage: %w", err)
	}
	name := fmt.Sprintf("cold/%s/%s/%d-%d-%s", k.class, k.day, m.First, m.Last, m.SHA256[:16])
	for _, o := range []struct {
		key  string
		body []byte
	}{{name + ".jsonl.gz", object}, {name + ".manifest.json", manifest}} {
		if err := s.put(ctx, o.key, o.body); err != nil {
			return err
		}
	}
	return s.r.fault("frozen")
}

// put leaves an object alone that is there as it is to be: under Object Lock it
// would be kept twice.
func (s *steps) put(ctx context.Context, key string, body []byte) error {
	err := s.readBack(ctx, key, body)
	if !errors.Is(err, blob.ErrNotFound) && !errors.Is(err, errCold) {
		return err
	}
	if err := s.cold.Put(ctx, blob.Written{Key: key, Size: int64(len(body)), Content: bytes.NewReader(body)}); err != nil {
		return awayError{fmt.Errorf("write to cold storage: %w", err)}
	}
	return s.readBack(ctx, key, body)
}

func (s *steps) readBack(ctx context.Context, key string, body []byte) error {
	from, size, err := s.cold.Get(ctx, key)
	if err != nil {
		return awayError{fmt.Errorf("read back from cold storage: %w", err)}
	}
	got, err := io.ReadAll(io.LimitReader(from, int64(len(body))+1))
	if err := errors.Join(err, from.Close()); err != nil {
		return awayError{fmt.Errorf("read back from cold storage: %w", err)}
	}
	if size != int64(len(body)) || !bytes.Equal(got, body) {
		return awayError{errCold}
	}
	return nil
}

// coldObject is the records as gzip of lines of JSON.
func coldObject(records []audit.Record) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	lines := json.NewEncoder(z)
	for i := range records {
		line, err := coldRecord(&records[i])
		if err != nil {
			return nil, err
		}
		if err := lines.Encode(line); err != nil {
			return nil, fmt.Errorf("encode for cold storage: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress for cold storage: %w", err)
	}
	return b.Bytes(), nil
}

func coldRecord(r *audit.Record) (ColdRecord, error) {
	leaf, err := audit.AppendLeaf(nil, r)
	if err != nil || audit.LeafHash(leaf) != r.Leaf {
		return ColdRecord{}, fmt.Errorf("record %d is not as it was recorded and stays: verify the journal", r.Seq)
	}
	out := ColdRecord{Seq: r.Seq, Leaf: string(leaf), Hash: hex.EncodeToString(r.Leaf[:]), Parts: map[string]ColdPart{}}
	for _, p := range r.Parts {
		switch {
		case p.Erased:
		case audit.PartHash(p.Salt, p.Body) != p.Hash:
			return ColdRecord{}, fmt.Errorf("record %d is not as it was recorded and stays: verify the journal", r.Seq)
		default:
			out.Parts[p.Name] = ColdPart{Salt: p.Salt[:], Body: p.Body}
		}
	}
	return out, nil
}
