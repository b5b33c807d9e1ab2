package clickhouse

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

func TestShip(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 500)
	h, stop := shipping(t, s, j, ShipConfig{Rows: 120})
	shipped(t, h, j)
	appendMessages(t, j, 3)
	shipped(t, h, j)
	stop()
	same(t, s, j)
	if strings.Contains(e.Query(t, "SELECT * FROM "+s.table("records")+" FORMAT RowBinary"), strings.Repeat("\xaa", 64)) {
		t.Error("a sealed part is there")
	}
	if st := h.Status(); st.Records != 503 || st.Err != nil || st.Failures != 0 {
		t.Errorf("status is %+v", st)
	}
}

// TestKilledEitherSide kills the engine under the shipper, and the shipper and
// its journal under the engine, at moments that a seed chooses.
func TestKilledEitherSide(t *testing.T) {
	const seed = 20261122
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, seed))
	e := chtest.StartOwn(t)
	e.Query(t, "CREATE DATABASE trail")
	s := storeIn(t, e, "trail")
	dir := t.TempDir()
	for range 6 {
		j := openJournal(t, dir)
		h, stop := shipping(t, s, j, ShipConfig{Rows: 1 + dice.IntN(400)})
		appendMessages(t, j, 300+dice.IntN(500))
		until := h.follower.Cursor() + uint64(dice.IntN(300)) //nolint:gosec // small
		await(t, "some of it", func() bool { return h.follower.Cursor() >= until })
		if dice.IntN(2) == 0 {
			e.Kill(t)
			e.Restart(t)
			shipped(t, h, j)
		}
		stop()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	j := openJournal(t, dir)
	shipAll(t, s, j)
	same(t, s, j)
}

// TestCursorLost: with the cursor far behind, as a crash leaves it, nothing is
// sent twice, however the batches are cut now.
func TestCursorLost(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 700)
	h, stop := shipping(t, s, j, ShipConfig{Rows: 300})
	shipped(t, h, j)
	stop()
	s2, err := Open(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Unfollow(context.Background(), FollowerName); err != nil {
		t.Fatal(err)
	}
	appendMessages(t, j, 50)
	h, stop = shipping(t, s2, j, ShipConfig{Rows: 170})
	shipped(t, h, j)
	stop()
	same(t, s, j)
	counted := e.Query(t, "SELECT sum(count) FROM "+s.table("audit_counts"))
	if counted != "750" {
		t.Errorf("%s records are counted, want 750", counted)
	}
}

// TestBacklog: what gathers while ClickHouse is away goes once it is back.
func TestBacklog(t *testing.T) {
	e := chtest.StartOwn(t)
	e.Query(t, "CREATE DATABASE trail")
	s := storeIn(t, e, "trail")
	j := openJournal(t, t.TempDir())
	h, stop := shipping(t, s, j, ShipConfig{})
	e.Kill(t)
	for range 20 {
		appendMessages(t, j, 500)
	}
	await(t, "a failure", func() bool { return h.Status().Err != nil })
	if n, _ := h.Lag(); n != 10_000 {
		t.Errorf("lag is %d records, want 10000", n)
	}
	e.Restart(t)
	shipped(t, h, j)
	await(t, "the failure to be over", func() bool { return h.Status().Err == nil })
	stop()
	same(t, s, j)
}

// TestSchemaMissing: without a schema nothing is sent and nothing passed.
func TestSchemaMissing(t *testing.T) {
	e := chtest.Start(t)
	s, err := Open(Config{Endpoints: []string{e.Addr}, Database: e.Database(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 5)
	h, stop := shipping(t, s, j, ShipConfig{})
	await(t, "a failure", func() bool { return h.Status().Err != nil })
	if !strings.Contains(h.Status().Err.Error(), "postern clickhouse migrate") || h.follower.Cursor() != 0 {
		t.Errorf("cursor is %d after: %v", h.follower.Cursor(), h.Status().Err)
	}
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	shipped(t, h, j)
	stop()
	same(t, s, j)
}

// TestOtherSchema: a server with another schema than this program's gets
// nothing, says what to do, and gets all once it fits.
func TestOtherSchema(t *testing.T) {
	e := chtest.Start(t)
	for name, c := range map[string]struct{ change, back, want string }{
		"older": {
			"ALTER TABLE %s DELETE WHERE number = 3 SETTINGS mutations_sync = 2", "", "run postern clickhouse migrate",
		},
		"newer": {
			"INSERT INTO %s VALUES (4, '0004_later.sql', 'x', 0)", "ALTER TABLE %s DELETE WHERE number = 4 SETTINGS mutations_sync = 2", "use the program that made it",
		},
		"changed": {
			"ALTER TABLE %s UPDATE hash = concat('x', hash) WHERE number = 2 SETTINGS mutations_sync = 2",
			"ALTER TABLE %s UPDATE hash = substring(hash, 2) WHERE number = 2 SETTINGS mutations_sync = 2", "use the program that made it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, j := store(t, e), openJournal(t, t.TempDir())
			e.Query(t, strings.ReplaceAll(c.change, "%s", s.table("migrations")))
			appendMessages(t, j, 5)
			h, stop := shipping(t, s, j, ShipConfig{})
			await(t, "several tries", func() bool { return h.Status().Failures > 2 || h.follower.Cursor() > 0 })
			if st := h.Status(); st.Err == nil || !strings.Contains(st.Err.Error(), c.want) || h.follower.Cursor() != 0 {
				t.Errorf("cursor is %d after: %v", h.follower.Cursor(), st.Err)
			}
			if n := e.Query(t, "SELECT count() FROM "+s.table("records")); n != "0" {
				t.Errorf("%s rows went into a schema that is not this program's", n)
			}
			if c.back == "" {
				if _, err := s.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
			} else {
				e.Query(t, strings.ReplaceAll(c.back, "%s", s.table("migrations")))
			}
			shipped(t, h, j)
			stop()
			same(t, s, j)
		})
	}
}
