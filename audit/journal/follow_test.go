package journal

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"postern/audit"
)

func follow(t testing.TB, j *Journal, name string) *Follower {
	t.Helper()
	f, err := j.Follow(context.Background(), name)
	if err != nil {
		t.Fatalf("follow: %v", err)
	}
	return f
}

// take reads and commits one batch and checks that it is the next one.
func take(t testing.TB, f *Follower, limit int) []audit.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	next := f.Cursor()
	records, err := f.Next(ctx, limit, 0)
	if err != nil {
		t.Fatalf("next: %v", err)
	}
	if len(records) == 0 || len(records) > limit {
		t.Fatalf("%d records, want 1 to %d", len(records), limit)
	}
	for i, r := range records {
		if r.Seq != next+uint64(i) { //nolint:gosec // small
			t.Fatalf("record %d, want %d", r.Seq, next+uint64(i)) //nolint:gosec // small
		}
	}
	if err := f.Commit(ctx, next+uint64(len(records))); err != nil {
		t.Fatalf("commit: %v", err)
	}
	return records
}

func TestFollowOnceInOrderOverRestarts(t *testing.T) {
	dir := t.TempDir()
	seen := make(map[audit.ID]bool)
	for range 4 {
		j, err := Open(context.Background(), config(dir))
		if err != nil {
			t.Fatal(err)
		}
		f := follow(t, j, "clickhouse")
		appendMany(t, j, 50)
		for f.Cursor() < j.Head().Size {
			for _, r := range take(t, f, 7) {
				if seen[r.ID] {
					t.Fatalf("record %d came twice", r.Seq)
				}
				if len(r.Parts) != 2 || r.Parts[0].Hash != audit.PartHash(r.Parts[0].Salt, r.Parts[0].Body) {
					t.Fatalf("record %d came without its parts", r.Seq)
				}
				seen[r.ID] = true
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 200 {
		t.Errorf("%d records were followed, want 200", len(seen))
	}
}

// TestFollowWaitsForCompany: the first record is not handed out alone while
// more may come, and a full batch does not wait.
func TestFollowWaitsForCompany(t *testing.T) {
	j := open(t, config(t.TempDir()))
	f := follow(t, j, "clickhouse")
	got := make(chan []audit.Record, 1)
	go func() {
		records, err := f.Next(context.Background(), 3, time.Hour)
		if err != nil {
			t.Error(err)
		}
		got <- records
	}()
	for range 3 {
		appendMany(t, j, 1)
	}
	if records := <-got; len(records) != 3 {
		t.Errorf("%d records, want the 3 that were waited for", len(records))
	}
}

func TestFollowEnds(t *testing.T) {
	j := open(t, config(t.TempDir()))
	f := follow(t, j, "clickhouse")
	why := errors.New("no more")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	if _, err := f.Next(ctx, 1, 0); !errors.Is(err, why) {
		t.Errorf("cancelled: %v", err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := f.Next(context.Background(), 1, 0)
		done <- err
	}()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestFollowersEachAtTheirOwnPace(t *testing.T) {
	clock := newClock()
	cfg := config(t.TempDir())
	cfg.Now = clock.now
	j := open(t, cfg)
	fast, slow := follow(t, j, "a"), follow(t, j, "b")
	var wg sync.WaitGroup
	wg.Go(func() {
		for fast.Cursor() < 40 {
			take(t, fast, 3)
		}
	})
	for range 8 {
		appendMany(t, j, 5)
	}
	wg.Wait()
	take(t, slow, 10)
	clock.add(time.Minute)
	if n, age := slow.Lag(); n != 30 || age != time.Minute {
		t.Errorf("lag is %d records and %s", n, age)
	}
	if n, age := fast.Lag(); n != 0 || age != 0 {
		t.Errorf("lag is %d records and %s, want none", n, age)
	}
	await(t, "the cursors to be durable", func() bool {
		cursors, err := j.Followers(context.Background())
		return err == nil && len(cursors) == 2 && cursors[0].Next == 40 && cursors[1].Next == 10
	})
	if err := j.Unfollow(context.Background(), "a"); err != nil {
		t.Fatal(err)
	}
	cursors, err := j.Followers(context.Background())
	if err != nil || len(cursors) != 1 || cursors[0].Name != "b" {
		t.Errorf("followers are %v, %v", cursors, err)
	}
}

// TestFollowedBeforeAnythingIsRead: a purge must hear of a follower that has
// not moved yet.
func TestFollowedBeforeAnythingIsRead(t *testing.T) {
	j := open(t, config(t.TempDir()))
	follow(t, j, "clickhouse")
	cursors, err := j.Followers(context.Background())
	if err != nil || !slices.Equal(cursors, []Cursor{{Name: "clickhouse", Time: cursors[0].Time}}) {
		t.Errorf("followers are %v, %v", cursors, err)
	}
}

func TestCommitRefused(t *testing.T) {
	j := open(t, config(t.TempDir()))
	f := follow(t, j, "clickhouse")
	appendMany(t, j, 5)
	take(t, f, 3)
	for _, next := range []uint64{2, 6} {
		if err := f.Commit(context.Background(), next); !errors.Is(err, ErrInvalid) {
			t.Errorf("commit of %d after 3 of 5: %v", next, err)
		}
	}
	if _, err := j.Follow(context.Background(), ""); !errors.Is(err, ErrInvalid) {
		t.Errorf("a follower without name: %v", err)
	}
}

// TestFollowSplitsLargeRecords: a batch is bounded in bytes, too.
func TestFollowSplitsLargeRecords(t *testing.T) {
	j := open(t, config(t.TempDir()))
	f := follow(t, j, "clickhouse")
	for range 3 {
		r := admission(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), audit.NewSubjectID())
		r.Parts = []audit.Part{audit.NewPart(audit.PartOriginal, make([]byte, followBytes/2))}
		appendOne(t, j, r)
	}
	for f.Cursor() < 3 {
		if n := len(take(t, f, 3)); n > 2 {
			t.Fatalf("%d records of %d bytes each at once", n, followBytes/2)
		}
	}
}

// TestFollowKilled: the cursor of a process that was killed names no record
// that was not handed out, and the records go on from there.
func TestFollowKilled(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(context.Background(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	f := follow(t, j, "clickhouse")
	appendMany(t, j, 20)
	take(t, f, 8)
	await(t, "the cursor to be durable", func() bool {
		cursors, err := j.Followers(context.Background())
		return err == nil && cursors[0].Next == 8
	})
	copied := t.TempDir() // what the disk holds at this moment
	for _, name := range []string{"/journal.db", "/journal.db-wal"} {
		if err := os.WriteFile(copied+name, []byte(readFile(t, dir+name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, config(copied))
	g := follow(t, again, "clickhouse")
	if g.Cursor() != 8 {
		t.Errorf("cursor is %d after the crash, want 8", g.Cursor())
	}
	if n := len(take(t, g, 100)); n != 12 {
		t.Errorf("%d records follow, want 12", n)
	}
}
