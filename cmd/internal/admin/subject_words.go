package admin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/policy/pii"
	"postern/policy/pii/catalog"
	"postern/retention"
)

// withoutOthers takes out of a text what looks like somebody's data, by the packs
// in force, unless it is one of the person's own numbers: whose an address or an
// account is, the text does not tell. Words of lexicons are nobody's data.
func (c *collector) withoutOthers(text, country string) string {
	found := c.scanner.Scan(text, pii.Hint{PeerCountry: country}, nil)
	slices.SortFunc(found, func(a, b pii.Finding) int { return cmp.Or(a.Start-b.Start, b.End-a.End) })
	var out strings.Builder
	at := 0
	for _, f := range found {
		value := text[f.Start:f.End]
		if f.Type == catalog.Term || f.Start < at || c.own(value) {
			continue
		}
		out.WriteString(text[at:f.Start])
		out.WriteString("[" + string(f.Type) + "]")
		at = f.End
	}
	out.WriteString(text[at:])
	return out.String()
}

func (c *collector) own(value string) bool {
	d := digits(value)
	return len(d) >= 7 && slices.ContainsFunc(c.out.Numbers, func(n string) bool { return digits(n) == d })
}

// until says to when a message is kept, as the policy in force has it.
func (c *collector) until(r *audit.Record) string {
	class, known := c.policy.Classes[audit.RetentionClass(r.Kind, r.Retention)]
	switch {
	case !known || class.Days == 0:
		return "No end is set for keeping it"
	case class.Clock == retention.ClockRecord:
		end := time.UnixMicro(r.Time).UTC().AddDate(0, 0, class.Days)
		return "Kept until " + end.Format(time.DateOnly)
	}
	return "Kept " + lasts(class)
}

func lasts(c retention.Class) string {
	after := map[retention.Clock]string{
		retention.ClockRecord: "after it was recorded", retention.ClockContact: "after your last contact", retention.ClockConsent: "after your last consent ended",
	}[c.Clock]
	if c.Days == 0 {
		return "no end is set"
	}
	return fmt.Sprintf("%d days %s", c.Days, after)
}

func (c *collector) kept() {
	c.out.Kept = []retention.ExportKept{}
	for name, class := range c.policy.Classes {
		how := lasts(class)
		if class.Floor > 0 {
			how += fmt.Sprintf("; at least %d days (%s)", class.Floor, class.FloorBy)
		}
		c.out.Kept = append(c.out.Kept, retention.ExportKept{Class: name, How: how})
	}
	slices.SortFunc(c.out.Kept, func(a, b retention.ExportKept) int { return strings.Compare(a.Class, b.Class) })
}

// recipients are where data of the person goes as the gateway is set up now.
func (c *collector) recipients() {
	conf := c.s.cfg.Config()
	c.out.Recipients = []retention.Recipient{{Who: "WhatsApp (Meta)", What: "carries every message both ways"}}
	add := func(who, what string) {
		c.out.Recipients = append(c.out.Recipients, retention.Recipient{Who: who, What: what})
	}
	for _, app := range c.apps {
		add("application "+app, "sends you messages, gets yours and what became of its own")
	}
	for _, e := range conf.Exports {
		if e.Tenants == nil || slices.Contains(e.Tenants, c.tenant) {
			add(e.Kind+" "+e.Name, map[bool]string{true: "lines about each message with its redacted text", false: "lines about each message without its text"}[e.Payload])
		}
	}
	if len(conf.ClickHouse.Endpoints) > 0 {
		add("ClickHouse", "a copy of the records, redacted and sealed")
	}
	if conf.Backup.IsSet() {
		add("backups", fmt.Sprintf("sealed, kept %d days", conf.Backup.KeepDays))
	}
}
