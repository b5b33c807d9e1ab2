package policy

import (
	"errors"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// takesBasis are the refusals that leave a message without a basis. In observe
// mode they stand in for it: the rule would have refused, and is being tried.
var takesBasis = []string{"window_closed", "opt_in_missing", "opt_in_expired", "opt_in_source"}

// verdict turns the rules' answer into a decision.
func (r *revision) verdict(in *Input, out topdown.QueryResult) (Decision, error) {
	d := Decision{Revision: r.hash}
	refusals, err := reasons(in.Kind, out[refuseKey])
	if err != nil {
		return Decision{}, err
	}
	for _, reason := range refusals {
		if r.match.modes[reason.Code] > in.Time.Now {
			d.Observed = append(d.Observed, reason)
		} else {
			d.Reasons = append(d.Reasons, reason)
		}
	}
	if len(d.Reasons) == 0 && !standsOn(out[basisKey], d.Observed) {
		return Decision{}, errors.New("decide: no rule refused, but no rule gave a basis either")
	}
	d.Obligations = r.obligations(in, out[labelKey])
	if len(d.Reasons) == 0 {
		d.Effect = Allow
	}
	return d, nil
}

// standsOn reports whether there is a basis, or a rule on trial that would
// have denied it.
func standsOn(basis *ast.Term, observed []Reason) bool {
	if s, isSet := value(basis).(ast.Set); isSet && s.Len() > 0 {
		return true
	}
	return slices.ContainsFunc(observed, func(r Reason) bool { return slices.Contains(takesBasis, r.Code) })
}

func value(t *ast.Term) ast.Value {
	if t == nil {
		return nil
	}
	return t.Value
}

var codeTerm, sentenceTerm, nextTerm = ast.StringTerm("code"), ast.StringTerm("sentence"), ast.StringTerm("next")

// errRefusal means a rule's refusal has the wrong shape.
var errRefusal = errors.New(`decide: a refusal is not {"code": text, "sentence": text} with an optional "next": number`)

// reasons reads the refusals, the one to answer first.
func reasons(kind string, refuse *ast.Term) ([]Reason, error) {
	s, isSet := value(refuse).(ast.Set)
	if !isSet {
		return nil, errRefusal
	}
	if s.Len() == 0 {
		return nil, nil
	}
	out := make([]Reason, 0, s.Len())
	err := s.Iter(func(t *ast.Term) error {
		reason, err := reason(kind, t)
		out = append(out, reason)
		return err
	})
	slices.SortStableFunc(out, func(a, b Reason) int { return orderOf(a.Code) - orderOf(b.Code) })
	return out, err
}

func reason(kind string, t *ast.Term) (Reason, error) {
	o, isObject := t.Value.(ast.Object)
	if !isObject {
		return Reason{}, errRefusal
	}
	code, ok1 := value(o.Get(codeTerm)).(ast.String)
	sentence, ok2 := value(o.Get(sentenceTerm)).(ast.String)
	if !ok1 || !ok2 || !isCode(string(code)) || sentence == "" {
		return Reason{}, errRefusal
	}
	r := Reason{Code: string(code), Rule: "postern." + kind + "." + string(code), Sentence: string(sentence)}
	if next := o.Get(nextTerm); next != nil {
		n, isNumber := next.Value.(ast.Number)
		at, whole := n.Int64()
		if !isNumber || !whole {
			return Reason{}, errRefusal
		}
		r.Next = at
	}
	return r, nil
}

// brokenPolicy is the reason when the policy itself could not answer.
var brokenPolicy = Reason{
	Code: CodePolicyError, Rule: "postern." + CodePolicyError,
	Sentence: "The policy could not come to a decision, so nothing was let through. An operator finds the cause in the log and with \"postern policy explain\".",
}

// failed is the denial when the policy itself could not answer.
func (r *revision) failed(in *Input) Decision {
	return Decision{Reasons: []Reason{brokenPolicy}, Obligations: r.obligations(in, nil), Revision: r.hash}
}

// obligations works out, once, what the settings ask for in each direction.
// "block" refuses by rule; a finding too weak for that is left as it is.
func obligations(s *Settings) map[string]Obligations {
	out := map[string]Obligations{}
	for direction, treat := range map[string]map[string]string{"outbound": s.PersonalData.Outbound, "inbound": s.PersonalData.Inbound} {
		forward := maps.Clone(treat)
		for typ, op := range forward {
			if op == "block" {
				forward[typ] = "keep"
			}
		}
		out[direction] = Obligations{
			Forward: forward, Record: maps.Clone(s.PersonalData.Record),
			Retention: s.Retention.Class, Original: s.Retention.KeepOriginal, Files: s.Retention.KeepOriginal,
			StripLocation: s.Media.StripLocation,
		}
	}
	return out
}

// obligations of one message. Forward and Record are shared between decisions
// and must not be changed.
func (r *revision) obligations(in *Input, labels *ast.Term) Obligations {
	o := r.oblige[in.Direction]
	if o.Record == nil { // a direction nobody knows: keep nothing readable
		o = Obligations{Forward: map[string]string{"*": "redact"}, Record: map[string]string{"*": "redact"}, Retention: r.match.s.Retention.Class, StripLocation: true}
	}
	if class, own := r.match.s.Retention.Categories[in.Message.Category]; own {
		o.Retention = class
	}
	if s, isSet := value(labels).(ast.Set); isSet {
		for _, t := range s.Slice() {
			if l, isString := t.Value.(ast.String); isString {
				o.Labels = append(o.Labels, string(l))
			}
		}
	}
	return o
}
