package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

// maxBody bounds what one request may bring, in bytes after decompression.
const maxBody = 1 << 30

// request is what one HTTP request asks, by ClickHouse's HTTP interface:
// https://clickhouse.com/docs/interfaces/http
type request struct {
	statement
	revision uint64 // of Native blocks in the answer; 0: as the engine writes them
	compress bool   // the answer, in ClickHouse's own frames
	method   compress.Method
	level    compress.Level
}

// plain are the names in the query string that are no settings of the engine.
var plain = []string{
	"query", "database", "default_format", "client_protocol_version", "query_id", "quota_key", "role", "user", "password",
	"session_id", "session_timeout", "session_check", "compress", "decompress", "buffer_size", "wait_end_of_query", "http_native_compression_disable_checksumming_on_decompress",
}

var (
	settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	insertStart = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s`)
	formatEnd   = regexp.MustCompile(`(?is)\sFORMAT\s+([A-Za-z0-9_]+)\s*;?\s*$`)
)

func parse(r *http.Request) (*request, error) {
	values := r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return nil, errors.New("tables in the request (multipart) are not served")
	}
	if values.Get("session_id") != "" {
		return nil, errors.New("sessions that outlive a request (session_id) are not served")
	}
	body, err := read(r, values.Get("decompress") == "1")
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	out := &request{statement: statement{database: values.Get("database"), params: map[string]string{}}}
	if r.Method == http.MethodGet && !values.Has("readonly") { // reading only, as the real server has it
		values.Set("readonly", "2")
	}
	out.take(values)
	if err := out.answerAs(values); err != nil {
		return nil, err
	}
	out.ask(values.Get("query"), body, values.Get("default_format"))
	if strings.TrimSpace(out.query) == "" {
		return nil, errors.New("there is no query")
	}
	return out, nil
}

// read gives the body without its compressions.
func read(r *http.Request, framed bool) ([]byte, error) {
	var from io.Reader = r.Body
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "":
	case "gzip":
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		from = unzipped
	default:
		return nil, fmt.Errorf("content encoding %q is not served; use gzip, lz4 or zstd", encoding)
	}
	if framed {
		from = compress.NewReader(from)
	}
	body, err := io.ReadAll(io.LimitReader(from, maxBody+1))
	if err != nil && !errors.Is(err, io.EOF) { // the reader of frames wraps its end
		return nil, err
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("more than %d bytes", maxBody)
	}
	return body, nil
}

// take sorts the query string into parameters and settings. readonly comes
// last, since it forbids what follows.
func (q *request) take(values url.Values) {
	for name := range values {
		if param, is := strings.CutPrefix(name, "param_"); is {
			q.params[param] = values.Get(name)
		} else if !slices.Contains(plain, name) && settingName.MatchString(name) {
			q.settings = append(q.settings, setting{name, values.Get(name)})
		}
	}
	slices.SortFunc(q.settings, func(a, b setting) int {
		if (a.name == "readonly") != (b.name == "readonly") {
			return map[bool]int{true: 1, false: -1}[a.name == "readonly"]
		}
		return strings.Compare(a.name, b.name)
	})
}

// answerAs reads how the answer is to be packed.
func (q *request) answerAs(values url.Values) error {
	if v := values.Get("client_protocol_version"); v != "" {
		revision, err := strconv.ParseUint(v, 10, 32)
		if err != nil {
			return fmt.Errorf("client_protocol_version: %w", err)
		}
		q.revision = min(revision, newestRevision)
	}
	q.compress = values.Get("compress") == "1"
	q.method = compress.LZ4
	if strings.EqualFold(values.Get("network_compression_method"), "zstd") {
		q.method = compress.ZSTD
	}
	return nil
}

// ask tells the query from data: rows of an insert whose FORMAT ends its query,
// else the query goes on in the body.
func (q *request) ask(query string, body []byte, format string) {
	q.format = format
	if q.format == "" {
		q.format = "TabSeparated"
	}
	found := formatEnd.FindStringSubmatchIndex(query)
	if query != "" && insertStart.MatchString(query) && found != nil {
		q.format, q.query, q.data = query[found[2]:found[3]], query[:found[0]], body
		return
	}
	q.query = query
	if len(body) > 0 {
		q.query = strings.TrimPrefix(query+"\n"+string(body), "\n")
	}
	if m := formatEnd.FindStringSubmatch(q.query); m != nil && !insertStart.MatchString(q.query) {
		q.format = m[1]
	}
}
