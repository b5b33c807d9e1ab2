package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

func TestMigrate(t *testing.T) {
	ctx := context.Background()
	e := chtest.Start(t)
	s, err := Open(Config{Endpoints: []string{e.Addr}, Database: e.Database(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Migrations(ctx)
	if err != nil || len(all) < 2 || all[0].Applied {
		t.Fatalf("before: %v, %v", all, err)
	}
	if n := e.Query(t, "SELECT count() FROM system.tables WHERE database = '"+s.cfg.Database+"'"); n != "0" {
		t.Errorf("looking made %s tables", n)
	}
	if err := s.Ready(ctx); err == nil || !strings.Contains(err.Error(), all[0].Name) {
		t.Errorf("ready without schema: %v", err)
	}
	done, err := s.Migrate(ctx)
	if err != nil || len(done) != len(all) {
		t.Fatalf("migrate: %d of %d, %v", len(done), len(all), err)
	}
	if done, err := s.Migrate(ctx); err != nil || len(done) != 0 {
		t.Errorf("again: %d, %v", len(done), err)
	}
	if err := s.Ready(ctx); err != nil {
		t.Errorf("ready: %v", err)
	}
	// One that broke off before it was noted is taken up again.
	last := len(all)
	e.Query(t, fmt.Sprintf("ALTER TABLE %s DELETE WHERE number = %d SETTINGS mutations_sync = 2", s.table("migrations"), last))
	if done, err := s.Migrate(ctx); err != nil || len(done) != 1 || done[0].Number != last {
		t.Errorf("taken up: %v, %v", done, err)
	}
}

func TestMigrateRefuses(t *testing.T) {
	ctx := context.Background()
	e := chtest.Start(t)
	for name, tt := range map[string]struct {
		change string
		want   error
	}{
		"newer":   {"INSERT INTO %s VALUES (99, 'x', 'y', 0)", ErrChanged},
		"changed": {"ALTER TABLE %s UPDATE hash = 'other' WHERE number = 1 SETTINGS mutations_sync = 2", ErrChanged},
	} {
		s := store(t, e)
		e.Query(t, strings.ReplaceAll(tt.change, "%s", s.table("migrations")))
		if _, err := s.Migrate(ctx); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err := s.Ready(ctx); !errors.Is(err, tt.want) {
			t.Errorf("%s: ready: %v", name, err)
		}
	}
	s := store(t, e)
	all, err := s.files()
	if err != nil {
		t.Fatal(err)
	}
	e.Query(t, "INSERT INTO "+s.table("migrations")+" SELECT "+text(string(rune('0'+len(all)+1)))+", 'x', 'y', 0")
	if err := s.Ready(ctx); !errors.Is(err, ErrNewer) {
		t.Errorf("a schema with one more migration: %v", err)
	}
}

// TestClusterParses: the engine has no cluster, but it reads every statement
// that one would get.
func TestClusterParses(t *testing.T) {
	e := chtest.Start(t)
	s, err := Open(Config{Endpoints: []string{e.Addr}, Database: "trail", Cluster: "three's", Quorum: 2, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.files()
	if err != nil {
		t.Fatal(err)
	}
	statements := s.foundation()
	for _, m := range all {
		statements = append(statements, m.Statements...)
	}
	for _, statement := range statements {
		e.Query(t, "EXPLAIN AST "+statement)
		if strings.HasPrefix(statement, "CREATE") && !strings.Contains(statement, "ON CLUSTER `three's`") {
			t.Errorf("not on the cluster: %.80s", statement)
		}
	}
	joined := strings.Join(statements, "\n")
	for _, want := range []string{
		"ReplicatedMergeTree('/clickhouse/tables/{shard}/trail/records', '{replica}')", "`records_local`",
		"ENGINE = Distributed(`three's`, `trail`, `records_local`, sipHash64(tenant))",
	} {
		if !strings.Contains(joined, want) {
			t.Errorf("the statements lack %s", want)
		}
	}
}
