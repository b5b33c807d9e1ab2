package export_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/export"
	"postern/audit/journal"
)

// files are those below a folder, without it.
func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}))
	return out
}

func linesTo(t *testing.T, dir string, period time.Duration, f export.Filter) *export.Lines {
	t.Helper()
	folder, err := blob.OpenFolder(dir)
	must(t, err)
	l, err := export.NewLines(folder, "trail/", period, f)
	must(t, err)
	return l
}

func checked(t *testing.T, path string) *export.Checked {
	t.Helper()
	c, err := export.Check(path, nil)
	must(t, err)
	return c
}

func TestFilesAreOfAnHour(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	j := openJournal(t, journalDir(t), c)
	fill(t, j, c, 30)
	c.add(time.Hour)
	fill(t, j, c, 20)
	c.add(time.Hour)
	fill(t, j, c, 5) // the hour under way: no file yet
	x, stop := start(t, export.Config{Name: "archive", Journal: j, Sink: linesTo(t, dir, time.Hour, export.Filter{}), Now: c.now})
	await(t, "two hours are written", func() bool { return x.Status().Next == 50 })
	stop()
	want := []string{
		"trail/postern.example_gw1/2026/11/03/09-00000000000000000000.jsonl.gz", "trail/postern.example_gw1/2026/11/03/09-00000000000000000000.manifest.json",
		"trail/postern.example_gw1/2026/11/03/10-00000000000000000030.jsonl.gz", "trail/postern.example_gw1/2026/11/03/10-00000000000000000030.manifest.json",
	}
	if got := files(t, dir); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v", got)
	}
	got := checked(t, dir)
	if !got.OK() || got.Events != 50 || got.Files != 2 || got.Chains[0].Last != 49 || got.Repeated != 0 {
		t.Errorf("%+v", got)
	}
}

// TestAFileIsClosedByTheClock: nothing more has to be recorded for it.
func TestAFileIsClosedByTheClock(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	j := openJournal(t, journalDir(t), c)
	fill(t, j, c, 3)
	x, _ := start(t, export.Config{Name: "archive", Journal: j, Sink: linesTo(t, dir, 10*time.Millisecond, export.Filter{}), Now: c.now})
	await(t, "it is written", func() bool { return x.Status().Next == 3 })
}

// losing is a place that loses what it is given at the wrong moment.
type losing struct {
	export.Bucket
	n *atomic.Int64
}

var errLost = errors.New("lost")

// Put implements export.Bucket: it fails now and then, before or after storing.
func (l losing) Put(ctx context.Context, o blob.Written) error {
	switch l.n.Add(1) % 5 {
	case 1:
		return errLost
	case 3:
		return errors.Join(l.Bucket.Put(ctx, o), errLost)
	}
	return l.Bucket.Put(ctx, o)
}

func TestAFileIsWrittenAgainOverItself(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	j := openJournal(t, journalDir(t), c)
	for range 6 {
		fill(t, j, c, 7)
		c.add(time.Hour)
	}
	folder, err := blob.OpenFolder(dir)
	must(t, err)
	l, err := export.NewLines(losing{folder, &atomic.Int64{}}, "", time.Hour, export.Filter{})
	must(t, err)
	x, _ := start(t, export.Config{Name: "archive", Journal: j, Sink: l, Now: c.now, Pause: hasty})
	await(t, "it is written", func() bool { return x.Status().Next == 42 })
	if got := checked(t, dir); !got.OK() || got.Repeated != 0 || got.Events != 42 {
		t.Errorf("%+v", got)
	}
}

