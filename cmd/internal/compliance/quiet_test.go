package compliance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
)

// quietNights is the settings file of the calendar tests: nights everywhere,
// Sundays, and holidays of Germany.
const quietNights = `quiet_hours:
  holidays: {DE: ["2027-12-24", "2027-12-25", "2027-12-26", "2027-12-31", "2028-01-01"], BR: ["2027-11-15"]}
  countries:
    FR: {mon: ["20:00-10:00"], tue: ["20:00-10:00"], wed: ["20:00-10:00"], thu: ["20:00-10:00"], fri: ["20:00-24:00"], sat: ["00:00-24:00"], sun: ["00:00-24:00"]}
`

// TestQuietHours: the next allowed moment was worked out by hand from the
// calendars of the places, not by the code under test.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.Clock.Stop()
	o.rule(t, quietNights)
	t.Run("calendar", func(t *testing.T) { calendar(t, o) })
	t.Run("who rests", func(t *testing.T) { whoRests(t, o) })
	t.Run("own zone", func(t *testing.T) { zoneStoredWithThePerson(t, o) })
	t.Run("nobody knows where", func(t *testing.T) { nobodyKnowsWhere(t, o) })
	t.Run("settings", func(t *testing.T) { quietSettings(t, o) })
}

// next is the moment a refusal for quiet hours names; "" if it was sent.
func (o *office) next(t *testing.T, message string) string {
	t.Helper()
	a := o.Cloud(t, message)
	if a.Status == 200 {
		return ""
	}
	if a.Header.Get("X-Postern-Reason") != "quiet_hours" {
		t.Fatalf("refused for another reason: %d %s", a.Status, a.Body)
	}
	_, at, _ := strings.Cut(a.Body, "Next allowed: ")
	at, _, _ = strings.Cut(at, ".")
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatalf("names no moment: %s", a.Body)
	}
	if !strings.Contains(a.Body, "at or after "+when.Format("2006-01-02 15:04 UTC")) {
		t.Errorf("the sentence names another moment: %s", a.Body)
	}
	return at
}

