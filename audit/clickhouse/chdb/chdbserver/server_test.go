package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// TestMain runs the server itself where a test starts this binary again: the
// engine is in a process of its own, as it is in use.
func TestMain(m *testing.M) {
	if path := os.Getenv("CHDBSERVER_PATH"); path != "" {
		library := "../../../../.cache/chdb/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
		if err := run(options{library: library, path: path, untilEOF: true}, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// start runs a server over path and gives its address and what kills it.
func start(t *testing.T, path string) (string, func()) {
	t.Helper()
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), "CHDBSERVER_PATH="+path)
	p.Stderr = os.Stderr
	stdin, err := p.StdinPipe()
	check(t, err)
	stdout, err := p.StdoutPipe()
	check(t, err)
	check(t, p.Start())
	killed := false
	t.Cleanup(func() {
		if !killed {
			check(t, stdin.Close())
			check(t, p.Wait())
		}
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	check(t, err)
	var ready Ready
	check(t, json.Unmarshal(line, &ready))
	return ready.Address, func() {
		killed = true
		check(t, p.Process.Kill())
		_ = p.Wait() // it was killed
	}
}

func dial(t *testing.T, address string, method clickhouse.CompressionMethod) driver.Conn {
	t.Helper()
	c, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{address}, Protocol: clickhouse.HTTP,
		Auth:        clickhouse.Auth{Database: "default", Username: "anybody", Password: "any"},
		Compression: &clickhouse.Compression{Method: method, Level: 1},
	})
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const table = `CREATE TABLE %s (
	seq UInt64 CODEC(Delta, ZSTD(3)), at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(3)), kind LowCardinality(String), body String CODEC(ZSTD(3)),
	leaf FixedString(32) CODEC(NONE), labels Array(String), flag UInt8, maybe Nullable(Int64),
	INDEX words body TYPE text(tokenizer = splitByNonAlpha)
) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (kind, seq) SETTINGS non_replicated_deduplication_window = 1000`

type row struct {
	Seq    uint64    `ch:"seq"`
	At     time.Time `ch:"at"`
	Kind   string    `ch:"kind"`
	Body   string    `ch:"body"`
	Leaf   string    `ch:"leaf"`
	Labels []string  `ch:"labels"`
	Flag   uint8     `ch:"flag"`
	Maybe  *int64    `ch:"maybe"`
}

func rowOf(seq uint64) row {
	n := int64(seq)
	r := row{
		Seq: seq, At: time.UnixMicro(1_700_000_000_000_000 + n).UTC(), Kind: fmt.Sprintf("kind %d", seq%300),
		Body: "it's a\ttext\\ with \x00 и ключ " + fmt.Sprint(seq), Leaf: strings.Repeat(string(rune('a'+seq%26)), 32),
		Labels: []string{"one", fmt.Sprint(seq)}, Flag: uint8(seq % 2),
	}
	if seq%3 == 0 {
		r.Maybe = &n
	}
	return r
}

func insert(ctx context.Context, c driver.Conn, table string, from, to uint64) error {
	b, err := c.PrepareBatch(ctx, "INSERT INTO "+table)
	if err != nil {
		return err
	}
	for seq := from; seq < to; seq++ {
		r := rowOf(seq)
		if err := b.AppendStruct(&r); err != nil {
			return err
		}
	}
	return b.Send()
}

// TestClient: what clickhouse-go wrote, clickhouse-go reads, in each of its
// compressions, with parameters and in many blocks.
func TestClient(t *testing.T) {
	address, _ := start(t, filepath.Join(t.TempDir(), "store"))
	for i, method := range []clickhouse.CompressionMethod{
		clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP,
	} {
		c, name := dial(t, address, method), fmt.Sprintf("t%d", i)
		check(t, c.Exec(t.Context(), fmt.Sprintf(table, name)))
		check(t, insert(t.Context(), c, name, 0, 70_000))
		var got []row
		ctx := clickhouse.Context(t.Context(), clickhouse.WithParameters(clickhouse.Parameters{"from": "1000"}))
		check(t, c.Select(ctx, &got, "SELECT * FROM "+name+" WHERE seq >= {from:UInt64} ORDER BY seq"))
		if len(got) != 69_000 {
			t.Fatalf("%s: %d rows", method, len(got))
		}
		for n := range got {
			if want := rowOf(uint64(n + 1000)); fmt.Sprint(got[n].Maybe == nil, got[n].Labels, got[n].At, got[n].Kind, got[n].Body, got[n].Leaf, got[n].Flag) !=
				fmt.Sprint(want.Maybe == nil, want.Labels, want.At, want.Kind, want.Body, want.Leaf, want.Flag) {
				t.Fatalf("%s: row %d is %v", method, n+1000, got[n])
			}
		}
		var n uint64
		ctx = clickhouse.Context(t.Context(), clickhouse.WithParameters(clickhouse.Parameters{"text": `it\'s a\ttext\\`}))
		check(t, c.QueryRow(ctx, "SELECT count() FROM "+name+" WHERE startsWith(body, {text:String})").Scan(&n))
		if n != 70_000 {
			t.Errorf("%s: %d rows by their text", method, n)
		}
	}
}

// TestErrors: errors come with the engine's code, and settings end with their
// query.
func TestErrors(t *testing.T) {
	address, _ := start(t, filepath.Join(t.TempDir(), "store"))
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4} {
		c := dial(t, address, method)
		for _, tc := range []struct {
			query    string
			settings clickhouse.Settings
			code     int32
		}{
			{"SELECT * FROM nothing", nil, 60},
			{"SELEC 1", nil, 62},
			{"CREATE TABLE x (a UInt8) ENGINE = MergeTree ORDER BY a", clickhouse.Settings{"readonly": 2}, 164},
			{"SELECT sum(number) FROM numbers(1000000)", clickhouse.Settings{"max_rows_to_read": 1000, "readonly": 2}, 158},
			{"SELECT sum(number) FROM system.numbers", clickhouse.Settings{"max_execution_time": 1}, 159},
			{"SELECT 1", clickhouse.Settings{"no_such_setting": 1}, 115},
			{"SELECT throwIf(number = 200000) FROM numbers(300000)", nil, 395},
		} {
			ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(tc.settings))
			rows, err := c.Query(ctx, tc.query)
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
			}
			var exception *clickhouse.Exception
			if !errors.As(err, &exception) || exception.Code != tc.code {
				t.Errorf("%s: %v, want code %d", tc.query, err, tc.code)
			}
			check(t, c.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS y (a UInt8) ENGINE = MergeTree ORDER BY a"))
		}
	}
}

