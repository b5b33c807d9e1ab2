package policy_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"postern/policies"
	"postern/policy"
)

func defaults(t *testing.T) policy.SettingsFile {
	t.Helper()
	raw, err := fs.ReadFile(policies.Files, "settings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return policy.SettingsFile{Name: "default", Raw: raw}
}

func decode(t *testing.T, text string) (*policy.Settings, error) {
	t.Helper()
	return policy.DecodeSettings(defaults(t), policy.SettingsFile{Name: "settings.yaml", Raw: []byte(text)})
}

func TestSettingsOverrideKeyByKey(t *testing.T) {
	s, err := decode(t, `
consent:
  marketing: {max_age_days: 90}
media:
  kinds:
    image: {max_bytes: 1000}
optout:
  stop: {en: [halt]}
modes: {quiet_hours: observe until 2027-01-31}
personal_data: {outbound: {IBAN: mask}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Consent.Marketing; m.MaxAgeDays != 90 || !m.Required {
		t.Errorf("consent.marketing: %+v", m)
	}
	if i := s.Media.Kinds["image"]; i.MaxBytes != 1000 || len(i.Types) != 2 || s.Media.Kinds["video"].MaxBytes == 0 {
		t.Errorf("media.kinds: %+v", s.Media.Kinds)
	}
	if len(s.OptOut.Stop["en"]) != 1 || len(s.OptOut.Stop["de"]) == 0 {
		t.Errorf("optout.stop: %v", s.OptOut.Stop)
	}
	if o := s.PersonalData.Outbound; o["IBAN"] != "mask" || o["CREDIT_CARD"] != "block" {
		t.Errorf("personal_data.outbound: %v", o)
	}
}

func TestSettingsErrorsNamePlaceAndRemedy(t *testing.T) {
	for text, want := range map[string]string{
		"residency: {allow: [EU]}":                            "settings.yaml:1:21: residency.allow[0]: write DE: ",
		"residency: {tenants: {bank: {allow: [none, UK]}}}":   "settings.yaml:1:44: residency.tenants.bank.allow[1]: write GB",
		"residency: {tenants: {bank: {allow: [default]}}}":    "settings.yaml:1:38: residency.tenants.bank.allow[0]: write a country as two capital letters",
		"residency: {numbers: {\"+49 30\": {allow: [DE]}}}":   "settings.yaml:1:33: residency.numbers.+49 30: write a phone_number_id in quotes",
		"residency: {numbers: {\"1\": [DE]}}":                 "settings.yaml:1:28: residency.numbers.1: write keys and values",
		"consnt: {}":                                          `settings.yaml:1:1: unknown key "consnt"; write one of consent, `,
		"consent:\n  marketing: {requird: true}":              `settings.yaml:2:15: unknown key "consent.marketing.requird"`,
		"consent: {marketing: {required: maybe}}":             "settings.yaml:1:33: consent.marketing.required: write true or false",
		"window: {margin_seconds: 90s}":                       "settings.yaml:1:26: window.margin_seconds: write a whole number",
		"window: {margin_seconds: 86400}":                     "settings.yaml:1:26: window.margin_seconds: write seconds from 0",
		"version: 2":                                          "settings.yaml:1:10: version: this program reads version 1",
		"window:\n  margin_seconds: 1\n  margin_seconds: 2":   "settings.yaml:3:3: window.margin_seconds is written twice",
		"modes: {quiet_hours: later}":                         "settings.yaml:1:22: modes.quiet_hours: write enforce or observe until",
		"modes: {identity_changed: observe until 2027-01-01}": "modes.identity_changed: this refusal has no observe mode",
		"modes: {template: observe until 2027-01-01}":         "modes.template: this refusal has no observe mode",
		"version: 1\n---\nwindow: {margin_seconds: 5}\n":      "settings.yaml:2:1: a second document begins here",
		"---\nversion: 1\n":                                   "",
		"# nothing\n":                                         "",
		"modes: [a]":                                          "settings.yaml:1:8: modes: write keys and values",
		"messages: {outbound: text}":                          "settings.yaml:1:22: messages.outbound: write a list",
		"messages: {outbound: [text, txt]}":                   `settings.yaml:1:29: messages.outbound[1]: "txt" is not known`,
		"messages: {outbound: [text, text]}":                  "is listed twice",
		"recipients: {allow: [de]}":                           "settings.yaml:1:22: recipients.allow[0]: write a country as two capital letters",
		"recipients: {allow: [NO]}":                           "",
		"recipients: {allow: [DE], deny: [DE]}":               "DE is also in recipients.allow",
		"optout: {start: {en: [stop]}}":                       "settings.yaml:1:23: optout.start.en[0]: lexicon phrase",
		"optout: {stop: {en: [\"\"]}}":                        "has no letters or digits; remove it",
		"optout: {start_payloads: [STOP]}":                    "also in optout.stop_payloads",
		"quiet_hours: {categories: [authentication]}":         `"authentication" is not known; write one of marketing, utility`,
		"quiet_hours: {hours: {monday: []}}":                  "write a weekday: sun, mon",
		"quiet_hours: {hours: {mon: [\"8-20\"]}}":             `write hours as "20:00-08:00"`,
		"quiet_hours: {hours: {mon: [\"24:00-08:00\"]}}":      `write hours as "20:00-08:00"`,
		"quiet_hours: {holidays: {DE: [25.12.2026]}}":         "write a date as 2026-12-25",
		"quiet_hours: {holidays: {DE: [2026-12-25]}}":         "",
		"quiet_hours: {countries: {FR: {mon: [\"00:00-24:00\"], tue: [\"00:00-24:00\"], wed: [\"00:00-24:00\"], thu: [\"00:00-24:00\"], fri: [\"00:00-24:00\"], sat: [\"00:00-24:00\"], sun: [\"00:00-24:00\"]}}}": "no hour of the week is left",
		"media: {kinds: {gif: {max_bytes: 1}}}":                           "media.kinds.gif: write one of image",
		"management: {deny: [profle]}":                                    "management.deny[0]: write one of backup, block, certificate, commerce, compliance, encryption, flow, identity, number, pin, profile, provider, qr_code, register, subscription, template, upload, username",
		"media: {unknown_size: maybe}":                                    "media.unknown_size: write allow or refuse",
		"links: {deny: [\"https://a.example\"]}":                          "write a bare host",
		"links: {deny: [\"*.a.example\"]}":                                "write a bare host",
		"links: {allow: [xn--bcher-kva.example], deny: [bücher.example]}": "is also in links.allow",
		"links: {only_allowed: true}":                                     "no host is in links.allow",
		"personal_data: {outbound: {EMAIL: hide}}":                        `"hide" is not known; write one of keep`,
		"personal_data: {record: {EMAIL: block}}":                         "a record cannot be refused",
		"personal_data: {block_from: sure}":                               "write possible, likely or certain",
		"retention: {class: \"\"}":                                        "retention.class: write the name of a class",
		"retention: {class: 7}":                                           "retention.class: write text in quotes",
		"retention: {categories: {promo: long}}":                          "retention.categories.promo: write one of",
		"a: &x 1\nb: *x":                                                  "unknown key",
		"window: &x {margin_seconds: 1}":                                  "anchors and aliases are not read",
		"window: {margin_seconds: 1":                                      "settings.yaml:1:1: not YAML",
		"":                                                                "",
	} {
		_, err := decode(t, text)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestSettingsErrorsComeAllAtOnce(t *testing.T) {
	_, err := decode(t, "consnt: {}\nwindow: {margin_seconds: x}\nmodes: 3\n")
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three errors, got %v", err)
	}
	_, err = decode(t, "links: {deny: [https://a.example]}\nrecipients: {deny: [1, FR]}\npersonal_data: {outbound: {EMAIL: 5}, block_from: sure}\nquiet_hours: {hours: {mon: [\"8-20\"]}}\n")
	if err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("want five errors, values and types, got %v", err)
	}
}

// Every key of the default file has a comment above it or stands in a mapping
// whose own key explains its entries.
func TestEveryDefaultSettingHasAComment(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal(defaults(t).Raw, &doc); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(defaults(t).Raw), "\n")
	free := map[string]bool{"stop": true, "start": true, "hours": true, "kinds": true, "outbound": true, "inbound": true, "record": true}
	seen := 0
	var walk func(path string, n *yaml.Node)
	walk = func(path string, n *yaml.Node) {
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			key := n.Content[i]
			seen++
			if above := strings.TrimSpace(lines[key.Line-2]); !strings.HasPrefix(above, "#") {
				t.Errorf("%s.%s has no comment above it", path, key.Value)
			}
			if !free[key.Value] {
				walk(path+"."+key.Value, n.Content[i+1])
			}
		}
	}
	walk("", doc.Content[0])
	if seen < 40 {
		t.Errorf("only %d keys were looked at", seen)
	}
}

func FuzzDecodeSettings(f *testing.F) {
	f.Add("modes: {quiet_hours: observe until 2027-01-31}")
	f.Add("quiet_hours: {hours: {mon: [\"20:00-08:00\"]}}")
	raw, err := os.ReadFile("../policies/settings.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := policy.DecodeSettings(policy.SettingsFile{Name: "d", Raw: raw}, policy.SettingsFile{Name: "s", Raw: []byte(text)})
		if (s == nil) == (err == nil) {
			t.Errorf("settings %v with error %v", s, err)
		}
	})
}