func calendar(t *testing.T, o *office) {
	for _, c := range []struct{ what, to, now, next string }{
		{"a day in Berlin", germany, "2027-06-02T10:00:00Z", ""},
		{"an evening in Berlin", germany, "2027-06-02T18:00:00Z", "2027-06-03T06:00:00Z"},
		{"the last second", germany, "2027-06-02T17:59:59Z", ""},
		{"the first second", germany, "2027-06-03T06:00:00Z", ""},
		{"a Saturday evening: Sunday rests", germany, "2027-06-05T19:00:00Z", "2027-06-07T06:00:00Z"},
		{"Sunday on which an hour is skipped", germany, "2027-03-28T12:00:00Z", "2027-03-29T06:00:00Z"},
		{"Sunday on which one is repeated", germany, "2027-10-31T12:00:00Z", "2027-11-01T07:00:00Z"},
		{"a night with an hour less", israel, "2027-03-25T20:00:00Z", "2027-03-26T05:00:00Z"},
		{"Christmas: Thursday evening to Monday", germany, "2027-12-23T20:00:00Z", "2027-12-27T07:00:00Z"},
		{"New Year: Thursday evening to Monday", germany, "2027-12-30T21:00:00Z", "2028-01-03T07:00:00Z"},
		{"another country's holiday", france, "2027-12-24T12:00:00Z", ""},
		{"France begins later", france, "2027-06-03T07:30:00Z", "2027-06-03T08:00:00Z"},
		{"France from Friday evening to Monday", france, "2027-06-04T19:00:00Z", "2027-06-06T22:00:00Z"},
		{"New York", "121255501%02d", "2027-06-02T11:30:00Z", "2027-06-02T12:00:00Z"},
		{"Los Angeles at the same time", "121355501%02d", "2027-06-02T11:30:00Z", "2027-06-02T15:00:00Z"},
		{"Arizona in winter", "160255501%02d", "2027-01-05T14:30:00Z", "2027-01-05T15:00:00Z"},
		{"Arizona in summer", "160255501%02d", "2027-07-06T14:30:00Z", "2027-07-06T15:00:00Z"},
		{"Honolulu", "180855501%02d", "2027-07-06T17:30:00Z", "2027-07-06T18:00:00Z"},
		{"a toll-free number: half an hour between Guam and Newfoundland", "180055501%02d", "2027-07-07T00:30:00Z", "2027-07-07T22:00:00Z"},
		{"India", "9198765432%02d", "2027-06-02T15:00:00Z", "2027-06-03T02:30:00Z"},
		{"São Paulo", "55119876543%02d", "2027-06-02T10:30:00Z", "2027-06-02T11:00:00Z"},
		{"Manaus by its area code", "55929876543%02d", "2027-06-02T11:30:00Z", "2027-06-02T12:00:00Z"},
		{"Brazil's holiday", "55119876543%02d", "2027-11-15T15:00:00Z", "2027-11-16T11:00:00Z"},
		{"an Australian morning: Perth is last", "614915701%02d", "2027-06-02T22:30:00Z", "2027-06-03T00:00:00Z"},
		{"an Australian evening: Lord Howe is first", "614915701%02d", "2027-06-03T09:45:00Z", "2027-06-04T00:00:00Z"},
		{"an Australian noon", "614915701%02d", "2027-06-03T02:00:00Z", ""},
	} {
		o.travel(t, c.now)
		to := o.resident(t, c.to)
		if got := o.next(t, offer(to)); got != c.next {
			t.Errorf("%s: at %s next is %q, want %q", c.what, c.now, got, c.next)
		}
		if c.next == "" {
			continue
		}
		o.travel(t, c.next)
		if got := o.next(t, offer(to)); got != "" {
			t.Errorf("%s: at the moment named it is quiet until %s", c.what, got)
		}
		o.Clock.Jump(-time.Second)
		if got := o.next(t, offer(to)); got != c.next {
			t.Errorf("%s: a second before, next is %q", c.what, got)
		}
	}
}

const (
	germany = "4917139200%02d"
	france  = "336399800%02d"
	israel  = "972501234%03d"
)

// resident is a person with every consent and a number of that form.
func (o *office) resident(t *testing.T, form string) string {
	t.Helper()
	o.people++
	to := fmt.Sprintf(form, o.people+19) // the first ones are the demo's own
	o.consent(t, to, "marketing", "utility", "authentication")
	return to
}

func whoRests(t *testing.T, o *office) {
	o.travel(t, "2027-06-02T20:00:00Z")
	to := o.resident(t, germany)
	o.want(t, "an offer", offer(to), "quiet_hours")
	o.want(t, "a notice", notice(to), "sent")
	o.want(t, "a login code", code(to), "sent")
	o.wrote(t, to, time.Minute)
	o.want(t, "an answer", text(to, "Hello"), "sent")
	o.want(t, "an offer in an open window", offer(to), "quiet_hours")
	o.rule(t, quietNights+"  categories: [marketing, utility]\n")
	o.want(t, "a notice that rests", notice(to), "quiet_hours")
	o.want(t, "a login code never rests", code(to), "sent")
	o.want(t, "an answer never rests", text(to, "Hello"), "sent")
	o.rule(t, quietNights)
}

