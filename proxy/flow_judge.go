package proxy

import (
	"context"

	"postern/policy"
	"postern/policy/pii"
	"postern/proxy/message"
	"postern/proxy/person"
)

// flowMatter is one side of an exchange in a flow on its way through policy.
type flowMatter struct {
	direction string
	raw       []byte // a JSON object
	acc       Account
	number    string
	who       person.Person
	files     []*FlowFile

	input   policy.Input
	dec     policy.Decision
	body    []byte // raw with policy's operators applied
	changed bool
}

// judgeFlow asks policy and applies its operators to what goes on. Both sides
// are judged as what a person asked for by opening the flow: the lists of types
// and the treatment of personal data are those of the direction, consent and
// window have no part in it.
func (g *Gate) judgeFlow(f *flowMatter) error {
	texts, err := flowTexts(f.raw)
	if err != nil {
		return err
	}
	f.input = g.flowInput(f, texts)
	f.dec, err = g.ruling(context.Background(), &f.input)
	if err != nil {
		g.cfg.Log.Error().Err(err).Msg("policy evaluation failed")
		g.alarm("policy_error")
	}
	refuseFiles(&f.dec, f.files)
	f.body = f.raw
	if f.dec.Effect != policy.Allow || !changes(f.dec.Obligations.Forward) {
		return nil
	}
	return g.treatFlow(f)
}

// treatFlow applies the operators to what goes on.
func (g *Gate) treatFlow(f *flowMatter) error {
	t, err := g.treatment(pii.Forward, f.dec.Obligations.Forward)
	if err != nil {
		return err
	}
	labels, named := &pii.Labels{}, false
	body, err := rewriteFlow(f.raw, func(path, text string, name bool) (string, bool) {
		treated, _ := g.scanner().TreatValue(text, flowHint(path), t, labels, nil)
		named = named || treated.Changed && name
		f.changed = f.changed || treated.Changed
		return treated.Text, treated.Changed
	})
	if named { // another name would be another member
		f.dec.Effect, f.changed = policy.Deny, false
		f.dec.Reasons = []policy.Reason{{
			Code: policy.CodeTreatment, Rule: "operator",
			Sentence: "A member's name holds personal data that policy wants changed; put it into a value.",
		}}
	}
	if f.changed {
		f.body = body
	}
	return err
}

func (g *Gate) flowInput(f *flowMatter, texts []message.Phrase) policy.Input {
	now := g.cfg.Now()
	var fs []found
	for i, t := range texts {
		for _, seen := range g.scanner().ScanValue(t.Value, flowHint(t.Path), nil) {
			fs = append(fs, found{text: i, finding: seen})
		}
	}
	return policy.Input{
		Version: policy.InputVersion, Kind: policy.KindInbound, Direction: f.direction, Tenant: f.acc.Tenant, App: f.acc.App,
		Number: f.number, Dialect: string(f.acc.Dialect), Peer: policy.Peer{Subject: f.who.Subject.String()},
		Message: policy.Message{
			Type: string(message.Interactive), Sub: subFlow, Category: policy.CategoryService,
			Media: flowMedia(f.files), LinkHosts: []string{}, Length: longest(texts), Dropped: []string{},
		},
		Findings: g.groups(fs, texts),
		Facts:    g.lookup(f.acc.Tenant, f.number, f.who, policy.CategoryService, now),
		Time:     policy.Time{Now: now.Unix(), Zones: g.localTimes(f.acc.Tenant, f.who, now)},
	}
}

// flowHint tells the scanner what a member is called.
func flowHint(path string) pii.Hint {
	return pii.Hint{Label: pii.LabelOf(path)}
}
