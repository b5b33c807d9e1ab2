package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/policy/pii"
)

// SettingsFile is one layer of settings; Name is used in errors.
type SettingsFile struct {
	Name string
	Raw  []byte
}

// DecodeSettings reads the layers in order; a later one overrides key by key.
// Unknown keys, wrong types and contradictions are all reported at once, as
// file:line:column with what to write.
func DecodeSettings(files ...SettingsFile) (*Settings, error) {
	d := &decoder{places: map[string]place{}}
	s := d.settings(files)
	if err := d.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// settings reads and checks the layers; what is wrong with them is noted. A value
// that cannot be read leaves the one before it.
func (d *decoder) settings(files []SettingsFile) *Settings {
	s := &Settings{}
	for _, f := range files {
		d.decode(f.Name, f.Raw, s)
	}
	d.check(s)
	return s
}

// bad reports a wrong value at the place it was written.
func (d *decoder) bad(path, format string, args ...any) {
	p, ok := d.places[path]
	if !ok {
		p = place{d.file, 1, 1}
	}
	d.errs = append(d.errs, p.errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

func (d *decoder) check(s *Settings) {
	if s.Version != 1 {
		d.bad("version", "this program reads version 1")
	}
	d.checkModes(s)
	d.among("messages.outbound", s.Messages.Outbound, outboundTypes)
	d.among("messages.inbound", s.Messages.Inbound, inboundTypes)
	d.checkRecipients(s)
	d.checkConsent(s)
	d.checkOptOut(s)
	d.checkQuiet(s)
	d.checkMedia(s)
	d.checkLinks(s)
	d.checkManagement(s)
	d.checkResidency(s)
	d.checkPersonalData(s)
	d.checkRetention(s)
	d.among("templates.categories", s.Templates.Categories, templateCategories)
	if m := s.Window.MarginSeconds; m < 0 || m >= 86400 {
		d.bad("window.margin_seconds", "write seconds from 0 to 86399")
	}
}

// among reports every entry that is not one of the known words.
func (d *decoder) among(path string, have, known []string) {
	seen := map[string]bool{}
	for i, h := range have {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !slices.Contains(known, h) {
			d.bad(at, "%q is not known; write one of %s", h, strings.Join(known, ", "))
		}
		if seen[h] {
			d.bad(at, "%q is listed twice; keep one", h)
		}
		seen[h] = true
	}
}

func (d *decoder) checkModes(s *Settings) {
	for code, mode := range s.Modes {
		path := join("modes", code)
		if slices.Contains(alwaysEnforced, code) && mode != "enforce" {
			d.bad(path, "this refusal has no observe mode; remove the line")
			continue
		}
		if _, err := parseMode(mode); err != nil {
			d.bad(path, "write enforce or observe until 2027-01-31")
		}
	}
}

func (d *decoder) checkRecipients(s *Settings) {
	for _, list := range []struct {
		path string
		have []string
	}{{"recipients.allow", s.Recipients.Allow}, {"recipients.deny", s.Recipients.Deny}} {
		for i, c := range list.have {
			d.country(fmt.Sprintf("%s[%d]", list.path, i), c)
		}
	}
	for i, c := range s.Recipients.Deny {
		if slices.Contains(s.Recipients.Allow, c) {
			d.bad(fmt.Sprintf("recipients.deny[%d]", i), "%s is also in recipients.allow; keep it in one list", c)
		}
	}
}

func (d *decoder) country(path, c string) {
	if len(c) != 2 || c[0] < 'A' || c[0] > 'Z' || c[1] < 'A' || c[1] > 'Z' {
		d.bad(path, "write a country as two capital letters, such as DE")
	}
}

func (d *decoder) checkConsent(s *Settings) {
	d.among("consent.general_covers", s.Consent.GeneralCovers, templateCategories)
	for _, c := range templateCategories {
		rule, _ := s.consentRule(c)
		if rule.MaxAgeDays < 0 || rule.MaxAgeDays > 36500 {
			d.bad("consent."+c+".max_age_days", "write days from 0 (no limit) to 36500")
		}
		for i, source := range rule.Sources {
			if source == "" {
				d.bad(fmt.Sprintf("consent.%s.sources[%d]", c, i), "write the name of a source")
			}
		}
	}
}

// checkOptOut builds the words the way they will be compared, so that one that
// means stop and start at once, or nothing, is found here.
func (d *decoder) checkOptOut(s *Settings) {
	var phrases []pii.Phrase
	var at []string
	for _, list := range []struct {
		path  string
		words map[string][]string
	}{{"optout.stop", s.OptOut.Stop}, {"optout.start", s.OptOut.Start}} {
		for _, lang := range slices.Sorted(maps.Keys(list.words)) {
			for i, w := range list.words[lang] {
				p := pii.Phrase{Text: w, Class: list.path, Language: lang}
				phrases, at = append(phrases, p), append(at, fmt.Sprintf("%s.%s[%d]", list.path, lang, i))
			}
		}
	}
	d.phrases(phrases, at)
	for i, p := range s.OptOut.StartPayloads {
		if slices.Contains(s.OptOut.StopPayloads, p) {
			d.bad(fmt.Sprintf("optout.start_payloads[%d]", i), "%q is also in optout.stop_payloads; remove one", p)
		}
	}
}

// phrases reports each phrase that does not fit with those before it.
func (d *decoder) phrases(phrases []pii.Phrase, at []string) {
	if _, err := pii.NewLexicon(phrases); err == nil {
		return
	}
	var good []pii.Phrase
	for i, p := range phrases {
		if _, err := pii.NewLexicon(append(good, p)); err != nil {
			d.bad(at[i], "%v; remove it", err)
			continue
		}
		good = append(good, p)
	}
}

func (d *decoder) checkQuiet(s *Settings) {
	q := s.QuietHours
	d.among("quiet_hours.categories", q.Categories, []string{CategoryMarketing, CategoryUtility})
	d.hours("quiet_hours.hours", q.Hours)
	for c, hours := range q.Countries {
		d.country(join("quiet_hours.countries", c), c)
		d.hours(join("quiet_hours.countries", c), hours)
	}
	for c, dates := range q.Holidays {
		d.country(join("quiet_hours.holidays", c), c)
		for i, date := range dates {
			if _, err := time.Parse(time.DateOnly, date); err != nil {
				d.bad(fmt.Sprintf("quiet_hours.holidays.%s[%d]", c, i), "write a date as 2026-12-25")
			}
		}
	}
	d.spans("quiet_hours.holiday_hours", q.HolidayHours)
	if len(d.errs) == 0 && newQuiet(q).endless() {
		d.bad("quiet_hours.hours", "no hour of the week is left; leave some")
	}
}

func (d *decoder) hours(path string, hours map[string][]string) {
	for day, spans := range hours {
		if !slices.Contains(weekdays[:], day) {
			d.bad(join(path, day), "write a weekday: %s", strings.Join(weekdays[:], ", "))
		}
		d.spans(join(path, day), spans)
	}
}

func (d *decoder) spans(path string, spans []string) {
	for i, s := range spans {
		if _, err := parseSpan(s); err != nil {
			d.bad(fmt.Sprintf("%s[%d]", path, i), `write hours as "20:00-08:00"`)
		}
	}
}

func (d *decoder) checkMedia(s *Settings) {
	for kind, rule := range s.Media.Kinds {
		path := join("media.kinds", kind)
		if !slices.Contains(mediaKinds, kind) {
			d.bad(path, "write one of %s", strings.Join(mediaKinds, ", "))
		}
		if rule.MaxBytes < 0 {
			d.bad(path+".max_bytes", "write bytes, 0 or more")
		}
		for i, t := range rule.Types {
			if strings.Count(t, "/") != 1 || t != strings.ToLower(t) {
				d.bad(fmt.Sprintf("%s.types[%d]", path, i), "write a type in small letters, such as image/png")
			}
		}
	}
	if u := s.Media.UnknownSize; u != "allow" && u != "refuse" {
		d.bad("media.unknown_size", "write allow or refuse")
	}
}

func (d *decoder) checkManagement(s *Settings) {
	for i, c := range s.Management.Deny {
		if !slices.Contains(managementCalls, c) {
			d.bad(fmt.Sprintf("management.deny[%d]", i), "write one of %s", strings.Join(managementCalls, ", "))
		}
	}
}

func (d *decoder) checkLinks(s *Settings) {
	for i, h := range s.Links.Allow {
		d.host(fmt.Sprintf("links.allow[%d]", i), h)
	}
	for i, h := range s.Links.Deny {
		d.host(fmt.Sprintf("links.deny[%d]", i), h)
		if slices.ContainsFunc(s.Links.Allow, func(a string) bool { return hostKey(a) == hostKey(h) }) {
			d.bad(fmt.Sprintf("links.deny[%d]", i), "%q is also in links.allow; keep it in one list", h)
		}
	}
	if s.Links.OnlyAllowed && len(s.Links.Allow) == 0 {
		d.bad("links.only_allowed", "no host is in links.allow; add one or write false")
	}
}

func (d *decoder) host(path, h string) {
	if h == "" || h != strings.ToLower(h) || strings.ContainsAny(h, "/:*@ ") || strings.HasPrefix(h, ".") || strings.HasSuffix(h, ".") {
		d.bad(path, "write a bare host in small letters, such as example.com (its subdomains are included)")
	}
}

func (d *decoder) checkPersonalData(s *Settings) {
	p := s.PersonalData
	if _, ok := levels[p.BlockFrom]; !ok {
		d.bad("personal_data.block_from", "write possible, likely or certain")
	}
	for _, m := range []struct {
		path string
		ops  map[string]string
	}{{"outbound", p.Outbound}, {"inbound", p.Inbound}, {"record", p.Record}} {
		path := "personal_data." + m.path
		if m.ops["*"] == "" {
			d.bad(path, `the default is missing; add "*": keep`)
		}
		for typ, op := range m.ops {
			if !slices.Contains(operators, op) {
				d.bad(join(path, typ), "%q is not known; write one of %s", op, strings.Join(operators, ", "))
			}
			if op == "block" && m.path == "record" {
				d.bad(join(path, typ), "a record cannot be refused; write redact or mask")
			}
		}
	}
	for _, way := range []struct {
		path string
		ops  map[string]string
	}{{"outbound", p.Outbound}, {"inbound", p.Inbound}} {
		if joins(p.Record, way.ops) || joins(way.ops, p.Record) {
			d.bad("personal_data."+way.path, "together with what is kept, the digits that a mask of CREDIT_CARD shows and its keyed hash give the number away (PCI DSS 3.5.1); write redact for one of them")
		}
	}
}

// joins reports operators of which one masks cards where the other hashes them.
func joins(a, b map[string]string) bool {
	of := func(ops map[string]string) string {
		return cmp.Or(ops[string(pii.CreditCard)], ops[string(pii.AnyType)])
	}
	return of(a) == string(pii.Mask) && slices.Contains([]string{string(pii.Hash), string(pii.Token)}, of(b))
}

func (d *decoder) checkRetention(s *Settings) {
	if s.Retention.Class == "" {
		d.bad("retention.class", "write the name of a class")
	}
	for c, class := range s.Retention.Categories {
		path := join("retention.categories", c)
		if class == "" {
			d.bad(path, "write the name of a class")
		}
		if c != CategoryService && !slices.Contains(templateCategories, c) {
			d.bad(path, "write one of %s, %s", strings.Join(templateCategories, ", "), CategoryService)
		}
	}
}

// parseMode reads a mode. until 0 is enforce; otherwise the rule only observes
// before that Unix second.
func parseMode(mode string) (until int64, err error) {
	if mode == "enforce" {
		return 0, nil
	}
	date, ok := strings.CutPrefix(mode, "observe until ")
	if !ok {
		return 0, fmt.Errorf("mode %s is not known", strconv.Quote(mode))
	}
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0, fmt.Errorf("read mode: %w", err)
	}
	return t.Unix(), nil
}
