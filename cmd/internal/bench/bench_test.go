package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/bench/detect"
	"postern/cmd/internal/bench/machine"
	"postern/cmd/internal/built"
	"postern/cmd/internal/envoytest"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
)

// TestMain lets the harness start this very program as its children.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childWord {
		os.Exit(command())
	}
	os.Exit(built.Main(m, &programs))
}

// programs is the folder of the two programs as they are shipped.
var programs string

// quick is a short run of some parts; nil where the machine hides the counters.
func quick(t *testing.T, parts string, args ...string) *Report {
	t.Helper()
	program := filepath.Join(programs, "postern")
	var stdout, stderr bytes.Buffer
	args = append([]string{"-quick", "-json", "-only", parts, "-postern", program}, args...)
	err := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
	if os.Geteuid() != 0 {
		if !errors.Is(err, machine.ErrHidden) {
			t.Fatalf("not as root: %v, want %v\n%s", err, machine.ErrHidden, stderr.String())
		}
		return nil
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	r := &Report{}
	if err := json.Unmarshal(stdout.Bytes(), r); err != nil {
		t.Fatal(err)
	}
	if err := r.writeText(io.Discard); err != nil {
		t.Error(err)
	}
	return r
}

// TestQuickTrail ships to a real engine and asks it.
func TestQuickTrail(t *testing.T) {
	chtest.Start(t) // skips where there is no engine
	r := quick(t, "trail", "-trail", "2000")
	if r == nil {
		return
	}
	if n := r.Trail; n == nil || n.Records < 2000 || n.Shipping <= 0 || n.Bytes <= 0 || n.Lag <= 0 || len(n.Asked) != 12 || n.Purged <= 0 || n.Absent < n.Carried || n.Dropped <= 0 || n.Drop <= 0 {
		t.Errorf("trail %+v, want it measured", n)
	}
}

// TestQuickKeeping backs up, purges and erases beside sends, none of which fails.
func TestQuickKeeping(t *testing.T) {
	r := quick(t, "keeping", "-subjects", "200", "-kept", "1000")
	if r == nil {
		return
	}
	if k := r.Keeping; k == nil || k.Records < 1000 || k.Backup.Took <= 0 || k.Purge.Took <= 0 || k.Backup.Failed+k.Purge.Failed > 0 || k.Erase <= 0 || k.Absent < k.Erase {
		t.Errorf("keeping %+v, want it measured and nothing failed", k)
	}
}

// TestQuickEnvoy sends over every way, with real Envoys.
func TestQuickEnvoy(t *testing.T) {
	envoytest.Program(t) // skips where there is none
	r := quick(t, "envoy", "-subjects", "200", "-duration", "100ms")
	if r == nil {
		return
	}
	if r.Edges == nil || len(r.Edges.Loads) != 2 {
		t.Fatalf("%+v, want an open loop and a closed one", r.Edges)
	}
	if r.Edges.Streams.Count == 0 || r.Edges.Certificates.Count == 0 {
		t.Error("no stream was held open, or no certificate was new")
	}
	for _, l := range r.Edges.Loads {
		for _, name := range []string{wayDirect, wayBare, wayEnvoy, wayAllow, wayOPA, wayPostern, wayXDS, wayAlone} {
			w := l.way(name)
			if w == nil || w.Metrics.P50 <= 0 { // of what was answered well
				t.Errorf("%s on the way %s: %+v", l.Name, name, w)
			}
		}
	}
}

// The whole harness, short, against the real program: it says nothing about
// speed, only that everything is measured and that no message is lost.
func TestQuickRunMeasuresEveryPart(t *testing.T) {
	r := quick(t, "policy,open1000,closed64,backlog,big", "-subjects", "200", "-records", "2000")
	if r == nil {
		return
	}
	if len(r.Scenarios) != 2 {
		t.Fatalf("%d scenarios, want an open loop and a closed one", len(r.Scenarios))
	}
	for _, s := range r.Scenarios {
		checkMetrics(t, s.Name+" bare", s.Bare)
		checkMetrics(t, s.Name+" Postern", s.Postern)
		if s.Postern.Written <= s.Bare.Written {
			t.Errorf("%s: Postern wrote %.0f bytes a message, the bare proxy %.0f: where is its record?", s.Name, s.Postern.Written, s.Bare.Written)
		}
	}
	if b := r.Backlog; b == nil || b.Messages == 0 || b.Delivered != b.Events {
		t.Errorf("backlog %+v, want every event delivered", b)
	}
	if b := r.Big; b == nil || b.Records < 2000 || b.Full.P99 <= 0 || b.Empty.P99 <= 0 || b.Start <= 0 {
		t.Errorf("filled journal %+v, want it measured", b)
	}
	if len(r.Figures) != 21 {
		t.Errorf("%d figures, want 21", len(r.Figures))
	}
}

// The figures of keys and proofs, short: every part is measured, no message
// fails and no connection breaks while keys and certificates are replaced.
func TestQuickRunOfKeys(t *testing.T) {
	r := quick(t, "keys,media,swap,rotate,rewrap,proofs", "-subjects", "200", "-datakeys", "1500", "-leaves", "3000")
	if r == nil {
		return
	}
	if len(r.Keys) != 2 || r.Keys[0].Mean <= 0 || r.Keys[1].Mean <= 0 {
		t.Errorf("keys %+v", r.Keys)
	}
	if w := r.Swap; w == nil || w.Swaps == 0 || w.Sent == 0 || w.Fresh == 0 || w.Failed+w.FreshLost+w.Dropped != 0 {
		t.Errorf("swap %+v", w)
	}
	if m := r.Media; m == nil || m.Files < mediaStreams || m.Up <= 0 || m.Down <= 0 {
		t.Errorf("media %+v", m)
	}
	if len(r.Rotations) != len(everyPurpose()) {
		t.Errorf("%d purposes rotated, want %d", len(r.Rotations), len(everyPurpose()))
	}
	for _, k := range r.Rotations {
		if k.Rotated == 0 || k.Sent == 0 || k.Failed != 0 || k.P99 <= 0 || k.QuietP99 <= 0 || k.Ratio <= 0 {
			t.Errorf("rotation %+v", k)
		}
		if k.Moved == 0 && (k.Purpose == keyring.KEK || k.Purpose == keyring.Index) {
			t.Errorf("rotating %s moved nothing", k.Purpose)
		}
	}
	if w := r.Rewrap; w == nil || w.Moved != 1500 || w.Stuck != 0 || w.Seconds <= 0 {
		t.Errorf("rewrap %+v", w)
	}
	if p := r.Proofs; p == nil || p.Records < 3000 || p.Prove.Mean <= 0 || p.Check.Mean <= 0 {
		t.Errorf("proofs %+v", p)
	}
	if want := 2 + 2 + 2 + 2*len(everyPurpose()) + 1 + 2; len(r.Figures) != want {
		t.Errorf("%d figures, want %d", len(r.Figures), want)
	}
}

func checkMetrics(t *testing.T, name string, m Metrics) {
	t.Helper()
	if m.Sent == 0 || m.Failed > 0 {
		t.Errorf("%s: %.0f sent, %.0f failed", name, m.Sent, m.Failed)
	}
	for what, v := range map[string]float64{"p50": m.P50, "p99": m.P99, "rate": m.Rate, "allocations": m.Allocs, "memory": m.Resident} {
		if !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("%s: %s is %v", name, what, v)
		}
	}
}

