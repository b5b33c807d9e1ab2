package policy

import (
	"fmt"
	"strconv"
)

// demands are the sets of ResidencySettings.
type demands struct {
	all              map[string]bool
	tenants, numbers map[string]map[string]bool
}

func newDemands(s ResidencySettings) demands {
	d := demands{all: set(s.Allow), tenants: map[string]map[string]bool{}, numbers: map[string]map[string]bool{}}
	for name, rule := range s.Tenants {
		d.tenants[name] = set(rule.Allow)
	}
	for id, rule := range s.Numbers {
		d.numbers[id] = set(rule.Allow)
	}
	return d
}

// of is what is asked of a number; empty asks for nothing.
func (d demands) of(tenant, number string) map[string]bool {
	if own, ok := d.numbers[number]; ok {
		return own
	}
	if own, ok := d.tenants[tenant]; ok {
		return own
	}
	return d.all
}

// residency matches where upstream keeps a number's messages with what is asked
// of it: "ok", "refused", or "unknown" where upstream did not say.
func (m *matcher) residency(in *Input) string {
	asked := m.demands.of(in.Tenant, in.Number)
	if len(asked) == 0 {
		return "ok"
	}
	switch r := in.Facts.Residency; r.Kind {
	case ResidencyLocal:
		return pass(r.Region != ResidencyNone && asked[r.Region], "refused")
	case ResidencyNone:
		return pass(asked[ResidencyNone], "refused")
	case ResidencyDefault:
		return "refused"
	}
	return "unknown"
}

// Residency judges where a number's messages rest, outside of any message: "ok",
// "refused" or "unknown", as input.checks.residency.
func (e *Engine) Residency(tenant, number string, r Residency) string {
	now := e.now.Load()
	if now == nil {
		return "unknown"
	}
	return now.match.residency(&Input{Tenant: tenant, Number: number, Facts: Facts{Residency: r}})
}

func (d *decoder) checkResidency(s *Settings) {
	d.regions("residency.allow", s.Residency.Allow)
	for name, rule := range s.Residency.Tenants {
		d.regions("residency.tenants."+name+".allow", rule.Allow)
	}
	for id, rule := range s.Residency.Numbers {
		if n, err := strconv.ParseUint(id, 10, 64); err != nil || strconv.FormatUint(n, 10) != id {
			d.bad("residency.numbers."+id, "write a phone_number_id in quotes")
		}
		d.regions("residency.numbers."+id+".allow", rule.Allow)
	}
}

// regions reports what is no region. Which of them upstream offers changes, so
// that only those are named that are often meant by another name.
func (d *decoder) regions(path string, have []string) {
	for i, h := range have {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch h {
		case ResidencyNone:
		case "EU":
			d.bad(at, "write DE: upstream calls its region in the EU so")
		case "UK":
			d.bad(at, "write GB")
		default:
			d.country(at, h)
		}
	}
}
