package main

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/ClickHouse/ch-go/compress"
)

// newHandler serves /ping and queries. Whoever asks is let in: the engine has
// no users.
func newHandler(e *engine) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Ok.\n")) })
	mux.HandleFunc("/{$}", e.handle)
	return mux
}

// handle answers one query. Nothing is written before the engine is done, so
// that an error always has a status of its own.
func (e *engine) handle(w http.ResponseWriter, r *http.Request) {
	if id := r.URL.Query().Get("query_id"); id != "" {
		w.Header().Set("X-ClickHouse-Query-Id", id)
	}
	q, err := parse(r)
	if err != nil {
		refuse(w, fmt.Errorf("Code: 36. DB::Exception: %w. (BAD_ARGUMENTS)", err)) //nolint:staticcheck // the form of the engine's errors
		return
	}
	a, err := e.do(q.statement)
	if err != nil {
		refuse(w, err)
		return
	}
	defer a.free()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-ClickHouse-Format", q.format)
	h.Set("X-ClickHouse-Timezone", "UTC")
	h.Set("X-ClickHouse-Summary", fmt.Sprintf(`{"read_rows":"%d","written_rows":"%d"}`, a.read, a.written))
	if len(a.data) == 0 || q.data != nil {
		h.Set("Content-Length", "0")
		return
	}
	if err := q.send(w, a.data); err != nil {
		panic(http.ErrAbortHandler) // the client must not take a part for the whole
	}
}

// send packs data as the client asked.
func (q *request) send(w http.ResponseWriter, data []byte) error {
	write := func(b []byte) error { _, err := w.Write(b); return err }
	if q.compress {
		frame, plain := compress.NewWriter(q.level, q.method), write
		write = func(b []byte) error {
			if err := frame.Compress(b); err != nil {
				return err
			}
			return plain(frame.Data)
		}
	}
	if q.format == "Native" && q.revision > 0 {
		return blocks(data, q.revision, write)
	}
	return write(data)
}

var code = regexp.MustCompile(`^Code: (\d+)\.`)

// refuse answers with an error as ClickHouse writes it.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var f failure
	text := err.Error()
	if !errors.As(err, &f) && !code.MatchString(text) {
		text = "Code: 1000. DB::Exception: " + text + ". (CHDB)"
	}
	if m := code.FindStringSubmatch(text); m != nil {
		w.Header().Set("X-ClickHouse-Exception-Code", m[1])
		status = statusOf(m[1])
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // who went away needs no answer
}

// statusOf is the HTTP status of the codes that clients tell apart by it, from
// ClickHouse's HTTPHandler.
func statusOf(code string) int {
	switch n, _ := strconv.Atoi(code); n {
	case 36, 62, 47, 46, 53, 115, 27, 6: // arguments, syntax, names, types, settings, what does not parse
		return http.StatusBadRequest
	case 60, 81: // table, database
		return http.StatusNotFound
	case 497: // access
		return http.StatusForbidden
	case 159: // timeout
		return http.StatusRequestTimeout
	}
	return http.StatusInternalServerError
}
