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
		"wrong shape":  `refuse contains r if r := "no"`,
		"no sentence":  `refuse contains r if r := {"code": "x"}`,
		"no code":      `refuse contains r if r := {"code": "Two words", "sentence": "X."}`,
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
		"parse":           {layer("own.rego", "package postern.message\n\nrefuse contains {\n"), "own.rego:"},
		"typo":            {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if input.facts.windw.open\n"), "own.rego:3:23: undefined ref: input.facts.windw.open"},
		"unsafe":          {layer("own.rego", "package postern.message\n\nbasis contains x if input.kind == \"message\"\n"), "own.rego:3:"},
		"network":         {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if http.send({\"method\": \"get\", \"url\": \"http://localhost\"})\n"), "undefined function http.send"},
		"clock":           {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if time.now_ns() > 0\n"), "undefined function time.now_ns"},
		"setting":         {layer("own.rego", "package postern.message\n\nbasis contains \"x\" if data.settings.windw.margin_seconds > 0\n"), "own.rego:3:23: settings have no key data.settings.windw.margin_seconds"},
		"own test":        {layer("own_test.rego", "package own_test\n\ntest_it if 1 == 2\n"), "own_test.rego:3:1: test_it fails"},
		"our test":        {layer("read.rego", "package postern.read\n\nbasis contains \"x\" if input.kind == \"read\"\n\nrefuse contains {\"code\": \"x\", \"sentence\": \"X.\"} if false\n"), "read_test.rego:"},
		"settings":        {layer("settings.yaml", "modes: 3"), "settings.yaml:1:8"},
		"no object":       {layer("own.rego", "package postern.message\n\nrefuse contains \"no\"\n"), "own.rego:3:1: a refusal is an object; write: refuse contains"},
		"no sentence":     {layer("own.rego", "package postern.message\n\nrefuse contains {\"code\": \"x\"}\n"), "own.rego:3:1: the sentence for people is missing"},
		"odd code":        {layer("own.rego", "package postern.inbound\n\nrefuse contains {\"code\": \"No Way\", \"sentence\": \"X.\"}\n"), "own.rego:3:1: the code must be written out"},
		"odd member":      {layer("own.rego", "package postern.media\n\nrefuse contains {\"code\": \"x\", \"sentnce\": \"X.\"}\n"), "own.rego:3:1: a refusal has no member \"sentnce\""},
		"no set":          {layer("own.rego", "package postern.message\n\nrefuse := true\n"), "own.rego:3:1: refuse is a set of refusals"},
		"mode of nothing": {layer("settings.yaml", "window: {margin_seconds: 1}\nmodes: {quiet_huors: observe until 2027-01-31}\n"), "settings.yaml:2:22: modes.quiet_huors: no rule gives this code; write one of account_restricted, "},
		"type of nothing": {layer("settings.yaml", "personal_data: {outbound: {CREDITCARD: block}}"), "settings.yaml:1:40: personal_data.outbound.CREDITCARD: no finding has this type; write one of [ADDRESS"},
		"no such pack":    {layer("settings.yaml", "personal_data: {packs: [secrets, luck]}"), "settings.yaml:1:34: personal_data.packs[1]: no pack is called \"luck\"; write one of dpdp, gdpr"},
		"no such topic":   {layer("settings.yaml", "personal_data: {lexicons: [luck]}"), "settings.yaml:1:28: personal_data.lexicons[0]: no lexicon is called \"luck\""},
		"broken pack":     {layer("pii/secrets.yaml", "pack: secrets\nentities: {}\nluck: 1\n"), "pii/secrets.yaml:3:1: unknown key \"luck\""},
		"misplaced pack":  {layer("pii/deep/secrets.yaml", "pack: secrets\n"), "pii/deep/secrets.yaml:1:1: this file is not read;"},
		"misnamed":        {layer("settings.yml", "window: {margin_seconds: 5}"), "settings.yml:1:1: this file is not read; call it settings.yaml"},
		"in a subfolder":  {layer("eu/settings.yaml", "window: {margin_seconds: 5}"), "eu/settings.yaml:1:1: this file is not read"},
		"no package":      {layer("message.rego", "package postern.other\n\nbasis contains \"x\" if input.kind == \"message\"\n"), "no rule data.postern.message.basis"},
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
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for name, ctx := range map[string]context.Context{"with its caller": short, "after its time": t.Context()} {
		d, err := e.Decide(ctx, reply())
		if err == nil || !strings.Contains(err.Error(), "cancel") || d.Effect != policy.Deny {
			t.Errorf("%s: %v %v", name, d.Effect, err)
		}
	}
	x, err := e.Explain(t.Context(), reply())
	if err != nil || x.Decision.Effect != policy.Deny || x.Error == "" {
		t.Fatalf("explained: %+v, %v", x, err)
	}
	if i := slices.IndexFunc(x.Rules, func(v policy.Verdict) bool { return v.Code == "x" }); i < 0 || !strings.HasPrefix(x.Rules[i].Because, "fails: it does not come to an end") {
		t.Error("the rule without end is not named")
	}
}

// What an editor or a mounted volume leaves beside the files is not read.
func TestHiddenFilesAreNotRead(t *testing.T) {
	e, err := policy.Load(t.Context(), policies.Files, fstest.MapFS{
		"..2026_11_21/settings.yaml": {Data: []byte("surprise: 1")}, "..2026_11_21/own.rego": {Data: []byte("no rego")}, ".own.rego.swp": {Data: []byte("no rego")},
		".#own.rego": {Data: []byte("no rego")}, "README.md": {Data: []byte("# Ours")}, "settings.yaml": {Data: []byte("window: {margin_seconds: 5}")},
	})
	if err != nil || e.Settings().Window.MarginSeconds != 5 {
		t.Errorf("%v", err)
	}
}

func TestModesOfOwnCodes(t *testing.T) {
	own := fstest.MapFS{
		"own.rego":      {Data: []byte("package postern.message\n\nrefuse contains {\"code\": \"own_code\", \"sentence\": \"No.\"} if input.kind == \"message\"\n")},
		"settings.yaml": {Data: []byte("modes: {own_code: observe until 2027-01-31}")},
	}
	e, err := policy.Load(t.Context(), policies.Files, own)
	if err != nil {
		t.Fatal(err)
	}
	d, err := e.Decide(t.Context(), reply())
	if err != nil || d.Effect != policy.Allow || !slices.Equal(codesOf(d.Observed), []string{"own_code"}) {
		t.Errorf("%v %v %v", d.Effect, codesOf(d.Observed), err)
	}
	own["own.rego"] = &fstest.MapFile{Data: []byte("package postern.message\n\nrefuse contains r if {\n\tinput.kind == \"message\"\n\tr := {\"code\": \"own_code\", \"sentence\": \"No.\"}\n}\n")}
	if _, err := policy.Load(t.Context(), policies.Files, own); err != nil {
		t.Errorf("a mode for a computed code: %v", err)
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
