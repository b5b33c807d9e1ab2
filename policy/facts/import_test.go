package facts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postern/policy/facts"
)

var importNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// readAll returns the good entries and the texts of the line errors.
func readAll(t *testing.T, text string, format facts.Format) (good []facts.Entry, bad []string) {
	t.Helper()
	for e, err := range facts.Import(strings.NewReader(text), format, importNow) {
		var line *facts.LineError
		switch {
		case errors.As(err, &line):
			bad = append(bad, line.Error())
		case err != nil:
			t.Fatal(err)
		default:
			good = append(good, e)
		}
	}
	return good, bad
}

const header = "fact,number,user_id,category,scope,source,evidence,notice,language,entity,time,expires,actor,business,zone,identity\n"

func TestImportReadsEveryKindFromBothFormats(t *testing.T) {
	asCSV := "\ufeff" + header +
		"consent,+49 171 1234567,,marketing,offers,web_form,form-77,v3,de,Bank AG,2026-10-01T10:00:00Z,2028-10-01,anna,,,\n" +
		"revoke,491711234567,,utility,,call,,,,,2026-10-02,,,,,\n" +
		"optout,,US.13491208655302741918,,all,,,,,,2026-10-03,,,,,\n" +
		"window,491711234567,,,,,,,,,2026-11-21T11:00:00Z,,,106540352242922,,\n" +
		"zone,491711234567,,,,,,,,,2026-11-01,,,,America/Sao_Paulo,\n" +
		"identity,491711234567,,,,call,,,,,2026-11-02,,,,,new\n"
	asJSON := `{"fact":"consent","number":"+49 171 1234567","category":"marketing","scope":"offers","source":"web_form","evidence":"form-77","notice":"v3","language":"de","entity":"Bank AG","time":"2026-10-01T10:00:00Z","expires":"2028-10-01","actor":"anna"}
{"fact":"revoke","number":"491711234567","category":"utility","source":"call","time":"2026-10-02"}

{"fact":"optout","user_id":"US.13491208655302741918","scope":"all","time":"2026-10-03"}
{"fact":"window","number":"491711234567","time":"2026-11-21T11:00:00Z","business":"106540352242922"}
{"fact":"zone","number":"491711234567","time":"2026-11-01","zone":"America/Sao_Paulo"}
{"fact":"identity","number":"491711234567","source":"call","time":"2026-11-02","identity":"new"}`
	for format, text := range map[facts.Format]string{facts.CSV: asCSV, facts.JSONLines: asJSON} {
		good, bad := readAll(t, text, format)
		if len(bad) != 0 || len(good) != 6 {
			t.Fatalf("%s: %d good, bad %q", format, len(good), bad)
		}
		p := facts.Person{Tenant: "bank", Subject: facts.Subject{1}}
		row := good[0].Row(p)
		want := `{"given":true,"scope":"offers","source":"web_form","evidence":"form-77","notice":"v3","language":"de","entity":"Bank AG","actor":"anna"}`
		if row.Kind != facts.KindConsent || row.Key != "marketing" || string(row.Value) != want || row.Until == 0 {
			t.Errorf("%s: consent row %s %s %s", format, row.Kind, row.Key, row.Value)
		}
		if good[0].Number != "491711234567" || good[2].UserID == "" {
			t.Errorf("%s: people %+v", format, good)
		}
		kinds := []string{facts.KindConsent, facts.KindConsent, facts.KindOptOut, facts.KindWindow, facts.KindZone, facts.KindIdentity}
		for i, e := range good {
			if got := e.Row(p).Kind; got != kinds[i] {
				t.Errorf("%s: entry %d is a %s, want %s", format, i, got, kinds[i])
			}
		}
	}
}

