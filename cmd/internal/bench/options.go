package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// options are the command line.
type options struct {
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"duration_ns"` // of one measurement
	Backlog  time.Duration `json:"backlog_ns"`  // of the backlog measurement
	WarmUp   time.Duration `json:"warm_up_ns"`
	Idle     time.Duration `json:"idle_ns"`   // before idle memory is read
	Settle   time.Duration `json:"settle_ns"` // between load and reading the counters
	Calls    int           `json:"calls"`     // of each decision
	Crowd    int           `json:"crowd"`     // people whose facts decisions choose from
	People   int           `json:"people"`
	Active   int           `json:"active"` // of them, who are written to in turns
	Upstream string        `json:"upstream"`
	Records  int           `json:"records"` // of the filled journal
	DataKeys int           `json:"data_keys"`
	Leaves   int           `json:"leaves"`  // records of the journal whose records are proved
	Trail    int           `json:"trail"`   // records that are shipped to ClickHouse
	Kept     int           `json:"kept"`    // records that are backed up and purged
	Streams  int           `json:"streams"` // from Envoy that are open and wait
	Stored   int           `json:"stored"`  // MB of the store that is backed up, at least
	Text     int           `json:"text"`    // bytes that each message of these records has more
	Only     []string      `json:"only"`
	Ways     []string      `json:"ways,omitempty"` // through Envoy and beside it; none are all
	Quick    bool          `json:"quick"`
	update   bool          // the table of speed.md

	program string // Postern's
	dir     string // empty: a temporary one
	json    bool
}

// Names for -only.
const (
	partPolicy  = "policy"
	partKeys    = "keys"
	partPII     = "pii"
	partBacklog = "backlog"
	partMedia   = "media"
	partSwap    = "swap"
	partRotate  = "rotate"
	partRewrap  = "rewrap"
	partProofs  = "proofs"
	partBig     = "big"
	partTrail   = "trail"
	partKeeping = "keeping"
	partEnvoy   = "envoy"
)

// Upstreams.
const (
	upstreamSim  = "metasim"
	upstreamStub = "stub"
)

func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.Rounds, "rounds", 3, "measurements of each gateway in each scenario")
	f.DurationVar(&o.Duration, "duration", 10*time.Second, "length of one measurement")
	f.DurationVar(&o.Backlog, "backlog", time.Minute, "length of the backlog measurement")
	f.IntVar(&o.People, "subjects", 100_000, "recipients with consent and an open window")
	f.IntVar(&o.Active, "active", 5_000, "of them, who are written to in turns; as many as there are shows each person's first message of a month")
	f.StringVar(&o.Upstream, "upstream", upstreamStub, "what answers sends: stub (a constant answer) or metasim")
	f.IntVar(&o.Records, "records", 5_000_000, "records of the filled journal")
	f.IntVar(&o.DataKeys, "datakeys", 1_000_000, "data keys that are rewrapped")
	f.IntVar(&o.Leaves, "leaves", 10_000_000, "records of the journal of which records are proved")
	f.IntVar(&o.Trail, "trail", 10_000_000, "records that are shipped to ClickHouse and asked there")
	f.IntVar(&o.Kept, "kept", 1_000_000, "records that are backed up, then purged")
	f.IntVar(&o.Stored, "stored", 0, "MB of database at least that are backed up, with records that stay: 10240 is the goal's")
	f.IntVar(&o.Text, "text", 0, "with -stored: bytes that each message has more, which fills sooner")
	big := f.Bool("big", false, "also measure what takes minutes and some GB: "+strings.Join(bigParts(), ", "))
	only := f.String("only", "", "only these, separated by commas: "+strings.Join(parts(), ", "))
	ways := f.String("ways", "", "with envoy: only these ways, separated by commas, and only their load: "+strings.Join(wayNames(), ", "))
	f.BoolVar(&o.Quick, "quick", false, "a few seconds with few recipients: shows that it works, measures nothing")
	f.StringVar(&o.program, "postern", "bin/postern", "the program to measure")
	f.StringVar(&o.dir, "dir", "", "folder for journals, on the disk to measure (default: a temporary one)")
	f.BoolVar(&o.update, "update", false, "write what part pii measured into "+speedTable+", of which SCORE.md is made")
	f.BoolVar(&o.json, "json", false, "print JSON")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("%q is no flag; see -help", f.Arg(0))
	}
	o.WarmUp, o.Idle, o.Settle, o.Streams = time.Second, 3*time.Second, settling, 1000
	o.Calls, o.Crowd = 20_000, 100_000
	if o.Quick {
		o.hurry(f)
	}
	if err := o.choose(*only, *big); err != nil {
		return nil, err
	}
	if err := o.chooseWays(*ways); err != nil {
		return nil, err
	}
	o.Active = min(o.Active, o.People)
	return o, o.validate()
}

// hurry shortens what the command line does not name.
func (o *options) hurry(f *flag.FlagSet) {
	named := map[string]bool{}
	f.Visit(func(f *flag.Flag) { named[f.Name] = true })
	short := func(name string, set func()) {
		if !named[name] {
			set()
		}
	}
	o.WarmUp, o.Idle, o.Settle = 100*time.Millisecond, 200*time.Millisecond, 100*time.Millisecond
	o.Calls, o.Crowd, o.Streams = 500, 1000, 100
	short("rounds", func() { o.Rounds = 1 })
	short("duration", func() { o.Duration = 300 * time.Millisecond })
	short("backlog", func() { o.Backlog = time.Second })
	short("subjects", func() { o.People = 500 })
	short("records", func() { o.Records = 5_000 })
	short("datakeys", func() { o.DataKeys = 5_000 })
	short("leaves", func() { o.Leaves = 5_000 })
	short("trail", func() { o.Trail = 5_000 })
	short("kept", func() { o.Kept = 5_000 })
}

// bigParts are measured only when asked for.
func bigParts() []string {
	return []string{partRotate, partRewrap, partProofs, partBig, partTrail, partKeeping, partEnvoy}
}

// parts are all that can be measured.
func parts() []string {
	names := []string{partPolicy, partKeys, partPII}
	for _, s := range scenarios() {
		names = append(names, s.name)
	}
	return append(append(names, partBacklog, partMedia, partSwap), bigParts()...)
}

func (o *options) choose(only string, big bool) error {
	if only == "" {
		o.Only = slices.DeleteFunc(parts(), func(p string) bool { return !big && slices.Contains(bigParts(), p) })
		return nil
	}
	for name := range strings.SplitSeq(only, ",") {
		if !slices.Contains(parts(), name) {
			return fmt.Errorf("-only: %q is none of %s", name, strings.Join(parts(), ", "))
		}
		o.Only = append(o.Only, name)
	}
	return nil
}

func (o *options) chooseWays(ways string) error {
	if ways == "" {
		return nil
	}
	for name := range strings.SplitSeq(ways, ",") {
		if !slices.Contains(wayNames(), name) {
			return fmt.Errorf("-ways: %q is none of %s", name, strings.Join(wayNames(), ", "))
		}
		o.Ways = append(o.Ways, name)
	}
	return nil
}

// takes reports whether a way through Envoy or beside it is measured.
func (o *options) takes(way string) bool { return len(o.Ways) == 0 || slices.Contains(o.Ways, way) }

func (o *options) validate() error {
	switch {
	case o.Rounds < 1 || o.Duration < 100*time.Millisecond || o.Backlog < time.Second:
		return errors.New("-rounds is at least 1, -duration 100ms, -backlog 1s")
	case o.Active < 1:
		return errors.New("-active is 1 or more")
	case o.People < 1 || o.People > maxPeople:
		return fmt.Errorf("-subjects is 1 to %d", maxPeople)
	case o.Records < 1000 || o.DataKeys < 1000 || o.Leaves < 1000 || o.Trail < 1000 || o.Kept < 1000:
		return errors.New("-records, -datakeys, -leaves, -trail and -kept are at least 1000")
	case o.Stored < 0 || o.Stored > 1<<20:
		return errors.New("-stored is 0 to 1048576 MB")
	case o.Text < 0 || o.Text > 4096:
		return errors.New("-text is 0 to 4096, what a message may have")
	case o.Upstream != upstreamSim && o.Upstream != upstreamStub:
		return errors.New("-upstream is metasim or stub")
	}
	return nil
}

func (o *options) wants(part string) bool { return slices.Contains(o.Only, part) }

// running reports whether anything is measured on running gateways.
func (o *options) running() bool {
	return o.wants(partBacklog) || o.wants(partMedia) || o.wants(partSwap) || o.wants(partRotate) ||
		slices.ContainsFunc(scenarios(), func(s scenario) bool { return o.wants(s.name) })
}
