package limit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/limit"
)

type repeated struct {
	record audit.Record
	counts map[string]int
}

func repeatedOf(t *testing.T, j *journal.Journal) (out []repeated) {
	t.Helper()
	err := j.Records(context.Background(), 0, func(r *audit.Record) error {
		var d struct{ Requests map[string]int }
		err := json.Unmarshal(r.Parts[0].Body, &d)
		out = append(out, repeated{*r, d.Requests})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefusalsAreBounded(t *testing.T) {
	tr, now := newTrail(t), time.Unix(1_764_000_000, 0)
	f := limit.NewRefusals(tr.Journal, func() time.Time { return now })
	single := func(app string, n int, what string) (alone int) {
		for range n {
			if f.Single("tenant", app, what) {
				alone++
			}
		}
		return alone
	}
	if n := single("a", 1500, "messages/malformed"); n != 1000 {
		t.Errorf("%d records of their own, want 1000", n)
	}
	if n := single("b", 10, "messages/malformed"); n != 10 {
		t.Errorf("a flood of another app left %d records of their own, want 10", n)
	}
	now = now.Add(time.Second)
	if n := single("a", 100, "messages/too_large"); n != 10 {
		t.Errorf("%d records of their own after a second, want 10", n)
	}
	for range 2 {
		if err := f.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := repeatedOf(t, tr.Journal)
	if len(got) != 1 {
		t.Fatalf("%d records, want one", len(got))
	}
	r := got[0]
	if r.record.App != "a" || r.record.Tenant != "tenant" || r.record.Effect != audit.EffectDeny || r.record.Code != 590 ||
		r.counts["messages/malformed"] != 500 || r.counts["messages/too_large"] != 90 {
		t.Errorf("record of app %s, effect %s, %d requests: %v", r.record.App, r.record.Effect, r.record.Code, r.counts)
	}
}

func TestRefusalsKeepWhatCanNotBeRecorded(t *testing.T) {
	tr := newTrail(t)
	f := limit.NewRefusals(tr.Journal, func() time.Time { return time.Unix(1_764_000_000, 0) })
	for i := range 1000 + 200 {
		f.Single("tenant", "a", fmt.Sprintf("what %d", i))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Flush(gone); err == nil {
		t.Fatal("a flush that could not wait succeeded")
	}
	f.Single("tenant", "a", "more")
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := repeatedOf(t, tr.Journal)
	last, sum := got[len(got)-1], 0
	for _, n := range last.counts {
		sum += n
	}
	if last.record.Code != 201 || sum != 201 || len(last.counts) > 65 || last.counts["others"] < 201-65 {
		t.Errorf("last record has %d requests, %d in %d classes", last.record.Code, sum, len(last.counts))
	}
}
