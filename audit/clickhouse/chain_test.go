package clickhouse

import (
	"context"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
)

// TestChainOfARestoredStore: a batch ends where the chain's name changes, and
// what belongs to the store is told from what it lost.
func TestChainOfARestoredStore(t *testing.T) {
	const renamed = "test-chain/r0badcafe"
	records := []audit.Record{{Purged: true, Seq: 4}, {Chain: "test-chain", Seq: 5}, {Purged: true, Seq: 6}, {Chain: renamed, Seq: 7}}
	if chain, some := ofOneChain("other", records); chain != "test-chain" || len(some) != 3 {
		t.Errorf("%d records of chain %s", len(some), chain)
	}
	if chain, some := ofOneChain(renamed, records[3:]); chain != renamed || len(some) != 1 {
		t.Errorf("%d records of chain %s", len(some), chain)
	}
	e := chtest.Start(t)
	s := store(t, e)
	e.Query(t, "INSERT INTO "+s.table("leaves")+" SELECT chain, number, '' FROM (SELECT arrayJoin(['test-chain', 'elsewhere']) AS chain, number FROM numbers(10))")
	e.Query(t, "INSERT INTO "+s.table("leaves")+" SELECT '"+renamed+"', number + 7, '' FROM numbers(5)")
	for chain, want := range map[string]string{renamed: "12", "elsewhere": "10", "unknown": "0"} {
		of, err := s.ofStore(context.Background(), chain)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Query(t, "SELECT count() FROM "+s.table("leaves")+" WHERE "+of); got != want {
			t.Errorf("%s has %s records, want %s", chain, got, want)
		}
	}
}