func TestLettersNameEachRecipientOnceARound(t *testing.T) {
	const people = 1000
	l := newLetters("localhost:1", "key", people)
	sheet := l.sheets(2)
	seen := map[string]bool{}
	for i := range people {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sheet(i%2, i))))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(req.Body)
		if err != nil || int64(len(body)) != req.ContentLength {
			t.Fatalf("body of %d bytes, declared %d, error %v", len(body), req.ContentLength, err)
		}
		m, problem := dialect.DecodeSend(dialect.Cloud, req.Header.Get("Content-Type"), body)
		if problem != nil {
			t.Fatal(problem.Details)
		}
		seen[m.To.Number] = true
	}
	if len(seen) != people {
		t.Errorf("%d different recipients in %d messages, want all", len(seen), people)
	}
	if !seen[number(0)] || !seen[number(people-1)] {
		t.Error("the first or the last person got nothing")
	}
}

func TestStubAnswersLikeMeta(t *testing.T) {
	l := newLetters("localhost", "key", 1)
	body := l.whole[bytes.IndexByte(l.whole, '{'):]
	first, problem, err := dialect.DecodeAnswer(http.StatusOK, stubAnswer(body, 1))
	if err != nil || problem != nil {
		t.Fatalf("%v %v", problem, err)
	}
	second, _, err := dialect.DecodeAnswer(http.StatusOK, stubAnswer(body, 2))
	if err != nil {
		t.Fatal(err)
	}
	if first.WaID != number(0) || first.ID == "" || first.ID == second.ID {
		t.Errorf("answers %+v and %+v, want the recipient and an id of their own", first, second)
	}
}