func TestFilteredEventsNameTheOneBefore(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	j := openJournal(t, journalDir(t), c)
	f := export.Filter{Tenants: []string{"bank"}, Kinds: []string{"admission"}}
	more := func() {
		for i := range 9 {
			r := admission(c.now(), "x")
			if i%3 != 0 {
				r.Tenant = "shop"
			}
			must(t, j.Append(t.Context(), journal.Batch{Records: []audit.Record{r}}))
		}
		c.add(time.Hour)
	}
	more()
	x, stop := start(t, export.Config{Name: "archive", Journal: j, Sink: linesTo(t, dir, time.Hour, f), Filter: f, Now: c.now})
	await(t, "it is written", func() bool { return x.Status().Next == 9 })
	stop()
	more()
	x, stop = start(t, export.Config{Name: "archive", Journal: j, Sink: linesTo(t, dir, time.Hour, f), Filter: f, Now: c.now})
	await(t, "it is written", func() bool { return x.Status().Next == 18 })
	stop()
	got := checked(t, dir)
	if !got.OK() || got.Events != 6 {
		t.Fatalf("%+v", got)
	}
	// Without the second file the third would not follow; without an event in
	// one, neither.
	all := files(t, dir)
	text := unpack(t, filepath.Join(dir, all[0]))
	cut := strings.SplitAfter(string(text), "\n")
	path := filepath.Join(t.TempDir(), "cut.jsonl")
	must(t, os.WriteFile(path, []byte(cut[0]+cut[2]), 0o600))
	if got := checked(t, path); got.OK() || !strings.Contains(got.Findings[0].What, "an event is missing: record 6 names 3") {
		t.Errorf("%+v", got)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	j := openJournal(t, journalDir(t), c)
	for range 3 {
		fill(t, j, c, 10)
		c.add(time.Hour)
	}
	x, stop := start(t, export.Config{Name: "archive", Journal: j, Sink: linesTo(t, dir, time.Hour, export.Filter{}), Now: c.now})
	await(t, "it is written", func() bool { return x.Status().Next == 30 })
	stop()
	var paths []string
	for _, name := range files(t, dir) {
		paths = append(paths, filepath.Join(dir, name))
	}
	for name, tc := range map[string]struct {
		change func(t *testing.T)
		want   string
	}{
		"a file gone":     {func(t *testing.T) { remove(t, paths[2], paths[3]) }, "records 10 to 19 are missing"},
		"a manifest gone": {func(t *testing.T) { remove(t, paths[3]) }, "it has no manifest"},
		"a file cut":      {func(t *testing.T) { rewrite(t, paths[2], func(b []byte) []byte { return b[:len(b)-9] }) }, "it was cut off"},
		"no file of gzip": {func(t *testing.T) { rewrite(t, paths[2], func([]byte) []byte { return []byte("x") }) }, "it is not gzip"},
		"another manifest": {func(t *testing.T) {
			rewrite(t, paths[3], func(b []byte) []byte { return bytes.Replace(b, []byte(`"events":10`), []byte(`"events":11`), 1) })
		}, "its manifest describes"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.change(t)
			if got := checked(t, dir); got.OK() || !strings.Contains(whats(got), tc.want) {
				t.Errorf("%+v", got.Findings)
			}
		})
		if got := checked(t, dir); !got.OK() {
			t.Fatalf("%s: it was not put back: %+v", name, got.Findings)
		}
	}
	whole := string(unpack(t, paths[0])) + string(unpack(t, paths[2]))
	lines := strings.SplitAfter(whole, "\n")
	for name, tc := range map[string]struct {
		text string
		want string
	}{
		"a line gone":    {strings.Join(append(append([]string{}, lines[:4]...), lines[5:]...), ""), "records 4 to 4 are missing"},
		"a line changed": {strings.Replace(whole, `"seq":7,"prev":"`, `"seq":7,"prev":"00`, 1), "line is no event"},
		"a link changed": {swapPrev(lines[7], whole), "record 7 does not follow"},
		"no event":       {whole + "{}\n", "it is no event"},
		"nothing":        {"", ""},
	} {
		path := filepath.Join(t.TempDir(), "one.jsonl")
		must(t, os.WriteFile(path, []byte(tc.text), 0o600))
		got := checked(t, path)
		if tc.want = strings.Replace(tc.want, "line is no event", "it is no event", 1); !strings.Contains(whats(got), tc.want) || got.OK() != (tc.want == "") {
			t.Errorf("%s: %+v", name, got.Findings)
		}
	}
	twice := filepath.Join(t.TempDir(), "twice.jsonl")
	must(t, os.WriteFile(twice, []byte(whole+strings.Join(lines[15:], "")), 0o600))
	if got := checked(t, twice); !got.OK() || got.Repeated != 5 {
		t.Errorf("%+v", got)
	}
}

func whats(c *export.Checked) (out string) {
	for _, f := range c.Findings {
		out += f.What + "\n"
	}
	return out
}

// swapPrev gives the event of a line another hash of the same length.
func swapPrev(line, whole string) string {
	_, rest, _ := strings.Cut(line, `"prev":"`)
	return strings.Replace(whole, `"prev":"`+rest[:64], `"prev":"`+strings.Repeat("ab", 32), 1)
}

func unpack(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	return gunzip(t, f)
}

func gunzip(t *testing.T, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	must(t, err)
	text, err := io.ReadAll(z)
	must(t, err)
	return text
}

// remove takes files away until the test ends.
func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		was, err := os.ReadFile(path)
		must(t, err)
		must(t, os.Remove(path))
		t.Cleanup(func() { must(t, os.WriteFile(path, was, 0o600)) })
	}
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	was, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, change(bytes.Clone(was)), 0o600))
	t.Cleanup(func() { must(t, os.WriteFile(path, was, 0o600)) })
}
