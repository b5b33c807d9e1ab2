package policy_test

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"postern/policies"
	"postern/policy"
)

func TestTenantRules(t *testing.T) {
	add := fstest.MapFS{
		"own.rego": {Data: []byte("package postern.message\n\nlabel contains \"image\" if input.message.type == \"image\"\n\nrefuse contains {\"code\": \"own\", \"sentence\": \"No.\"} if input.message.length > data.settings.window.margin_seconds * 100\n")},
	}
	e, err := policy.Load(t.Context(), policies.Files, add)
	if err != nil {
		t.Fatal(err)
	}
	d, err := e.Decide(t.Context(), change(picture(), func(in *policy.Input) { in.Message.Length = 6001 }))
	if err != nil || !slices.Equal(codesOf(d.Reasons), []string{"own"}) || !slices.Equal(d.Obligations.Labels, []string{"image"}) {
		t.Errorf("own rule: %v %v %v", codesOf(d.Reasons), d.Obligations.Labels, err)
	}
	if d, err := e.Decide(t.Context(), reply()); err != nil || d.Effect != policy.Allow || len(d.Obligations.Labels) != 0 {
		t.Errorf("own rule where it does not apply: %v %v", d.Effect, err)
	}
}

func TestARuleThatFailsDenies(t *testing.T) {
	for name, body := range map[string]string{
		"error":        `refuse contains {"code": "x", "sentence": "X."} if to_number(input.message.type) == 1`,
		"wrong shape":  `refuse contains "no"`,
		"no sentence":  `refuse contains {"code": "x"}`,
		"wrong moment": `refuse contains {"code": "x", "sentence": "X.", "next": "soon"}`,
	} {
		e, err := policy.Load(t.Context(), policies.Files, layer("own.rego", "package postern.message\n\n"+body+"\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d, err := e.Decide(t.Context(), reply())
		if err == nil || d.Effect != policy.Deny || d.Reasons[0].Code != policy.CodePolicyError || strings.Contains(err.Error(), "text") && name == "error" {
			t.Errorf("%s: %v %v %v", name, d.Effect, codesOf(d.Reasons), err)
		}
	}
}

func TestSwapKeepsTheRunningPolicyOnFailure(t *testing.T) {
	e, err := policy.Load(t.Context(), policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	before := e.Revision()
	for name, c := range map[string]struct {
		files fs.FS
		want  string
	}{
		"parse":      {layer("own.rego", "package postern.message\n\nrefuse contains {\n"), "own.rego:"},
		"typo":       {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if input.facts.windw.open\n"), "own.rego:3:23: undefined ref: input.facts.windw.open"},
		"unsafe":     {layer("own.rego", "package postern.message\n\nbasis contains x if input.kind == \"message\"\n"), "own.rego:3:"},
		"network":    {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if http.send({\"method\": \"get\", \"url\": \"http://localhost\"})\n"), "undefined function http.send"},
		"clock":      {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if time.now_ns() > 0\n"), "undefined function time.now_ns"},
		"setting":    {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if data.settings.windw.margin_seconds > 0\n"), "own.rego:3:23: settings have no key data.settings.windw.margin_seconds"},
		"own test":   {layer("own_test.rego", "package own_test\n\ntest_it if 1 == 2\n"), "own_test.rego:3:1: test_it fails"},
		"our test":   {layer("read.rego", "package postern.read\n\nbasis contains \"x\" if input.kind == \"read\"\n\nrefuse contains \"x\" if false\n"), "read_test.rego:"},
		"settings":   {layer("settings.yaml", "modes: 3"), "settings.yaml:1:8"},
		"no package": {layer("message.rego", "package postern.other\n\nbasis contains \"x\" if input.kind == \"message\"\n"), "no rule data.postern.message.basis"},
	} {
		err := e.Swap(t.Context(), policies.Files, c.files)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
		if e.Revision() != before {
			t.Errorf("%s: the running policy was replaced", name)
		}
	}
	if err := e.Swap(t.Context(), policies.Files, layer("settings.yaml", "window: {margin_seconds: 5}")); err != nil {
		t.Fatal(err)
	}
	if e.Revision() == before || e.Settings().Window.MarginSeconds != 5 || len(e.Files()) < 9 {
		t.Error("the new policy is not the running one")
	}
	if _, err := policy.Load(t.Context(), fstest.MapFS{}); err == nil {
		t.Error("an empty folder is a policy")
	}
}

func TestTheZeroEngineDenies(t *testing.T) {
	var e policy.Engine
	d, err := e.Decide(t.Context(), reply())
	if err == nil || d.Effect != policy.Deny || d.Reasons[0].Code != policy.CodePolicyError {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestARuleWithoutEndIsStoppedAndDenies(t *testing.T) {
	e, err := policy.Load(t.Context(), policies.Files, layer("own.rego",
		"package postern.message\n\nrefuse contains {\"code\": \"x\", \"sentence\": \"X.\"} if count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a * b < 0]) > 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	d, err := e.Decide(ctx, reply())
	if err == nil || !strings.Contains(err.Error(), "cancel") || d.Effect != policy.Deny {
		t.Errorf("%v %v", d.Effect, err)
	}
}

func TestDecisionsGoOnWhileThePolicyIsSwapped(t *testing.T) {
	e, err := policy.Load(t.Context(), policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	revisions := map[string]bool{e.Revision(): true}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, in := range []*policy.Input{reply(), marketing()} {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if d, err := e.Decide(t.Context(), in); err != nil || d.Effect != policy.Allow {
					t.Errorf("%v %v", d.Effect, err)
					return
				}
			}
		})
	}
	for _, settings := range []string{"window: {margin_seconds: 1}", "window: {margin_seconds: 2}"} {
		if err := e.Swap(t.Context(), policies.Files, layer("settings.yaml", settings)); err != nil {
			t.Error(err)
		}
		revisions[e.Revision()] = true
	}
	close(stop)
	wg.Wait()
	if len(revisions) != 3 {
		t.Errorf("%d revisions, want 3", len(revisions))
	}
}

func TestTheExampleOfTheReadmeWorks(t *testing.T) {
	raw, err := os.ReadFile("../policies/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "```rego\n")
	example, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("the README has no example")
	}
	e, err := policy.Load(t.Context(), policies.Files, layer("own.rego", example))
	if err != nil {
		t.Fatal(err)
	}
	for weekday, want := range map[int]policy.Effect{0: policy.Deny, 1: policy.Allow} {
		d, err := e.Decide(t.Context(), change(reply(), func(in *policy.Input) {
			in.Message.Type = "document"
			in.Time.Zones[0].Weekday = weekday
		}))
		if err != nil || d.Effect != want {
			t.Errorf("on weekday %d: %v %v", weekday, d.Effect, err)
		}
	}
}
