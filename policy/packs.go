package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
	"postern/policy/pii/pack"
)

// packs reads what settings take into use, checks the names that operators are
// given for, and lays the rules of the packs over the operators. What is wrong
// is noted.
func (d *decoder) packs(s *Settings, files map[string][]byte) *pack.Set {
	p := &s.PersonalData
	all := pack.All(files)
	before := len(d.errs)
	d.named("personal_data.packs", "pack", p.Packs, all.Packs)
	d.named("personal_data.lexicons", "lexicon", p.Lexicons, all.Lexicons)
	if len(d.errs) > before {
		return nil
	}
	set, err := pack.Load(files, pack.Use{Packs: p.Packs, Lexicons: p.Lexicons})
	if err != nil {
		d.errs = append(d.errs, err)
		return nil
	}
	known := set.Types()
	for path, ops := range map[string]map[string]string{"outbound": p.Outbound, "inbound": p.Inbound, "record": p.Record} {
		for _, typ := range slices.Sorted(maps.Keys(ops)) {
			if !slices.Contains(known, pii.Type(typ)) {
				d.bad(join("personal_data."+path, typ), "no finding has this type; write one of %s, or an entity that \"postern pii types\" or a pack in use names", catalog.Types())
			}
		}
	}
	p.Outbound = set.Operators(p.Outbound, pack.Way{Outbound: true, Sink: pii.Forward})
	p.Inbound = set.Operators(p.Inbound, pack.Way{Sink: pii.Forward})
	p.Record = set.Operators(p.Record, pack.Way{Sink: pii.Record})
	return set
}

// named reports names that are no file's.
func (d *decoder) named(path, what string, have, known []string) {
	for i, name := range have {
		if !slices.Contains(known, name) {
			d.bad(fmt.Sprintf("%s[%d]", path, i), "no %s is called %q; write one of %s, or add its file", what, name, strings.Join(known, ", "))
		}
	}
}
