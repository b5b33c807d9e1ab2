package facts_test

import (
	"slices"
	"testing"
	"time"

	"postern/policy/facts"
)

func TestKeyMakesOnePersonOfNumberForms(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"+5582999887766", "558299887766"},
		{"+5511987654321", "551187654321"},
		{"5215512345678", "52 55 1234 5678"},
		{"5491123456789", "+54 11 2345-6789"},
	} {
		if facts.Key(c.a) != facts.Key(c.b) {
			t.Errorf("%q and %q have keys %q and %q", c.a, c.b, facts.Key(c.a), facts.Key(c.b))
		}
		forms := facts.Forms(c.a)
		if len(forms) != 2 || facts.Key(forms[1]) != forms[0] {
			t.Errorf("forms of %q: %q", c.a, forms)
		}
	}
	for _, c := range []struct{ a, b string }{
		{"5511932345678", "551132345678"},   // old subscriber part 3...: a land line there
		{"+491711234567", "+4917112345678"}, // different numbers
		{"14155550100", "4155550100"},
	} {
		if facts.Key(c.a) == facts.Key(c.b) {
			t.Errorf("%q and %q share a key", c.a, c.b)
		}
	}
	if facts.Key("no digits") != "" {
		t.Error("a text without digits has a key")
	}
}

func TestPlaceOfNumber(t *testing.T) {
	for _, c := range []struct {
		number, country string
		zone            string
		zones           int // 0: do not care
	}{
		{"491711234567", "DE", "Europe/Berlin", 1},
		{"14155550100", "US", "America/Los_Angeles", 1},
		{"12125550100", "US", "America/New_York", 1},
		{"14165550100", "CA", "America/Toronto", 1},
		{"18765551234", "JM", "America/Jamaica", 1},
		{"18095551234", "DO", "America/Santo_Domingo", 1},
		{"79261234567", "RU", "Asia/Kamchatka", 11},
		{"77011234567", "KZ", "Asia/Almaty", 2},
		{"442071838750", "GB", "Europe/London", 1},
		{"5511987654321", "BR", "America/Sao_Paulo", 1},
		{"551187654321", "BR", "America/Sao_Paulo", 1},
		{"5492987654321", "AR", "", 0},
		{"5215512345678", "MX", "America/Mexico_City", 1},
		{"6281234567890", "ID", "Asia/Jayapura", 3},
		{"61412345678", "AU", "Australia/Perth", 7},
		{"34612345678", "ES", "Atlantic/Canary", 2},
	} {
		p := facts.PlaceOf(c.number)
		if p.Country != c.country {
			t.Errorf("%s is in %q, want %q", c.number, p.Country, c.country)
		}
		if c.zone != "" && !slices.Contains(p.Zones, c.zone) || c.zones > 0 && len(p.Zones) != c.zones {
			t.Errorf("%s: zones %q, want %d with %q", c.number, p.Zones, c.zones, c.zone)
		}
	}
	if p := facts.PlaceOf("12"); p.Country != "" || len(p.Zones) != 0 {
		t.Errorf("a number of no country is in %+v", p)
	}
}

func TestEveryListedZoneLoads(t *testing.T) {
	for _, country := range []string{"AU", "BR", "CA", "CD", "CL", "CY", "EC", "ES", "FM", "GL", "ID", "KI", "KZ", "MN", "MX", "NZ", "PF", "PG", "PT", "RU", "US", "DE", "IN", "JP"} {
		zones := facts.ZonesOfCountry(country)
		if got := facts.LocalTimes(time.Unix(0, 0), "", zones); len(got) != len(zones) || len(zones) == 0 {
			t.Errorf("%s: %d of %d zones load", country, len(got), len(zones))
		}
	}
	if facts.ZonesOfCountry("XX") != nil {
		t.Error("an unknown country has zones")
	}
}

func TestLocalTimes(t *testing.T) {
	now := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	got := facts.LocalTimes(now, "", []string{"Asia/Tokyo", "No/Where"})
	if len(got) != 1 || got[0].Minute != 8*60+30 || got[0].Weekday != 0 || got[0].Date != "2026-11-22" || got[0].Offset != 9*3600 {
		t.Errorf("local time in Tokyo: %+v", got)
	}
	if own := facts.LocalTimes(now, "Europe/Berlin", []string{"Asia/Tokyo"}); len(own) != 1 || own[0].Zone != "Europe/Berlin" {
		t.Errorf("the person's own zone does not win: %+v", own)
	}
}

func TestCountryOfUserID(t *testing.T) {
	for id, want := range map[string]string{"US.13491208655302741918": "US", "US.ENT.118": "US", "1349": "", "us.1": "", "": ""} {
		if got := facts.CountryOfUserID(id); got != want {
			t.Errorf("user id form %q: country %q, want %q", id, got, want)
		}
	}
}
