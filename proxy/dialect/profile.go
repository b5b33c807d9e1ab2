package dialect

import (
	"strings"
	"unicode/utf8"
)

// ProfileFields are what a profile is asked for at upstream.
const ProfileFields = "about,address,description,email,profile_picture_url,websites,vertical"

// Profile is what people see of a business.
type Profile struct {
	About, Address, Description, Email string
	Vertical                           string // of the Cloud API, such as "RETAIL"
	Picture                            string // its address
	Websites                           []string
}

// DecodeProfile reads upstream's answer, a list of one.
func DecodeProfile(body []byte) (Profile, error) {
	t, err := parse(body, true)
	if err != nil || !t.is(t.child(0, "data"), '[') {
		return Profile{}, ErrAnswer
	}
	n := t.elem(t.child(0, "data"), 0)
	p := Profile{
		About: t.str(n, "about"), Address: t.str(n, "address"), Description: t.str(n, "description"), Email: t.str(n, "email"),
		Vertical: t.str(n, "vertical"), Picture: t.str(n, "profile_picture_url"),
	}
	if sites := t.child(n, "websites"); t.is(sites, '[') {
		for c := t.nodes[sites].first; c != none; c = t.nodes[c].next {
			p.Websites = append(p.Websites, t.str(c))
		}
	}
	return p, nil
}

// maxAbout is the longest about text, in characters.
const maxAbout = 139

// DecodeAbout reads PATCH /v1/settings/profile/about as the body of upstream's
// call.
func DecodeAbout(contentType string, body []byte) ([]byte, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return nil, p
	}
	text := t.child(0, "text")
	if text == none {
		return nil, &Problem{Kind: Missing, Param: "text", Details: "The new text is needed."}
	}
	if !t.is(text, '"') || tooLong(t.str(text), maxAbout) || t.str(text) == "" {
		return nil, &Problem{Kind: Invalid, Param: "text", Details: "The text has 1 to 139 characters."}
	}
	return append(appendMember(newProfile(), "about", t.str(text)), '}'), nil
}

func newProfile() []byte { return []byte(`{"messaging_product":"whatsapp"`) }

func tooLong(s string, most int) bool { return utf8.RuneCountInString(s) > most }

// EncodeAbout answers GET /v1/settings/profile/about.
func EncodeAbout(text string) (status int, body []byte) {
	return 200, appendMeta(append(appendText([]byte(`{"settings":{"profile":{"about":{"text":`), text), `}}}`...))
}

// EncodePhoto answers GET /v1/settings/profile/photo?format=link.
func EncodePhoto(link string) (status int, body []byte) {
	return 200, appendMeta(append(appendText([]byte(`{"settings":{"profile":{"photo":{"link":`), link), `}}}`...))
}

// EncodePhotoChange is the body of upstream's call that takes an uploaded photo
// for the profile.
func EncodePhotoChange(handle string) []byte {
	return append(appendMember(newProfile(), "profile_picture_handle", handle), '}')
}

// businessTexts are the longest texts of a business profile of the On-Premises
// API, in characters.
var businessTexts = []struct {
	name string
	most int
}{{"address", 256}, {"description", 256}, {"email", 128}, {"vertical", 128}}

const maxWebsites = 2

// DecodeBusiness reads POST /v1/settings/business/profile as the body of
// upstream's call. What that API did not know is left out.
func DecodeBusiness(contentType string, body []byte) ([]byte, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return nil, p
	}
	out := newProfile()
	bare := len(out)
	for _, f := range businessTexts {
		n := t.child(0, f.name)
		if n == none || t.is(n, 'n') {
			continue
		}
		text := t.str(n)
		if f.name == "vertical" {
			var known bool
			if text, known = verticalIn(text); !known {
				return nil, &Problem{Kind: Invalid, Param: f.name, Details: "WhatsApp has no such vertical. Give one of its list, such as \"Finance and Banking\" or \"Other\"."}
			}
		}
		if !t.is(n, '"') || tooLong(text, f.most) {
			return nil, &Problem{Kind: Invalid, Param: f.name, Details: "The value must be a text within the limit of this property."}
		}
		out = appendText(append(appendText(append(out, ','), f.name), ':'), text)
	}
	if out, p = businessSites(out, t); p != nil {
		return nil, p
	}
	if len(out) == bare {
		return nil, &Problem{Kind: Missing, Details: "Give at least one of address, description, email, vertical and websites."}
	}
	return append(out, '}'), nil
}

func businessSites(out []byte, t *tree) ([]byte, *Problem) {
	sites := t.child(0, "websites")
	if sites == none || t.is(sites, 'n') {
		return out, nil
	}
	wrong := &Problem{Kind: Invalid, Param: "websites", Details: "Websites are a list of at most two http or https addresses of at most 256 characters."}
	if !t.is(sites, '[') || t.count(sites) > maxWebsites {
		return nil, wrong
	}
	for c := t.nodes[sites].first; c != none; c = t.nodes[c].next {
		if !t.is(c, '"') || !webLink(t.str(c)) || tooLong(t.str(c), 256) {
			return nil, wrong
		}
	}
	return t.write(append(out, `,"websites":`...), sites), nil
}

// EncodeBusiness answers GET /v1/settings/business/profile.
func EncodeBusiness(p Profile) (status int, body []byte) {
	out := appendText([]byte(`{"settings":{"business":{"profile":{"address":`), p.Address)
	for _, f := range [][2]string{{"description", p.Description}, {"email", p.Email}, {"vertical", verticalOut(p.Vertical)}} {
		out = appendText(append(appendText(append(out, ','), f[0]), ':'), f[1])
	}
	out = append(out, `,"websites":[`...)
	for i, site := range p.Websites {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(out, site)
	}
	return 200, appendMeta(append(out, `]}}}`...))
}

// verticals are the lines of business: the Cloud API's word and the On-Premises
// API's.
var verticals = [][2]string{
	{"OTHER", "Other"}, {"AUTO", "Automotive"}, {"BEAUTY", "Beauty, Spa and Salon"}, {"APPAREL", "Clothing and Apparel"},
	{"EDU", "Education"}, {"ENTERTAIN", "Entertainment"}, {"EVENT_PLAN", "Event Planning and Service"},
	{"FINANCE", "Finance and Banking"}, {"GROCERY", "Food and Grocery"}, {"GOVT", "Public Service"},
	{"HOTEL", "Hotel and Lodging"}, {"HEALTH", "Medical and Health"}, {"NONPROFIT", "Non-profit"},
	{"PROF_SERVICES", "Professional Services"}, {"RETAIL", "Shopping and Retail"}, {"TRAVEL", "Travel and Transportation"},
	{"RESTAURANT", "Restaurant"}, {"NOT_A_BIZ", "Not a Business"},
}

// verticalIn takes either API's word, in any case; the empty one resets.
func verticalIn(text string) (string, bool) {
	for _, v := range verticals {
		if strings.EqualFold(text, v[0]) || strings.EqualFold(text, v[1]) {
			return v[0], true
		}
	}
	return "", text == ""
}

func verticalOut(word string) string {
	for _, v := range verticals {
		if word == v[0] {
			return v[1]
		}
	}
	return ""
}
