package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/audit"
)

func TestQuery(t *testing.T) {
	cfg := config(t.TempDir())
	j := open(t, cfg)
	subject := audit.NewSubjectID()
	for i := range 20 {
		r := admission(cfg.Now(), subject)
		if i%4 == 0 {
			r.Effect, r.Reasons = audit.EffectDeny, []string{"consent_missing", "quiet_hours"}
		}
		appendOne(t, j, r)
	}
	for name, c := range map[string]struct {
		text string
		opt  QueryOptions
		want string
	}{
		"count by reason": {text: "SELECT reason, count(*) AS n FROM audit GROUP BY reason ORDER BY reason",
			want: "[reason n] [[consent_missing 5] [ok 15]] false"},
		"order kept": {text: "SELECT seq FROM audit ORDER BY seq DESC LIMIT 3;", want: "[seq] [[19] [18] [17]] false"},
		"person":     {text: "SELECT count(*) AS n FROM audit WHERE subject = :person", opt: QueryOptions{Named: map[string]any{"person": subject.String()}}, want: "[n] [[20]] false"},
		"row limit":  {text: "SELECT seq FROM audit ORDER BY seq", opt: QueryOptions{MaxRows: 2}, want: "[seq] [[0] [1]] true"},
		"times":      {text: "SELECT DISTINCT day, month, hour FROM audit", want: "[day month hour] [[2026-11-03 2026-11 2026-11-03T09]] false"},
		"lists":      {text: "SELECT reasons, changed, erased FROM audit WHERE seq = 0", want: "[reasons changed erased] [[consent_missing,quiet_hours 0 0]] false"},
		"body":       {text: "SELECT substr(body, 1, 13) AS b FROM audit WHERE seq = 1 -- ; not another", want: "[b] [[Dear customer]] false"},
		"comment":    {text: "-- how many; all\n/* ? */ SELECT count(*) AS n FROM audit /* ; */ ;\n", want: "[n] [[20]] false"},
		"cte":        {text: "WITH x AS (SELECT kind FROM audit) SELECT kind, count(*) AS n FROM x GROUP BY 1", want: "[kind n] [[admission 20]] false"},
		"counts":     {text: "SELECT day, kind, reason, count FROM audit_counts ORDER BY reason", want: "[day kind reason count] [[2026-11-03 admission consent_missing 5] [2026-11-03 admission ok 15]] false"},
		"facts":      {text: "SELECT json_extract(facts, '$.window.until') AS u FROM audit WHERE seq = 0", want: "[u] [[1762160400]] false"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := j.Reader().Query(context.Background(), c.text, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if s := fmt.Sprint(got.Columns, got.Rows, got.More); s != c.want {
				t.Errorf("got %s\nwant %s", s, c.want)
			}
		})
	}
}

func TestQueryRefuses(t *testing.T) {
	j := open(t, config(t.TempDir()))
	appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	for _, text := range []string{
		"", "DELETE FROM audit", "UPDATE records SET code = 1", "PRAGMA user_version", "ATTACH 'x.db' AS x",
		"SELECT 1; SELECT 2", "SELECT 1; DROP TABLE records", "SELECT 1) ; DELETE FROM records; --",
		"SELECT * FROM records", "SELECT wrapped FROM data_keys", "SELECT * FROM sqlite_schema", "SELECT * FROM temp.sqlite_schema",
		"SELECT * FROM pragma_table_info('records')", "SELECT load_extension('x')", "WITH x AS (SELECT 1) DELETE FROM records",
		"SELECT nothing FROM audit", "SELECT (SELECT value FROM settings)", "SELECT * FROM audit a JOIN subjects s", "SELECT 1\x00; x",
		"WITH audit AS (SELECT * FROM subjects) SELECT * FROM audit", "SELECT * FROM (SELECT * FROM data_keys) AS audit",
		"SELECT count(wrapped) FROM data_keys", "SELECT body FROM records", "SELECT * FROM main.audit",
	} {
		if got, err := j.Reader().Query(context.Background(), text, QueryOptions{}); !errors.Is(err, ErrQuery) {
			t.Errorf("%q: answered %v (%v)", text, got.Rows, err)
		}
	}
	if n := checkChain(t, j); n != 1 {
		t.Errorf("%d records after refused questions", n)
	}
}

func TestQueryEndsInTime(t *testing.T) {
	j := open(t, config(t.TempDir()))
	// The first row comes at once, the second never.
	endless := `SELECT 1 UNION ALL SELECT n FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c) WHERE n < 0`
	_, err := j.Reader().Query(context.Background(), endless, QueryOptions{Timeout: 100 * time.Millisecond})
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("ended with %v", err)
	}
}

func TestViewDocumented(t *testing.T) {
	j := open(t, config(t.TempDir()))
	doc := readFile(t, "../VIEW.md")
	described := 0
	for _, view := range []string{"audit", "audit_counts"} {
		got, err := j.Reader().Query(context.Background(), "SELECT * FROM "+view, QueryOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got.Columns {
			if !strings.Contains(doc, "| `"+c+"` |") {
				t.Errorf("column %s.%s is not in VIEW.md", view, c)
			}
		}
		described += len(got.Columns)
	}
	if n := strings.Count(doc, "\n| `"); n != described {
		t.Errorf("VIEW.md describes %d columns, the views have %d", n, described)
	}
}
