package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/screen"
	"postern/policy"
	"postern/policy/pii"
	"postern/policy/pii/pack"
)

// piiDiff is one run of pii diff.
type piiDiff struct {
	hint        hintFlags
	packs       packFlags
	since, file string
	show        int
}

func newPIIDiff(p *program) *cobra.Command {
	d := piiDiff{}
	c := &cobra.Command{
		Use:   "diff --pack PACK {FILE | - | --since TIME}",
		Short: "Report what a pack or lexicon would change, without changing anything",
		Long: `Looks at texts as the policy in force does and as it would with the packs and
lexicons named beside it, and counts what differs: what would be found, no longer
be found, and treated in another way in the trail, towards the person and towards
the app. Texts come from FILE, as pii scan reads them, or from the records kept
since then.

Of records only what was kept can be looked at: their text is redacted already.
What was found then counts by its type and entity; what stands in the clear still is
scanned again. A value that was taken out cannot be found under another name, and
records whose text was erased or is not kept are counted as such.

Values are never printed. Exits 0 whatever would change.`,
		Example: "  postern pii diff --pack ./policies/pii/acme.yaml messages.jsonl\n  postern pii diff --pack gdpr --since 30d --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if (d.since == "") == (len(args) == 0) {
				return usageError{errors.New("name a file with texts, or records with --since")}
			}
			if len(d.packs.packs)+len(d.packs.lexicons) == 0 {
				return usageError{errors.New("name what would be new with --pack or --lexicon")}
			}
			return p.piiDiff(c.Context(), &d, strings.Join(args, ""))
		},
	}
	d.hint.add(c, "the person who writes, for lines that name none")
	d.packs.add(c)
	f := c.Flags()
	f.StringVar(&d.since, "since", "", "look at records kept since: `30d`, 12h, a day or a time")
	f.StringVar(&d.file, "file", "", "read this journal `FILE` or folder, such as a copy")
	f.IntVar(&d.show, "show", 10, "name at most this many lines or records of each change")
	return c
}

// lookAlike is a policy's way to look at texts.
type lookAlike struct {
	scanner *pii.Scanner
	ways    map[string]map[string]string // operators by name of the way
}

var ways = []struct {
	name string
	way  pack.Way
}{{"record", pack.Way{Sink: pii.Record}}, {"outbound", pack.Way{Outbound: true, Sink: pii.Forward}}, {"inbound", pack.Way{Sink: pii.Forward}}}

// piiChange is what several findings have in common.
type piiChange struct {
	Where  string   `json:"where"` // "found", "record", "outbound", "inbound"
	Type   string   `json:"type"`
	Entity string   `json:"entity"`
	From   string   `json:"from"` // an operator; "" if it was not found
	To     string   `json:"to"`   // an operator; "" if it is found no more
	Count  int      `json:"count"`
	In     []string `json:"in"` // lines or records, the first ones
}

type piiDiffReport struct {
	Texts   int          `json:"texts"`             // that were looked at
	Without int          `json:"without,omitempty"` // records without a text that can be read
	Changes []*piiChange `json:"changes"`
}

// comparing is the state of one run.
type comparing struct {
	before, after lookAlike
	show          int
	report        piiDiffReport
	changes       map[[5]string]*piiChange
	a, b          []pii.Finding
}

func (p *program) piiDiff(ctx context.Context, d *piiDiff, name string) error {
	engine, err := p.engine(ctx, "")
	if err != nil {
		return err
	}
	c := comparing{show: d.show, changes: map[[5]string]*piiChange{}}
	if err := p.looks(&c, engine, d); err != nil {
		return err
	}
	if d.since != "" {
		err = p.diffRecords(ctx, d, &c)
	} else {
		err = p.diffTexts(d, &c, name)
	}
	if err != nil {
		return err
	}
	report := c.result()
	return p.result(report, func() error { return p.differs(report) })
}

// looks makes both ways to look: that in force, and with what is named besides.
func (p *program) looks(c *comparing, engine *policy.Engine, d *piiDiff) error {
	personal := engine.Settings().PersonalData
	in := map[string]map[string]string{"record": personal.Record, "outbound": personal.Outbound, "inbound": personal.Inbound}
	next, err := d.packs.use(p, pack.Use{Packs: personal.Packs, Lexicons: personal.Lexicons})
	if err != nil {
		return err
	}
	if c.before.scanner, err = p.scanner(&d.hint, engine.Packs()); err != nil {
		return err
	}
	if c.after.scanner, err = p.scanner(&d.hint, next); err != nil {
		return err
	}
	c.before.ways, c.after.ways = in, map[string]map[string]string{}
	for _, w := range ways {
		c.after.ways[w.name] = next.Operators(in[w.name], w.way)
	}
	return nil
}

