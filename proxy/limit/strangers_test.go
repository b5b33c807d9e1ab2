package limit_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/limit"
)

// detail is the body of the record, as a reader of the trail sees it.
type detail struct {
	Sources []struct {
		Source string         `json:"source"`
		Counts map[string]int `json:"counts"`
	} `json:"sources"`
	Others int `json:"others"`
}

type trail struct {
	*journal.Journal
	*limit.Strangers
	fail error // of the keyed hash
}

func newTrail(t *testing.T) *trail {
	t.Helper()
	dir, now := t.TempDir(), func() time.Time { return time.Unix(1_764_000_000, 0) }
	keys, err := keyring.Create(filepath.Join(dir, "keys"), keyring.Config{Name: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	out := &trail{}
	out.Journal, err = journal.Open(context.Background(), journal.Config{Path: dir, Chain: "test", Now: now, MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		keys.Close()
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	})
	hash := func(source string) (string, error) {
		if out.fail != nil {
			return "", out.fail
		}
		_, sum, err := keys.MAC(keyring.Original, []byte("source"), []byte(source))
		return hex.EncodeToString(sum[:8]), err
	}
	out.Strangers = limit.NewStrangers(out.Journal, hash, now)
	return out
}

func (tr *trail) records(t *testing.T) (records []audit.Record, details []detail) {
	t.Helper()
	err := tr.Records(context.Background(), 0, func(r *audit.Record) error {
		if r.Kind != audit.KindUnauth {
			return nil
		}
		var d detail
		if err := json.Unmarshal(r.Parts[0].Body, &d); err != nil {
			return err
		}
		records, details = append(records, *r), append(details, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, details
}

func flush(t *testing.T, tr *trail) {
	t.Helper()
	if err := tr.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestFlushWritesOneRecord(t *testing.T) {
	tr := newTrail(t)
	flush(t, tr)
	if r, _ := tr.records(t); len(r) != 0 {
		t.Fatalf("%d records of nothing", len(r))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 100 {
				tr.Count(fmt.Sprintf("192.0.2.%d:9", i%2), "token")
				tr.Count("[2001:db8::1]:9", "path")
			}
		})
	}
	wg.Wait()
	flush(t, tr)
	flush(t, tr)
	records, details := tr.records(t)
	if len(records) != 1 || records[0].Code != 800 || records[0].Result != "refused" {
		t.Fatalf("%d records, want one of 800 requests", len(records))
	}
	d, sum := details[0], 0
	for _, s := range d.Sources {
		sum += s.Counts["token"] + s.Counts["path"]
		if strings.Contains(s.Source, "192.0") || strings.Contains(s.Source, "2001") {
			t.Error("an address stands in the record")
		}
	}
	if len(d.Sources) != 3 || sum != 800 || d.Others != 0 {
		t.Errorf("record says %+v", d)
	}
}

func TestRecordIsBounded(t *testing.T) {
	tr := newTrail(t)
	for i := range 10_000 {
		tr.Count(fmt.Sprintf("10.%d.%d.1:9", i/256, i%256), "token")
	}
	tr.Count("no address", "token")
	flush(t, tr)
	records, details := tr.records(t)
	if len(records) != 1 || records[0].Code != 10_001 {
		t.Fatalf("%d records", len(records))
	}
	if d := details[0]; len(d.Sources) != 64 || d.Others != 10_001-64 {
		t.Errorf("%d sources and %d others, want 64 and the rest", len(d.Sources), d.Others)
	}
	if n := len(records[0].Parts[0].Body); n > 8<<10 {
		t.Errorf("the record's detail has %d bytes", n)
	}
}

func TestWhatCanNotBeRecordedStaysCounted(t *testing.T) {
	tr := newTrail(t)
	for i := range 70 {
		tr.Count(fmt.Sprintf("10.0.0.%d:9", i), "token")
	}
	tr.fail = errors.New("no key")
	if err := tr.Flush(context.Background()); !errors.Is(err, tr.fail) {
		t.Fatalf("error %v", err)
	}
	tr.fail = nil
	tr.Count("10.0.0.1:9", "token")
	flush(t, tr)
	records, details := tr.records(t)
	if len(records) != 1 || records[0].Code != 71 || details[0].Others != 6 || len(details[0].Sources) != 64 {
		t.Errorf("%d records, first of %d requests: %+v", len(records), records[0].Code, details[0])
	}
}