func TestImportNamesEveryBadLine(t *testing.T) {
	line := func(s string) string { return header + s + ",,\n" }
	for name, c := range map[string]struct{ text, want string }{
		"no person":          {line("consent,,,marketing,,web,,,,,2026-10-01,,,"), "2:9: number: neither"},
		"two persons":        {line("consent,491711234567,US.134,marketing,,web,,,,,2026-10-01,,,"), "2:22: user_id: number and user_id both"},
		"letters":            {line("consent,49abc1234567,,marketing,,web,,,,,2026-10-01,,,"), "number: holds something"},
		"national number":    {line("consent,01711234567,,marketing,,web,,,,,2026-10-01,,,"), "number: not an international number"},
		"trunk zero":         {line("consent,+49 0171 1234567,,marketing,,web,,,,,2026-10-01,,,"), "2:9: number: has a 0"},
		"zero in brackets":   {line("consent,+49 (0)171 1234567,,marketing,,web,,,,,2026-10-01,,,"), "2:9: number: has a 0"},
		"category":           {line("consent,491711234567,,promo,,web,,,,,2026-10-01,,,"), "2:23: category: write marketing"},
		"no source":          {line("consent,491711234567,,marketing,,,,,,,2026-10-01,,,"), "source: missing"},
		"no time":            {line("consent,491711234567,,marketing,,web,,,,,,,,"), "time: not a time"},
		"future":             {line("consent,491711234567,,marketing,,web,,,,,2027-10-01,,,"), "time: lies in the future"},
		"expiry before time": {line("consent,491711234567,,marketing,,web,,,,,2026-10-01,2026-09-01,,"), "expires: lies before"},
		"number as evidence": {line("consent,491711234567,,marketing,,web,call 49 171 1234567,,,,2026-10-01,,,"), "evidence: holds the person's number"},
		"fact":               {line("permission,491711234567,,marketing,,web,,,,,2026-10-01,,,"), "2:1: fact: write consent"},
		"scope":              {line("optout,491711234567,,,some,,,,,,2026-10-01,,,"), "scope: write marketing or all"},
		"lost value":         {line("optout,491711234567,,utility,all,,,,,,2026-10-01,,,"), "category: has no meaning"},
		"lost evidence":      {line("optout,491711234567,,,all,,form-7,,,,2026-10-01,,,"), "evidence: has no meaning"},
		"lost business":      {line("consent,491711234567,,marketing,,web,,,,,2026-10-01,,,106540352242922"), "business: has no meaning"},
		"lost language":      {line("window,491711234567,,,,,,,de,,2026-10-01,,,106540352242922"), "language: has no meaning"},
		"zone":               {header + "zone,491711234567,,,,,,,,,2026-10-01,,,,Berlin,\n", "zone: write the time zone's name"},
		"identity":           {header + "identity,491711234567,,,,,,,,,2026-10-01,,,,,other\n", "identity: write same"},
		"business":           {line("window,491711234567,,,,,,,,,2026-10-01,,,main"), "business: write the phone_number_id"},
		"too few values":     {line("consent,491711234567"), "2:1: 4 values, but the header names 16"},
		"quote":              {line(`consent,4917"11234567,,marketing,,web,,,,,2026-10-01,,,`), "a quote stands alone"},
		"header":             {"fact,phone\nconsent,491711234567\n", "1:2: column 2 has an unknown name"},
		"control character":  {line("consent,491711234567,,marketing,,we\x07b,,,,,2026-10-01,,,"), "source: holds a control character"},
	} {
		good, bad := readAll(t, c.text, facts.CSV)
		if len(good) != 0 || len(bad) != 1 || !strings.Contains(bad[0], c.want) {
			t.Errorf("%s: %d good, errors %q, want %q", name, len(good), bad, c.want)
		}
		if len(bad) == 1 && strings.Contains(bad[0], "1711234567") {
			t.Errorf("%s: the error quotes the number", name)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"not an object": {`["consent"]`, "1:2: not a JSON object"},
		"unknown key":   {`{"fact":"consent","phone":"1"}`, "unknown key"},
		"number value":  {`{"fact":"consent","number":491711234567}`, "number: not text"},
		"twice":         {`{"fact":"consent","fact":"optout"}`, "a key is there twice"},
		"trailing":      {`{"fact":"consent"} {"fact":"optout"}`, "something follows"},
		"cut off":       {`{"fact":"consent"`, "1:"},
		"long":          {`{"fact":"` + strings.Repeat("x", 70_000) + `"}`, "longer than 65536 bytes"},
	} {
		good, bad := readAll(t, c.text, facts.JSONLines)
		if len(good) != 0 || len(bad) != 1 || !strings.Contains(bad[0], c.want) {
			t.Errorf("%s: %d good, errors %q, want %q", name, len(good), bad, c.want)
		}
	}
}

func TestImportGoesOnAfterBadLines(t *testing.T) {
	good, bad := readAll(t, header+
		"optout,491711234567,,,all,,,,,,2026-10-01,,,,,\n"+
		"optout,nobody,,,all,,,,,,2026-10-01,,,,,\n"+
		"optout,491711234568,,,all\n"+
		"optout,491711234569,,,all,,,,,,2026-10-01,,,,,\n", facts.CSV)
	if len(good) != 2 || len(bad) != 2 || good[1].Line != 5 {
		t.Errorf("%d good, %d bad: %q", len(good), len(bad), bad)
	}
}

func TestImportRefusesUnknownFormatAndEmptyFile(t *testing.T) {
	for format, text := range map[facts.Format]string{"xml": "x", facts.CSV: ""} {
		n := 0
		for _, err := range facts.Import(strings.NewReader(text), format, importNow) {
			if n++; err == nil {
				t.Errorf("%s: no error", format)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d answers, want one error", format, n)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add(header+"consent,491711234567,,marketing,,web,,,,,2026-10-01,,,\n", true)
	f.Add(`{"fact":"optout","number":"491711234567","scope":"all","time":"2026-10-01"}`, false)
	f.Fuzz(func(t *testing.T, text string, asCSV bool) {
		format := facts.JSONLines
		if asCSV {
			format = facts.CSV
		}
		s := facts.New()
		for e, err := range facts.Import(strings.NewReader(text), format, importNow) {
			if err != nil {
				continue
			}
			if err := s.Apply(e.Row(facts.Person{Tenant: "bank", Subject: facts.Subject{1}})); err != nil {
				t.Fatalf("an entry that was accepted does not apply: %v", err)
			}
		}
	})
}