func TestOptionsRefuseWhatCannotBeMeasured(t *testing.T) {
	for _, args := range [][]string{
		{"-rounds", "0"}, {"-duration", "1ms"}, {"-subjects", "0"}, {"-upstream", "real"}, {"-only", "open1"}, {"-ways", "round"}, {"-records", "1"}, {"-datakeys", "1"}, {"-leaves", "1"}, {"more"},
	} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
	o, err := parse([]string{"-only", "policy,open1000"}, io.Discard)
	if err != nil || !o.wants(partPolicy) || !o.wants(open1000) || o.wants(partBacklog) || o.wants(partBig) {
		t.Errorf("-only policy,open1000 gives %v, %v", o, err)
	}
	if o, err = parse(nil, io.Discard); err != nil || o.wants(partBig) || o.wants(partRotate) || !o.wants(closedLoop) || !o.wants(partKeys) {
		t.Errorf("no flags give %v, %v; want everything but the long parts", o, err)
	}
	if o, err = parse([]string{"-quick", "-rounds", "2"}, io.Discard); err != nil || o.Rounds != 2 || o.People >= 100_000 {
		t.Errorf("-quick -rounds 2 gives %v, %v; want the rounds kept and few people", o, err)
	}
}

func TestFolderIsNewOrEmpty(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := folder(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
	if _, _, err := folder(dir); err == nil {
		t.Error("a folder with something in it was taken")
	}
}

// The figures of personal data, short, and the table that is made of them.
func TestQuickRunOfPersonalData(t *testing.T) {
	r := quick(t, "pii")
	if r == nil {
		return
	}
	d := r.PersonalData
	for _, row := range append([]detect.Row{d.Messages, d.Short, d.Long, d.Clean, d.Large, d.Treated}, d.Families...) {
		if row.Name == "" || row.Bytes <= 0 || row.Best <= 0 || row.Worst < row.Best {
			t.Errorf("row %+v", row)
		}
	}
	if d.Messages.Naive <= 0 || d.StartMS <= 0 || d.TableMB <= 0 || d.LargeLoad <= 0 || len(r.Figures) != 9 {
		t.Errorf("%+v with %d figures, want everything measured and 9", d, len(r.Figures))
	}
	if d.Short.Bytes != 300 || d.Long.Bytes < 4000 || d.Long.Bytes > 4200 {
		t.Errorf("texts of %v and %v bytes", d.Short.Bytes, d.Long.Bytes)
	}
	var out bytes.Buffer
	p := &page{w: &out}
	p.speed(r)
	for _, want := range []string{"Measured 20", "| a message of the set | ", "| <= 500 |", "| adversarial text |", "are in force after"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}
