package send

import (
	"net/url"
	"regexp"
	"slices"
	"unicode/utf8"
)

// Lengths and counts of Meta's message pages.
const (
	maxText     = 4096
	maxCaption  = 1024
	maxFileName = 240
	maxCallback = 512
	maxContacts = 257
)

// common are the parameters that stand beside the type's own object.
var common = []member{
	{name: "messaging_product"},
	{name: "recipient_type", enum: []string{"individual", "group"}},
	{name: "to"},
	{name: "recipient"},
	{name: "type"},
	{name: "context", kind: object, of: []member{{name: "message_id", need: true}}},
	{name: "biz_opaque_callback_data", max: maxCallback},
	{name: "recipient_identity_key_hash"},
}

// envelopes holds the schema of a whole body by message type.
var envelopes = map[string][]member{
	"text": envelope(member{name: "text", kind: object, of: []member{
		{name: "body", need: true, check: textBody},
		{name: "preview_url", kind: boolean},
	}}),
	"image":    envelope(media("image", caption)),
	"video":    envelope(media("video", caption)),
	"sticker":  envelope(media("sticker")),
	"audio":    envelope(media("audio", member{name: "voice", kind: boolean})),
	"document": envelope(media("document", caption, fileName)),
	"location": envelope(location),
	"contacts": envelope(member{name: "contacts", kind: list, min: 1, max: maxContacts, of: contact}),
	"reaction": envelope(member{name: "reaction", kind: object, of: []member{
		{name: "message_id", need: true, check: messageID},
		{name: "emoji", check: emoji},
	}}),
	"interactive": envelope(member{name: "interactive", kind: object, of: interactive, check: interactiveRules}),
	"template":    envelope(member{name: "template", kind: object, of: templateMembers}),
}

var readMembers = []member{
	{name: "messaging_product"},
	{name: "status", need: true, enum: []string{"read"}},
	{name: "message_id", need: true, check: messageID},
	{name: "typing_indicator", kind: object, of: []member{{name: "type", need: true, enum: []string{"text"}}}},
}

func envelope(own member) []member {
	own.need = true
	return append(slices.Clone(common), own)
}

var (
	caption  = member{name: "caption", max: maxCaption}
	fileName = member{name: "filename", max: maxFileName}
)

// media is an object with exactly one of id and link.
func media(name string, more ...member) member {
	of := append([]member{{name: "id", check: mediaID}, {name: "link", check: webLink}}, more...)
	return member{name: name, kind: object, of: of, check: idOrLink}
}

var location = member{name: "location", kind: object, of: []member{
	{name: "latitude", kind: number, need: true},
	{name: "longitude", kind: number, need: true},
	{name: "name"},
	{name: "address"},
}}

// contact is one card; empty strings and nulls may stand anywhere but in the
// formatted name.
var contact = []member{
	{name: "name", kind: object, need: true, of: append([]member{{name: "formatted_name", need: true}},
		strs("first_name", "last_name", "middle_name", "suffix", "prefix")...)},
	{name: "addresses", kind: list, of: strs("street", "city", "state", "zip", "country", "country_code", "type")},
	{name: "birthday", check: birthday},
	{name: "emails", kind: list, of: strs("email", "type")},
	{name: "ims", kind: list, of: strs("service", "user_id", "type")},
	{name: "org", kind: object, of: strs("company", "department", "title")},
	{name: "phones", kind: list, of: strs("phone", "type", "wa_id")},
	{name: "urls", kind: list, of: strs("url", "type")},
}

func strs(names ...string) []member {
	members := make([]member, len(names))
	for i, name := range names {
		members[i].name = name
	}
	return members
}

func textBody(v any) *problem {
	if s, ok := v.(string); ok && utf8.RuneCountInString(s) > maxText {
		return wrong(100, "must be at most %d characters long.", maxText)
	}
	return nil
}

func idOrLink(v any) *problem {
	o, _ := v.(map[string]any)
	if (text(o, "id") == "") == (text(o, "link") == "") {
		return wrong(131008, "needs exactly one of id and link.")
	}
	return nil
}

func mediaID(v any) *problem {
	if s, ok := v.(string); !ok || !plainDigits(s) {
		return wrong(100, "is not a valid media attachment id.")
	}
	return nil
}

func webLink(v any) *problem {
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return wrong(131009, "is not a valid http or https link.")
	}
	return nil
}

var wamid = regexp.MustCompile(`^wamid\.[A-Za-z0-9+/_=-]+$`)

func messageID(v any) *problem {
	if s, ok := v.(string); !ok || !wamid.MatchString(s) {
		return wrong(131009, "is not a message id.")
	}
	return nil
}

// maxEmoji leaves room for joined and tinted emoji, in characters.
const maxEmoji = 16

func emoji(v any) *problem {
	s, _ := v.(string)
	if utf8.RuneCountInString(s) > maxEmoji || (s != "" && s[0] < utf8.RuneSelf && len(s) == 1) {
		return wrong(131009, "is not one emoji.")
	}
	return nil
}

var dateShape = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

func birthday(v any) *problem {
	if s, ok := v.(string); !ok || !dateShape.MatchString(s) {
		return wrong(131009, "must be written YYYY-MM-DD.")
	}
	return nil
}
