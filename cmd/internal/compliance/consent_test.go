package compliance

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
)

// TestConsent goes through what a compliance officer may ask of an opt-in.
func TestConsent(t *testing.T) {
	t.Parallel()
	o := open(t)
	for name, f := range map[string]func(*testing.T, *office){
		"categories": eachCategoryNeedsItsOwn, "sources": sourcesThatCount, "age": consentGrowsOld,
		"general": generalConsent, "revoked": consentTakenBack, "not required": consentNotRequired,
		"identity": identityChanges, "ledger": theLedgerKeepsEverything, "forms": formsOfANumber, "files": everyKindFromAFile, "user id": peopleWithoutNumber,
	} {
		t.Run(name, func(t *testing.T) {
			o.rule(t, quietNever)
			f(t, o)
		})
	}
}

// quietNever keeps the hour at which tests run out of them.
const quietNever = "quiet_hours: {categories: []}\n"

func eachCategoryNeedsItsOwn(t *testing.T, o *office) {
	sends := map[string]func(string) string{"marketing": offer, "utility": notice, "authentication": code}
	for given := range sends {
		to := o.anybody()
		o.consent(t, to, given)
		for asked, send := range sends {
			want := "opt_in_missing"
			if asked == given {
				want = "sent"
			}
			o.want(t, given+" given, "+asked+" sent", send(to), want)
		}
		o.want(t, given+" given, free text sent", text(to, "Hello"), "window_closed")
	}
}

func sourcesThatCount(t *testing.T, o *office) {
	o.rule(t, quietNever+"consent: {marketing: {sources: [branch, double_opt_in]}}\n")
	web, branch := o.anybody(), o.anybody()
	o.know(t, "fact,number,category,source,time",
		"consent,+"+web+",marketing,web_form,"+o.stamp(time.Hour), "consent,+"+branch+",marketing,branch,"+o.stamp(time.Hour),
		"consent,+"+web+",utility,web_form,"+o.stamp(time.Hour))
	o.want(t, "web form", offer(web), "opt_in_source")
	o.want(t, "branch", offer(branch), "sent")
	o.want(t, "web form for another category", notice(web), "sent")
}

func consentGrowsOld(t *testing.T, o *office) {
	o.rule(t, quietNever+"consent: {marketing: {max_age_days: 30}}\n")
	const day = 24 * time.Hour
	young, old, ends := o.anybody(), o.anybody(), o.anybody()
	o.know(t, "fact,number,category,source,time,expires",
		"consent,+"+young+",marketing,web_form,"+o.stamp(30*day-time.Hour)+",", "consent,+"+old+",marketing,web_form,"+o.stamp(30*day+time.Hour)+",",
		"consent,+"+ends+",marketing,web_form,"+o.stamp(day)+","+o.stamp(-time.Hour))
	o.want(t, "a day short of 30", offer(young), "sent")
	o.want(t, "more than 30 days", offer(old), "opt_in_expired")
	o.want(t, "an hour before its end", offer(ends), "sent")
	o.Clock.Forward(2 * time.Hour)
	o.want(t, "two hours later: too old", offer(young), "opt_in_expired")
	o.want(t, "two hours later: ended", offer(ends), "opt_in_expired")
	o.consent(t, old, "marketing")
	o.want(t, "asked again", offer(old), "sent")
}

func generalConsent(t *testing.T, o *office) {
	to := o.anybody()
	o.consent(t, to, "general")
	o.want(t, "general by default", notice(to), "opt_in_missing")
	o.rule(t, quietNever+"consent: {general_covers: [utility]}\n")
	o.want(t, "general covers it", notice(to), "sent")
	o.want(t, "general does not cover it", offer(to), "opt_in_missing")
}

func consentTakenBack(t *testing.T, o *office) {
	to := o.member(t)
	o.want(t, "before", offer(to), "sent")
	o.Admin(t, "consent.revoke", admin.Consent{Who: admin.Who{Number: to}, Category: "marketing", Source: "call"}, nil)
	o.want(t, "marketing taken back", offer(to), "opt_in_missing")
	o.want(t, "utility stays", notice(to), "sent")
	o.Admin(t, "consent.add", admin.Consent{Who: admin.Who{Number: to}, Category: "marketing", Source: "branch"}, nil)
	o.want(t, "given again", offer(to), "sent")
	late := admin.Consent{Who: admin.Who{Number: to}, Category: "marketing", Source: "call", At: o.stamp(30 * time.Minute)}
	if err := o.TryAdmin(t, "consent.revoke", late, nil); err == nil {
		t.Error("a revocation older than the consent is taken as if it were news")
	}
	o.Admin(t, "consent.revoke", admin.Consent{Who: admin.Who{Number: to}, Category: "all", Source: "letter"}, nil)
	o.want(t, "everything refused", notice(to), "opted_out")
	o.Admin(t, "consent.add", admin.Consent{Who: admin.Who{Number: to}, Category: "utility", Source: "branch"}, nil)
	o.want(t, "a consent does not undo a stop", notice(to), "opted_out")
	o.Admin(t, "consent.add", admin.Consent{Who: admin.Who{Number: to}, Category: "utility", Source: "branch", OptIn: true}, nil)
	o.want(t, "unless it says so", notice(to), "sent")
}

