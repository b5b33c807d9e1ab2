package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unsafe"
)

// engine is the one store of the process. Its calls follow each other: the
// library takes one at a time.
type engine struct {
	lib  *library
	path string
	mu   sync.Mutex
	base *unsafe.Pointer // keeps the store open while no session is; nil once closed
}

// statement is one thing to do, in a session of its own.
type statement struct {
	database string            // "" is default
	settings []setting         // set in their order before the query runs
	query    string            // for an insert with data: without FORMAT
	format   string            // of the answer, or of data
	params   map[string]string // escaped as a TSV field, as ClickHouse's HTTP interface takes them
	data     []byte            // rows of an insert; nil: the query says all
}

type setting struct{ name, value string }

// answer is what a statement gave. data is the engine's until free.
type answer struct {
	data          []byte
	read, written uint64 // rows
	free          func()
}

// failure is an error of the engine's: "Code: N. DB::Exception: ...".
type failure string

func (f failure) Error() string { return string(f) }

// open takes the store in path, which no other process may hold.
func open(libraryPath, path string) (*engine, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the store: %w", err)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	lib, err := load(libraryPath)
	if err != nil {
		return nil, err
	}
	e := &engine{lib: lib, path: path}
	if e.base, err = e.connect(); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *engine) connect() (*unsafe.Pointer, error) {
	argv := []*byte{pointer("clickhouse\x00"), pointer("--path=" + e.path + "\x00"), nil}
	c := e.lib.connect(2, &argv[0])
	if c == nil || *c == nil {
		return nil, fmt.Errorf("open store in %s: the engine refused; it may be open in another process", e.path)
	}
	return c, nil
}

// close ends the engine once what runs has ended.
func (e *engine) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.base != nil {
		e.lib.closeConnection(e.base)
		e.base = nil
	}
}

// do runs s in a session of its own, so that its settings end with it.
func (e *engine) do(s statement) (*answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.base == nil {
		return nil, errors.New("the engine is closed")
	}
	session, err := e.connect()
	if err != nil {
		return nil, err
	}
	defer e.lib.closeConnection(session)
	for _, before := range prepare(s) {
		a, err := e.ask(*session, statement{query: before, format: "Null"})
		if err != nil {
			return nil, err
		}
		a.free()
	}
	if s.data != nil {
		return e.insert(*session, s)
	}
	return e.ask(*session, s)
}

// prepare are the statements that give a session its database and settings.
func prepare(s statement) []string {
	var out []string
	if s.database != "" {
		out = append(out, "USE `"+strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s.database)+"`")
	}
	quote := strings.NewReplacer("\\", "\\\\", "'", "\\'")
	for _, set := range s.settings {
		out = append(out, "SET "+set.name+" = '"+quote.Replace(set.value)+"'")
	}
	return out
}

func (e *engine) ask(session unsafe.Pointer, s statement) (*answer, error) {
	names, nameLens, values, valueLens := s.parameters()
	return e.answer(e.lib.query(session, pointer(s.query), uintptr(len(s.query)), pointer(s.format), uintptr(len(s.format)),
		unsafe.SliceData(names), unsafe.SliceData(nameLens), unsafe.SliceData(values), unsafe.SliceData(valueLens), uintptr(len(names))))
}

func (s statement) parameters() (names []*byte, nameLens []uintptr, values []*byte, valueLens []uintptr) {
	for name, value := range s.params {
		names, nameLens = append(names, pointer(name)), append(nameLens, uintptr(len(name)))
		values, valueLens = append(values, pointer(value)), append(valueLens, uintptr(len(value)))
	}
	return names, nameLens, values, valueLens
}

// insert hands data to the engine in pieces; nothing of a block that does not
// decode is kept.
func (e *engine) insert(session unsafe.Pointer, s statement) (*answer, error) {
	const piece = 1 << 20
	stream := e.lib.insert(session, pointer(s.query), uintptr(len(s.query)), pointer(s.format), uintptr(len(s.format)))
	defer e.lib.destroyInsert(stream)
	if text := e.lib.insertError(stream); text != "" {
		return nil, failure(text)
	}
	for rest := s.data; len(rest) > 0; {
		n := min(piece, len(rest))
		if e.lib.appendInsert(stream, &rest[0], uintptr(n)) != 0 {
			text := e.lib.insertError(stream)
			e.lib.cancelInsert(stream)
			return nil, failure(text)
		}
		rest = rest[n:]
	}
	return e.answer(e.lib.finishInsert(stream))
}

func (e *engine) answer(result unsafe.Pointer) (*answer, error) {
	if result == nil {
		return nil, failure("Code: 1000. DB::Exception: the engine gave no result. (CHDB)")
	}
	if text := e.lib.resultError(result); text != "" {
		e.lib.destroyResult(result)
		return nil, failure(text)
	}
	return &answer{
		data: unsafe.Slice(e.lib.resultBuffer(result), e.lib.resultLength(result)),
		read: e.lib.resultRead(result), written: e.lib.resultWritten(result),
		free: func() { e.lib.destroyResult(result) },
	}, nil
}

// text is the one value that query gives.
func (e *engine) text(query string) (string, error) {
	a, err := e.do(statement{query: query, format: "TSVRaw"})
	if err != nil {
		return "", err
	}
	defer a.free()
	return strings.TrimSpace(string(a.data)), nil
}

// pointer is the bytes of s for the library, never nil.
func pointer(s string) *byte {
	if s == "" {
		return new(byte)
	}
	return unsafe.StringData(s)
}
