package score

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Offsets says what the spans of a file count.
type Offsets string

// What spans count.
const (
	Bytes      Offsets = "bytes"      // of the text in UTF-8
	Characters Offsets = "characters" // Unicode code points, as Python counts
)

// maxLine bounds a line of a labelled file.
const maxLine = 4 << 20

// line is one line of a file, as it is written.
type line struct {
	Lang    string
	Country string
	Names   []string
	Text    *string
	Spans   *[]json.RawMessage
	Kind    string
	Offsets Offsets
}

// mark is a span written as an object.
type mark struct {
	Start, End                           int
	Type, Entity, Class, Country, Family string
}

// Read reads labelled messages, one JSON object a line:
//
//	{"lang","country","names","text","spans":[[start,end,"TYPE"]],"kind","offsets"}
//
// A span may also be {"start","end","type","entity","class","country","family"}.
// Offsets count what the line's "offsets" says, else what the caller says, else
// bytes. Nothing is guessed: a span that would cut a character is an error. A
// message is clean if its kind is "clean", or if it has neither kind nor spans.
func Read(r io.Reader, offsets Offsets) ([]Item, error) {
	var items []Item
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		raw := lines.Bytes()
		if n == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\uFEFF")) // editors put it before the text
		}
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		it, err := readItem(raw, offsets)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		it.Line = n
		items = append(items, it)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d MiB; write one message a line", n+1, maxLine>>20)
	} else if err != nil {
		return nil, fmt.Errorf("read labelled messages: %w", err)
	}
	if len(items) == 0 {
		return nil, errors.New(`no messages; write one JSON object a line, such as {"lang":"en","text":"hi","spans":[],"kind":"clean"}`)
	}
	return items, nil
}

func readItem(raw []byte, offsets Offsets) (Item, error) {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return Item{}, errors.New(`is no labelled message; write {"lang":"en","text":"...","spans":[[start,end,"TYPE"]],"kind":"pii"}`)
	}
	switch {
	case l.Text == nil:
		return Item{}, errors.New(`has no "text"; write the message there`)
	case l.Spans == nil:
		return Item{}, errors.New(`has no "spans"; write [] if nothing is to be found`)
	case l.Kind == "clean" && len(*l.Spans) > 0:
		return Item{}, errors.New(`is of kind "clean" and has spans; write kind "pii", or no spans`)
	}
	if l.Offsets != "" {
		offsets = l.Offsets
	}
	it := Item{Lang: l.Lang, Country: l.Country, Names: l.Names, Text: *l.Text, Clean: l.Kind == "clean" || l.Kind == "" && len(*l.Spans) == 0}
	for i, raw := range *l.Spans {
		label, err := readLabel(raw, it.Text, offsets)
		if err != nil {
			return Item{}, fmt.Errorf("span %d: %w", i+1, err)
		}
		it.Labels = append(it.Labels, label)
	}
	return it, nil
}

func readLabel(raw []byte, text string, offsets Offsets) (Label, error) {
	var m mark
	var err error
	if bytes.HasPrefix(raw, []byte("[")) {
		err = json.Unmarshal(raw, &[]any{&m.Start, &m.End, &m.Type})
	} else {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil || m.Type == "" {
		return Label{}, errors.New(`write [start,end,"TYPE"] or {"start":..,"end":..,"type":".."}`)
	}
	switch offsets {
	case Characters:
		m.Start, m.End = byteOf(text, m.Start), byteOf(text, m.End)
	case Bytes, "":
	default:
		return Label{}, fmt.Errorf("offsets %q are not known; write %s or %s", offsets, Bytes, Characters)
	}
	if m.Start < 0 || m.End > len(text) || m.Start >= m.End {
		return Label{}, errors.New("does not lie within the text; the end comes after the last character, and the start before the end")
	}
	if !utf8.RuneStart(text[m.Start]) || m.End < len(text) && !utf8.RuneStart(text[m.End]) {
		return Label{}, errors.New(`cuts a character; if the offsets count characters, say so: --offsets characters`)
	}
	return Label(m), nil
}

// byteOf is the place of the n-th code point, -1 if there is none.
func byteOf(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	if n == 0 {
		return len(text)
	}
	return -1
}
