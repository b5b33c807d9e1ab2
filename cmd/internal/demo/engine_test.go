package demo

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

// TestRunWithClickHouse does what make run CLICKHOUSE=1 does: the engine starts
// with the demo, the trail arrives in it, and it ends with the demo.
func TestRunWithClickHouse(t *testing.T) {
	r := start(t, programs, t.TempDir(), "", "--clickhouse", chtest.Folder(t))
	lines := r.pasted()
	if len(lines) != 6 {
		t.Fatalf("%d things to paste", len(lines))
	}
	status, ask, _ := strings.Cut(strings.TrimSpace(lines[5][strings.Index(lines[5], "\n"):]), "\n")
	r.paste(lines[0], "messages")
	r.paste("until "+status+" --json | grep -q '\"cursor\": [1-9]'; do sleep 0.2; done; "+ask, "admission")
	ping := func() error {
		a, err := http.Get(r.env["CLICKHOUSE_URL"] + "/ping")
		if err == nil {
			a.Body.Close()
		}
		return err
	}
	if err := ping(); err != nil {
		t.Error(err)
	}
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	r.ends()
	if ping() == nil {
		t.Error("the engine still runs")
	}
}
