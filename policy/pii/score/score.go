// Package score says how good a scanner of personal data is: it runs one over
// labelled messages and counts what was found, missed and invented, by class,
// type, entity, country, language and way of writing.
//
// The same labels always give the same figures: no clock, no random numbers,
// no order of maps. What is listed is line and span; a value only if asked.
// A line that cannot be read is an error that names it: figures over a part
// of a set would be figures of another set.
//
// The tests of this package guard the scanner: see guard_test.go. To take an
// improvement into the record:
//
//	go test ./policy/pii/score -run TestScoreboard -update
//
// writes policy/pii/SCORE.md and testdata/*.json anew. Both are generated: on a
// conflict take either side and run it again. Nothing fails because the record
// lags behind a better scanner, only because a scanner is worse than it.
package score

import (
	"unicode"
	"unicode/utf8"

	"postern/policy/pii"
)

// Scanner finds personal data; *pii.Scanner does.
type Scanner interface {
	Scan(text string, hint pii.Hint, dst []pii.Finding) []pii.Finding
}

// Options of a run. The zero value is usable.
type Options struct {
	Country  string // of the person, for messages that name none; ISO 3166-1 alpha-2
	Possible bool   // count findings that are only possible, too
	Show     bool   // lists hold the values
}

// Run scans all items and counts.
func Run(s Scanner, items []Item, opt Options) *Report {
	level := pii.Likely
	if opt.Possible {
		level = pii.Possible
	}
	r := newReport()
	for _, it := range items {
		for _, l := range it.Labels {
			r.types[l.Type] = true
		}
	}
	var found []pii.Finding
	for _, it := range items {
		found = s.Scan(it.Text, it.hint(opt.Country), found[:0])
		r.take(judge(it, found, level), opt.Show)
	}
	r.finish()
	return r
}

func (it Item) hint(country string) pii.Hint {
	if it.Country != "" {
		country = it.Country
	}
	return pii.Hint{PeerCountry: country, Lang: it.Lang, Names: it.Names}
}

// judged is one message with what became of its labels and of the findings.
type judged struct {
	item    Item
	hits    []bool // by label
	named   []bool // by label: found as the very entity of the label
	found   []claim
	alarmed bool // a finding below the level is there
}

// claim is a finding at or above the level.
type claim struct {
	pii.Finding
	right bool
	label int // the label it overlaps, -1 if none
}

// judge compares. A label is found if findings of its type or entity cover at
// least nine tenths of its letters and digits. A finding is right if it helps a
// label that was found, and at least half of its letters and digits lie within
// labels of its type. Labels with a wrong checksum count as found at any level.
func judge(it Item, found []pii.Finding, level pii.Level) judged {
	j := judged{item: it, hits: make([]bool, len(it.Labels)), named: make([]bool, len(it.Labels))}
	for i, l := range it.Labels {
		from := level
		if l.lenient() {
			from = pii.Possible
		}
		total, covered := 0, 0
		eachSign(it.Text, l.Start, l.End, func(at int) {
			total++
			for _, f := range found {
				if f.Level >= from && l.matches(f) && f.Start <= at && at < f.End {
					covered++
					j.named[i] = j.named[i] || l.Entity != "" && l.Entity == f.Entity
					break
				}
			}
		})
		j.hits[i] = covered*10 >= total*9 && covered > 0
		j.named[i] = j.named[i] && j.hits[i]
	}
	for _, f := range found {
		j.claim(f, level)
	}
	return j
}

func (j *judged) claim(f pii.Finding, level pii.Level) {
	c := claim{Finding: f, label: -1}
	total, inside, helps := 0, 0, false
	eachSign(j.item.Text, f.Start, f.End, func(at int) {
		total++
		for i, l := range j.item.Labels {
			if at < l.Start || at >= l.End {
				continue
			}
			if l.matches(f) {
				inside++
				helps = helps || j.hits[i]
			}
			if c.label < 0 || l.matches(f) {
				c.label = i
			}
		}
	})
	c.right = helps && inside*2 >= total
	if f.Level >= level || c.right && j.item.Labels[c.label].lenient() {
		j.found = append(j.found, c)
		return
	}
	j.alarmed = true
}

// eachSign calls do with the place of every letter and digit of any script.
func eachSign(text string, start, end int, do func(at int)) {
	for i := start; i < end; {
		r, size := utf8.DecodeRuneInString(text[i:end])
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			do(i)
		}
		i += size
	}
}
