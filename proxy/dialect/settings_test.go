package dialect

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAppSettings: the table is in order, each row says what the setting does or
// why it does nothing, and its default is a value that an app could set.
func TestAppSettings(t *testing.T) {
	table := AppSettings()
	if !slices.IsSortedFunc(table, func(a, b AppSetting) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not in order")
	}
	for _, s := range table {
		if (s.Effect == "") == (s.Reason == "") || s.Takes() == "" {
			t.Errorf("%s: effect %q, reason %q, takes %q", s.Name, s.Effect, s.Reason, s.Takes())
		}
		if s.Default != "" && !s.stands(s.Default) {
			t.Errorf("%s: default %s can not be set", s.Name, s.Default)
		}
	}
}

func TestSettingValues(t *testing.T) {
	for _, c := range []struct{ name, value, param string }{
		{"callback_backoff_delay_ms", `99`, "from 100 to 3600000"},
		{"callback_backoff_delay_ms", `3600001`, "from 100 to 3600000"},
		{"callback_backoff_delay_ms", `1.5`, "whole number"},
		{"callback_backoff_delay_ms", `-3000`, "whole number"},
		{"max_callback_backoff_delay_ms", `"soon"`, "whole number"},
		{"heartbeat_interval", `0`, "from 1 to 3600"},
		{"callback_persist", `"yes"`, "true or false"},
		{"sent_status", `1`, "true or false"},
		{"on_call_pager", `"Alice"`, "digits"},
		{"on_call_pager", `49171`, "digits"},
		{"on_call_pager", `"012345678901234567890"`, "digits"},
	} {
		if _, p := DecodeSettings("application/json", []byte(`{"`+c.name+`":`+c.value+`}`)); p == nil || p.Kind != Invalid || p.Param != c.name || !strings.Contains(p.Details, c.param) {
			t.Errorf("%s %s: %+v", c.name, c.value, p)
		}
	}
	for _, body := range []string{
		`{"webhooks":{"max_concurrent_requests":7}}`, `{"webhooks":{"max_concurrent_requests":"24 "}}`, `{"webhooks":{"url":["https://a.example"]}}`,
		`{"media":{"auto_download":"image"}}`, `{"media":{"auto_download":["picture"]}}`, `{"media":{"auto_download":[1]}}`,
		`{"media":{"auto_download":["image","image","image","image","image","image","image"]}}`,
	} {
		if _, p := DecodeSettings("application/json", []byte(body)); p == nil || p.Kind != Invalid {
			t.Errorf("%s: %+v", body, p)
		}
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		values     map[string]string
		step, most time.Duration
		parallel   int
	}{
		{nil, 3 * time.Second, 15 * time.Minute, 6},
		{map[string]string{"callback_backoff_delay_ms": "500", "max_callback_backoff_delay_ms": "2000", "webhooks.max_concurrent_requests": "24"}, 500 * time.Millisecond, 2 * time.Second, 24},
		// As an earlier version may have kept them.
		{map[string]string{"callback_backoff_delay_ms": "0", "webhooks.max_concurrent_requests": "1000"}, 3 * time.Second, 15 * time.Minute, 6},
	} {
		if step, most, parallel := (Settings{Values: c.values}).Pace(); step != c.step || most != c.most || parallel != c.parallel {
			t.Errorf("%v: %s %s %d", c.values, step, most, parallel)
		}
	}
}

func TestSettingsWords(t *testing.T) {
	s := Settings{Values: map[string]string{"pass_through": "false", "sent_status": "true", "heartbeat_interval": "5"}}
	if got := s.Idle(); !slices.Equal(got, []string{"heartbeat_interval", "pass_through"}) {
		t.Errorf("without effect: %v", got)
	}
	if !s.Sound() {
		t.Error("settings as an app sets them are not sound")
	}
	for _, values := range []map[string]string{{"made_up": "1"}, {"sent_status": "yes"}, {"sent_status": " true"}, {"heartbeat_interval": "5}"}, {"webhooks.url": `"a" `}} {
		if (Settings{Values: values}).Sound() {
			t.Errorf("%v is sound", values)
		}
	}
}

// TestSettingsOfAnswer: what GET gave is a PATCH, whatever stands beside it.
func TestSettingsOfAnswer(t *testing.T) {
	s, p := DecodeSettings("application/json", []byte(`{"settings":{"application":{"sent_status":"true","webhooks":{"url":"https://a.example/x"},"other":1}},"meta":{"version":"2.53.2"}}`))
	if p != nil || len(s.Values) != 2 || s.Values["sent_status"] != "true" || s.WebhookURL() != "https://a.example/x" || !slices.Equal(s.Unknown, []string{"other"}) {
		t.Errorf("%+v %+v", s, p)
	}
	if s, p := DecodeSettings("application/json", []byte(`{"settings":{"application":"x"}}`)); p != nil || len(s.Values) != 0 || !slices.Equal(s.Unknown, []string{"settings"}) {
		t.Errorf("no settings: %+v %+v", s, p)
	}
}
