package facts

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readLines reads one JSON object a line; empty lines are skipped.
func readLines(r io.Reader, yield func(record, error) bool) {
	scan := bufio.NewReaderSize(skipMark(r), maxLine)
	for line := 1; ; line++ {
		raw, err := scan.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			err = restOfLine(scan)
			if !yield(record{}, &LineError{line, maxLine, "", fmt.Sprintf("longer than %d bytes; is it one object a line?", maxLine)}) || err != nil {
				return
			}
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			yield(record{}, fmt.Errorf("read import file: %w", err))
			return
		}
		if text := bytes.TrimSpace(raw); len(text) > 0 && !yield(jsonRecord(line, text)) {
			return
		}
		if err != nil {
			return
		}
	}
}

// restOfLine skips to the next line; its error ends the file.
func restOfLine(r *bufio.Reader) error {
	for {
		if _, err := r.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func jsonRecord(line int, text []byte) (record, error) {
	rec := record{line: line, values: map[string]string{}, at: map[string]int{}}
	d := jsontext.NewDecoder(bytes.NewReader(text))
	bad := func(reason string) (record, error) {
		return record{}, &LineError{line, int(d.InputOffset()) + 1, "", reason}
	}
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return bad("not a JSON object; write {\"fact\": \"consent\", ...} on one line")
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return bad("not JSON, or a key is there twice; check quotes and commas")
		}
		key := name.String()
		if !slices.Contains(columns, key) {
			return bad("unknown key; write one of " + strings.Join(columns, ", "))
		}
		rec.at[key] = int(d.InputOffset()) + 2
		var v string
		if err := json.UnmarshalDecode(d, &v); err != nil {
			return record{}, rec.wrong(key, "not text; put the value in quotes")
		}
		rec.values[key] = strings.TrimSpace(v)
	}
	if _, err := d.ReadToken(); err != nil {
		return bad("the object does not end; check brackets")
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return bad("something follows the object; write one object a line")
	}
	return rec, nil
}
