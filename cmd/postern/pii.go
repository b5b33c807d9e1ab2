package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"postern/policy/pii"
	"postern/policy/pii/pack"
)

func newPIICommand(p *program) *cobra.Command {
	return group("pii", "Find personal data in texts, say why, and say how well it is found",
		newPIIScan(p), newPIIExplain(p), newPIITypes(p), newPIIScore(p), newPIICheck(p), newPIIDiff(p))
}

// hintFlags are what a person may know about a text.
type hintFlags struct{ country, lang string }

func (h *hintFlags) add(c *cobra.Command, whose string) {
	f := c.Flags()
	f.StringVar(&h.country, "country", "", "`CODE` of the country of "+whose+", such as DE")
	f.StringVar(&h.lang, "lang", "", "`TAG` of the language, such as de or pt-BR")
}

// scanner is one for the configured tenants' countries, if a configuration is
// named, as the gateway has it. It refuses a country that there is not.
func (p *program) scanner(h *hintFlags, set *pack.Set) (*pii.Scanner, error) {
	h.country = strings.ToUpper(h.country)
	if h.country != "" {
		if _, err := pii.New(pii.Config{Countries: []string{h.country}}); err != nil {
			return nil, usageError{fmt.Errorf("--country: %w", err)}
		}
	}
	var countries []string
	if p.configPath != "" {
		c, err := p.config()
		if err != nil {
			return nil, err
		}
		countries = c.Countries()
	}
	return pii.New(set.Config(countries...))
}

// parseLevel reads how sure a finding must be.
func parseLevel(name string) (pii.Level, error) {
	for _, l := range []pii.Level{pii.Possible, pii.Likely, pii.Certain} {
		if l.String() == name {
			return l, nil
		}
	}
	return 0, usageError{fmt.Errorf("--from: write possible, likely or certain, not %q", name)}
}