func consentNotRequired(t *testing.T, o *office) {
	o.rule(t, quietNever+"consent: {utility: {required: false}}\n")
	to := o.anybody()
	o.want(t, "utility without consent", notice(to), "sent")
	o.want(t, "marketing without consent", offer(to), "opt_in_missing")
	o.hear(t, to, says("stop"))
	o.want(t, "utility after a stop", notice(to), "opted_out")
}

func identityChanges(t *testing.T, o *office) {
	system := func(kind string) map[string]any {
		return map[string]any{"type": "system", "system": map[string]any{"type": kind, "body": "changed"}}
	}
	for _, c := range []struct{ proof, after string }{{"same", "sent"}, {"new", "opt_in_missing"}} {
		to := o.member(t)
		o.wrote(t, to, time.Minute)
		o.want(t, "before", notice(to), "sent")
		o.hear(t, to, system("customer_identity_changed"))
		for _, send := range []string{notice(to), code(to), text(to, "Hello")} {
			o.want(t, "after the change", send, "identity_changed")
		}
		o.Clock.Forward(time.Second)
		o.know(t, "fact,number,identity,source,time", "identity,+"+to+","+c.proof+",call,"+o.stamp(0))
		o.want(t, "confirmed: "+c.proof, notice(to), c.after)
		o.consent(t, to, "utility") // given an hour ago: to whoever it was
		o.want(t, "an older consent: "+c.proof, notice(to), c.after)
	}
	moved := o.member(t)
	o.hear(t, moved, system("user_changed_number"))
	o.want(t, "the number a person left", offer(moved), "opt_in_missing")
}

func theLedgerKeepsEverything(t *testing.T, o *office) {
	to := o.anybody()
	at, until := o.stamp(time.Hour), o.stamp(-365*24*time.Hour)
	o.Admin(t, "consent.add", admin.Consent{
		Who: admin.Who{Number: "+" + to}, Category: "marketing", Scope: "offers for members", Source: "branch", Evidence: "form-2026-118", Notice: "v3",
		Language: "de", Entity: "Example Sub Ltd", At: at, Until: until,
	}, nil)
	want := map[string]any{
		"given": true, "scope": "offers for members", "source": "branch", "evidence": "form-2026-118", "notice": "v3",
		"language": "de", "entity": "Example Sub Ltd", "actor": "demo",
	}
	ledger(t, o, to, want, at, until)
	second := o.anybody()
	o.know(t, "fact,number,category,scope,source,evidence,notice,language,entity,actor,time,expires",
		"consent,+"+second+",marketing,offers for members,branch,form-2026-118,v3,de,Example Sub Ltd,demo,"+at+","+until)
	ledger(t, o, second, want, at, until)
	third := o.anybody()
	line := map[string]string{"fact": "consent", "number": third, "category": "marketing", "source": "branch", "time": at}
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	o.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "jsonl", Data: string(raw)}, nil)
	ledger(t, o, third, map[string]any{"given": true, "scope": "", "source": "branch", "entity": "Example Ltd", "actor": "demo"}, at, "")
	for _, c := range []admin.Consent{
		{Who: admin.Who{Number: to}, Category: "utility", Source: "branch", Evidence: "call with " + to},
		{Who: admin.Who{Number: to}, Category: "utility", Source: "branch", Evidence: "mail of ana@example.com"},
		{Who: admin.Who{Number: to}, Category: "utility"},
		{Who: admin.Who{Number: to}, Category: "promotion", Source: "branch"},
	} {
		if err := o.TryAdmin(t, "consent.add", c, nil); err == nil {
			t.Errorf("taken: %+v", c)
		}
	}
}

// ledger compares the person's one consent, as shown and as recorded.
func ledger(t *testing.T, o *office, to string, want map[string]any, at, until string) {
	t.Helper()
	var known admin.Known
	o.Admin(t, "consent.show", admin.Who{Number: to}, &known)
	if len(known.Facts) != 1 {
		t.Fatalf("%d facts: %+v", len(known.Facts), known.Facts)
	}
	f := known.Facts[0]
	var value map[string]any
	if err := json.Unmarshal(f.Value, &value); err != nil {
		t.Fatal(err)
	}
	if !same(value, want) || f.Kind != "consent" || f.Key != "marketing" || f.Time != at || f.Until != until {
		t.Errorf("%s %s of %s until %q: %s", f.Kind, f.Key, f.Time, f.Until, f.Value)
	}
	rec := o.last(t, "consent")
	if rec.ID.String() != f.Record || rec.Subject != known.Subject || rec.Category != "marketing" || rec.Actor != "operator:demo" && rec.Actor != "demo" ||
		strings.Contains(rec.Parts["detail"], to) || !strings.Contains(rec.Parts["detail"], `"source":"branch"`) {
		t.Errorf("record: %+v", rec)
	}
}

