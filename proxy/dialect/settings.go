package dialect

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Settings are the On-Premises application settings an app has set: JSON texts
// by dotted name, such as "webhooks.url". Unknown names the keys a PATCH held
// and this version does not know; they are not kept.
type Settings struct {
	Values  map[string]string
	Unknown []string
}

// settingKinds are the known settings and their JSON kind: string, integer,
// boolean or list of strings. Integers and booleans may arrive as strings.
var settingKinds = map[string]byte{
	"callback_backoff_delay_ms": '0', "max_callback_backoff_delay_ms": '0', "callback_persist": 't',
	"media.auto_download": '[', "webhooks.url": '"', "webhooks.max_concurrent_requests": '0',
	"webhooks.message.sent": 't', "webhooks.message.delivered": 't', "webhooks.message.read": 't',
	"sent_status": 't', "pass_through": 't', "on_call_pager": '"', "heartbeat_interval": '0', "unhealthy_interval": '0',
	"show_security_notifications": 't', "notify_user_change_number": 't', "db_garbagecollector_enable": 't',
	"skip_referral_media_download": 't', "allow_unsolicited_group_add": 't', "axolotl_context_striping_disabled": 't',
}

// DecodeSettings reads a PATCH of /v1/settings/application.
func DecodeSettings(contentType string, body []byte) (Settings, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return Settings{}, p
	}
	s := Settings{Values: map[string]string{}}
	if p := s.read(t, 0, ""); p != nil {
		return Settings{}, p
	}
	return s, nil
}

func (s *Settings) read(t *tree, n int32, prefix string) *Problem {
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		name := prefix + t.nodes[c].name
		kind, known := settingKinds[name]
		switch {
		case t.nodes[c].kind == 'n':
		case known:
			v, ok := settingValue(t, c, kind)
			if !ok {
				return &Problem{Kind: Invalid, Param: name, Details: "The value has the wrong type for this setting."}
			}
			s.Values[name] = v
		case t.is(c, '{') && settingGroup(name+"."):
			if p := s.read(t, c, name+"."); p != nil {
				return p
			}
		case len(s.Unknown) < maxDropped:
			s.Unknown = append(s.Unknown, prefix+safeName(t.nodes[c].name))
		}
	}
	return nil
}

func settingGroup(prefix string) bool {
	for name := range settingKinds {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// settingValue is the canonical JSON text of a setting.
func settingValue(t *tree, n int32, kind byte) (string, bool) {
	d := &t.nodes[n]
	switch kind {
	case '0':
		v, ok := t.integer(n)
		return strconv.FormatInt(v, 10), ok && v >= 0
	case 't':
		v := d.text
		if d.kind == 't' || d.kind == 'f' {
			v = string(t.write(nil, n))
		}
		return v, v == "true" || v == "false"
	case '"':
		return string(appendText(nil, d.text)), d.kind == '"' && len(d.text) <= 2000
	}
	for c := d.first; c != none; c = t.nodes[c].next {
		if !t.is(c, '"') {
			return "", false
		}
	}
	return string(t.write(nil, n)), d.kind == '['
}

// Merge lays a PATCH over the settings there are.
func (s Settings) Merge(patch Settings) Settings {
	merged := Settings{Values: map[string]string{}}
	maps.Copy(merged.Values, s.Values)
	maps.Copy(merged.Values, patch.Values)
	return merged
}

// WebhookURL is where the app wants its webhooks, "" if it never said.
func (s Settings) WebhookURL() string {
	v, ok := s.Values["webhooks.url"]
	if !ok {
		return ""
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(b)
}

// Delivers reports whether statuses of a state reach the app. "sent" is off
// unless asked for by either of the API's two settings.
func (s Settings) Delivers(state string) bool {
	if v, ok := s.Values["webhooks.message."+state]; ok {
		return v == "true"
	}
	return state != "sent" || s.Values["sent_status"] == "true"
}

// Rewrite sets the fields of a Rewrite that the settings decide.
func (s Settings) Rewrite(r Rewrite) Rewrite {
	r.Sent, r.NoDelivered, r.NoRead = s.Delivers("sent"), !s.Delivers("delivered"), !s.Delivers("read")
	return r
}

// EncodeSettings answers GET /v1/settings/application in its nested form.
func EncodeSettings(s Settings) (status int, body []byte) {
	names := slices.Sorted(maps.Keys(s.Values))
	out := appendSettings([]byte(`{"settings":{"application":`), s.Values, names, "")
	return 200, appendMeta(append(out, '}'))
}

// appendSettings writes the sorted names below prefix as one object.
func appendSettings(out []byte, values map[string]string, names []string, prefix string) []byte {
	out = append(out, '{')
	last := ""
	for _, name := range names {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		key, _, nested := strings.Cut(rest, ".")
		if key == last {
			continue
		}
		if last != "" {
			out = append(out, ',')
		}
		last = key
		out = append(appendText(out, key), ':')
		if nested {
			out = appendSettings(out, values, names, prefix+key+".")
		} else {
			out = append(out, values[name]...)
		}
	}
	return append(out, '}')
}

// WebhookSetting is the one setting that names a webhook.
func WebhookSetting(url string) Settings {
	return Settings{Values: map[string]string{"webhooks.url": string(appendText(nil, url))}}
}
