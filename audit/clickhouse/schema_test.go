package clickhouse

import (
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

// TestReleasedMigrations: a server where a file was applied refuses a program in
// which it is another, so what was released stays as it is; a change is a new file.
func TestReleasedMigrations(t *testing.T) {
	all, err := aside(t, "", false).files()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"acebb77cc75facd5900a312990c388c732057a7df6400b4d303d000ad8d9be99",
		"004cdb9373868a2fc2f858fe6aeb81210c5efdc5639e942fa57a583ed020d31c",
		"b4a311b98538342bddf978fbb88c91076e9568ebe4d77cf25fa645d4e86412c9",
	} {
		if all[i].Hash != want {
			t.Errorf("%s was changed: put it back, and write what changes into a new file", all[i].Name)
		}
	}
}

// TestSchema asks the engine for what makes purges cheap, look-ups fast and rows
// small: the partition is class and month, the key begins with the tenant, ids
// and persons have indexes, columns have codecs.
func TestSchema(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	of := func(table, column, what string) string {
		return e.Query(t, "SELECT "+what+" FROM system."+table+" WHERE database = '"+s.cfg.Database+"' AND "+column)
	}
	const month, hour = "toYYYYMM(fromUnixTimestamp64Micro(time, 'UTC'))", "toStartOfHour(fromUnixTimestamp64Micro(time, 'UTC'))"
	for _, table := range []string{"records", "held"} {
		got := of("tables", "name = '"+table+"'", "partition_key || '; ' || sorting_key")
		if want := "(class, " + month + "); tenant, kind, " + hour + ", subject, seq"; got != strings.ReplaceAll(want, "'", "\\'") {
			t.Errorf("%s: partition and order are %s", table, got)
		}
		for _, index := range []string{"by_seq", "by_id", "by_ref", "by_subject", "by_message", "by_word"} {
			if of("data_skipping_indices", "table = '"+table+"' AND name = '"+index+"'", "count()") != "1" {
				t.Errorf("%s has no index %s", table, index)
			}
		}
	}
	for _, table := range []string{"records", "held", "leaves", "purged", "counts"} {
		engine := of("tables", "name = '"+table+"'", "engine_full")
		for _, setting := range []string{
			"non_replicated_deduplication_window = 1000", "fsync_after_insert = 1", "fsync_part_directory = 1", "min_rows_to_fsync_after_merge = 1", "old_parts_lifetime = 30",
		} {
			if !strings.Contains(engine, setting) {
				t.Errorf("%s is without %s", table, setting)
			}
		}
	}
	for column, want := range map[string]string{
		"seq": "CODEC(Delta(8), ZSTD(3))", "time": "CODEC(Delta(8), ZSTD(3))", "id": "CODEC(NONE)", "subject": "CODEC(ZSTD(1))",
		"body": "CODEC(ZSTD(3))", "detail": "CODEC(ZSTD(3))", "input": "CODEC(ZSTD(3))", "leaf_input": "CODEC(ZSTD(1))", "message_id": "CODEC(ZSTD(1))",
	} {
		if got := of("columns", "table = 'records' AND name = '"+column+"'", "compression_codec"); got != want {
			t.Errorf("column %s has %s, want %s", column, got, want)
		}
	}
	const words = "tenant app number actor country direction dialect type category template effect reason reasons observed revision findings result retention labels chain class kind"
	for column := range strings.FieldsSeq(words) {
		if got := of("columns", "table = 'records' AND name = '"+column+"'", "type"); got != "LowCardinality(String)" {
			t.Errorf("column %s is %s", column, got)
		}
	}
	if got := of("columns", "type LIKE '%Nullable%'", "count()"); got != "0" {
		t.Errorf("%s columns may be NULL", got)
	}
}
