package chtest

import (
	"fmt"
	"strings"
	"testing"
)

// TestKeeps: what was answered is there after a kill, and databases of the
// shared engine are apart.
func TestKeeps(t *testing.T) {
	s := StartOwn(t)
	db := s.Database(t)
	s.Query(t, "CREATE TABLE "+db+".t (a UInt64, p UInt8) ENGINE = MergeTree PARTITION BY p ORDER BY a")
	for round := range 3 {
		s.Query(t, fmt.Sprintf("INSERT INTO %s.t SELECT number, number %% 3 FROM numbers(%d, 1000)", db, 1000*round))
		s.Kill(t)
		s.Restart(t)
		want := fmt.Sprint(1000 * (round + 1))
		if got := s.Query(t, "SELECT count() FROM "+db+".t"); got != want {
			t.Fatalf("%s rows after round %d, want %s", got, round, want)
		}
	}
}

func TestShared(t *testing.T) {
	one, two := Start(t), Start(t)
	if one != two || one.Database(t) == two.Database(t) {
		t.Error("one engine, databases apart")
	}
	if !strings.HasPrefix(one.Version, "26.") || one.Query(t, "SELECT version()") != one.Version {
		t.Errorf("version %s", one.Version)
	}
}