func same(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// formsOfANumber: a stop counts for every way to write a number, a consent for
// the one it was proven for.
func formsOfANumber(t *testing.T, o *office) {
	for country, forms := range map[string][2]string{
		"Brazil": {"5511987650001", "551187650001"}, "Mexico": {"525512340001", "5215512340001"}, "Argentina": {"541123450001", "5491123450001"},
	} {
		for i := range forms {
			to, other := forms[i]+"", forms[1-i]
			to, other = to[:len(to)-1]+string(rune('1'+i)), other[:len(other)-1]+string(rune('1'+i))
			o.consent(t, to, "utility")
			o.want(t, country+": the proven form", notice(to), "sent")
			o.want(t, country+": the other form", notice(other), "opt_in_missing")
			o.consent(t, other, "utility")
			o.want(t, country+": the other form, proven", notice(other), "sent")
			o.hear(t, other, says("stop"))
			o.want(t, country+": stopped by the other form", notice(to), "opted_out")
			o.want(t, country+": stopped", notice(other), "opted_out")
		}
	}
}

// everyKindFromAFile: what an import says is known and on record, whatever the
// form of the file; a bad line between good ones is named and none is lost.
func everyKindFromAFile(t *testing.T, o *office) {
	columns := strings.Split("fact,number,category,scope,source,business,zone,identity,time", ",")
	for _, format := range []string{"csv", "jsonl"} {
		to, at := o.anybody(), o.stamp(time.Hour)
		data := ""
		if format == "csv" {
			data = strings.Join(columns, ",") + "\n"
		}
		for _, line := range []string{
			"consent," + to + ",marketing,offers,branch,,,," + at, "revoke," + to + ",utility,,call,,,," + at, "optout," + to + ",,marketing,letter,,,," + at,
			"optout," + to + ",,some,letter,,,," + at, "window," + to + ",,,," + o.Env["POSTERN_PHONE_ID"] + ",,," + at,
			"zone," + to + ",,,,,Europe/Berlin,," + at, "identity," + to + ",,,call,,,same," + at,
		} {
			data += lineOf(t, format, columns, strings.Split(line, ",")) + "\n"
		}
		var done admin.Imported
		o.Admin(t, "facts.import", admin.Import{Format: format, Data: data}, &done)
		bad := map[string]int{"csv": 5, "jsonl": 4}[format]
		if done.Read != 7 || done.Stored != 6 || len(done.Problems) != 1 || done.Problems[0].Line != bad || !strings.HasPrefix(done.Problems[0].Reason, "scope: write marketing or all") {
			t.Errorf("%s: %+v", format, done)
		}
		var known admin.Known
		o.Admin(t, "subject.show", admin.Who{Number: to}, &known)
		kinds := map[string]int{}
		for _, f := range known.Facts {
			kinds[f.Kind]++
			if f.Time != at || f.Record == "" {
				t.Errorf("%s: %+v", format, f)
			}
		}
		if len(kinds) != 5 || kinds["consent"] != 2 {
			t.Errorf("%s: known are %v", format, kinds)
		}
		if rows := o.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'consent' AND type = 'import' AND subject = '"+known.Subject+"'"); rows[0][0] != "6" {
			t.Errorf("%s: %s records of the import", format, rows[0][0])
		}
		o.want(t, format+": marketing", offer(to), "marketing_stopped")
		o.want(t, format+": utility", notice(to), "opt_in_missing")
		o.want(t, format+": text", text(to, "Hello"), "sent")
	}
}

func lineOf(t *testing.T, format string, columns, values []string) string {
	t.Helper()
	if format == "csv" {
		return strings.Join(values, ",")
	}
	object := map[string]string{}
	for i, v := range values {
		if v != "" {
			object[columns[i]] = v
		}
	}
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// peopleWithoutNumber are known by a business-scoped user id.
func peopleWithoutNumber(t *testing.T, o *office) {
	const to = "DE.13491208655302741918"
	o.want(t, "nobody knows them", notice(to), "opt_in_missing")
	o.know(t, "fact,user_id,category,source,time", "consent,"+to+",utility,web_form,"+o.stamp(time.Hour))
	o.want(t, "consent by user id", notice(to), "sent")
	o.want(t, "no window", text(to, "Hello"), "window_closed")
	o.hear(t, to, says("Good morning"))
	o.want(t, "window by user id", text(to, "Hello"), "sent")
	o.hear(t, to, says("STOP"))
	o.want(t, "stopped", notice(to), "opted_out")
}
