package export

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// checker walks events in order.
type checker struct {
	out      Checked
	by       map[string]*position // by chain
	order    []string
	progress func(uint64)
}

// position is where the walk of one chain is: at the event read last, which a
// repeat takes back, and at the highest one.
type position struct {
	first, seq, highest uint64
	current, leaf       string // leaf hashes at seq and at highest
}

// line is what of an event is looked at.
type line struct {
	Schema   int     `json:"schema"`
	Chain    string  `json:"chain"`
	Seq      *uint64 `json:"seq"`
	Prev     string  `json:"prev"`
	Leaf     string  `json:"leaf"`
	Previous *uint64 `json:"previous_exported"`
}

func (c *checker) find(file string, line int, format string, args ...any) {
	if len(c.out.Findings) >= maxFindings {
		c.out.Dropped++
		return
	}
	c.out.Findings = append(c.out.Findings, Finding{file, line, fmt.Sprintf(format, args...)})
}

// file reads one. One that is damaged is a finding, so that the others are read.
func (c *checker) file(path string, folder bool) error {
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer f.Close() //nolint:errcheck // opened for reading only
	c.out.Files++
	sum := sha256.New()
	whole := io.TeeReader(f, sum)
	text, err := unzipped(path, whole)
	if err != nil {
		c.find(path, 0, "it is not gzip, or was cut off")
		return nil
	}
	seen := c.lines(path, text)
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	if folder && strings.HasSuffix(path, linesSuffix) {
		c.manifest(path, hex.EncodeToString(sum.Sum(nil)), seen)
	}
	return nil
}

func unzipped(path string, r io.Reader) (io.Reader, error) {
	if strings.HasSuffix(path, ".gz") {
		return gzip.NewReader(r)
	}
	return r, nil
}

// span is what one file held.
type span struct {
	events      int
	first, last uint64
	prev, leaf  string
}

func (c *checker) lines(path string, text io.Reader) (s span) {
	scan := bufio.NewScanner(text)
	scan.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; scan.Scan(); n++ {
		var l line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil || l.Seq == nil || l.Chain == "" || len(l.Leaf) != 64 || len(l.Prev) != 64 {
			c.find(path, n, "it is no event")
			continue
		}
		if l.Schema != schema {
			c.find(path, n, "its form is version %d, this program knows %d", l.Schema, schema)
			continue
		}
		if s.events++; s.events == 1 {
			s.first, s.prev = *l.Seq, l.Prev
		}
		s.last, s.leaf = *l.Seq, l.Leaf
		c.event(path, n, &l)
	}
	if err := scan.Err(); err != nil {
		c.find(path, 0, "it cannot be read to its end: %s", reason(err))
	}
	return s
}

func reason(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it was cut off"
	case errors.Is(err, bufio.ErrTooLong):
		return "a line is longer than 64 MiB"
	}
	return err.Error()
}

// event holds one event against those before it.
func (c *checker) event(path string, n int, l *line) {
	c.out.Events++
	if c.progress != nil {
		c.progress(c.out.Events)
	}
	seq := *l.Seq
	at, known := c.by[l.Chain]
	if !known {
		c.by[l.Chain] = &position{first: seq, seq: seq, highest: seq, current: l.Leaf, leaf: l.Leaf}
		c.order = append(c.order, l.Chain)
		return
	}
	switch {
	case seq == at.seq+1:
		if l.Prev != at.current {
			c.find(path, n, "record %d does not follow from the one before it: its link is broken", seq)
		}
	case seq > at.highest+1 && (l.Previous == nil || *l.Previous != at.highest):
		c.missing(path, n, at.highest, l)
	}
	if seq == at.highest && l.Leaf != at.leaf {
		c.find(path, n, "record %d is there twice, with different hashes", seq)
	}
	if seq <= at.highest {
		c.out.Repeated++
	}
	at.seq, at.current = seq, l.Leaf
	if seq > at.highest {
		at.highest, at.leaf = seq, l.Leaf
	}
}

func (c *checker) missing(path string, n int, highest uint64, l *line) {
	if l.Previous != nil {
		c.find(path, n, "an event is missing: record %d names %d as the event before it, and the last one here is %d", *l.Seq, *l.Previous, highest)
		return
	}
	c.find(path, n, "records %d to %d are missing", highest+1, *l.Seq-1)
}

// manifest holds a file against what stands beside it.
func (c *checker) manifest(path, sum string, s span) {
	beside := strings.TrimSuffix(path, linesSuffix) + manifestSuffix
	raw, err := os.ReadFile(beside) //nolint:gosec // beside what the user named
	if err != nil {
		c.find(path, 0, "it has no manifest, so it is not complete")
		return
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		c.find(beside, 0, "it is no manifest")
		return
	}
	if m.SHA256 != sum || m.Events != s.events || m.First != s.first || m.Last != s.last || m.Prev != s.prev || m.LastLeaf != s.leaf {
		c.find(path, 0, "it is not the file that its manifest describes")
	}
}
