package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/policy"
)

func newConfigCommand(p *program) *cobra.Command {
	return group("config", "Check, show and reload the configuration",
		newConfigCheck(p), newConfigExample(p), newConfigReload(p))
}

type configReport struct {
	OK       bool          `json:"ok"`
	File     string        `json:"file"`
	Revision string        `json:"revision,omitempty"`
	Tenants  int           `json:"tenants"`
	Numbers  int           `json:"numbers"`
	Apps     int           `json:"apps"`
	Problems boot.Problems `json:"problems"`
}

func newConfigCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Report everything wrong with a configuration, with place and remedy",
		Long: `Reads the file with every secret, certificate and policy it names, changes
nothing, and reports all problems at once as file:line:column: what is wrong;
what to write. Of secrets in Vault it checks the form only: it does not ask Vault.

Exits 0 if the gateway would take it, 3 if it would not, 1 if the file cannot be read.`,
		Example: "  postern config check postern.yaml\n  postern config check --config postern.yaml --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				p.configPath = args[0]
			}
			return p.configCheck(c.Context())
		},
	}
}

func (p *program) configCheck(ctx context.Context) error {
	c, err := p.config()
	report := configReport{File: p.configPath, Problems: boot.Problems{}}
	if err == nil {
		report.Problems = p.fileProblems(ctx, c)
	} else if !errors.As(err, &report.Problems) {
		return err
	}
	if len(report.Problems) > 0 {
		if err := p.result(report, func() error { return p.say("%v", report.Problems) }); err != nil {
			return err
		}
		return errFound
	}
	report.OK, report.Revision, report.Tenants = true, c.Revision, len(c.Tenants)
	for _, t := range c.Tenants {
		report.Numbers += len(t.Numbers)
		report.Apps += len(t.Apps)
	}
	return p.result(report, func() error {
		return p.say("%s is good: %s, %s, %s", p.configPath, count(report.Tenants, "tenant"), count(report.Numbers, "number"), count(report.Apps, "app"))
	})
}

// fileProblems looks into the files that the configuration names.
func (p *program) fileProblems(ctx context.Context, c *boot.Config) boot.Problems {
	out := boot.Problems{}
	for path, l := range shown(c) {
		if err := listenerFiles(l, p.now); err != nil {
			out = append(out, c.Problem(path+".cert", err.Error(), "name a certificate and its key that can be used now"))
		}
	}
	for path, conf := range map[string]certs.ClientConfig{"upstream.ca": c.Upstream.TLS(), "delivery.ca": c.Delivery.TLS()} {
		if _, err := certs.Client(conf); err != nil {
			out = append(out, c.Problem(path, err.Error(), "name a PEM file of root certificates"))
		}
	}
	fsys, err := boot.PolicyLayers(c.PolicyDir)
	if err == nil {
		_, err = policy.Load(ctx, fsys...)
	}
	if err == nil {
		_, err = boot.Retention(fsys)
	}
	if err != nil {
		out = append(out, c.Problem("policy.dir", err.Error(), "run postern policy check"))
	}
	slices.SortFunc(out, func(a, b boot.Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return out
}

// shown are the listeners with a certificate.
func shown(c *boot.Config) map[string]boot.TLSListener {
	out := map[string]boot.TLSListener{"listeners.app": c.Listeners.App, "listeners.webhook": c.Listeners.Webhook}
	for path, at := range map[string]boot.EnvoySocket{"envoy.ext_proc": c.Envoy.ExtProc.EnvoySocket, "envoy.xds": c.Envoy.XDS.EnvoySocket} {
		if at.TLS.Address != "" {
			out[path] = at.TLS
		}
	}
	if s := c.Envoy.XDS.Sidecar; s.Address != "" {
		out["envoy.xds.sidecar"] = s.TLS
	}
	return out
}

// listenerFiles opens what a listener reads. A certificate that Vault issues is
// not asked for: that would be one more.
func listenerFiles(l boot.TLSListener, now func() time.Time) error {
	if l.PKI.Role == "" {
		_, err := certs.Open(l.TLS(now))
		return err
	}
	if l.ClientCA == "" {
		return nil
	}
	_, err := certs.Client(certs.ClientConfig{CA: l.ClientCA, Only: true})
	return err
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func newConfigExample(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "example",
		Short:   "Print a commented configuration to start from",
		Example: "  postern config example > postern.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.stdout.Write(boot.Example())
			return err
		},
	}
}

func newConfigReload(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Make the running gateway take over configuration, secrets and policy",
		Long: `Reads the file again, with every secret and the policy folder. If anything is
wrong nothing changes. SIGHUP does the same.`,
		Example: "  postern config check && postern config reload",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := ask[admin.None](c.Context(), p, "config.reload", admin.None{}); err != nil {
				return err
			}
			return p.result(map[string]bool{"reloaded": true}, func() error { return p.say("The gateway has taken over the configuration.") })
		},
	}
}
