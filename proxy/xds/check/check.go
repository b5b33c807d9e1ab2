// Package check reads an existing configuration of Envoy and says what it
// lacks for the gate's promises to hold, each with the YAML that mends it: the
// gate skipped or failing open, bodies it sees in part, sends repeated or
// copied, logs that hold what must stay unseen, and ways round it.
//
// It fails closed. What it can not read is an error, what it can not see is a
// finding, and a configuration in which nothing leads to Meta is not clean. It
// judges the file alone: what Envoy was told since shows in its /config_dump,
// which is read as well.
//
// No finding repeats a value of the configuration other than names of its
// clusters, filters, types and log operators.
package check

import (
	"cmp"
	"slices"
)

// Severity says what a finding does to the promises.
type Severity string

// Severities, the worst first.
const (
	Breaks  Severity = "breaks"  // a promise does not hold
	Weakens Severity = "weakens" // it holds, with less between it and a mistake
	Note    Severity = "note"    // to know of
)

var order = []Severity{Breaks, Weakens, Note}

// Finding is one place that is not as it should be.
type Finding struct {
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"` // stable, of RULES.md
	Path     string   `json:"path"` // of the object meant, in the file's own words
	Says     string   `json:"says"`
	Fix      string   `json:"fix"` // YAML to merge into the object at Path: null takes out, list items go in front
}

// Config reads a bootstrap, as YAML or JSON, the answer of Envoy's admin
// address to /config_dump, or lists of listeners, clusters and route_configs.
// Hosts are names of Meta's or of a provider's own
// besides those that are known; "*.example.com" stands for all below.
//
// The findings are ordered by severity, then by place. An error means that the
// input was not understood, so that nothing is known of it.
func Config(raw []byte, hosts ...string) ([]Finding, error) {
	roots, err := read(raw)
	if err != nil {
		return nil, err
	}
	s := &survey{site: collect(roots), hosts: known(hosts), seen: map[[2]string]bool{}, bytes: map[string]bool{}}
	s.everything()
	slices.SortStableFunc(s.found, func(a, b Finding) int {
		return cmp.Or(slices.Index(order, a.Severity)-slices.Index(order, b.Severity), natural(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule))
	})
	return s.found, nil
}

// survey is one reading: what there is, and what was found so far.
type survey struct {
	site
	hosts    hostNames
	managers []*manager
	bytes    map[string]bool // clusters to which connections are forwarded unread
	found    []Finding
	seen     map[[2]string]bool // by rule and path: each place is told once
}

// everything applies all rules.
func (s *survey) everything() {
	s.managers = s.allManagers()
	for _, m := range s.managers {
		if !m.guarded() {
			continue
		}
		s.gate(m)
		s.sends(m)
		s.edge(m)
		s.managerLogs(m)
	}
	s.roundabout()
	s.upstreams()
	s.administration()
	s.unseen()
	if !s.reaches() {
		s.add("reach.none", "", "")
	}
}

// add tells of a place once; detail, when there is one, says which.
func (s *survey) add(code, path, detail string) {
	key := [2]string{code, path}
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	r := ruled(code)
	says := r.says
	if detail != "" {
		says += " (" + printable(detail) + ")"
	}
	s.found = append(s.found, Finding{Severity: r.severity, Rule: code, Path: path, Says: says, Fix: r.fix})
}
