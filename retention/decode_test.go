package retention_test

import (
	"os"
	"strings"
	"testing"

	"postern/retention"
)

func defaults(t testing.TB) retention.File {
	t.Helper()
	raw, err := os.ReadFile("../policies/retention.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return retention.File{Name: "default retention.yaml", Raw: raw}
}

func decode(t testing.TB, text string) (retention.Policy, error) {
	t.Helper()
	return retention.Decode(map[string]string{"retention.class": "messages"}, defaults(t), retention.File{Name: "retention.yaml", Raw: []byte(text)})
}

func TestDefaultsKeepEverything(t *testing.T) {
	p, err := retention.Decode(map[string]string{"retention.class": "message"}, defaults(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Classes) != 5 || len(p.Presets)+len(p.Notes) != 0 || len(p.Revision) != 64 {
		t.Errorf("%+v", p)
	}
	for name, c := range p.Classes {
		if c.Days != 0 || c.Action != retention.ActionErase {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestFileOverridesKeyByKey(t *testing.T) {
	p, err := decode(t, "presets: [mifid]\nclasses:\n  messages: {days: 2000}\n  promo: {days: 1827, keep: original, clock: contact, action: purge}\n")
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Classes["messages"]; c.Days != 2000 || c.Keep != retention.KeepOriginal || c.Floor != 1827 || !strings.HasPrefix(c.FloorBy, "mifid (Directive 2014/65/EU Art. 16(7)") {
		t.Errorf("messages: %+v", c)
	}
	if c := p.Classes["promo"]; c.Floor != 1827 || c.Clock != retention.ClockContact {
		t.Errorf("a class of its own is bound like messages: %+v", c)
	}
	if c := p.Classes["audit"]; c.Floor != 0 || c.Days != 0 {
		t.Errorf("audit: %+v", c)
	}
	other, err := decode(t, "classes: {messages: {days: 2001}}")
	if err != nil || other.Revision == p.Revision {
		t.Errorf("revisions of different files: %v", err)
	}
}

func TestBadFilesAreRefusedWithPlaceAndRemedy(t *testing.T) {
	for text, want := range map[string]string{
		"clases: {}":                                                               `retention.yaml:1:1: unknown key "clases"; write one of version, presets, classes`,
		"classes:\n  messages:\n    day: 3":                                        `retention.yaml:3:5: unknown key "classes.messages.day"; write one of days, keep`,
		"classes: {messages: {days: -1}}":                                          "retention.yaml:1:28: classes.messages.days: write a whole number from 0 to 36525",
		"classes: {messages: {days: 99999999999999999999}}":                        "write a whole number from 0 to 36525",
		"classes: {messages: {days: 36526}}":                                       "write a whole number from 0 to 36525",
		"classes: {messages: {days: 1.5}}":                                         "write a whole number",
		"classes: {messages: {days: \"30\"}}":                                      "write a whole number",
		"classes: {messages: {days: 30, days: 40}}":                                "retention.yaml:1:32: classes.messages.days is written twice; keep one",
		"classes: {messages: {keep: sealed}}":                                      "classes.messages.keep: write nothing, redacted or original",
		"classes: {messages: {action: delete}}":                                    "classes.messages.action: write erase, purge or cold",
		"classes: {messages: {clock: birthday}}":                                   "classes.messages.clock: write record, contact or consent",
		"classes: {messages: {clock: consent}}":                                    "classes.messages.clock: only class consent begins",
		"classes: {media: {keep: redacted}}":                                       "classes.media.keep: a file has no redacted form: write original or nothing",
		"classes: {messages: {days: 10, floor: 30}}":                               "classes.messages.days: 10 days are below the floor of 30 (its own floor); write 30 or more, or 0 for ever",
		"classes: {messages: {days: 40, ceiling: 30}}":                             "40 days is over the ceiling of 30 (its own ceiling); write 30 or less",
		"classes: {messages: {ceiling: 30}}":                                       "0 (for ever) is over the ceiling of 30",
		"classes: {messages: {days: 35, floor: 40, ceiling: 30}}":                  "can not be met: its own floor keeps 40 days at least, its own ceiling 30 days at most; drop one",
		"presets: [finra]\nclasses: {messages: {ceiling: 400}}":                    "retention.yaml:2:21: classes.messages: can not be met: finra (FINRA Rule 4511(b), taken for every message) keeps 2192 days at least, its own ceiling 400",
		"presets: [sec-17a-4, finra]\nclasses: {messages: {days: 1096}}":           "below the floor of 2192 (finra (",
		"presets: [sec-17a-4]\nclasses: {messages: {keep: redacted}}":              "retention.yaml:2:28: classes.messages.keep: sec-17a-4 (17 CFR 240.17a-4(b)(4)) asks for the message as it was sent or received: write keep: original",
		"presets: [gdpr]\nclasses: {media: {days: 9}, messages: {days: 9}}":        "retention.yaml:1:11: classes.consent.days: gdpr (Regulation (EU) 2016/679 Art. 5(1)(e)) names no number of days, so your file has to: write how many you can give a reason for, classes: {consent: {days: ...}}",
		"presets: [gdpr]\nclasses:\n  messages: {days: 0}":                         "retention.yaml:3:20: classes.messages.days: gdpr (",
		"classes: {message: {days: 3}}":                                            "those that need no more are audit, consent, deliveries, media and messages",
		"presets: [hippa]":                                                         `presets: "hippa" is not known; write some of dpdp, finra, gdpr, hipaa, lgpd, mifid, pci, sec-17a-4`,
		"presets: [pci, pci]":                                                      `presets: "pci" is listed twice`,
		"presets: pci":                                                             "presets: write a list",
		"presets: [{a: 1}]":                                                        "presets: write names",
		"classes: {promo: {days: 3}}":                                              "classes.promo: a class of its own needs all of keep, clock and action",
		"classes: {Promo: {days: 3, keep: nothing, clock: record, action: purge}}": "classes.Promo: write a name of at most 32",
		"classes: {a.b: {days: 3, keep: nothing, clock: record, action: purge}}":   "classes.a.b: write a name of at most 32",
		"classes: [messages]":                                                      "classes: write keys and values",
		"classes: {messages: &x {days: 3}, media: *x}":                             "anchors, aliases and merge keys are not read",
		"version: 2":                   "version: write a whole number from 1 to 1",
		"version: 1\n---\nversion: 1":  "more than one document",
		"classes: {messages: {days: 3": "this is not YAML",
		"just words":                   "the file: write keys and values",
		"presets: [pci]\nclasses: {messages: {days: 9}, media: {days: 9}, audit: {days: 365}}":                                                   "classes.audit.days: 365 days are below the floor of 366 (pci (PCI DSS v4.0.1 requirement 10.5.1))",
		"presets: [dpdp]\nclasses: {messages: {days: 400, notice_hours: 47}, media: {days: 400}, consent: {days: 400}, deliveries: {days: 400}}": "retention.yaml:2:47: classes.messages.notice_hours: dpdp (DPDP Rules 2025 Rule 8(2)) has people told at least 48 hours before: write 48 or more",
		"": "",
		"presets: [dpdp, lgpd, gdpr]\nclasses: {messages: {days: 400}, media: {days: 400}, consent: {days: 400}, deliveries: {days: 366}}": "",
	} {
		p, err := decode(t, text)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		case want != "" && len(p.Classes) > 0:
			t.Errorf("%q: refused, yet there is a policy", text)
		}
	}
}

func TestErrorsComeAllAtOnce(t *testing.T) {
	_, err := decode(t, "x: 1\npresets: [none]\nclasses: {messages: {days: -1, keep: 3}}\n")
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("want four errors, got %v", err)
	}
}

func TestClassesOfMessagesMustBeDescribed(t *testing.T) {
	_, err := retention.Decode(map[string]string{"retention.class": "messages", "retention.categories.marketing": "promo"}, defaults(t))
	if want := `retention.categories.marketing puts messages into class "promo", which nothing here describes`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	if _, err := retention.Decode(nil); err == nil {
		t.Error("no file at all is a policy")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("classes: {messages: {days: 30}}")
	f.Add(`{"retention_policy":{"message_storage_days":30}}`)
	base := defaults(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := retention.Decode(nil, base, retention.File{Name: "r", Raw: []byte(text)})
		if (err == nil) != (len(p.Classes) > 0) {
			t.Errorf("policy %v with error %v", p, err)
		}
	})
}
