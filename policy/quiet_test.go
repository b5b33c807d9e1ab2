package policy

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"
)

// wall reports, minute by minute and straight from the definition, whether a
// local wall-clock time is quiet. It shares only the list of a day's spans.
func wall(c clock, t time.Time) bool {
	local := t.In(c.loc)
	minute := local.Hour()*60 + local.Minute()
	y, m, d := local.Date()
	yesterday := time.Date(y, m, d-1, 12, 0, 0, 0, c.loc)
	for _, s := range c.spansOn(local) {
		if minute >= s.from && minute < s.to {
			return true
		}
	}
	for _, s := range c.spansOn(yesterday) {
		if minute+dayMinutes < s.to {
			return true
		}
	}
	return false
}

func slowNext(clocks []clock, t time.Time) time.Time {
	for {
		rests := false
		for _, c := range clocks {
			rests = rests || wall(c, t)
		}
		if !rests {
			return t
		}
		t = t.Truncate(time.Minute).Add(time.Minute)
	}
}

func zoneClock(t *testing.T, q *quiet, country, zone string) clock {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return clock{q, country, loc}
}

// daily are the same hours on every day.
func daily(spans ...string) map[string][]string {
	hours := map[string][]string{}
	for _, d := range weekdays {
		hours[d] = spans
	}
	return hours
}

// The next allowed moment agrees with a search minute by minute, around
// changes of daylight saving (also at midnight and by half an hour), holidays
// and the date line.
func TestNextAllowedMomentAgreesWithTheDefinition(t *testing.T) {
	zones := []string{
		"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo",
		"Asia/Kolkata", "Pacific/Chatham", "America/St_Johns", "Pacific/Kiritimati", "UTC",
	}
	settings := []QuietSettings{
		{Hours: daily("20:00-08:00")},
		{Hours: daily("23:30-00:30", "02:15-02:45", "12:00-13:00")},
		{Hours: daily("01:30-02:30"), Holidays: map[string][]string{"DE": {"2026-03-29", "2026-10-25"}}, HolidayHours: []string{"00:00-24:00"}},
		{Hours: map[string][]string{"sun": {"00:00-24:00"}, "sat": {"18:00-06:00"}}, Countries: map[string]map[string][]string{"DE": {"mon": {"22:00-21:00"}}}},
	}
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // repeatable cases
	anchors := []int64{1774746000, 1792890000, 1775313000, 1775358000, 1777000000, 1761440400, 1767225600, 1793509200}
	for range 400 {
		q := newQuiet(settings[rnd.IntN(len(settings))])
		clocks := []clock{zoneClock(t, q, "DE", zones[rnd.IntN(len(zones))])}
		if rnd.IntN(2) == 0 {
			clocks = append(clocks, zoneClock(t, q, "DE", zones[rnd.IntN(len(zones))]))
		}
		now := time.Unix(anchors[rnd.IntN(len(anchors))]+rnd.Int64N(4*86400)-2*86400, 0).UTC()
		got, found := next(clocks, now)
		if want := slowNext(clocks, now); !found || !got.Equal(want) {
			t.Errorf("%v %v: at %v next is %v, want %v", q.def, clocks[0].loc, now, got, want)
		}
	}
}

func TestNextAllowedMomentByHand(t *testing.T) {
	night := QuietSettings{Hours: daily("20:00-08:00")}
	for name, c := range map[string]struct {
		s     QuietSettings
		zones []string
		now   string
		want  string
	}{
		"noon":                       {night, []string{"Europe/Berlin"}, "2026-11-21T11:00:00Z", "2026-11-21T11:00:00Z"},
		"evening to morning":         {night, []string{"Europe/Berlin"}, "2026-11-21T19:00:30Z", "2026-11-22T07:00:00Z"},
		"night of the spring change": {night, []string{"Europe/Berlin"}, "2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z"},
		"night of the autumn change": {night, []string{"Europe/Berlin"}, "2026-10-24T22:00:00Z", "2026-10-25T07:00:00Z"},
		"both coasts":                {night, []string{"America/New_York", "America/Los_Angeles"}, "2026-11-21T14:00:00Z", "2026-11-21T16:00:00Z"},
		"end falls into the gap":     {QuietSettings{Hours: daily("01:00-02:30")}, []string{"Europe/Berlin"}, "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		"first of two half past two": {QuietSettings{Hours: daily("01:00-02:30")}, []string{"Europe/Berlin"}, "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"},
		"second two o'clock":         {QuietSettings{Hours: daily("01:00-02:30")}, []string{"Europe/Berlin"}, "2026-10-25T01:05:00Z", "2026-10-25T01:30:00Z"},
		"sunday":                     {QuietSettings{Hours: map[string][]string{"sun": {"00:00-24:00", "20:00-08:00"}}}, []string{"UTC"}, "2026-11-22T10:00:00Z", "2026-11-23T08:00:00Z"},
		"holiday": {QuietSettings{Hours: daily("20:00-08:00"), Holidays: map[string][]string{"DE": {"2026-12-25", "2026-12-26"}}, HolidayHours: []string{"00:00-24:00"}},
			[]string{"Europe/Berlin"}, "2026-12-24T20:00:00Z", "2026-12-27T07:00:00Z"},
	} {
		q := newQuiet(c.s)
		var clocks []clock
		for _, z := range c.zones {
			clocks = append(clocks, zoneClock(t, q, "DE", z))
		}
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got, found := next(clocks, now)
		if !found || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s: %v, want %s", name, got.UTC(), c.want)
		}
	}
}

// Zones whose quiet hours never leave a common moment give none, not an endless search.
func TestNoCommonMoment(t *testing.T) {
	q := newQuiet(QuietSettings{Hours: daily("20:00-19:00")})
	if at, found := next([]clock{zoneClock(t, q, "", "UTC"), zoneClock(t, q, "", "Asia/Tokyo")}, time.Unix(1795330800, 0)); found {
		t.Errorf("found %v", at)
	}
}

func TestUnknownZoneNameFallsBackToItsOffset(t *testing.T) {
	q := newQuiet(QuietSettings{})
	if _, offset := time.Unix(0, 0).In(q.zone(Local{Zone: "Mars/Olympus", Offset: 5400})).Zone(); offset != 5400 {
		t.Errorf("offset %d", offset)
	}
}