// TestTokens: a batch that comes again under its token is there once, also
// after a kill between the two.
func TestTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	address, kill := start(t, path)
	c := dial(t, address, clickhouse.CompressionLZ4)
	check(t, c.Exec(t.Context(), fmt.Sprintf(table, "t")))
	token := func(s string) context.Context {
		return clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": s}))
	}
	check(t, insert(token("0-100"), c, "t", 0, 100))
	check(t, insert(token("0-100"), c, "t", 0, 100))
	kill()
	address, _ = start(t, path)
	c = dial(t, address, clickhouse.CompressionLZ4)
	check(t, insert(token("0-100"), c, "t", 0, 100))
	check(t, insert(token("100-200"), c, "t", 100, 200))
	var n, distinct uint64
	check(t, c.QueryRow(t.Context(), "SELECT count(), uniqExact(seq) FROM t").Scan(&n, &distinct))
	if n != 200 || distinct != 200 {
		t.Errorf("%d rows, %d different", n, distinct)
	}
}

// TestKill: whenever it is killed, what was confirmed is there, whole, and the
// store opens.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	address, kill := start(t, path)
	check(t, dial(t, address, clickhouse.CompressionNone).Exec(t.Context(),
		"CREATE TABLE k (seq UInt64, filler String) ENGINE = MergeTree ORDER BY seq"))
	confirmed := uint64(0)
	for round := range 4 {
		reached, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for n := range 1000 {
				if n == 3+2*round {
					close(reached) // the kill meets what follows
				}
				query := fmt.Sprintf("INSERT INTO k SELECT %d, randomPrintableASCII(1000) FROM numbers(2000)", confirmed)
				answer, err := http.Post("http://"+address, "text/plain", strings.NewReader(query))
				if err != nil {
					return
				}
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if err != nil || answer.StatusCode != http.StatusOK {
					return
				}
				confirmed++
			}
		}()
		<-reached
		kill()
		<-ended
		address, kill = start(t, path)
		c := dial(t, address, clickhouse.CompressionNone)
		var whole, all uint64
		check(t, c.QueryRow(t.Context(), "SELECT countIf(n = 2000), count() FROM (SELECT seq, count() AS n FROM k GROUP BY seq)").Scan(&whole, &all))
		if whole != all || all < confirmed || all > confirmed+1 {
			t.Fatalf("round %d: %d batches confirmed, %d there, %d of them whole", round, confirmed, all, whole)
		}
		confirmed = all
	}
}
