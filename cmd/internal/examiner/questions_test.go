package examiner

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

const questionsPage = "../../../audit/QUERIES.md"

// question is one section of the page.
type question struct{ title, command, answer string }

var fenced = regexp.MustCompile("(?s)## ([^\n]+)\n.*?```sh\n(.*?)```.*?```text\n(.*?)```")

func questions(t *testing.T) (out []question) {
	t.Helper()
	raw, err := os.ReadFile(questionsPage)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fenced.FindAllStringSubmatch(string(raw), -1) {
		out = append(out, question{m[1], m[2], m[3]})
	}
	if n := strings.Count(string(raw), "\n## "); len(out) != 10 || n != 10 {
		t.Fatalf("%d questions with command and answer under %d headings, want 10", len(out), n)
	}
	return out
}

// TestQuestions asks what the page asks, as it is pasted, and compares the
// answers with the page's. The period of the page becomes one around today.
func TestQuestions(t *testing.T) {
	r := converse(t)
	now := time.Now().UTC()
	period := strings.NewReplacer("2026-11-01", now.AddDate(0, 0, -2).Format(time.DateOnly), "2026-12-01", now.AddDate(0, 0, 2).Format(time.DateOnly))
	for _, q := range questions(t) {
		out, errs, code := shell(t, r, period.Replace(q.command))
		if code != 0 {
			t.Errorf("%s: exit code %d: %s", q.title, code, errs)
			continue
		}
		// What upstream and the app answer comes in any order.
		racy := strings.Contains(q.command, ":person")
		if got, want := plain(out, racy), plain(q.answer, racy); got != want {
			t.Errorf("%s\ngot\n%s\npage\n%s\nto paste:\n%s", q.title, got, want, out)
		}
	}
	countsAgree(t, r)
}

var (
	anyID  = regexp.MustCompile(`\b([0-9a-f]{64}|[0-9a-f]{32})\b`)
	anyGap = regexp.MustCompile(` {2,}`)
	number = regexp.MustCompile(`^[0-9.]+$`)
	moment = regexp.MustCompile(`\b(\d{16}|\d{4}-\d\d-\d\dT\d\d)\b`)
)

// plain leaves out what differs from run to run: ids, moments, durations (the
// last column, headed ms), the width of columns, and the order where it is racy.
func plain(table string, racy bool) string {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	timed := strings.HasSuffix(lines[0], " ms")
	for i, l := range lines {
		l = moment.ReplaceAllString(anyID.ReplaceAllString(l, "#"), "#")
		if last := strings.LastIndex(l, " "); timed && i > 0 && number.MatchString(l[last+1:]) {
			l = l[:last] + " #"
		}
		lines[i] = anyGap.ReplaceAllString(strings.TrimSpace(l), " | ")
	}
	if racy {
		slices.Sort(lines[1:])
	}
	return strings.Join(lines, "\n")
}

// countsAgree holds the daily counts against the records they were made of.
func countsAgree(t *testing.T, r *rig.Rig) {
	t.Helper()
	slow := r.SQL(t, "SELECT kind, effect, reason, count(*) FROM audit GROUP BY kind, effect, reason ORDER BY kind, effect, reason")
	quick := r.SQL(t, "SELECT kind, effect, reason, sum(count) FROM audit_counts GROUP BY kind, effect, reason ORDER BY kind, effect, reason")
	if len(slow) == 0 || len(slow) != len(quick) {
		t.Fatalf("%d groups of records, %d of counts", len(slow), len(quick))
	}
	for i := range slow {
		if strings.Join(slow[i], " ") != strings.Join(quick[i], " ") {
			t.Errorf("records say %v, counts say %v", slow[i], quick[i])
		}
	}
}
