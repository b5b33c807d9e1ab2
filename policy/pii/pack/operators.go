package pack

import (
	"maps"
	"slices"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// Way is what a text is treated for.
type Way struct {
	Outbound bool // what the business sends; else what people send
	Sink     pii.Sink
}

// Operators lays the rules of the packs over operators by type or entity, as
// settings name them. Of settings and rules the strictest counts, so that a pack
// that is taken into use never shows more than before.
func (s *Set) Operators(base map[string]string, way Way) map[string]string {
	asked := s.asked(way)
	out := maps.Clone(base)
	if len(asked) == 0 {
		return out
	}
	keys := slices.Concat(slices.Collect(maps.Keys(asked)), types(base))
	if out == nil {
		out = map[string]string{}
	}
	for _, k := range keys {
		op := of(base, k, s.kind(k))
		for _, name := range []pii.Type{k, s.kind(k), pii.AnyType} {
			if a, ok := asked[name]; ok && (name != pii.AnyType || s.kind(k) != catalog.Term) {
				op = Stricter(s.kind(k), op, a)
			}
		}
		out[string(k)] = string(op)
	}
	return out
}

func types(m map[string]string) []pii.Type {
	var out []pii.Type
	for k := range m {
		out = append(out, pii.Type(k))
	}
	return out
}

// asked are the strictest operators of rules for a way, by what they name.
func (s *Set) asked(way Way) map[pii.Type]pii.Operator {
	out := map[pii.Type]pii.Operator{}
	for _, p := range s.packs {
		for _, r := range p.rules {
			if !r.covers(way) {
				continue
			}
			for _, key := range r.keys {
				k := key.name
				if old, ok := out[k]; ok {
					out[k] = Stricter(s.kind(k), old, r.operator)
				} else {
					out[k] = r.operator
				}
			}
		}
	}
	return out
}

func (r rule) covers(way Way) bool {
	if way.Sink == pii.Record {
		return r.written
	}
	return r.forwarded && way.Sink == pii.Forward && (way.Outbound && r.outbound || !way.Outbound && r.inbound)
}

// kind is the type of an entity, and any other name itself.
func (s *Set) kind(name pii.Type) pii.Type {
	if t, ok := s.typeOf[string(name)]; ok {
		return t
	}
	return name
}

// of looks an operator up as a treatment does: by entity, type, and "*", which
// does not speak of words of lexicons.
func of(m map[string]string, entity, kind pii.Type) pii.Operator {
	for _, name := range []pii.Type{entity, kind} {
		if o, ok := m[string(name)]; ok {
			return pii.Operator(o)
		}
	}
	if kind == catalog.Term {
		return pii.Keep
	}
	if o, ok := m[string(pii.AnyType)]; ok {
		return pii.Operator(o)
	}
	return pii.Keep
}

// Operator is what operators by type or entity do with a finding in a sink.
func Operator(operators map[string]string, sink pii.Sink, f pii.Finding) pii.Operator {
	op := of(operators, pii.Type(f.Entity), f.Type)
	if sink == pii.Record && pii.NeverStored(f.Type) {
		op = Stricter(f.Type, op, pii.Redact)
	}
	return op
}
