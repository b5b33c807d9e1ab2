package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"postern/audit"
)

func TestMedia(t *testing.T) {
	ctx, cfg := context.Background(), config(t.TempDir())
	j := open(t, cfg)
	person := audit.NewSubjectID()
	row := func(n byte, created, until int64) Media {
		return Media{
			ID: audit.ID{n}, Tenant: "bank", Number: "1", App: "loans", Subject: person, Month: "2026-11", Hash: [16]byte{n}, Upstream: []byte("sealed"),
			Kind: "image", Mime: "image/png", Bytes: 10, Inbound: n == 1, Stored: n != 3, Created: created, Until: until, FetchAt: int64(n-1) * 1000,
		}
	}
	const none = int64(math.MaxInt64) // no floor
	all := []Media{row(1, 100, 500), row(2, 50, 900), row(3, 10, 400)}
	if err := j.Append(ctx, Batch{Media: all}); err != nil {
		t.Fatal(err)
	}
	got, err := j.Media(ctx, audit.ID{1})
	if err != nil || string(got.Upstream) != "sealed" || !got.Inbound || got.Subject != person || got.Until != 500 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = j.MediaByHash(ctx, [16]byte{2}); err != nil || got.ID != all[1].ID {
		t.Errorf("by hash: %+v %v", got, err)
	}
	if rest, err := j.MediaOver(ctx, 600, none, 1, 10); err != nil || len(rest) != 1 || rest[0].ID != all[0].ID {
		t.Errorf("over, without the first: %+v %v", rest, err)
	}
	if rest, err := j.MediaOldest(ctx, none, 1, 10); err != nil || len(rest) != 1 || rest[0].ID != all[0].ID {
		t.Errorf("oldest, without the first: %+v %v", rest, err)
	}
	if rest, err := j.MediaOver(ctx, 600, 60, 0, 10); err != nil || len(rest) != 1 || rest[0].ID != all[2].ID {
		t.Errorf("over, with a floor: %+v %v", rest, err)
	}
	if rest, err := j.MediaOldest(ctx, 60, 0, 10); err != nil || len(rest) != 1 || rest[0].ID != all[1].ID {
		t.Errorf("oldest, with a floor: %+v %v", rest, err)
	}
	over, errOver := j.MediaOver(ctx, 600, none, 0, 10)
	oldest, errOldest := j.MediaOldest(ctx, none, 0, 10)
	apps := row(4, 200, 900)
	if err := j.Append(ctx, Batch{Media: []Media{apps}}); err != nil {
		t.Fatal(err)
	}
	if list, err := j.MediaOldest(ctx, none, 0, 10); err != nil || len(list) != 3 || list[1].ID != apps.ID || list[2].ID != all[0].ID {
		t.Errorf("what makes room: %+v %v", list, err)
	}
	if err := j.Append(ctx, Batch{GoneMedia: []audit.ID{apps.ID}}); err != nil {
		t.Fatal(err)
	}
	if errOver != nil || errOldest != nil || len(over) != 2 || over[0].ID != all[2].ID || len(oldest) != 2 || oldest[0].ID != all[1].ID {
		t.Errorf("over %+v %v, oldest %+v %v", over, errOver, oldest, errOldest)
	}
	due, err := j.MediaDue(ctx, 1500, 10)
	if err != nil || len(due) != 1 || due[0].ID != all[1].ID {
		t.Errorf("due: %+v %v", due, err)
	}
	if err := j.Erase(ctx, Erase{Record: audit.Record{ID: audit.NewID(cfg.Now()), Kind: audit.KindConfig, Time: cfg.Now().UnixMicro()}, Subjects: []audit.SubjectID{person}}); err != nil {
		t.Fatal(err)
	}
	over, errOver = j.MediaOver(ctx, 1, 5, 0, 10)
	if errOver != nil || len(over) != 3 || over[0].Upstream != nil || over[0].Until != 0 {
		t.Errorf("erased: %+v %v", over, errOver)
	}
	late := all[0]
	late.Stored, late.FetchAt = true, 7
	if err := j.Append(ctx, Batch{ChangedMedia: []Media{late}}); err != nil {
		t.Fatal(err)
	}
	if got, err := j.Media(ctx, late.ID); err != nil || got.Upstream != nil || got.Until != 0 || got.FetchAt != 0 {
		t.Errorf("changed after it was erased: %+v %v", got, err)
	}
	if err := j.Append(ctx, Batch{GoneMedia: []audit.ID{{1}, {2}, {9}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Media(ctx, audit.ID{1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("gone: %v", err)
	}
}

// TestMediaOverPassesByWhatAFloorKeeps gives the rest in one order, page by page.
func TestMediaOverPassesByWhatAFloorKeeps(t *testing.T) {
	ctx := context.Background()
	j := open(t, config(t.TempDir()))
	const floor, now = 1000, 5000
	var b Batch
	var want []audit.ID
	for n := range 40 {
		m := Media{
			ID: audit.ID{1, byte(n)}, Tenant: "bank", Number: "1", Month: "2026-11", Kind: "image", Mime: "image/png", Upstream: []byte("sealed"),
			Stored: n%4 != 0, Created: int64(990 + n), Until: int64(2000 + n), Hash: [16]byte{byte(n)},
		}
		if n%5 == 0 {
			m.Upstream = nil
		}
		if n%7 == 0 {
			m.Until += now
		}
		b.Media = append(b.Media, m)
		if m.Until < now && (m.Created < floor || !m.Stored || m.Upstream == nil) {
			want = append(want, m.ID)
		}
	}
	if err := j.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	var got []audit.ID
	for {
		some, err := j.MediaOver(ctx, now, floor, len(got), 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range some {
			got = append(got, m.ID)
		}
		if len(some) == 0 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestOldestMediaAreNotSorted: of a full store each step would read all.
func TestOldestMediaAreNotSorted(t *testing.T) {
	j := open(t, config(t.TempDir()))
	plan, err := rows(t.Context(), j, "EXPLAIN QUERY PLAN "+selectMedia+oldestMedia, func(row []driver.Value) string { return asString(row[3]) }, int64(0), int64(1), int64(0))
	if err != nil || len(plan) != 1 || !strings.Contains(plan[0], "media_oldest") {
		t.Errorf("plan %q: %v", plan, err)
	}
}
