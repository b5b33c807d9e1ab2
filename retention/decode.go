package retention

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"postern/audit"
)

// Decode reads the layers in order; a later one overrides key by key, a list is
// replaced whole. Unknown keys, wrong values, contradictions and what a law asks
// for are all reported at once, as file:line:column with what to write. Given
// are the classes that messages are put into elsewhere, by where: a class that
// no layer describes is an error.
func Decode(given map[string]string, layers ...File) (Policy, error) {
	r := &reader{places: map[string]place{}, older: map[string]string{}}
	p := Policy{Classes: map[string]Class{}, Presets: []string{}, Notes: []Note{}, Files: map[string]string{}}
	sum := sha256.New()
	for _, f := range layers {
		p.Files[f.Name] = string(f.Raw)
		digest := sha256.Sum256(f.Raw)
		sum.Write(fmt.Appendf(nil, "%d:%s %x\n", len(f.Name), f.Name, digest))
		if root := r.document(f); root != nil {
			r.layer(root, &p)
		}
	}
	p.Revision = hex.EncodeToString(sum.Sum(nil))
	r.check(&p, given)
	if err := errors.Join(r.errs...); err != nil {
		return Policy{}, err
	}
	return p, nil
}

func (r *reader) layer(root *yaml.Node, p *Policy) {
	s := r.section(root, "")
	defer s.done()
	if s.values["retention_policy"] != nil || s.values["compliance_logging"] != nil {
		r.olderForm(s, p)
		return
	}
	s.whole("version", &p.Version, 1, 1)
	s.list("presets", &p.Presets)
	classes := s.sub("classes")
	for _, key := range classes.keys {
		c := p.Classes[key.Value]
		r.class(classes.sub(key.Value), &c)
		p.Classes[key.Value] = c
	}
}

func (r *reader) class(s *section, c *Class) {
	defer s.done()
	s.whole("days", &c.Days, 0, maxDays)
	word(s, "keep", &c.Keep, KeepNothing, KeepRedacted, KeepOriginal)
	word(s, "clock", &c.Clock, ClockRecord, ClockContact, ClockConsent)
	word(s, "action", &c.Action, ActionErase, ActionPurge, ActionCold)
	s.whole("floor", &c.Floor, 0, maxDays)
	s.whole("ceiling", &c.Ceiling, 0, maxDays)
	s.whole("notice_hours", &c.NoticeHours, 0, maxNoticeHours)
}

var className = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// check judges what the layers came to together.
func (r *reader) check(p *Policy, given map[string]string) {
	if p.Version == 0 && len(r.errs) == 0 {
		r.bad("version", "this program reads version 1")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, known := p.Classes[classOf(given[name])]; !known {
			r.bad("classes", "%s puts messages into class %q, which nothing here describes; add it with days, keep, clock and action", name, given[name])
		}
	}
	presets := r.presets(p)
	for _, name := range slices.Sorted(maps.Keys(p.Classes)) {
		c := p.Classes[name]
		if !className.MatchString(name) {
			r.bad(join("classes", name), "write a name of at most 32 of a-z, 0-9, _ and -")
			continue
		}
		if c.Keep == "" || c.Clock == "" || c.Action == "" {
			r.bad(join("classes", name), "a class of its own needs all of keep, clock and action; those that need no more are audit, consent, deliveries, media and messages")
			continue
		}
		r.bounds(name, &c, presets)
		r.keeps(name, &c, presets)
		r.notices(name, &c, presets)
		p.Classes[name] = c
	}
}

func classOf(name string) string {
	if name == "message" { // as earlier versions wrote it
		return audit.ClassMessages
	}
	return name
}

// bounds takes over the bounds of presets and holds the days against them.
func (r *reader) bounds(name string, c *Class, presets []Preset) {
	path := join("classes", name)
	floor, ceiling := bound{c.Floor, "its own floor"}, bound{c.Ceiling, "its own ceiling"}
	for _, p := range presets {
		for _, e := range p.of(name) {
			if e.Floor > floor.days {
				floor = bound{e.Floor, e.cite(p)}
			}
			if e.Ceiling > 0 && (ceiling.days == 0 || e.Ceiling < ceiling.days) {
				ceiling = bound{e.Ceiling, e.cite(p)}
			}
			if e.Number && c.Days == 0 {
				r.badBy(p.Name, join(path, "days"), "%s names no number of days, so your file has to: write how many you can give a reason for, classes: {%s: {days: ...}}", e.cite(p), name)
			}
		}
	}
	c.Floor, c.Ceiling, c.FloorBy, c.CeilingBy = floor.days, ceiling.days, floor.by, ceiling.by
	switch {
	case ceiling.days > 0 && floor.days > ceiling.days:
		r.bad(path, "can not be met: %s keeps %d days at least, %s %d days at most; drop one", floor.by, floor.days, ceiling.by, ceiling.days)
	case c.Days > 0 && c.Days < floor.days:
		r.bad(join(path, "days"), "%d days are below the floor of %d (%s); write %d or more, or %s", c.Days, floor.days, floor.by, floor.days,
			r.remedy(join(path, "days"), "0 for ever", "leave it out to keep for ever"))
	case ceiling.days > 0 && (c.Days == 0 || c.Days > ceiling.days):
		r.bad(join(path, "days"), "%s is over the ceiling of %d (%s); write %d or less", forEver(c.Days), ceiling.days, ceiling.by, ceiling.days)
	}
	if floor.days == 0 {
		c.FloorBy = ""
	}
	if ceiling.days == 0 {
		c.CeilingBy = ""
	}
}

// bound is a number of days and what sets it.
type bound struct {
	days int
	by   string
}

func forEver(days int) string {
	if days == 0 {
		return "0 (for ever)"
	}
	return fmt.Sprintf("%d days", days)
}

// keeps holds what a class keeps against the books-and-records presets and
// against what a class can mean.
func (r *reader) keeps(name string, c *Class, presets []Preset) {
	path := join("classes", name)
	for _, p := range presets {
		for _, e := range p.of(name) {
			if e.Keep != KeepOriginal {
				continue
			}
			c.KeepBy = e.cite(p)
			if c.Keep != KeepOriginal {
				r.bad(join(path, "keep"), "%s asks for the message as it was sent or received: %s", c.KeepBy,
					r.remedy(join(path, "keep"), "write keep: original", "leave it out; records are redacted without it, and the original is kept beside them, sealed"))
			}
		}
	}
	if name == audit.ClassMedia && c.Keep == KeepRedacted {
		r.bad(join(path, "keep"), "a file has no redacted form: write original or nothing")
	}
	if c.Clock == ClockConsent && name != audit.ClassConsent {
		r.bad(join(path, "clock"), "only class consent begins with the end of a consent: write record or contact")
	}
}

// maxNoticeHours bounds how long before something goes a person is told: a year.
const maxNoticeHours = 366 * 24

// notices takes over how long before its end a law has people told. A file that
// says nothing of it gets the law's hours; fewer are refused.
func (r *reader) notices(name string, c *Class, presets []Preset) {
	path := join(join("classes", name), "notice_hours")
	_, written := r.places[path]
	for _, p := range presets {
		for _, e := range p.of(name) {
			switch {
			case e.NoticeHours == 0:
			case c.NoticeHours >= e.NoticeHours:
				c.NoticeBy = cmp.Or(c.NoticeBy, e.cite(p))
			case written:
				r.bad(path, "%s has people told at least %d hours before: write %d or more", e.cite(p), e.NoticeHours, e.NoticeHours)
			default:
				c.NoticeHours, c.NoticeBy = e.NoticeHours, e.cite(p)
			}
		}
	}
}
