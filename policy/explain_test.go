package policy_test

import (
	"slices"
	"strings"
	"testing"

	"postern/policy"
)

func TestExplainShowsEveryRuleAndWhatItSaw(t *testing.T) {
	e := engine(t, "modes: {quiet_hours: observe until 2027-01-31}")
	in := change(marketing(), func(in *policy.Input) {
		in.Time.Now = nightTime
		in.Facts.OptOut.Marketing = true
	})
	x, err := e.Explain(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]policy.Verdict{}
	refusing := 0
	for _, v := range x.Rules {
		if v.Applies && v.Rule == "refuse" {
			refusing++
		}
		if v.Applies != (v.Because == "") || v.Place == "" || v.Code == "" {
			t.Errorf("verdict %+v", v)
		}
		by[v.Code] = v
	}
	if refusing != len(x.Decision.Reasons)+len(x.Decision.Observed) {
		t.Errorf("%d rules refuse, the decision has %v and %v", refusing, codesOf(x.Decision.Reasons), codesOf(x.Decision.Observed))
	}
	for code := range codesInRules(t)["message"] {
		if by[code].Code == "" {
			t.Errorf("%s is not explained", code)
		}
	}
	stop := by["marketing_stopped"]
	if !stop.Applies || !slices.Contains(stop.Saw, policy.Seen{Ref: "input.facts.optout.marketing", Value: "true"}) || stop.Mode != "enforce" {
		t.Errorf("marketing_stopped: %+v", stop)
	}
	if q := by["quiet_hours"]; !q.Applies || q.Mode != "observe until 2027-01-31" {
		t.Errorf("quiet_hours: %+v", q)
	}
	if w := by["window_closed"]; w.Applies || !strings.Contains(w.Because, `input.checks.form == "free"`) {
		t.Errorf("window_closed: %+v", w)
	}
	if c := by["consent"]; c.Rule != "basis" || !c.Applies {
		t.Errorf("basis consent: %+v", c)
	}
}

func TestExplainShowsWhyPolicyFailed(t *testing.T) {
	x, err := engine(t, "").Explain(t.Context(), &policy.Input{})
	if err != nil || x.Error == "" || x.Decision.Effect != policy.Deny {
		t.Errorf("%+v, %v", x, err)
	}
}

// The quick way (settings inlined, only fields that rules read) and the plain
// way, rule by rule on the whole input, agree on every message of the tables.
func TestQuickAndPlainEvaluationAgree(t *testing.T) {
	for _, c := range refusals {
		in := c.from()
		if c.change != nil {
			c.change(in)
		}
		x, err := engine(t, c.settings).Explain(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if x.Error != "" {
			continue
		}
		plain := map[string]bool{}
		for _, v := range x.Rules {
			if v.Applies && v.Rule == "refuse" {
				plain[v.Code] = true
			}
		}
		for _, code := range codesOf(x.Decision.Reasons) {
			if !plain[code] {
				t.Errorf("%s: refused by %s, which the plain way does not see", c.code, code)
			}
			delete(plain, code)
		}
		if len(plain) > 0 {
			t.Errorf("%s: the plain way also refuses by %v", c.code, plain)
		}
	}
}