func (p *program) diffTexts(d *piiDiff, c *comparing, name string) error {
	in, _, err := p.open(name)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // opened for reading only
	r := screen.NewReader(in, screen.Auto, screen.Text{Lang: d.hint.lang, Country: d.hint.country})
	for {
		t, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("diff %s: %w", name, err)
		}
		c.report.Texts++
		at := fmt.Sprint(r.Line())
		c.a, c.b = c.before.scanner.Scan(t.Text, t.Hint(), c.a[:0]), c.after.scanner.Scan(t.Text, t.Hint(), c.b[:0])
		c.both(c.a, c.b, at, "record", "outbound", "inbound")
	}
}

// both compares the findings of one text.
func (c *comparing) both(before, after []pii.Finding, at string, names ...string) {
	same := func(in []pii.Finding, f pii.Finding) bool {
		return slices.ContainsFunc(in, func(o pii.Finding) bool { return o.Start == f.Start && o.End == f.End && o.Entity == f.Entity })
	}
	for _, f := range after {
		for _, name := range names {
			from, to := c.operators(name, f)
			if !same(before, f) {
				from = ""
			}
			c.note(name, f, from, to, 1, at)
		}
	}
	for _, f := range before {
		for _, name := range names {
			if from, _ := c.operators(name, f); !same(after, f) {
				c.note(name, f, from, "", 1, at)
			}
		}
	}
}

func (c *comparing) operators(name string, f pii.Finding) (from, to string) {
	sink := pii.Forward
	if name == "record" {
		sink = pii.Record
	}
	return string(pack.Operator(c.before.ways[name], sink, f)), string(pack.Operator(c.after.ways[name], sink, f))
}

func (c *comparing) note(where string, f pii.Finding, from, to string, count int, at string) {
	if from == to {
		return
	}
	key := [5]string{where, string(f.Type), f.Entity, from, to}
	ch := c.changes[key]
	if ch == nil {
		ch = &piiChange{Where: where, Type: string(f.Type), Entity: f.Entity, From: from, To: to, In: []string{}}
		c.changes[key] = ch
	}
	ch.Count += count
	if len(ch.In) < c.show && !slices.Contains(ch.In, at) {
		ch.In = append(ch.In, at)
	}
}

func (c *comparing) result() piiDiffReport {
	c.report.Changes = slices.SortedFunc(maps.Values(c.changes), func(a, b *piiChange) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return c.report
}

func (p *program) differs(r piiDiffReport) error {
	errs := []error{p.say("%s looked at, %d kinds of change.", count(r.Texts, "text"), len(r.Changes))}
	if r.Without > 0 {
		errs = append(errs, p.say("%s without a text that can be read: erased, or not kept.", count(r.Without, "record")))
	}
	for _, c := range r.Changes {
		errs = append(errs, p.say("%-8s %s (%s): %s -> %s, %d times, in %s", c.Where, c.Entity, c.Type, cmp.Or(c.From, "not found"), cmp.Or(c.To, "not found"), c.Count, strings.Join(c.In, " ")))
	}
	return errors.Join(errs...)
}

// diffRecords looks at what records keep.
func (p *program) diffRecords(ctx context.Context, d *piiDiff, c *comparing) (err error) {
	from, err := sinceTime(d.since, p.now())
	if err != nil {
		return usageError{err}
	}
	t, err := p.openTrail(ctx, d.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	start, end, err := seqRange(ctx, t, from)
	if err != nil {
		return err
	}
	for at := start; at < end; at += piece {
		if err := t.Records(ctx, at, min(at+piece, end), func(r *audit.Record) error {
			if r.Time >= from.UnixMicro() {
				c.kept(r)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return t.read(ctx, "diff", c.report.Texts, "")
}

// kept compares one record: what was found then, by its kept input, and what
// stands in its redacted text still.
func (c *comparing) kept(r *audit.Record) {
	in := inputOf(r)
	if in == nil {
		return
	}
	names := []string{"record", in.Direction}
	for _, was := range in.Findings {
		f := pii.Finding{Type: pii.Type(was.Type), Entity: cmp.Or(was.Entity, was.Type)}
		for _, name := range names {
			from, to := c.operators(name, f)
			c.note(name, f, from, to, was.Count, r.ID.String())
		}
	}
	body := keptBody(r)
	if body == nil {
		c.report.Without++
		return
	}
	c.report.Texts++
	hint := pii.Hint{PeerCountry: in.Peer.Country}
	keep := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Keep}}
	before, errA := c.before.scanner.Redact(body, hint, keep)
	after, errB := c.after.scanner.Redact(body, hint, keep)
	if errA != nil || errB != nil {
		return // no JSON: nothing of it is shown to anybody
	}
	for _, l := range after.Found {
		if !slices.ContainsFunc(before.Found, func(o pii.Located) bool {
			return o.Path == l.Path && o.Finding.Start == l.Finding.Start && o.Finding.Entity == l.Finding.Entity
		}) {
			_, to := c.operators("record", l.Finding)
			c.note("record", l.Finding, "", to, 1, r.ID.String())
		}
	}
}

func keptBody(r *audit.Record) []byte {
	for i := range r.Parts {
		if r.Parts[i].Name == audit.PartBody && !r.Parts[i].Erased {
			return r.Parts[i].Body
		}
	}
	return nil
}
