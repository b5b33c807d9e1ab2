package export

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Checked is what a check of exported JSON lines found.
type Checked struct {
	Files    int       `json:"files"`
	Events   uint64    `json:"events"`
	Repeated uint64    `json:"repeated"` // came more than once, as after a crash or a replay
	Chains   []Stretch `json:"chains"`
	Findings []Finding `json:"findings"`
	Dropped  uint64    `json:"dropped"` // findings beyond those listed
}

// Stretch is what there is of one chain.
type Stretch struct {
	Chain    string `json:"chain"`
	First    uint64 `json:"first_seq"`
	Last     uint64 `json:"last_seq"`
	LastLeaf string `json:"last_leaf"`
}

// Finding is one thing that does not hold.
type Finding struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // from 1; 0 is the file
	What string `json:"what"`
}

// OK reports whether everything holds.
func (c *Checked) OK() bool { return len(c.Findings) == 0 }

const (
	maxFindings = 100
	maxLine     = 64 << 20
)

// Check reads a file of JSON lines, gzipped or not, or a folder of what an
// export wrote, and says what is missing or does not fit together. It needs
// nothing else. Whether an event says what its record says, only the trail
// proves. progress hears of events; nil does nothing. An error means that it
// could not be read to its end.
func Check(path string, progress func(events uint64)) (*Checked, error) {
	c := &checker{out: Checked{Chains: []Stretch{}, Findings: []Finding{}}, by: map[string]*position{}, progress: progress}
	files, folder, err := filesOf(path)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := c.file(file, folder); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		c.find(path, 0, "there is no file of events")
	}
	for _, chain := range c.order {
		at := c.by[chain]
		c.out.Chains = append(c.out.Chains, Stretch{chain, at.first, at.highest, at.leaf})
	}
	return &c.out, nil
}

// filesOf lists what to read, in the order of records.
func filesOf(path string) (files []string, folder bool, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, false, fmt.Errorf("open export: %w", err)
	}
	if !st.IsDir() {
		return []string{path}, false, nil
	}
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(e.Name(), ".")
		if err == nil && !e.IsDir() && !hidden && (strings.HasSuffix(name, linesSuffix) || strings.HasSuffix(name, ".jsonl")) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("list export: %w", err)
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Or(cmp.Compare(firstOf(a), firstOf(b)), cmp.Compare(a, b)) })
	return files, true, nil
}

// firstOf is the first record as a file's name tells it: after the hour, in
// digits of one length. Hours are no order where a clock went back.
func firstOf(path string) string {
	_, seq, _ := strings.Cut(filepath.Base(path), "-")
	return seq
}
