package policy

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// weekdays are the keys of quiet hours, in the order of time.Weekday.
var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const dayMinutes = 24 * 60

// span is a stretch of local wall-clock minutes that begins on a day and may
// reach into the next one: [from, to) with to up to 48 h.
type span struct{ from, to int }

// parseSpan reads "20:00-08:00". An end at or before its beginning lies on the
// next day.
func parseSpan(s string) (span, error) {
	a, b, ok := strings.Cut(s, "-")
	from, err1 := parseClock(a)
	to, err2 := parseClock(b)
	if !ok || err1 != nil || err2 != nil || from == dayMinutes {
		return span{}, errors.New("hours are not written as 20:00-08:00")
	}
	if to <= from {
		to += dayMinutes
	}
	return span{from, to}, nil
}

func parseClock(s string) (int, error) {
	var h, m int
	if len(s) != 5 || s[2] != ':' {
		return 0, errors.New("clock time is not HH:MM")
	}
	if _, err := fmt.Sscanf(s, "%02d:%02d", &h, &m); err != nil {
		return 0, fmt.Errorf("read clock time: %w", err)
	}
	if h < 0 || m < 0 || m > 59 || h*60+m > dayMinutes {
		return 0, errors.New("clock time is past 24:00")
	}
	return h*60 + m, nil
}

// week holds the spans that begin on each weekday.
type week [7][]span

// quiet is QuietSettings made ready to ask.
type quiet struct {
	categories map[string]bool
	def        week
	countries  map[string]*week
	holidays   map[string]map[string]bool // country to dates
	holiday    []span
	zones      sync.Map // name to *time.Location
}

// newQuiet expects settings that were validated.
func newQuiet(s QuietSettings) *quiet {
	q := &quiet{
		categories: map[string]bool{}, countries: map[string]*week{},
		holidays: map[string]map[string]bool{}, holiday: spans(s.HolidayHours), def: weekOf(s.Hours),
	}
	for _, c := range s.Categories {
		q.categories[c] = true
	}
	for c, hours := range s.Countries {
		w := weekOf(hours)
		q.countries[c] = &w
	}
	for c, dates := range s.Holidays {
		q.holidays[c] = map[string]bool{}
		for _, d := range dates {
			q.holidays[c][d] = true
		}
	}
	return q
}

func weekOf(hours map[string][]string) (w week) {
	for i, day := range weekdays {
		w[i] = spans(hours[day])
	}
	return w
}

func spans(texts []string) []span {
	var out []span
	for _, t := range texts {
		if s, err := parseSpan(t); err == nil { // validated before
			out = append(out, s)
		}
	}
	return out
}

// clock answers for one country in one zone.
type clock struct {
	q       *quiet
	country string
	loc     *time.Location
}

// quietFor returns how many minutes of wall-clock time are left in the quiet
// stretch that t is in, looking no further than local midnight; 0 if t is allowed.
func (c clock) quietFor(t time.Time) int {
	local := t.In(c.loc)
	minute := local.Hour()*60 + local.Minute()
	y, m, d := local.Date()
	yesterday := time.Date(y, m, d-1, 12, 0, 0, 0, c.loc) // noon exists on every day
	end := minute
	for grew := true; grew && end < dayMinutes; {
		grew = false
		for _, s := range c.spansOn(local) {
			if s.from <= end && s.to > end {
				end, grew = s.to, true
			}
		}
		for _, s := range c.spansOn(yesterday) {
			if s.from-dayMinutes <= end && s.to-dayMinutes > end {
				end, grew = s.to-dayMinutes, true
			}
		}
	}
	return min(end, dayMinutes) - minute
}

// spansOn lists the spans that begin on t's local day.
func (c clock) spansOn(t time.Time) []span {
	w := &c.q.def
	if own, ok := c.q.countries[c.country]; ok {
		w = own
	}
	list := w[t.Weekday()]
	if days := c.q.holidays[c.country]; days != nil && days[t.Format(time.DateOnly)] {
		list = append(list[:len(list):len(list)], c.q.holiday...)
	}
	return list
}

// leave returns the first moment after t at which something may change: the
// end of the quiet stretch, or an earlier change of the zone's offset (daylight
// saving), after which the wall clock must be read again.
func (c clock) leave(t time.Time, minutes int) time.Time {
	next := t.Truncate(time.Minute).Add(time.Duration(minutes) * time.Minute)
	if _, change := t.In(c.loc).ZoneBounds(); !change.IsZero() && change.After(t) && change.Before(next) {
		return change
	}
	return next
}

// reach bounds the search for the next allowed moment: zones whose hours leave
// no common moment must not cost a decision more than some milliseconds.
const reach = 60 * 24 * time.Hour

// next returns the first moment at or after t that is allowed on every clock,
// and false if there is none within reach.
func next(clocks []clock, t time.Time) (time.Time, bool) {
	for end := t.Add(reach); t.Before(end); {
		moved := false
		for _, c := range clocks {
			if left := c.quietFor(t); left > 0 {
				t, moved = c.leave(t, left), true
			}
		}
		if !moved {
			return t, true
		}
	}
	return time.Time{}, false
}

// zone loads a zone once. A name nobody knows falls back to the offset that
// the input states, so that an old input replays the same way.
func (q *quiet) zone(l Local) *time.Location {
	if loc, ok := q.zones.Load(l.Zone); ok {
		return loc.(*time.Location) //nolint:forcetypeassert // only locations are stored
	}
	if l.Zone == "" {
		return time.FixedZone("", l.Offset)
	}
	loc, err := time.LoadLocation(l.Zone)
	if err != nil {
		return time.FixedZone(l.Zone, l.Offset)
	}
	q.zones.Store(l.Zone, loc)
	return loc
}

// clocks are the person's candidate local times.
func (q *quiet) clocks(in *Input) []clock {
	out := make([]clock, len(in.Time.Zones))
	for i, z := range in.Time.Zones {
		out[i] = clock{q, in.Peer.Country, q.zone(z)}
	}
	return out
}

// endless reports hours that leave no minute of any week.
func (q *quiet) endless() bool {
	weeks := []clock{{q: q, loc: time.UTC}}
	for c := range q.countries {
		weeks = append(weeks, clock{q: q, country: c, loc: time.UTC})
	}
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for _, c := range weeks {
		t, ok := next([]clock{c}, start)
		if !ok || t.Sub(start) > 8*24*time.Hour {
			return true
		}
	}
	return false
}
