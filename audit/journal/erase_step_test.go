package journal

import (
	"testing"
	"time"

	"postern/audit"
)

// TestPaced learns how many rows a step takes, and rests longer beside sends.
func TestPaced(t *testing.T) {
	j := new(Journal)
	if n := j.stepRows(); n != leastRows {
		t.Errorf("the first step takes %d rows", n)
	}
	for _, c := range []struct {
		name    string
		rows    int
		held    time.Duration
		commits int64
		next    int
		rest    time.Duration
	}{
		{"quick, nobody else writes", 10, 100 * time.Microsecond, 0, 20, 100 * time.Microsecond},
		{"no time at all", 20, 0, 0, 40, 0},
		{"as it should be, beside sends", 40, shortHold, 3, 40, 3 * shortHold},
		{"too long", 40, 2 * shortHold, 3, 20, 2 * shortHold},
		{"a disk that stood still", 40, time.Minute, 9, 20, longestRest},
		{"never fewer", leastRows, time.Minute, 9, leastRows, longestRest},
		{"never more", mostRows, time.Microsecond, 9, mostRows, time.Microsecond},
	} {
		j.commits.Store(c.commits)
		if rest := j.paced(c.rows, c.held); rest != c.rest || j.stepRows() != c.next {
			t.Errorf("%s: rests %v and takes %d, want %v and %d", c.name, rest, j.stepRows(), c.rest, c.next)
		}
	}
}

// TestSendsGoFirst: other work of the writer comes behind groups that wait, and
// is not put off for ever.
func TestSendsGoFirst(t *testing.T) {
	j := &Journal{queue: newQueue(1), exclude: make(chan func(), 1)}
	done := false
	j.exclude <- func() { done = true }
	if err := j.queue.put(&entry{result: make(chan error)}); err != nil {
		t.Fatal(err)
	}
	for range patience - 1 {
		if j.between(); done {
			t.Fatal("it went before what waits")
		}
	}
	if j.between(); !done {
		t.Errorf("it waits behind more than %d groups", patience)
	}
	j.queue.take(nil, 1)
	done = false
	j.exclude <- func() { done = true }
	if j.between(); !done {
		t.Error("it waits where nobody else does")
	}
}

// TestHeadsAt reads records as RecordsAt does, but for their parts.
func TestHeadsAt(t *testing.T) {
	j := open(t, config(t.TempDir()))
	a := appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	s := appendOne(t, j, settle(j.cfg.Now(), &a, "accepted"))
	want, err := j.RecordsAt(t.Context(), []uint64{s.Seq, a.Seq})
	if err != nil || len(want) != 2 || len(want[0].Parts) != 2 {
		t.Fatalf("%d records (%v)", len(want), err)
	}
	got, err := j.HeadsAt(t.Context(), []uint64{s.Seq, a.Seq})
	if want[0].Parts = nil; err != nil || !equal(got, want) {
		t.Errorf("%+v, want %+v (%v)", got, want, err)
	}
}
