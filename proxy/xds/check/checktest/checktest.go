// Package checktest holds configurations of Envoy with one fault each, made
// from one without any, for tests of the check and of whether a real Envoy
// would take them.
//
// It fails by an error that names the case: a fault that can not be put in.
package checktest

import (
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed clean.yaml
var clean []byte

//go:embed cases.yaml
var faults []byte

// Case is one configuration with a fault.
type Case struct {
	Name, Rule string
	Path       string // where the finding is to be
	Config     []byte // JSON would do, this is YAML
	Partial    bool   // lacks what Envoy would fetch or open
}

// edit is what makes the clean configuration faulty; see Merge.
type edit struct {
	At  string
	Set yaml.Node
}

type fault struct {
	Rule, Case, Want string
	Only             bool // the edits are all there is
	Partial          bool
	Edits            []edit
}

// Clean is the configuration without a fault.
func Clean() []byte { return clean }

// Cases are all there are.
func Cases() ([]Case, error) {
	var listed []fault
	if err := yaml.Unmarshal(faults, &listed); err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	var out []Case
	for _, f := range listed {
		c, err := f.made()
		if err != nil {
			return nil, fmt.Errorf("case of %s: %w", f.Rule, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func (f fault) made() (Case, error) {
	config := clean
	if f.Only {
		config = []byte("{}\n")
	}
	for _, e := range f.Edits {
		change, err := yaml.Marshal(&e.Set)
		if err == nil {
			config, err = Merge(config, short.Replace(e.At), string(change))
		}
		if err != nil {
			return Case{}, err
		}
	}
	name := f.Rule
	if f.Case != "" {
		name += " " + f.Case
	}
	want := f.Want
	if want == "" && len(f.Edits) > 0 {
		want = f.Edits[0].At
	}
	if want == "TOP" {
		want = ""
	}
	return Case{Name: name, Rule: f.Rule, Path: short.Replace(want), Config: config, Partial: f.Partial}, nil
}

// short are the words for places of the clean configuration.
var short = strings.NewReplacer(
	"LISTENER", "static_resources.listeners[0]",
	"CHAIN", "static_resources.listeners[0].filter_chains[0]",
	"HTTP", "static_resources.listeners[0].filter_chains[0].filters[0].typed_config",
	"GATE", "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]",
	"HOST", "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0]",
	"ROUTE", "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[1]",
	"LOG", "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.access_log[0]",
	"META", "static_resources.clusters[0]",
	"PROCESSOR", "static_resources.clusters[1]",
)
