package retention_test

import (
	"strings"
	"testing"

	"postern/retention"
)

// TestOlderFormBesideOthers: a law that another layer names binds a file of the
// older form as any other, and its errors name the older form's own fields.
func TestOlderFormBesideOthers(t *testing.T) {
	under := func(law, text string) (retention.Policy, error) {
		return retention.Decode(nil, defaults(t), retention.File{Name: "law.yaml", Raw: []byte(law)}, retention.File{Name: "retention.json", Raw: []byte(text)})
	}
	for text, want := range map[string]string{
		older: "retention_policy.pii_redaction (read as classes.messages.keep): sec-17a-4 (17 CFR 240.17a-4(b)(4)) asks for the message as it was sent or received: leave it out",
		`{"retention_policy":{"message_storage_days":30}}`:                                "retention.json:1:45: retention_policy.message_storage_days (read as classes.messages.days): 30 days are below the floor of 1096 (sec-17a-4 (17 CFR 240.17a-4(b)(4))); write 1096 or more, or leave it out to keep for ever",
		`{"retention_policy":{"message_storage_days":1096,"media_storage_days":1096}}`:    "",
		`{"retention_policy":{"message_storage_days":1096,"media_storage_days":1095}}`:    "retention.json:1:71: retention_policy.media_storage_days (read as classes.media.days): 1095 days are below the floor of 1096",
		`{"retention_policy":{"message_storage_days":1096},"compliance_logging":"trail"}`: "compliance_logging: write keys and values",
	} {
		_, err := under("presets: [sec-17a-4]", text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestOlderFormExportsThePayload only where it says so.
func TestOlderFormExportsThePayload(t *testing.T) {
	p, err := decode(t, strings.Replace(older, `"include_payload":false`, `"include_payload":true`, 1))
	if err != nil || !p.Export.IncludePayload {
		t.Errorf("%+v, %v", p.Export, err)
	}
}
