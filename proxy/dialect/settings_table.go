package dialect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// AppSetting is one key of /v1/settings/application (whatsapp.md 1.10).
type AppSetting struct {
	Name    string // dotted, such as "webhooks.url"
	Default string // JSON text of what holds while an app never set it, "" for none
	Effect  string // what it does here, "" for nothing
	Reason  string // why it does nothing, "" where it has an effect

	kind    byte     // of its JSON: string, integer, boolean or list of words
	least   int64    // of an integer
	most    int64    // of an integer; of a string its bytes
	only    []int64  // integers that are taken, nil for all between least and most
	words   []string // of a list
	allowed func(text string) bool
}

// mediaWords are the kinds that media.auto_download may name.
var mediaWords = []string{"audio", "document", "image", "sticker", "video", "voice"}

const (
	hour = 60 * 60 * 1000 // milliseconds

	oneProcess = "One process takes the place of the old client's nodes: there is no heartbeat between them."
	noKeys     = "Encryption towards people ends at WhatsApp; this gateway holds no such keys."
)

// appSettings are all known settings, by name.
var appSettings = []AppSetting{
	{Name: "allow_unsolicited_group_add", kind: 't', Reason: noGroups},
	{Name: "axolotl_context_striping_disabled", kind: 't', Reason: noKeys},
	{Name: "callback_backoff_delay_ms", Default: "3000", kind: '0', least: 100, most: hour,
		Effect: "the delay of a failed webhook grows by it with every try"},
	{Name: "callback_persist", Default: "true", kind: 't',
		Reason: "Webhooks are always durable before WhatsApp hears that they were taken; that can not be switched off."},
	{Name: "db_garbagecollector_enable", kind: 't', Reason: noGarbage},
	{Name: "heartbeat_interval", Default: "5", kind: '0', least: 1, most: 3600, Reason: oneProcess},
	{Name: "max_callback_backoff_delay_ms", Default: "900000", kind: '0', least: 1000, most: 24 * hour,
		Effect: "the delay of a failed webhook grows up to it"},
	{Name: "media.auto_download", kind: '[', words: mediaWords,
		Effect: "once set, webhooks about files of other kinds say undownloaded and hold no id"},
	{Name: "notify_user_change_number", kind: 't', Effect: "false holds back the message that a person's number changed; it is on record all the same"},
	{Name: "on_call_pager", kind: '"', most: 20, allowed: pager, Reason: "Alarms go to the gateway's operator, by metrics and log."},
	{Name: "pass_through", Default: "true", kind: 't',
		Reason: "A webhook leaves the queue once it was taken; what the trail keeps, and how long, is set by the gateway's operator."},
	{Name: "sent_status", Default: "false", kind: 't', Effect: "whether \"sent\" is delivered, where webhooks.message.sent does not say"},
	{Name: "show_security_notifications", kind: 't',
		Effect: "switches upstream's identity check of the number; false holds identities and their changes back from webhooks"},
	{Name: "skip_referral_media_download", kind: 't', Reason: "Files of an advertisement are never fetched; the webhook holds upstream's links."},
	{Name: "unhealthy_interval", Default: "30", kind: '0', least: 1, most: 3600, Reason: oneProcess},
	{Name: "webhooks.max_concurrent_requests", Default: "6", kind: '0', only: []int64{6, 12, 18, 24}, Effect: "how many webhooks are under way at once"},
	{Name: "webhooks.message.delivered", kind: 't', Effect: "false holds \"delivered\" back"},
	{Name: "webhooks.message.read", kind: 't', Effect: "false holds \"read\" back"},
	{Name: "webhooks.message.sent", kind: 't', Effect: "whether \"sent\" is delivered"},
	{Name: "webhooks.url", kind: '"', most: 2000, Effect: "where webhooks go: https, a public host"},
}

// AppSettings are the keys of /v1/settings/application in the order of their
// names, with what each does here.
func AppSettings() []AppSetting { return slices.Clone(appSettings) }

// appSetting is a known setting, nil of any other name.
func appSetting(name string) *AppSetting {
	i, found := slices.BinarySearchFunc(appSettings, name, func(s AppSetting, name string) int { return strings.Compare(s.Name, name) })
	if !found {
		return nil
	}
	return &appSettings[i]
}

// settingGroup reports an object of settings, such as "webhooks.".
func settingGroup(prefix string) bool {
	return slices.ContainsFunc(appSettings, func(s AppSetting) bool { return strings.HasPrefix(s.Name, prefix) })
}

// Takes says in words what values the setting may have.
func (s *AppSetting) Takes() string {
	switch {
	case s.kind == 't':
		return "true or false"
	case s.only != nil:
		words := make([]string, len(s.only))
		for i, n := range s.only {
			words[i] = strconv.FormatInt(n, 10)
		}
		return "one of " + strings.Join(words, ", ")
	case s.kind == '0':
		return "a whole number from " + strconv.FormatInt(s.least, 10) + " to " + strconv.FormatInt(s.most, 10)
	case s.kind == '[':
		return "a list of " + strings.Join(s.words, ", ")
	case s.allowed != nil:
		return "digits of a WhatsApp id, or nothing"
	}
	return "a text of at most " + strconv.FormatInt(s.most, 10) + " bytes"
}

// value is the canonical JSON text of a setting. Integers and booleans may
// arrive as strings.
func (s *AppSetting) value(t *tree, n int32) (string, bool) {
	d := &t.nodes[n]
	switch s.kind {
	case '0':
		v, ok := t.integer(n)
		if s.only != nil {
			return strconv.FormatInt(v, 10), ok && slices.Contains(s.only, v)
		}
		return strconv.FormatInt(v, 10), ok && v >= s.least && v <= s.most
	case 't':
		v := d.text
		if d.kind == 't' || d.kind == 'f' {
			v = string(t.write(nil, n))
		}
		return v, v == "true" || v == "false"
	case '"':
		ok := d.kind == '"' && int64(len(d.text)) <= s.most && (s.allowed == nil || s.allowed(d.text))
		return string(appendText(nil, d.text)), ok
	}
	for c := d.first; c != none; c = t.nodes[c].next {
		if !t.is(c, '"') || !slices.Contains(s.words, t.nodes[c].text) {
			return "", false
		}
	}
	return string(t.write(nil, n)), d.kind == '[' && t.count(n) <= len(s.words)
}

// pager reports digits, with or without a plus, or nothing.
func pager(text string) bool {
	text = strings.TrimPrefix(text, "+")
	return text == "" || digits(text)
}

// stands reports whether a stored text is a value of the setting as an app could
// set it.
func (s *AppSetting) stands(text string) bool {
	if !jsontext.Value(text).IsValid() {
		return false
	}
	t, err := parse([]byte(`{"v":`+text+`}`), false)
	if err != nil {
		return false
	}
	canonical, ok := s.value(t, t.child(0, "v"))
	return ok && canonical == text
}
