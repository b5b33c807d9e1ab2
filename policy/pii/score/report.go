package score

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Count is what became of some labels, and of the findings that go with them.
type Count struct {
	Labels int // that are to be found
	Found  int // of these
	Named  int // of these, as the very entity the label names
	Right  int // findings that stand where a label is
	Wrong  int // findings that do not
}

// Recall is the share of labels found, in thousandths, rounded down; -1 if
// there are no labels.
func (c Count) Recall() int { return share(c.Found, c.Labels) }

// Precision is the share of findings that are right, in thousandths, rounded
// down; -1 if there are none.
func (c Count) Precision() int { return share(c.Right, c.Right+c.Wrong) }

// F1 is the harmonic mean of both, in thousandths, -1 if one is missing.
func (c Count) F1() int {
	r, p := c.Recall(), c.Precision()
	if r < 0 || p < 0 {
		return -1
	}
	return share(2*c.Found*c.Right, c.Found*(c.Right+c.Wrong)+c.Right*c.Labels)
}

func share(part, whole int) int {
	if whole == 0 {
		return -1
	}
	return part * 1000 / whole
}

// Row is the count of one key of a group.
type Row struct {
	Key string
	Count
}

// Place is one miss or one wrong finding. It holds no value unless asked.
type Place struct {
	Line   int    `json:"line"`
	Start  int    `json:"start"` // bytes
	End    int    `json:"end"`
	Type   string `json:"type"`
	Entity string `json:"entity,omitempty"`
	Goal   string `json:"goal"` // class, or obfuscated, or wrong_checksum
	Family string `json:"family,omitempty"`
	Level  string `json:"level,omitempty"` // of a wrong finding
	Clean  bool   `json:"clean,omitempty"` // in a message without personal data
	Value  string `json:"value,omitempty"`
}

// Report is the outcome of a run.
type Report struct {
	Messages int     `json:"messages"`
	Clean    int     `json:"clean"`  // messages without personal data
	Alarms   int     `json:"alarms"` // of these with a finding
	Doubts   int     `json:"doubts"` // of these with findings below the level only
	Beside   int     `json:"beside"` // findings of types the set never labels, in messages that are not clean: neither right nor wrong
	All      Count   `json:"all"`
	Goals    []Row   `json:"goals"` // class A to D, obfuscated, wrong_checksum
	Types    []Row   `json:"types"`
	Entities []Row   `json:"entities"`
	Country  []Row   `json:"countries"` // of the issuer, else of the person
	Langs    []Row   `json:"languages"`
	Families []Row   `json:"families"` // ways of writing; wrong findings have none
	Missed   []Place `json:"missed"`
	Wrong    []Place `json:"wrong"`
	Hits     []bool  `json:"-"` // by label, in the order of the file

	types map[string]bool
	by    [6]map[string]*Count
}

// Groups a count is kept by.
const (
	byGoal = iota
	byType
	byEntity
	byCountry
	byLang
	byFamily
)

func newReport() *Report {
	r := &Report{types: map[string]bool{}, Missed: []Place{}, Wrong: []Place{}}
	for i := range r.by {
		r.by[i] = map[string]*Count{}
	}
	return r
}

// add changes the total and one count of each group; a key "" has none.
func (r *Report) add(keys [6]string, change func(*Count)) {
	change(&r.All)
	for i, k := range keys {
		if k == "" {
			continue
		}
		c := r.by[i][k]
		if c == nil {
			c = &Count{}
			r.by[i][k] = c
		}
		change(c)
	}
}

func (r *Report) take(j judged, show bool) {
	it := j.item
	r.Messages++
	for i, l := range it.Labels {
		r.Hits = append(r.Hits, j.hits[i])
		r.add(keysOf(it, l), func(c *Count) {
			c.Labels++
			c.Found += one(j.hits[i])
			c.Named += one(j.named[i])
		})
		if !j.hits[i] {
			r.Missed = append(r.Missed, place(it, l.Start, l.End, l.Type, l.Entity, it.goal(l), l.Family, show))
		}
	}
	wrong := false
	for _, f := range j.found {
		wrong = r.claim(it, f, show) || wrong
	}
	if it.Clean {
		r.Clean++
		r.Alarms += one(wrong)
		r.Doubts += one(!wrong && j.alarmed)
	}
}

// claim counts a finding and says whether it is wrong. A wrong one counts
// against the class of the label it overlaps, else of what it claims to be.
func (r *Report) claim(it Item, f claim, show bool) bool {
	kind := string(f.Type)
	if f.label < 0 && !it.Clean && !r.types[kind] && !r.types[f.Entity] {
		r.Beside++
		return false
	}
	keys := keysOf(it, Label{Start: f.Start, End: f.End, Type: kind, Entity: f.Entity})
	if f.label >= 0 {
		keys = keysOf(it, it.Labels[f.label])
	}
	if f.right {
		r.add(keys, func(c *Count) { c.Right++ })
		return false
	}
	keys[byType], keys[byEntity], keys[byFamily] = kind, f.Entity, ""
	r.add(keys, func(c *Count) { c.Wrong++ })
	p := place(it, f.Start, f.End, kind, f.Entity, keys[byGoal], "", show)
	p.Level, p.Clean = f.Level.String(), it.Clean
	r.Wrong = append(r.Wrong, p)
	return true
}

func keysOf(it Item, l Label) [6]string {
	return [6]string{it.goal(l), l.Type, l.Entity, cmp.Or(l.Country, it.Country), it.Lang, l.Family}
}

func place(it Item, start, end int, kind, entity, goal, family string, show bool) Place {
	p := Place{Line: it.Line, Start: start, End: end, Type: kind, Entity: entity, Goal: goal, Family: family}
	if show {
		p.Value = it.Text[start:end]
	}
	return p
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// finish sorts the counts.
func (r *Report) finish() {
	for i, to := range []*[]Row{&r.Goals, &r.Types, &r.Entities, &r.Country, &r.Langs, &r.Families} {
		*to = []Row{}
		for _, k := range slices.SortedFunc(maps.Keys(r.by[i]), strings.Compare) {
			*to = append(*to, Row{k, *r.by[i][k]})
		}
	}
}
