package admin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/policy/facts"
)

// lines reads a file as an import does and names, in order, the line of every
// fact, with a minus where it is bad.
func lines(t *testing.T, format, data string, skipped int) (out []int) {
	t.Helper()
	for e, err := range facts.Import(strings.NewReader(data), facts.Format(format), time.Unix(1_780_000_000, 0)) {
		var bad *facts.LineError
		switch {
		case errors.As(err, &bad):
			out = append(out, -bad.Line-skipped)
		case err != nil:
			t.Fatal(err)
		default:
			out = append(out, e.Line+skipped)
		}
	}
	return out
}

// Whatever a file holds, its pieces say of every line what the whole says.
func TestPiecesSayWhatTheWholeSays(t *testing.T) {
	header := "\ufefffact,number,category,source,time,notice\r\n"
	row := func(i int) string {
		return []string{
			"consent,49151%08d,utility,web_form,2026-01-01,\n", "consent,49151%08d,utility,web_form,2026-01-01,\"a \"\"b\"\"\"\r\n",
			"\n", "consent,49151%08d,utility,web_form,2026-01-01,a \"b\n", "consent,49151%08d\n", "\"consent\",\"49151%08d\",utility,web_form,2026-01-01,\"\n\n\"\n",
			"nonsense,49151%08d,utility,web_form,2026-01-01,x\n", "consent,49151%08d,utility,web_form,2026-01-01,\xff\n", "consent,49151%08d,utility,web_form,2026-01-01,\x00\n",
			"consent,49151%08d,utility,web_form,2026-01-01,\"a\" b\n",
		}[i%10]
	}
	object := `{"fact":"consent","number":"49151%08d","category":"utility","source":"web_form","time":"2026-01-01"}`
	build := func(start string, n int, line func(int) string) string {
		var b strings.Builder
		b.WriteString(start)
		for i := range n {
			b.WriteString(strings.ReplaceAll(line(i), "%08d", fmt.Sprintf("%08d", i)))
		}
		return b.String()
	}
	for name, c := range map[string]struct{ format, data string }{
		"csv":               {"csv", build(header, 9_500, row)},
		"csv, one piece":    {"csv", build(header, 30, row)},
		"csv, exact":        {"csv", build(header, 4_000, func(int) string { return row(0) })},
		"csv, header only":  {"csv", strings.TrimSpace(header)},
		"csv, no last end":  {"csv", strings.TrimSuffix(build(header, 2_001, func(int) string { return row(0) }), "\n")},
		"csv, open quote":   {"csv", build(header, 2_500, func(int) string { return row(0) }) + "consent,\"" + build("", 3_000, func(int) string { return row(0) })},
		"jsonl":             {"jsonl", build("\ufeff", 5_001, func(i int) string { return []string{object + "\n", "{\n", "\n", object[1:] + "\r\n"}[i%4] })},
		"jsonl, exact":      {"jsonl", build("", 2_000, func(int) string { return object + "\n" })},
		"jsonl, long lines": {"jsonl", build("", 2_001, func(i int) string { return object + strings.Repeat(" ", 70_000*(1-min(i%1000, 1))) + "\n" })},
		"jsonl, empty":      {"jsonl", ""},
	} {
		t.Run(name, func(t *testing.T) {
			whole := lines(t, c.format, c.data, 0)
			var parts []int
			pieces := 0
			for p := range admin.Pieces(c.format, []byte(c.data)) {
				pieces++
				parts = append(parts, lines(t, c.format, p.Data, p.Skipped)...)
			}
			if fmt.Sprint(parts) != fmt.Sprint(whole) {
				t.Errorf("%d pieces with %d facts say otherwise than the whole with %d", pieces, len(parts), len(whole))
			}
			if want := len(whole)/2000 + 2; pieces > want {
				t.Errorf("%d pieces for %d lines", pieces, len(whole))
			}
		})
	}
}
