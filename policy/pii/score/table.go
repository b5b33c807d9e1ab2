package score

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Goal is what a class of labels shall reach, in thousandths.
type Goal struct {
	Key               string
	Name              string
	Recall, Precision int // 0: none set
}

// Goals by class. AlarmsPer1000 is the goal for clean messages, in tenths.
var Goals = []Goal{
	{"A", "A self-evident", 995, 990},
	{"B", "B checksum and label or country", 970, 970},
	{"C", "C label and shape", 900, 900},
	{"D", "D names and addresses, no model", 600, 850},
	{goalWrongChecksum, "wrong checksum with label (possible counts)", 900, 0},
	{goalObfuscated, "obfuscated A and B", 950, 0},
}

// AlarmsPer1000 is how many of 1,000 clean messages may have a finding, in tenths.
const AlarmsPer1000 = 3

// Write prints the figures for people, misses and wrong findings by line last.
func (r *Report) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.StripEscape)
	p := printer{w: t}
	p.line("%d messages, %d of them clean; %d values, %d found", r.Messages, r.Clean, r.All.Labels, r.All.Found)
	p.line("clean messages with a finding: %d, %s per 1,000 (goal: at most %s); with a weaker one: %d", r.Alarms, r.AlarmRate(), tenths(AlarmsPer1000), r.Doubts)
	if r.Beside > 0 {
		p.line("findings of types this set does not label, not counted: %d", r.Beside)
	}
	p.group("class", r.Goals)
	p.group("type", r.Types)
	p.group("entity", r.Entities)
	p.group("country", r.Country)
	p.group("language", r.Langs)
	p.group("written", r.Families)
	p.places("missed", r.Missed)
	p.places("wrong", r.Wrong)
	if p.err != nil {
		return p.err
	}
	return t.Flush()
}

// AlarmRate is how many of 1,000 clean messages have a finding, such as "0.3".
func (r *Report) AlarmRate() string {
	if r.Clean == 0 {
		return "-"
	}
	return tenths((r.Alarms*10000 + r.Clean - 1) / r.Clean)
}

func tenths(n int) string { return strconv.Itoa(n/10) + "." + strconv.Itoa(n%10) }

// Ratio writes thousandths as people do, "-" for none.
func Ratio(thousandths int) string {
	if thousandths < 0 {
		return "-"
	}
	return fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000)
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) group(name string, rows []Row) {
	if len(rows) == 0 {
		return
	}
	p.line("\n%s\tvalues\tfound\trecall\twrong\tprecision\tF1", name)
	for _, r := range rows {
		p.line("%s\t%d\t%d\t%s\t%d\t%s\t%s", r.Key, r.Labels, r.Found, Ratio(r.Recall()), r.Count.Wrong, Ratio(r.Precision()), Ratio(r.F1()))
	}
}

func (p *printer) places(what string, list []Place) {
	if len(list) == 0 {
		return
	}
	p.line("")
	for _, x := range list {
		notes := strings.Join(strings.Fields(x.Goal+" "+x.Family+" "+x.Level), " ")
		if x.Clean {
			notes += " clean"
		}
		value := ""
		if x.Value != "" {
			value = "\t" + strconv.Quote(x.Value)
		}
		p.line("%s\tline %d\t[%d:%d]\t%s\t%s%s", what, x.Line, x.Start, x.End, cmp.Or(x.Entity, x.Type), notes, value)
	}
}
