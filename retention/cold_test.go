package retention

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/audit/journal"
)

// counting counts what is written to a place.
type counting struct {
	blob.Bucket
	puts map[string]int
}

func (c *counting) Put(ctx context.Context, o blob.Written) error {
	c.puts[o.Key]++
	return c.Bucket.Put(ctx, o)
}

func folderOf(t *testing.T) blob.Bucket {
	t.Helper()
	folder, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	return folder
}

func lockedBucket(t *testing.T) *blob.S3 {
	t.Helper()
	server := s3test.Start(t)
	b, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://" + server.Addr, Bucket: server.Bucket(t, true), Prefix: "gw1/", Region: s3test.Region, PathStyle: true,
		Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: server.AccessKey, Secret: server.SecretKey} },
		LockMode:    "compliance", LockFor: time.Hour, Now: time.Now,
	})
	check(t, err)
	return b
}

// TestRunToCold moves records to cold storage, a folder or a bucket that locks
// them: each line there proves its record, and a run that goes on writes nothing
// twice.
func TestRunToCold(t *testing.T) {
	for name, open := range map[string]func(*testing.T) blob.Bucket{
		"folder": folderOf, "bucket": func(t *testing.T) blob.Bucket { t.Helper(); return lockedBucket(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newPurging(t, ActionCold)
			texts := s.fillDays(t, 2, 2)
			if c := s.run(t); len(c.Gone) != 0 || s.sound(t).Purged != 0 {
				t.Errorf("moved to a cold storage that is not there: %v", c.Gone)
			}
			place := &counting{open(t), map[string]int{}}
			s.cfg.Cold = func() (blob.Bucket, error) { return place, nil }
			s.faults["frozen"] = 1
			if _, err := s.runner().Start(t.Context(), "ann"); !errors.Is(err, errCrash) {
				t.Fatal(err)
			}
			delete(s.faults, "frozen")
			c := s.run(t)
			lines := coldLines(t, place)
			for _, l := range lines {
				if sum := audit.LeafHash([]byte(l.Leaf)); hex.EncodeToString(sum[:]) != l.Hash {
					t.Errorf("record %d in cold storage has another leaf", l.Seq)
				}
			}
			if report := s.sound(t); uint64(len(lines)) != report.Purged || report.Purged == 0 || s.onDisk(t, texts...) != 0 {
				t.Errorf("%d lines in cold storage, %d records purged", len(lines), report.Purged)
			}
			for key, n := range place.puts {
				if n != 1 {
					t.Errorf("%s was written %d times", key, n)
				}
			}
			at := slices.IndexFunc(c.Place, func(p Place) bool { return p.Name == "cold" })
			if at < 0 || c.Place[at].State != StateMoved || c.Place[at].Facts["records"] != int64(len(lines)) {
				t.Errorf("the certificate says %+v of %d", c.Place, len(lines))
			}
		})
	}
}

// TestColdIsLocked: what moved to a bucket stays as long as that says.
func TestColdIsLocked(t *testing.T) {
	s := newPurging(t, ActionCold)
	s.fillDays(t, 1, 1)
	bucket := lockedBucket(t)
	s.cfg.Cold = func() (blob.Bucket, error) { return bucket, nil }
	s.run(t)
	n := 0
	for o, err := range bucket.List(t.Context(), "cold/") {
		check(t, err)
		var locked *blob.LockedError
		if err := bucket.Remove(t.Context(), o.Key); !errors.As(err, &locked) {
			t.Errorf("removed: %v", err)
		}
		n++
	}
	if n == 0 {
		t.Error("nothing is there")
	}
}

// TestColdIsNotThere: nothing goes that could not be put there.
func TestColdIsNotThere(t *testing.T) {
	s := newPurging(t, ActionCold)
	check(t, s.j.Append(t.Context(), journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindDelivery, Time: s.now().UnixMicro(), Tenant: "bank", App: "loans", Result: "delivered",
	}}}))
	s.fillDays(t, 1, 1)
	gone, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://127.0.0.1:1", Bucket: "cold", PathStyle: true, Region: s3test.Region, Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: "id", Secret: "key"} },
	})
	check(t, err)
	s.cfg.Cold = func() (blob.Bucket, error) { return gone, nil }
	var heard []error
	s.cfg.ColdAway = func(err error) { heard = append(heard, err) }
	c := s.run(t)
	if len(heard) != 1 || !strings.Contains(heard[0].Error(), "check cold storage") {
		t.Errorf("heard %v", heard)
	}
	if counted(&c, audit.ClassMessages) != 0 || counted(&c, audit.ClassDeliveries) == 0 || !slices.ContainsFunc(c.Stay, func(s Stays) bool { return s.Why == keptByAway && s.Count > 0 }) {
		t.Errorf("gone %+v, stays %+v", c.Gone, c.Stay)
	}
	s.sound(t)
	there := folderOf(t)
	s.cfg.Cold = func() (blob.Bucket, error) { return there, nil }
	if c := s.run(t); counted(&c, audit.ClassMessages) == 0 || len(coldLines(t, there)) == 0 {
		t.Errorf("the next run left %+v", c.Stay)
	}
}

// TestColdObjects hold what many steps take.
func TestColdObjects(t *testing.T) {
	s := newPurging(t, ActionCold)
	s.fillDays(t, 1, stepRows) // with an outcome each
	place := folderOf(t)
	s.cfg.Cold = func() (blob.Bucket, error) { return place, nil }
	c := s.run(t)
	objects := 0
	for o, err := range place.List(t.Context(), "cold/"+audit.ClassMessages+"/") {
		check(t, err)
		if strings.HasSuffix(o.Key, ".jsonl.gz") {
			objects++
		}
	}
	if n := counted(&c, audit.ClassMessages); n < 2*stepRows || objects != 1 {
		t.Errorf("%d records went, in %d objects", n, objects)
	}
	s.sound(t)
}

// slow is a place that something happens beside while it is written to.
type slow struct {
	blob.Bucket
	meanwhile func()
}

func (s slow) Put(ctx context.Context, o blob.Written) error {
	s.meanwhile()
	return s.Bucket.Put(ctx, o)
}

// TestHoldWhileItMoves: placing a hold does not wait for cold storage, and what
// it covers stays.
func TestHoldWhileItMoves(t *testing.T) {
	s := newPurging(t, ActionCold)
	texts := s.fillDays(t, 2, 2)
	place := slow{folderOf(t), sync.OnceFunc(func() { s.hold(t, Scope{Number: "106540352242922"}) })}
	s.cfg.Cold = func() (blob.Bucket, error) { return place, nil }
	c := s.run(t)
	if s.onDisk(t, texts...) == 0 || !slices.ContainsFunc(c.Stay, func(s Stays) bool { return s.Why == KeptByHold && s.Count > 0 }) {
		t.Errorf("what is held is gone: %+v", c.Stay)
	}
}

// coldLines are the records in cold storage, each once.
func coldLines(t *testing.T, from blob.Bucket) map[uint64]ColdRecord {
	t.Helper()
	out := map[uint64]ColdRecord{}
	for o, err := range from.List(t.Context(), "cold/") {
		check(t, err)
		if !strings.HasSuffix(o.Key, ".jsonl.gz") {
			continue
		}
		body, _, err := from.Get(t.Context(), o.Key)
		check(t, err)
		z, err := gzip.NewReader(body)
		check(t, err)
		for d := json.NewDecoder(z); d.More(); {
			var l ColdRecord
			check(t, d.Decode(&l))
			out[l.Seq] = l
		}
		check(t, errors.Join(z.Close(), body.Close()))
	}
	return out
}
