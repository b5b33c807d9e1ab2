package dialect

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Settings are the On-Premises application settings an app has set: JSON texts
// by dotted name, such as "webhooks.url". Unknown names the keys a PATCH held
// and this version does not know; they are not kept.
type Settings struct {
	Values  map[string]string
	Unknown []string
}

// DecodeSettings reads a PATCH of /v1/settings/application. What GET answered is
// taken as it is, so that an app's settings move from one client to another.
func DecodeSettings(contentType string, body []byte) (Settings, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return Settings{}, p
	}
	s := Settings{Values: map[string]string{}}
	root := int32(0)
	if answered := t.child(t.child(0, "settings"), "application"); t.is(answered, '{') {
		root = answered
	}
	if p := s.read(t, root, ""); p != nil {
		return Settings{}, p
	}
	return s, nil
}

func (s *Settings) read(t *tree, n int32, prefix string) *Problem {
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		name := prefix + t.nodes[c].name
		known := appSetting(name)
		switch {
		case t.nodes[c].kind == 'n':
		case known != nil:
			v, ok := known.value(t, c)
			if !ok {
				return &Problem{Kind: Invalid, Param: name, Details: "The value must be " + known.Takes() + "."}
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
	r.NoIdentity, r.NoNewNumber = s.Values["show_security_notifications"] == "false", s.Values["notify_user_change_number"] == "false"
	if list, set := s.Values["media.auto_download"]; set {
		r.Undownloaded = func(kind string) bool { return !strings.Contains(list, `"`+kind+`"`) }
	}
	return r
}

// Pace is how fast webhooks go to the app: after a failure the delay grows by
// step up to most, and parallel are under way at once.
func (s Settings) Pace() (step, most time.Duration, parallel int) {
	ms := func(name string) time.Duration { return time.Duration(s.integer(name)) * time.Millisecond }
	return ms("callback_backoff_delay_ms"), ms("max_callback_backoff_delay_ms"), int(s.integer("webhooks.max_concurrent_requests"))
}

// integer is the setting's value, or its default where an app set none that is
// taken.
func (s Settings) integer(name string) int64 {
	known := appSetting(name)
	text := s.Values[name]
	if !known.stands(text) {
		text = known.Default
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0 // unreachable: a default is a number
	}
	return n
}

// Idle are the settings that have no effect here, in the order of their names.
func (s Settings) Idle() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		if known := appSetting(name); known != nil && known.Effect == "" {
			out = append(out, name)
		}
	}
	return out
}

// Sound reports whether all values are such as an app can set.
func (s Settings) Sound() bool {
	for name, text := range s.Values {
		if known := appSetting(name); known == nil || !known.stands(text) {
			return false
		}
	}
	return true
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

// IdentityCheck says whether upstream is to check people's identities, and
// whether that is another answer than before.
func (s Settings) IdentityCheck(before Settings) (on, changes bool) {
	const name = "show_security_notifications"
	on = s.Values[name] == "true"
	return on, on != (before.Values[name] == "true")
}

// EncodeIdentityCheck is the body of upstream's call that switches the identity
// check of a number (whatsapp.md 3.4).
func EncodeIdentityCheck(on bool) []byte {
	return append(strconv.AppendBool([]byte(`{"user_identity_change":{"enable_identity_key_check":`), on), '}', '}')
}
