package journal

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"postern/audit"
)

func TestAppendSurvivesReopen(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	j, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	subject := audit.NewSubjectID()
	var want []audit.Record
	for range 600 {
		r := appendOne(t, j, admission(cfg.Now(), subject))
		want = append(want, r, appendOne(t, j, settle(cfg.Now(), &r, "accepted")))
	}
	before := j.Head()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, cfg)
	if j.Head() != before {
		t.Error("head changed over a restart")
	}
	if n := checkChain(t, j); n != 1200 {
		t.Errorf("%d records, want 1200", n)
	}
	got, err := j.Record(context.Background(), want[7].ID)
	if err != nil || !reflect.DeepEqual(got, want[7]) {
		t.Errorf("record came back as\n%+v (%v), want\n%+v", got, err, want[7])
	}
	got, err = j.Record(context.Background(), want[8].ID)
	if err != nil || len(got.Parts) != 2 || string(got.Parts[0].Body) != string(want[8].Parts[0].Body) {
		t.Errorf("record with parts came back as %+v (%v)", got, err)
	}
	if _, err := j.Record(context.Background(), audit.NewID(cfg.Now())); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown id: %v", err)
	}
	if all, err := j.RecordsOf(context.Background(), subject, 50); err != nil || len(all) != 50 || all[0].Seq != 1198 {
		t.Errorf("records of the person: %d (%v)", len(all), err)
	}
	var all []uint64
	err = j.Referring(context.Background(), want[8].ID, func(r *audit.Record) (bool, error) { all = append(all, r.Seq); return true, nil })
	if err != nil || len(all) != 1 || all[0] != 9 {
		t.Errorf("records that refer: %d (%v)", all, err)
	}
}
