package hostile_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// importFile imports as the command line does, in pieces.
func importFile(t *testing.T, r *rig.Rig, format, data string) admin.Imported {
	t.Helper()
	var done admin.Imported
	for p := range admin.Pieces(format, []byte(data)) {
		var answer admin.Imported
		r.Admin(t, "facts.import", admin.Import{Format: format, Data: p.Data}, &answer)
		done.Add(p, answer)
	}
	return done
}

// consented counts the people with a consent on record.
func consented(t *testing.T, r *rig.Rig) int {
	return number(t, r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'consent' AND result = 'consent'")[0][0])
}

// TestImportOfBadLines: every line of a file is either stored or named, with
// nothing of it quoted, and the good ones are stored whatever stands around
// them.
func TestImportOfBadLines(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	good := func(i int) string { return fmt.Sprintf("consent,+49151%08d,utility,web_form,2026-01-01,", i) }
	csv := []struct {
		line string
		bad  bool
	}{
		{good(1) + "plain", false},
		{good(2) + "a\x00b", true},
		{good(3) + "\xff\xfe", true},
		{good(4) + "caf\xe9", true},
		{good(5) + `"quoted, ""twice"""`, false},
		{good(6) + `a "bare" quote`, true},
		{good(7), false},
		{"consent,+4915100000008", true},
		{good(9) + "x,y,z", true},
		{"consent,hello,utility,web_form,2026-01-01,", true},
		{"consent,,utility,web_form,2026-01-01,", true},
		{"consent,+4915100000012,utility,web_form," + time.Now().AddDate(1, 0, 0).Format(time.DateOnly) + ",", true},
		{"consent,+4915100000013,utility,web_form,yesterday,", true},
		{"consent,+4915100000014,everything,web_form,2026-01-01,", true},
		{"'; DROP TABLE facts; --,+4915100000015,utility,web_form,2026-01-01,", true},
		{good(16) + strings.Repeat("x", 600), true},
		{good(17) + "+4915100000017", true},
		{good(18) + "me@example.com", true},
		{"=cmd|' /C calc'!A0,+4915100000019,utility,web_form,2026-01-01,", true},
		{good(20) + "last", false},
	}
	var data strings.Builder
	data.WriteString("fact,number,category,source,time,notice\n")
	for _, c := range csv {
		data.WriteString(c.line + "\n")
	}
	before := consented(t, r)
	done := importFile(t, r, "csv", data.String())
	named := map[int]bool{}
	for _, p := range done.Problems {
		named[p.Line] = true
		if p.Column < 1 || strings.Contains(p.Reason, "4915") || strings.Contains(p.Reason, "DROP") || strings.Contains(p.Reason, "example.com") {
			t.Errorf("line %d: reason %q", p.Line, p.Reason)
		}
	}
	stored := 0
	for i, c := range csv {
		if named[i+2] != c.bad {
			t.Errorf("line %d named %t, want %t: %q", i+2, named[i+2], c.bad, c.line)
		}
		if !c.bad {
			stored++
		}
	}
	if done.Read != len(csv) || done.Stored != stored || done.Stored+len(done.Problems) != done.Read || consented(t, r)-before != stored {
		t.Errorf("%d read, %d stored, %d problems, %d on record; want %d and %d", done.Read, done.Stored, len(done.Problems), consented(t, r)-before, len(csv), stored)
	}
}

// TestImportOfBadJSONLines is the same for the other format.
func TestImportOfBadJSONLines(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	object := func(i int) string {
		return fmt.Sprintf(`{"fact":"consent","number":"+49152%08d","category":"utility","source":"web_form","time":"2026-01-01"}`, i)
	}
	bad := map[int]string{
		2: `{"fact":"consent","fact":"window","number":"+4915200000002"}`, 3: `[1,2]`, 4: `null`, 5: object(5) + object(5), 6: object(6)[:40],
		7: strings.Replace(object(7), "utility", "uti\x00lity", 1), 8: strings.Replace(object(8), "web_form", "caf\xe9", 1), 9: strings.Replace(object(9), `"number"`, `"Number"`, 1),
		10: strings.Replace(object(10), `"+4915200000010"`, "4915200000010", 1), 11: strings.Repeat("[", 5000), 12: strings.Repeat(" ", 1<<20) + object(12),
		13: strings.Replace(object(13), "web_form", `\ud800`, 1), 14: `{"a":` + strings.Repeat("x", 1<<20) + `}`, 15: "\x1f\x8b\x08\x00", 16: object(16) + ",",
	}
	var data strings.Builder
	for i := 1; i <= 20; i++ {
		line, ok := bad[i]
		if !ok {
			line = object(i)
		}
		data.WriteString(line + "\n")
	}
	done := importFile(t, r, "jsonl", data.String())
	if done.Read != 20 || done.Stored != 20-len(bad) || len(done.Problems) != len(bad) {
		t.Fatalf("%d read, %d stored, %d problems, want 20, %d, %d", done.Read, done.Stored, len(done.Problems), 20-len(bad), len(bad))
	}
	for _, p := range done.Problems {
		if _, ok := bad[p.Line]; !ok || strings.Contains(p.Reason, "49152") {
			t.Errorf("line %d: %s", p.Line, p.Reason)
		}
	}
}

// TestImportOfBadFiles: what is wrong with the file as a whole is refused
// before anything of it is stored, and the refusal says so.
func TestImportOfBadFiles(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	before := consented(t, r)
	row := "consent,+4915300000001,utility,web_form,2026-01-01\n"
	for name, in := range map[string]admin.Import{
		"unknown format":   {Format: "xml", Data: row},
		"no format":        {Data: row},
		"empty":            {Format: "csv"},
		"no header":        {Format: "csv", Data: row + row},
		"unknown column":   {Format: "csv", Data: "fact,number,category,source,time,colour\n" + row},
		"duplicate column": {Format: "csv", Data: "fact,number,category,source,source\n" + row},
		"header in case":   {Format: "csv", Data: "Fact,Number,Category,Source,Time\n" + row},
		"broken header":    {Format: "csv", Data: "fact,\"number,category,source,time\n" + row},
		"one huge line":    {Format: "csv", Data: strings.Repeat("x", 8<<20)},
		"UTF-16":           {Format: "csv", Data: "\xff\xfef\x00a\x00c\x00t\x00,\x00n\x00\n\x00"},
		"other tenant":     {Format: "csv", Data: "fact,number,category,source,time\n" + row, Tenant: "other"},
	} {
		var refused *admin.Error
		err := r.TryAdmin(t, "facts.import", in, nil)
		if !errors.As(err, &refused) || refused.Code != admin.Invalid || strings.Contains(refused.Message, "49153") || len(refused.Message) > 300 {
			t.Errorf("%s: %v", name, err)
		}
	}
	var refused *admin.Error
	err := r.TryAdmin(t, "facts.import", admin.Import{Format: "jsonl", Data: strings.Repeat("x", 65<<20)}, nil)
	if !errors.As(err, &refused) || refused.Code != admin.Invalid || !strings.Contains(refused.Message, "64 MiB") {
		t.Errorf("a request over the limit: %v", err)
	}
	if after := consented(t, r); after != before {
		t.Errorf("%d consents were stored of refused files", after-before)
	}
}

// TestImportOfManyLines imports in one request what is more than a moment's
// work, while sends go on. POSTERN_IMPORT_LINES makes it as many as wanted.
func TestImportOfManyLines(t *testing.T) {
	n := 1_500
	if v, err := strconv.Atoi(os.Getenv("POSTERN_IMPORT_LINES")); err == nil {
		n = v
	}
	r := rig.Start(t, rig.Options{Config: patient})
	cloud := doors(t, r)[0]
	var data strings.Builder
	data.WriteString("fact,number,category,source,time\n")
	for i := range n {
		fmt.Fprintf(&data, "consent,+49154%08d,utility,web_form,2026-01-01\n", i)
	}
	began, ended := time.Now(), make(chan struct{})
	var done admin.Imported
	go func() {
		defer close(ended)
		if err := r.TryAdmin(t, "facts.import", admin.Import{Format: "csv", Data: data.String()}, &done); err != nil {
			t.Error(err)
		}
	}()
	sends := goodSends(t, cloud, func(int) bool {
		select {
		case <-ended:
			return false
		default:
			return time.Since(began) < patience/2 // the deadline of the connection
		}
	})
	<-ended
	t.Logf("%d lines in %s; good sends %s meanwhile", n, time.Since(began).Round(time.Millisecond), percentiles(sends))
	if done.Stored != n || done.Read != n || len(done.Problems) != 0 {
		t.Errorf("%d read, %d stored, %d problems of %d", done.Read, done.Stored, len(done.Problems), n)
	}
}
