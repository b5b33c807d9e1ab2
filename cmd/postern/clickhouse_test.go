package main

import (
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

// TestClickHouseCommands: the tables are made, a dry run makes none, and the
// trail there is verified up to what was confirmed.
func TestClickHouseCommands(t *testing.T) {
	p := newPlace(t, "127.0.0.1:1")
	if code, _, stderr := command("clickhouse", "status"); code != exitFailed || !strings.Contains(stderr, "names no ClickHouse") {
		t.Errorf("without a section: %d %s", code, stderr)
	}
	e := chtest.Start(t)
	database := e.Database(t)
	p.write("postern.yaml", strings.Replace(configText, "%q", "127.0.0.1:1", 1)+"clickhouse: {endpoints: [\""+e.Addr+"\"], tls: false, database: "+database+"}\n")
	code, out, stderr := command("clickhouse", "migrate", "--dry-run")
	if code != exitOK || !strings.Contains(out, "CREATE TABLE IF NOT EXISTS `"+database+"`.`records`") {
		t.Fatalf("dry run: %d %s", code, stderr)
	}
	if n := e.Query(t, "SELECT count() FROM system.tables WHERE database = '"+database+"'"); n != "0" {
		t.Errorf("the dry run made %s tables", n)
	}
	if code, out, _ := command("clickhouse", "status"); code != exitOK || !strings.Contains(out, "run postern clickhouse migrate") {
		t.Errorf("status after the dry run: %d %s", code, out)
	}
	if code, out, stderr := command("clickhouse", "migrate", "--json"); code != exitOK || !strings.Contains(out, "0001_trail.sql") {
		t.Fatalf("migrate: %d %s", code, stderr)
	}
	if code, out, _ := command("clickhouse", "migrate"); code != exitOK || strings.Contains(out, "applied 0001") {
		t.Errorf("migrate again: %d %s", code, out)
	}
	if code, out, _ := command("clickhouse", "status"); code != exitOK || !strings.Contains(out, "records up to 0; 0 of ") {
		t.Errorf("status: %d %s", code, out)
	}
	if code, out, stderr := command("audit", "verify", "--store", "clickhouse"); code != exitOK {
		t.Errorf("verify: %d %s %s", code, out, stderr)
	}
	note := p.checkpoint(0)
	code, out, stderr = command("audit", "verify", "--store", "clickhouse", "--against", note)
	if code != exitOK || !strings.Contains(out, "0 outside agree") || !strings.Contains(out, "Not proved here: 1 records of the journal that ClickHouse has not confirmed yet, and 1 outside checkpoints") {
		t.Errorf("a checkpoint over what is not shipped yet: %d %s %s", code, out, stderr)
	}
	code, out, stderr = command("audit", "verify", "--store", "clickhouse", "--against", p.checkpoint(3))
	if code != exitFound || !strings.Contains(out, "DISAGREES") {
		t.Errorf("a checkpoint over more than the journal has: %d %s %s", code, out, stderr)
	}
	_, out, _ = command("audit", "verify", "--store", "clickhouse", "--json")
	_, chain, _ := strings.Cut(out, `"chain": "`)
	chain, _, _ = strings.Cut(chain, `"`)
	e.Query(t, "INSERT INTO "+database+".leaves VALUES ('"+chain+"', 1000000, '')")
	if code, out, stderr := command("audit", "verify", "--store", "clickhouse"); code != exitFound || !strings.Contains(out, "record 1000000: a row in ClickHouse that is no record") {
		t.Errorf("a row that was put there: %d %s %s", code, out, stderr)
	}
	if code, _, _ := command("audit", "verify", "--store", "elsewhere"); code != exitUsage {
		t.Errorf("verify in an unknown store: %d", code)
	}
}