func zoneStoredWithThePerson(t *testing.T, o *office) {
	o.travel(t, "2027-06-02T20:00:00Z")
	to := o.resident(t, germany)
	o.want(t, "by the number", offer(to), "quiet_hours")
	o.know(t, "fact,number,zone,time", "zone,+"+to+",America/New_York,"+o.stamp(time.Hour))
	o.want(t, "in New York it is four", offer(to), "sent")
	o.know(t, "fact,number,zone,time", "zone,+"+to+",Asia/Tokyo,"+o.stamp(time.Minute))
	if got := o.next(t, offer(to)); got != "2027-06-02T23:00:00Z" {
		t.Errorf("moved to Tokyo: next is %q", got)
	}
	var done admin.Imported
	o.Admin(t, "facts.import", admin.Import{Format: "jsonl", Data: `{"fact":"zone","number":"` + to + `","zone":"America/New_York","time":"` + o.stamp(2*time.Hour) + `"}`}, &done)
	if len(done.Problems) != 1 || done.Problems[0].Reason != admin.ReasonKnown {
		t.Errorf("an older zone: %+v", done)
	}
	o.want(t, "still Tokyo", offer(to), "quiet_hours")
}

func nobodyKnowsWhere(t *testing.T, o *office) {
	o.travel(t, "2027-07-06T17:30:00Z")
	for _, c := range []struct{ to, header, now, next string }{
		{"US.13491208655302741918", "user_id", "2027-07-06T17:30:00Z", "2027-07-06T18:00:00Z"}, // Honolulu is last
		{"US.13491208655302741919", "user_id", "2027-07-07T00:30:00Z", "2027-07-07T18:00:00Z"}, // New York is first
	} {
		o.travel(t, c.now)
		o.know(t, "fact,"+c.header+",category,source,time", "consent,"+c.to+",marketing,web_form,"+o.stamp(time.Hour))
		if got := o.next(t, offer(c.to)); got != c.next {
			t.Errorf("%s: next is %q, want %q", c.to, got, c.next)
		}
	}
	const nowhere = "XA.13491208655302741920" // a country that is none
	o.travel(t, "2027-06-03T11:00:00Z")
	o.know(t, "fact,user_id,category,source,time", "consent,"+nowhere+",marketing,web_form,"+o.stamp(time.Hour), "consent,"+nowhere+",utility,web_form,"+o.stamp(time.Hour))
	o.want(t, "an offer to nowhere", offer(nowhere), "facts_missing")
	o.want(t, "a notice to nowhere", notice(nowhere), "sent")
	o.know(t, "fact,user_id,zone,time", "zone,"+nowhere+",Europe/Berlin,"+o.stamp(time.Hour))
	o.want(t, "an offer, now that the zone is known", offer(nowhere), "sent")
}

func quietSettings(t *testing.T, o *office) {
	night := func(hours string) string {
		return "quiet_hours: {hours: {sat: [" + hours + "], sun: [" + hours + "]}}\n"
	}
	for _, c := range []struct{ what, settings, now, next string }{
		{"a night with an hour more", night(`"20:00-08:00"`), "2027-10-30T20:00:00Z", "2027-10-31T07:00:00Z"},
		{"hours that end in the skipped hour", night(`"01:00-02:30"`), "2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z"},
		{"a lunch break", night(`"12:00-13:00"`), "2027-06-05T10:15:00Z", "2027-06-05T11:00:00Z"},
		{"two that touch", night(`"12:00-13:00", "13:00-14:00"`), "2027-06-05T10:15:00Z", "2027-06-05T12:00:00Z"},
		{"observed only", "modes: {quiet_hours: observe until 2027-07-01}\n", "2027-06-05T22:00:00Z", ""},
		{"no longer observed", "modes: {quiet_hours: observe until 2027-06-05}\n", "2027-06-05T22:00:00Z", "2027-06-07T06:00:00Z"},
	} {
		o.rule(t, c.settings)
		o.travel(t, c.now)
		if got := o.next(t, offer(o.resident(t, germany))); got != c.next {
			t.Errorf("%s: next is %q, want %q", c.what, got, c.next)
		}
		if rec := o.last(t, "admission"); strings.Contains(c.settings, "observe") && c.next == "" && !slices.Equal(rec.Observed, []string{"quiet_hours"}) {
			t.Errorf("%s: on record %v", c.what, rec.Observed)
		}
	}
}
