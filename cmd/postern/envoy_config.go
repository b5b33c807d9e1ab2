package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/gateway"
	"postern/proxy/xds"
)

// envoyFlags are what an Envoy is told that the gateway's configuration does not
// say.
type envoyFlags struct {
	node, admin, heap string
	connections       int
	whole             bool
}

func (f *envoyFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.node, "node", "", "id of the Envoy, one under envoy.xds.nodes; left out, the only one there is")
	c.Flags().StringVar(&f.admin, "admin", "127.0.0.1:9901", "where Envoy's own interface listens: loopback, or unix:/path")
	c.Flags().StringVar(&f.heap, "heap", "1GiB", "memory near which it takes no more requests, such as 512MiB")
	c.Flags().IntVar(&f.connections, "connections", 10000, "connections of clients, at most")
}

// start is what an Envoy starts with.
func (f *envoyFlags) start(cfg *boot.Config) (xds.Start, error) {
	nodes := cfg.Envoy.XDS.Nodes
	if !cfg.Envoy.XDS.Enabled() {
		return xds.Start{}, errors.New("the configuration has no section envoy.xds: postern config example shows one")
	}
	if f.connections <= 0 {
		return xds.Start{}, errors.New("--connections: write a number above 0")
	}
	if f.node == "" && len(nodes) == 1 {
		f.node = nodes[0]
	}
	s := gateway.EnvoyStart(cfg, f.node)
	s.Admin, s.Connections, s.Delta = f.admin, f.connections, !f.whole
	for _, known := range nodes {
		if known == f.node {
			heap, err := heapBytes(f.heap)
			s.HeapBytes = heap
			return s, err
		}
	}
	return s, fmt.Errorf("--node: write one of envoy.xds.nodes: %s", strings.Join(nodes, ", "))
}

// heapBytes reads MiB or GiB.
func heapBytes(s string) (uint64, error) {
	for suffix, factor := range map[string]uint64{"MiB": 1 << 20, "GiB": 1 << 30} {
		number, ok := strings.CutSuffix(s, suffix)
		if n, err := strconv.ParseUint(number, 10, 16); ok && err == nil && n > 0 {
			return n * factor, nil
		}
	}
	return 0, errors.New("--heap: write a size such as 512MiB or 2GiB")
}

func newEnvoyBootstrap(p *program) *cobra.Command {
	f := &envoyFlags{}
	c := &cobra.Command{
		Use:   "bootstrap",
		Short: "Print what an Envoy starts with; all the rest it gets from the gateway",
		Long: `Prints the file for envoy --config-path: the node's id, where it finds the
gateway, its own interface and its limits. Listeners, routes, clusters and
certificates come from the gateway while it runs (section envoy.xds), and change
with it. No secret is in the file. An Envoy that loses the gateway's control
plane goes on with what it has.`,
		Example: "  postern envoy bootstrap --node edge-1 > envoy.yaml\n  postern envoy bootstrap --node edge-1 --heap 512MiB --json > envoy.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return p.envoyPrint(f, func(_ *boot.Config, s xds.Start) (json.RawMessage, error) { return xds.Bootstrap(s) })
		},
	}
	f.register(c)
	c.Flags().BoolVar(&f.whole, "whole", false, "have the whole configuration sent at each change, not only what changed")
	return c
}

func newEnvoyConfig(p *program) *cobra.Command {
	f := &envoyFlags{}
	c := &cobra.Command{
		Use:   "config",
		Short: "Print all that the gateway would configure, as one file for an Envoy that asks nobody",
		Long: `Prints a whole configuration of Envoy: what it would get from the gateway by
section envoy.xds, in one file, to read, to compare, or to run. Certificates are
read from the files that the gateway's configuration names, which have to be at
the same place on Envoy's machine; a certificate that Vault issues is in no
file, so that its listener needs postern envoy bootstrap. Where upstream.ca adds
roots to the system's, this file trusts those of upstream.ca alone.`,
		Example: "  postern envoy config > envoy.yaml\n  postern envoy config | postern envoy check -",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return p.envoyPrint(f, func(cfg *boot.Config, s xds.Start) (json.RawMessage, error) {
				return xds.Static(gateway.EnvoyConfig(cfg), s, gateway.EnvoyFiles(cfg))
			})
		},
	}
	f.register(c)
	return c
}

// envoyPrint prints a configuration of Envoy, as YAML or with --json.
func (p *program) envoyPrint(f *envoyFlags, make func(*boot.Config, xds.Start) (json.RawMessage, error)) error {
	cfg, err := p.config()
	if err != nil {
		return err
	}
	start, err := f.start(cfg)
	if err != nil {
		return err
	}
	raw, err := make(cfg, start)
	if err != nil {
		return err
	}
	return p.result(raw, func() error {
		text, err := xds.YAML(raw)
		if err != nil {
			return err
		}
		_, err = p.stdout.Write(text)
		return err
	})
}
