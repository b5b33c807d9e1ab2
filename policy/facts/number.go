package facts

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/nyaruka/phonenumbers"

	"postern/policy"
)

// Key is the form under which numbers of one line are one: digits only, without
// Brazil's ninth digit and the mobile digits of Mexico and Argentina. It is for
// comparing, never for sending. "" if there is no digit.
func Key(number string) string {
	d := digits(number)
	switch {
	case len(d) == 13 && strings.HasPrefix(d, "55") && d[4] == '9' && mobileBrazil(d[5]):
		return d[:4] + d[5:]
	case len(d) == 13 && strings.HasPrefix(d, "521"):
		return "52" + d[3:]
	case len(d) == 13 && strings.HasPrefix(d, "549"):
		return "54" + d[3:]
	}
	return d
}

// mobileBrazil reports whether the old subscriber number was a mobile one.
func mobileBrazil(first byte) bool { return first >= '6' && first <= '9' }

// Forms lists the forms under which the same line may be written, its key first.
func Forms(number string) []string {
	key := Key(number)
	switch {
	case len(key) == 12 && strings.HasPrefix(key, "55") && mobileBrazil(key[4]):
		return []string{key, key[:4] + "9" + key[4:]}
	case len(key) == 12 && strings.HasPrefix(key, "52"):
		return []string{key, "521" + key[2:]}
	case len(key) == 12 && strings.HasPrefix(key, "54"):
		return []string{key, "549" + key[2:]}
	}
	return []string{key}
}

func digits(number string) string {
	clean := true
	for i := range len(number) {
		clean = clean && number[i] >= '0' && number[i] <= '9'
	}
	if clean {
		return number
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// Dial splits a number into its calling code and the digits after it; empty if no
// numbering plan knows it.
func Dial(number string) (code, national string) {
	d := digits(number)
	n, err := phonenumbers.Parse("+"+d, "")
	if err != nil {
		return "", ""
	}
	code = strconv.Itoa(int(n.GetCountryCode()))
	return code, strings.TrimPrefix(d, code)
}

// Place is where a number may be used, as far as the number tells. Look it up
// once per person and keep it: it costs some 20 us.
type Place struct {
	Country string   // ISO 3166-1 alpha-2, "" if unknown
	Zones   []string // IANA names; every one the person may be in, sorted
}

// PlaceOf finds country and zones of a number. Area codes decide where they are
// geographic; the mobile numbers of other countries with several zones may be
// in any of them.
func PlaceOf(number string) Place {
	d := dialled(digits(number))
	n, err := phonenumbers.Parse("+"+d, "")
	if err != nil {
		return Place{}
	}
	p := Place{Country: phonenumbers.GetRegionCodeForNumber(n)}
	if p.Country == "" || p.Country == "ZZ" {
		p.Country = only(phonenumbers.GetRegionCodesForCountryCode(int(n.GetCountryCode())))
	}
	p.Zones = zonesOf(d, n, p.Country)
	return p
}

// dialled is the form the numbering plan knows: today's nine digits in Brazil,
// no mobile digit in Mexico, the mobile digit in Argentina.
func dialled(d string) string {
	key := Key(d)
	switch {
	case len(key) == 12 && strings.HasPrefix(key, "55") && mobileBrazil(key[4]):
		return key[:4] + "9" + key[4:]
	case strings.HasPrefix(key, "52"):
		return key
	}
	return d
}

// only returns the single country of a calling code, "" if it has several.
func only(countries []string) string {
	if len(countries) == 1 && len(countries[0]) == 2 {
		return countries[0]
	}
	return ""
}

func zonesOf(d string, n *phonenumbers.PhoneNumber, country string) []string {
	if all, several := countryZones[country]; several && !geographic[country] &&
		phonenumbers.GetNumberType(n) != phonenumbers.FIXED_LINE {
		return slices.Clone(all)
	}
	zones, err := phonenumbers.GetTimezonesForPrefix(d)
	if err != nil {
		return ZonesOfCountry(country)
	}
	zones = slices.Clone(zones)
	zones = slices.DeleteFunc(zones, unknown)
	if len(zones) == 0 {
		return ZonesOfCountry(country)
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// ZonesOfCountry lists every zone of a country, for a person without a number.
// Nil if the country is unknown.
func ZonesOfCountry(country string) []string {
	if all, several := countryZones[country]; several {
		return slices.Clone(all)
	}
	code := phonenumbers.GetCountryCodeForRegion(country)
	if code == 0 {
		return nil
	}
	example := phonenumbers.GetExampleNumber(country)
	if example == nil {
		return nil
	}
	zones, err := phonenumbers.GetTimezonesForNumber(example)
	if err != nil {
		return nil
	}
	zones = slices.DeleteFunc(slices.Clone(zones), unknown)
	slices.Sort(zones)
	return zones
}

// CountryOfUserID reads the country that a business-scoped user id begins with.
func CountryOfUserID(id string) string {
	if len(id) > 3 && id[2] == '.' && id[0] >= 'A' && id[0] <= 'Z' && id[1] >= 'A' && id[1] <= 'Z' {
		return id[:2]
	}
	return ""
}

// LocalTimes is what policy sees of the person's local time: one entry for each
// zone that loads. own is the zone stored with the person, which wins.
func LocalTimes(now time.Time, own string, candidates []string) []policy.Local {
	if own != "" {
		candidates = []string{own}
	}
	out := make([]policy.Local, 0, len(candidates))
	for _, z := range candidates {
		loc := location(z)
		if loc == nil {
			continue
		}
		t := now.In(loc)
		_, offset := t.Zone()
		out = append(out, policy.Local{
			Zone: z, Offset: offset, Minute: t.Hour()*60 + t.Minute(),
			Weekday: int(t.Weekday()), Date: t.Format(time.DateOnly),
		})
	}
	return out
}

// locations are the zones loaded so far: loading reads and parses a file, and
// every message asks. There are some 600 zones, so nothing is ever dropped.
var locations sync.Map // name -> *time.Location

func unknown(zone string) bool { return location(zone) == nil }

func location(name string) *time.Location {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location) //nolint:forcetypeassert // only stored below
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil // not kept: a name may come from outside, and there is no end of wrong ones
	}
	locations.Store(name, loc)
	return loc
}
