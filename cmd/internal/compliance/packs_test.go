package compliance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
)

const (
	packed = quietNever + "personal_data: {packs: [house], lexicons: [tone]}\n"

	housePack = `pack: house
entities:
  HOUSE_NO: {type: RECORD_ID, pattern: 'QX-\d{6}', level: certain, examples: {match: [QX-123456], no_match: [QX-1]}}
  HOUSE_PLANS: {deny_list: plans.txt, examples: {match: [the blue plan], no_match: [the red plan]}}
allow: {values: [QX-000000]}
policy:
  - {types: [HOUSE_NO], direction: out, sink: forward, action: block}
  - {types: [HOUSE_NO], sink: record, action: redact, label: HOUSE}
`
	houseTone = "topic: tone\nlanguages: {en: {words: [riskless], examples: {match: [riskless], no_match: [risk]}}}\n"
)

// packsInForce: packs and lexicons of the house are taken while the gateway runs, and
// what is wrong with one is told with its place and leaves those in force as they were.
func packsInForce(t *testing.T, o *office, to string) {
	o.rule(t, quietNever)
	o.want(t, "before", text(to, "please see QX-123456"), "sent")
	house := []string{"pii/house.yaml", housePack, "pii/plans.txt", "blue plan\n", "lexicons/tone.yaml", houseTone}
	o.rule(t, packed, house...)
	inForce := func(when string) {
		t.Helper()
		o.want(t, when, text(to, "please see QX-123456"), "pii")
		if rec := o.last(t, "admission"); !strings.Contains(rec.Findings, "RECORD_ID:1") || !strings.Contains(rec.Parts["body"], "[HOUSE_1]") || strings.Contains(rec.Parts["body"], "123456") {
			t.Errorf("%s: found %q, kept %s", when, rec.Findings, rec.Parts["body"])
		}
		o.want(t, when+", a number that is allowed", text(to, "please see QX-000000"), "sent")
		o.want(t, when+", a plan", text(to, "a riskless blue plan"), "sent")
		if rec := o.last(t, "admission"); !strings.Contains(rec.Findings, "HOUSE_PLANS:1") || !strings.Contains(rec.Findings, "LEXICON:1") || strings.Contains(rec.Parts["body"], "blue") || !strings.Contains(rec.Parts["body"], "riskless") {
			t.Errorf("%s: found %q, kept %s", when, rec.Findings, rec.Parts["body"])
		}
	}
	inForce("in force")
	for name, c := range map[string]struct{ file, text, want string }{
		"a broken pattern":    {"pii/house.yaml", strings.Replace(housePack, `QX-\d{6}`, `QX-(\d{6}`, 1), "pii/house.yaml:3:40: entities.HOUSE_NO.pattern: missing closing )"},
		"a costly pattern":    {"pii/house.yaml", strings.Replace(housePack, `QX-\d{6}`, `.{4,40}[a-z]{5}\S+`, 1), "pii/house.yaml:3:40: entities.HOUSE_NO.pattern: takes "},
		"a pattern of all":    {"pii/house.yaml", strings.Replace(housePack, `QX-\d{6}`, `\S+`, 1), "pii/house.yaml:3:40: entities.HOUSE_NO.pattern: "},
		"a missing list":      {"pii/house.yaml", strings.Replace(housePack, "plans.txt", "absent.txt", 1), "pii/house.yaml:4:28: entities.HOUSE_PLANS.deny_list: there is no file pii/absent.txt"},
		"an empty list":       {"pii/plans.txt", "# none\n", "pii/house.yaml:4:28: entities.HOUSE_PLANS.deny_list: the list is empty"},
		"a name twice":        {"pii/house.yaml", strings.Replace(housePack, "HOUSE_PLANS", "HOUSE_NO", 1), "pii/house.yaml:4:3: entities.HOUSE_NO is written twice"},
		"a name of a type":    {"pii/house.yaml", strings.Replace(housePack, "HOUSE_PLANS", "BR_CPF", 1), "pii/house.yaml:4:3: entities.BR_CPF: the name is taken (built in)"},
		"an example that not": {"pii/house.yaml", strings.Replace(housePack, "match: [QX-123456]", "match: [QX-12345]", 1), "pii/house.yaml:3:87: example: HOUSE_NO is not found in this text"},
		"no YAML":             {"pii/house.yaml", "pack: house\n\tentities: {}\n", "pii/house.yaml:2:1: not YAML"},
		"not UTF-8":           {"pii/house.yaml", "pack: house\ndoes_not_achieve: f\xfcr\n", "pii/house.yaml:2:1: not UTF-8"},
		"no such country":     {"pii/house.yaml", "pack: house\ncountries: [XX]\n", "pii/house.yaml:2:13: countries: write two capital letters"},
		"a broken lexicon":    {"lexicons/tone.yaml", "topic: tone\nlanguages: {en: {words: []}}\n", "lexicons/tone.yaml:2:25: languages.en.words: the list is empty"},
		"no such pack":        {"settings.yaml", quietNever + "personal_data: {packs: [hose]}\n", `no pack is called "hose"; write one of `},
	} {
		o.Write(t, "policies/"+c.file, c.text)
		err := o.TryAdmin(t, "config.reload", admin.None{}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing was changed") || strings.Contains(err.Error(), "123456") {
			t.Errorf("%s: %v", name, err)
		}
		inForce(name)
		if err := os.WriteFile(filepath.Join(o.Dir, "policies", "settings.yaml"), []byte(packed), 0o600); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(house); i += 2 {
			o.Write(t, "policies/"+house[i], house[i+1])
		}
	}
	o.rule(t, packed, "pii/house.yaml", strings.Replace(housePack, "action: block", "action: alert", 1), "pii/plans.txt", "blue plan\n", "lexicons/tone.yaml", houseTone)
	o.want(t, "a pack that asks for less", text(to, "please see QX-123456"), "sent")
	o.rule(t, quietNever)
	o.want(t, "no pack any more", text(to, "please see QX-123456"), "sent")
	if rec := o.last(t, "admission"); strings.Contains(rec.Findings, "RECORD_ID") {
		t.Errorf("found %q", rec.Findings)
	}
}
