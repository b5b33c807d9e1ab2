package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"postern/audit/blob"
)

// Bucket is where files go: an object is there whole or not at all.
type Bucket interface {
	Put(ctx context.Context, o blob.Written) error
}

// Lines writes gzipped files of JSON lines, one for each period or 8 MiB of
// events, and beside each a manifest, which comes last: a file without one is
// not complete yet. A file's name is of its first record, so a file that is
// written again after a crash replaces itself.
type Lines struct {
	to     Bucket
	prefix string
	period time.Duration
	fields []string
}

// NewLines makes the sink. prefix is empty or ends with a slash; fields are
// those of the filter, for the manifest.
func NewLines(to Bucket, prefix string, period time.Duration, f Filter) (*Lines, error) {
	chosen, err := f.chosen()
	if err != nil {
		return nil, err
	}
	l := &Lines{to: to, prefix: prefix, period: period, fields: []string{}}
	for _, c := range chosen {
		l.fields = append(l.fields, c.name)
	}
	return l, nil
}

// Takes implements Sink.
func (l *Lines) Takes() Takes {
	return Takes{Events: 1 << 20, Bytes: 8 << 20, Event: 8 << 20, Period: l.period}
}

// manifest says what a file holds.
type manifest struct {
	Version  int      `json:"version"` // 1
	Chain    string   `json:"chain"`
	File     string   `json:"file"` // name without folder
	Bytes    int64    `json:"bytes"`
	SHA256   string   `json:"sha256"` // of the file
	Events   int      `json:"events"`
	First    uint64   `json:"first_seq"`
	Last     uint64   `json:"last_seq"`
	Prev     string   `json:"prev"`      // leaf hash before the first event
	LastLeaf string   `json:"last_leaf"` // of the last event
	Fields   []string `json:"fields"`
}

const (
	linesSuffix    = ".jsonl.gz"
	manifestSuffix = ".manifest.json"
)

// Send implements Sink.
func (l *Lines) Send(ctx context.Context, events []Event) error {
	var text []byte
	for _, e := range events {
		text = append(append(text, e.JSON...), '\n')
	}
	packed, err := zip(text)
	if err != nil {
		return err
	}
	first, last := events[0], events[len(events)-1]
	base := fmt.Sprintf("%s-%020d", first.Time.Format("15"), first.Seq)
	folder := l.prefix + folderOf(first.Chain) + "/" + first.Time.Format("2006/01/02") + "/"
	sum := sha256.Sum256(packed)
	beside, err := json.Marshal(manifest{
		Version: 1, Chain: first.Chain, File: base + linesSuffix, Bytes: int64(len(packed)), SHA256: hex.EncodeToString(sum[:]),
		Events: len(events), First: first.Seq, Last: last.Seq, Prev: hash(first.prev), LastLeaf: hash(last.leaf), Fields: l.fields,
	})
	if err != nil {
		return fmt.Errorf("describe file: %w", err)
	}
	if err := l.put(ctx, folder+base+linesSuffix, packed); err != nil {
		return err
	}
	return l.put(ctx, folder+base+manifestSuffix, append(beside, '\n'))
}

func (l *Lines) put(ctx context.Context, key string, content []byte) error {
	err := l.to.Put(ctx, blob.Written{Key: key, Size: int64(len(content)), Content: bytes.NewReader(content)})
	if err != nil {
		return &Fault{class: later, what: "write file", cause: err}
	}
	return nil
}

// folderOf is a chain's name as the name of a folder.
func folderOf(chain string) string {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._=-", c) {
			return c
		}
		return '_'
	}, chain)
	if name == "" || name[0] == '.' {
		name = "_" + name
	}
	return name
}
