package policy_test

import (
	"testing"
	"testing/fstest"

	"postern/policies"
	"postern/policy"
	"postern/policy/pii"
)

// TestPacks takes a pack of a tenant and one that it includes into use.
func TestPacks(t *testing.T) {
	folder := fstest.MapFS{
		"settings.yaml": {Data: []byte("personal_data: {packs: [acme], record: {PHONE: keep, ACME_NO: hash}}")},
		"pii/acme.yaml": {Data: []byte(`pack: acme
include: [pci]
entities:
  ACME_NO: {type: RECORD_ID, words: [blue folder], examples: {match: [the blue folder], no_match: [the red folder]}}
policy:
  - {types: [ACME_NO], direction: out, sink: forward, action: block}
`)},
	}
	e, err := policy.Load(t.Context(), policies.Files, folder)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Packs().Adds() || string(e.Files()["pii/acme.yaml"]) == "" || e.Packs().Class("ACME_NO") != "C" || e.Packs().Class("BR_CPF") != "A" {
		t.Errorf("adds %v, class %q", e.Packs().Adds(), e.Packs().Class("ACME_NO"))
	}
	p := e.Settings().PersonalData
	if p.Record["PHONE"] != "keep" || p.Record["CARD_CVV"] != "drop" || p.Record["ACME_NO"] != "hash" || p.Inbound["CREDIT_CARD"] != "mask" || p.Outbound["CREDIT_CARD"] != "block" {
		t.Errorf("operators %v", p)
	}
	for entity, want := range map[string]policy.Effect{"ACME_NO": policy.Deny, "RECORD_ID": policy.Allow} {
		d, err := e.Decide(t.Context(), change(reply(), func(in *policy.Input) {
			in.Findings = []policy.Found{{Type: "RECORD_ID", Entity: entity, Level: "certain", Count: 1, Where: "text"}}
		}))
		if err != nil || d.Effect != want {
			t.Errorf("%s: %v %v %v", entity, d.Effect, codesOf(d.Reasons), err)
		}
	}
}

// TestLexiconWordsReachRules has a rule speak of a topic, and "*" not.
func TestLexiconWordsReachRules(t *testing.T) {
	folder := fstest.MapFS{
		"settings.yaml": {Data: []byte(`personal_data: {outbound: {"*": block}}`)},
		"own.rego": {Data: []byte(`package postern.message

refuse contains {"code": "promise", "sentence": "Nothing is promised here."} if {
	some f in input.findings
	f.topic == "promises"
}
`)},
	}
	e, err := policy.Load(t.Context(), policies.Files, folder)
	if err != nil {
		t.Fatal(err)
	}
	for topic, code := range map[string]string{"promises": "promise", "complaints": ""} {
		d, err := e.Decide(t.Context(), change(reply(), func(in *policy.Input) {
			in.Findings = []policy.Found{{Type: "LEXICON", Entity: "X", Topic: topic, Level: "certain", Count: 1, Where: "text"}}
		}))
		if err != nil || len(d.Reasons) > 0 != (code != "") || code != "" && d.Reasons[0].Code != code {
			t.Errorf("%s: %v %v", topic, codesOf(d.Reasons), err)
		}
	}
}

// A word of a lexicon stays in every text unless somebody names it.
func TestLexiconWordsStay(t *testing.T) {
	s := engine(t, "").Settings().PersonalData
	for sink, ops := range map[pii.Sink]map[string]string{pii.Record: s.Record, pii.Forward: s.Outbound} {
		treatment, err := pii.NewTreatment(sink, ops, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := treatment.Operator(pii.Finding{Type: "LEXICON", Entity: "PROMISES", Level: pii.Certain}); got != pii.Keep {
			t.Errorf("sink %d: %s", sink, got)
		}
	}
}
