package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"time"

	"postern/cmd/internal/bench/load"
	"postern/policies"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy/dialect"
)

// Cost is what one call costs, over many. Times are microseconds.
type Cost struct {
	Name   string  `json:"name"`
	Mean   float64 `json:"mean_us"`
	P99    float64 `json:"p99_us"`
	Allocs float64 `json:"allocations"`
}

// Names of costs that goals speak of: facts looked up and decided by all rules.
const (
	textDecision     = "text in a window: facts and decision"
	templateDecision = "marketing template: facts and decision"
)

// decisions measures in this process, one call after the other: policy on the
// facts of many people, and reading a send.
func decisions(ctx context.Context, calls, people int) ([]Cost, error) {
	engine, err := policy.Load(ctx, policies.Files)
	if err != nil {
		return nil, fmt.Errorf("load policies: %w", err)
	}
	c, err := newCrowd(engine, people)
	if err != nil {
		return nil, err
	}
	letter := newLetters("localhost", "none", 1)
	body := letter.whole[slices.Index(letter.whole, '{'):]
	var out []Cost
	for _, p := range []struct {
		name string
		call func(i int) error
	}{
		{textDecision, func(i int) error { return c.decide(ctx, i, text()) }},
		{templateDecision, func(i int) error { return c.decide(ctx, i, template()) }},
		{"reading a text message", func(int) error {
			if _, problem := dialect.DecodeSend(dialect.Cloud, "application/json", body); problem != nil {
				return fmt.Errorf("read message: %s", problem.Details)
			}
			return nil
		}},
	} {
		cost, err := costOf(p.name, calls, p.call)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		out = append(out, cost)
	}
	return out, nil
}

// costOf makes a tenth of the calls before it counts.
func costOf(name string, calls int, call func(i int) error) (Cost, error) {
	for i := range calls / 10 {
		if err := call(i); err != nil {
			return Cost{}, err
		}
	}
	took := make([]float64, calls)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	for i := range calls {
		start := time.Now()
		if err := call(i); err != nil {
			return Cost{}, err
		}
		took[i] = microseconds(time.Since(start))
	}
	total := time.Since(begin)
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	n := float64(calls)
	return Cost{name, microseconds(total) / n, load.Quantile(took, 0.99), float64(after.Mallocs-before.Mallocs) / n}, nil
}

// noon is a Saturday at noon in Berlin: no quiet hours.
func noon() time.Time { return time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC) }

// crowd is many people with a consent and an open window each.
type crowd struct {
	people int
	engine *policy.Engine
	state  *facts.State
	zones  []policy.Local
}

func newCrowd(engine *policy.Engine, people int) (*crowd, error) {
	c := &crowd{people: people, engine: engine, state: facts.New(), zones: facts.LocalTimes(noon(), "Europe/Berlin", nil)}
	at := noon().Add(-time.Hour)
	ledger := facts.Ledger{Scope: "marketing", Source: "web_form"}
	for i := range people {
		p := facts.Person{Tenant: tenantName, Subject: subject(i)}
		for _, row := range []facts.Row{
			facts.ConsentGiven(p, policy.CategoryMarketing, ledger, at, time.Time{}), facts.WindowOpened(p, phoneID, at),
		} {
			if err := c.state.Apply(row); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// subject spreads people over the whole range of ids, as random ones are.
func subject(i int) facts.Subject {
	var id facts.Subject
	n := uint64(i) //nolint:gosec // not negative
	binary.BigEndian.PutUint64(id[:], n*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// decide looks the facts of person i up and judges a message to them. A
// refusal is an error: it would be another measurement.
func (c *crowd) decide(ctx context.Context, i int, m policy.Message) error {
	who := subject(i * stride % c.people)
	in := policy.Input{
		Version: policy.InputVersion, Kind: policy.KindMessage, Direction: "outbound",
		Tenant: tenantName, App: appName, Number: phoneID, Dialect: string(dialect.Cloud),
		Peer: policy.Peer{Subject: hex.EncodeToString(who[:]), Country: "DE", HasNumber: true}, Message: m,
		Time: policy.Time{Now: noon().Unix(), Zones: c.zones},
	}
	in.Facts = c.state.Lookup(facts.Query{Tenant: tenantName, Number: phoneID, Subject: who, Category: m.Category, Now: in.Time.Now})
	d, err := c.engine.Decide(ctx, &in)
	if err == nil && d.Effect != policy.Allow {
		err = fmt.Errorf("refused with %s", d.Reasons[0].Code)
	}
	return err
}

func text() policy.Message {
	return policy.Message{Type: "text", Category: policy.CategoryService, Length: 60}
}

func template() policy.Message {
	return policy.Message{Type: "template", Category: policy.CategoryMarketing, Template: &policy.Template{
		Name: "spring_offer", Language: "en_US", Known: true, Status: "APPROVED",
		Category: policy.CategoryMarketing, Parameters: "ok", Want: 1, Got: 1,
	}}
}
