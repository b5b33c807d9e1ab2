package policy_test

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"postern/policies"
	"postern/policy"
)

// engines are the engines of earlier tests by settings; nobody changes them.
var engines sync.Map

// engine loads the shipped policy with settings laid over it.
func engine(t *testing.T, settings string) *policy.Engine {
	t.Helper()
	if e, known := engines.Load(settings); known {
		return e.(*policy.Engine) //nolint:forcetypeassert // only engines are stored
	}
	e, err := policy.Load(t.Context(), policies.Files, layer("settings.yaml", settings))
	if err != nil {
		t.Fatal(err)
	}
	engines.Store(settings, e)
	return e
}

func layer(name, text string) fs.FS { return fstest.MapFS{name: {Data: []byte(text)}} }

func codesOf(reasons []policy.Reason) []string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Code)
	}
	return out
}

// refusals is the table of every reason: how to meet it, starting from an
// allowed message, and under which settings.
var refusals = []struct {
	code, settings string
	from           func() *policy.Input
	change         func(*policy.Input)
}{
	{"facts_missing", "", reply, func(in *policy.Input) { in.Facts.Missing = []string{"consent"} }},
	{"facts_missing", "", reply, func(in *policy.Input) { in.Facts.Account = "" }},
	{"facts_missing", "", reply, func(in *policy.Input) { in.Facts.Identity = "" }},
	{"facts_missing", "", reply, func(in *policy.Input) { in.Message.Category = "" }},
	{"facts_missing", "", marketing, func(in *policy.Input) { in.Message.Template.Parameters = "" }},
	{"facts_missing", "", marketing, func(in *policy.Input) { in.Message.Template = nil }},
	{"facts_missing", "", marketing, func(in *policy.Input) { in.Time.Zones = nil }},
	{"facts_missing", "", upload, func(in *policy.Input) { in.Facts.Account = "" }},
	{"facts_missing", "", mark, func(in *policy.Input) { in.Facts.Account = "" }},
	{"facts_missing", "", managed, func(in *policy.Input) { in.Facts.Account = "" }},
	{"call_not_allowed", "management: {deny: [profile]}", managed, nil},
	{"call_not_allowed", "", managed, func(in *policy.Input) { in.Message.Type = "" }},
	{"call_not_allowed", "management: {deny: [upload]}", upload, func(in *policy.Input) { in.Message.Type = "upload" }},
	{"account_restricted", "", reply, restricted},
	{"account_restricted", "", upload, restricted},
	{"account_restricted", "", mark, restricted},
	{"residency", "residency: {allow: [CH]}", reply, rests("local", "DE")},
	{"residency", "residency: {allow: [CH]}", upload, rests("default", "")},
	{"residency", "residency: {allow: [CH]}", mark, rests("none", "")},
	{"residency", "residency: {allow: [CH]}", reply, rests("unknown", "")},
	{"residency", "residency: {allow: [CH]}", reply, rests("", "")}, // as recorded before there was one
	{"residency", "residency: {allow: [CH]}", reply, rests("elsewhere", "CH")},
	{"residency", "residency: {allow: [none]}", reply, rests("local", "none")},
	{"residency", "residency: {tenants: {bank: {allow: [CH]}}}", reply, rests("default", "")},
	{"residency", "residency: {allow: [DE], tenants: {bank: {allow: [CH]}}}", reply, rests("local", "DE")},
	{"residency", "residency: {tenants: {bank: {allow: []}}, numbers: {\"106540352242922\": {allow: [CH]}}}", reply, rests("local", "DE")},
	{"type_not_allowed", "", reply, func(in *policy.Input) { in.Message.Type = "hologram" }},
	{"type_not_allowed", "messages: {outbound: [template]}", reply, nil},
	{"type_not_allowed", "messages: {inbound: [image]}", received, nil},
	{"recipient_country", "recipients: {deny: [DE]}", reply, nil},
	{"recipient_country", "recipients: {allow: [FR]}", reply, nil},
	{"recipient_country", "recipients: {allow: [FR]}", reply, func(in *policy.Input) { in.Peer.Country = "" }},
	{"processing_restricted", "", reply, frozen},
	{"processing_restricted", "", received, frozen},
	{"opted_out", "", marketing, stopped},
	{"opted_out", "optout: {after_stop: {replies: false}}", reply, stopped},
	{"opted_out", "optout: {after_stop: {authentication: false}}", login, stopped},
	{"marketing_stopped", "", marketing, func(in *policy.Input) { in.Facts.OptOut.Marketing = true }},
	{"identity_changed", "", reply, func(in *policy.Input) { in.Facts.Identity = "changed" }},
	{"window_closed", "", reply, func(in *policy.Input) { in.Facts.Window = policy.Window{} }},
	{"window_closed", "", reply, windowFor(60)},
	{"window_closed", "window: {margin_seconds: 7200}", reply, windowFor(7200)},
	{"opted_out", "", reply, func(in *policy.Input) { stopped(in); windowFor(60)(in) }},
	{"template", "", marketing, func(in *policy.Input) { in.Message.Template = &policy.Template{Name: "x", Language: "de"} }},
	{"template", "", marketing, func(in *policy.Input) { // as facts say of a template nobody knows
		in.Message.Category, in.Message.Template = "", &policy.Template{Name: "x", Language: "de"}
	}},
	{"facts_missing", "", marketing, func(in *policy.Input) { in.Message.Category = "" }},
	{"template_not_approved", "", marketing, status("PENDING")},
	{"template_paused", "", marketing, status("PAUSED")},
	{"template_disabled", "", marketing, status("DISABLED")},
	{"template_category", "", marketing, func(in *policy.Input) { in.Message.Template.Category = "utility" }},
	{"template_category", "templates: {categories: [utility]}", marketing, nil},
	{"template_parameters", "", marketing, parameters("count")},
	{"template_parameters", "", marketing, parameters("format")},
	{"template_parameters", "", marketing, parameters("component")},
	{"template_parameters", "", marketing, parameters("index")},
	{"opt_in_missing", "", marketing, func(in *policy.Input) { in.Facts.Consent = nil }},
	{"opt_in_missing", "", marketing, consent(func(c *policy.Consent) { c.Suspended = true })},
	{"opt_in_missing", "", marketing, consent(func(c *policy.Consent) { c.At = dayTime + 10 })},
	{"opt_in_missing", "", login, func(in *policy.Input) { in.Facts.Consent = marketing().Facts.Consent }},
	{"opt_in_missing", "", marketing, general},
	{"opt_in_expired", "", marketing, consent(func(c *policy.Consent) { c.Expires = dayTime })},
	{"opt_in_expired", "consent: {marketing: {max_age_days: 30}}", marketing, consent(func(c *policy.Consent) { c.At = dayTime - 30*86400 })},
	{"opt_in_source", "consent: {marketing: {sources: [branch]}}", marketing, nil},
	{"media_kind", "", picture, func(in *policy.Input) { in.Message.Media[0].Mime = "image/tiff" }},
	{"media_kind", "media: {kinds: {image: {max_bytes: 0}}}", picture, nil},
	{"media_kind", "", upload, func(in *policy.Input) { in.Message.Media[0].Kind = "executable" }},
	{"media_size", "", picture, func(in *policy.Input) { in.Message.Media[0].Bytes = 5242881 }},
	{"media_size", "", upload, func(in *policy.Input) { in.Message.Media[0].Bytes = 5242881 }},
	{"media_size", "media: {unknown_size: refuse}", picture, func(in *policy.Input) { in.Message.Media[0].Bytes = -1 }},
	{"media_location", bare, picture, nil},
	{"media_location", bare, upload, located(policy.LocationUnreadable)},
	{"media_location", bare, upload, fetched(100)},
	{"media_location", bare, upload, func(in *policy.Input) { in.Message.Media[0].Kind, in.Message.Media[0].Mime = "sticker", "image/webp" }},
	{"media_location", bare, photo, located(policy.LocationUnreadable)},
	{"link_host", "links: {deny: [example.com]}", reply, nil},
	{"link_host", "links: {deny: [example.com]}", reply, func(in *policy.Input) { in.Message.LinkHosts = []string{"a.b.EXAMPLE.com."} }},
	{"link_host", "links: {only_allowed: true, allow: [bank.example]}", reply, nil},
	{"pii", "", reply, found("CREDIT_CARD", "certain")},
	{"pii", "personal_data: {block_from: likely}", reply, found("CREDIT_CARD", "likely")},
	{"pii", "personal_data: {outbound: {\"*\": block}}", reply, nil},
	{"pii", "personal_data: {inbound: {EMAIL: block}}", received, nil},
	{"quiet_hours", "", marketing, func(in *policy.Input) { in.Time.Now = nightTime }},
	{"quiet_hours", noMoment, marketing, func(in *policy.Input) {
		in.Time.Zones = append(in.Time.Zones, policy.Local{Zone: "Asia/Tokyo"})
	}},
	{"policy_error", "", reply, func(in *policy.Input) { in.Kind = "call" }},
	{"policy_error", "", reply, func(in *policy.Input) { in.Version = 2 }},
	{"policy_error", "", func() *policy.Input { return &policy.Input{} }, nil},
}

// noMoment leaves one hour a day, which Berlin and Tokyo never share.
const noMoment = `quiet_hours: {hours: {mon: ["20:00-19:00"], tue: ["20:00-19:00"], wed: ["20:00-19:00"], thu: ["20:00-19:00"], fri: ["20:00-19:00"], sat: ["20:00-19:00"], sun: ["20:00-19:00"]}}`

// permits are messages that look like a refusal above and are none.
var permits = []struct {
	name, code, settings string
	from                 func() *policy.Input
	change               func(*policy.Input)
}{
	{"free text", "window_closed", "", reply, nil},
	{"a second before the margin", "window_closed", "", reply, windowFor(61)},
	{"no margin", "window_closed", "window: {margin_seconds: 0}", reply, windowFor(1)},
	{"upload of media", "call_not_allowed", "management: {deny: [upload]}", upload, nil},
	{"another call", "call_not_allowed", "management: {deny: [register]}", managed, nil},
	{"a call that may lift the restriction", "account_restricted", "", managed, restricted},
	{"nobody asked", "processing_restricted", "", reply, nil},
	{"marketing template", "facts_missing", "", marketing, nil},
	{"login code at night", "quiet_hours", "", login, func(in *policy.Input) { in.Time.Now = nightTime }},
	{"answer at night", "quiet_hours", "", reply, func(in *policy.Input) { in.Time.Now = nightTime }},
	{"answer after stop", "opted_out", "", reply, stopped},
	{"login code after stop", "opted_out", "", login, stopped},
	{"statutory notice after stop", "opted_out", "templates: {statutory: [spring_offer]}", marketing, stopped},
	{"login code after marketing stop", "marketing_stopped", "", login, func(in *policy.Input) { in.Facts.OptOut.Marketing = true }},
	{"same identity", "identity_changed", "", reply, nil},
	{"unrestricted", "account_restricted", "", upload, nil},
	{"mark as read", "account_restricted", "", mark, nil},
	{"nothing asked", "residency", "", reply, rests("unknown", "")},
	{"in the region", "residency", "residency: {allow: [DE, CH]}", reply, rests("local", "CH")},
	{"nowhere", "residency", "residency: {allow: [DE, none]}", upload, rests("none", "")},
	{"another tenant", "residency", "residency: {tenants: {hospital: {allow: [CH]}}}", reply, rests("default", "")},
	{"the tenant's own", "residency", "residency: {allow: [CH], tenants: {bank: {allow: []}}}", mark, rests("default", "")},
	{"the number's own", "residency", "residency: {allow: [CH], numbers: {\"106540352242922\": {allow: []}}}", reply, rests("default", "")},
	{"a call that may mend it", "residency", "residency: {allow: [CH]}", managed, rests("default", "")},
	{"people still write", "residency", "residency: {allow: [CH]}", received, rests("default", "")},
	{"inbound", "type_not_allowed", "", received, nil},
	{"inbound from a person nobody knows", "facts_missing", "", received, func(in *policy.Input) { in.Facts = policy.Facts{} }},
	{"allowed country", "recipient_country", "recipients: {allow: [DE]}", reply, nil},
	{"approved template", "template_not_approved", "", marketing, nil},
	{"not paused", "template_paused", "", marketing, nil},
	{"not disabled", "template_disabled", "", marketing, nil},
	{"known template", "template", "", marketing, nil},
	{"right category", "template_category", "templates: {categories: [marketing]}", marketing, nil},
	{"right parameters", "template_parameters", "", marketing, nil},
	{"general consent that covers", "opt_in_missing", "consent: {general_covers: [marketing]}", marketing, general},
	{"no consent required", "opt_in_missing", "consent: {marketing: {required: false}}", marketing, func(in *policy.Input) { in.Facts.Consent = nil }},
	{"young consent", "opt_in_expired", "consent: {marketing: {max_age_days: 30}}", marketing, nil},
	{"accepted source", "opt_in_source", "consent: {marketing: {sources: [web_form]}}", marketing, nil},
	{"small picture", "media_size", "", picture, nil},
	{"picture of unknown size", "media_size", "", picture, func(in *policy.Input) { in.Message.Media[0].Bytes = -1 }},
	{"picture that is still to be fetched", "media_size", "media: {unknown_size: refuse}", picture, fetched(-1)},
	{"its place is judged then", "media_location", bare, picture, fetched(-1)},
	{"picture that tells a place", "media_location", bare, upload, located(policy.LocationSome)},
	{"picture that was uploaded", "media_location", bare, picture, located(policy.LocationNone)},
	{"photo that tells a place", "media_location", bare, photo, located(policy.LocationSome)},
	{"unreadable picture", "media_location", "", upload, located(policy.LocationUnreadable)},
	{"picture of a person", "media_location", bare, received, func(in *policy.Input) { in.Message = picture().Message }},
	{"accepted file type", "media_kind", "", picture, func(in *policy.Input) { in.Message.Media[0].Mime = "image/PNG; x=1" }},
	{"host that only ends alike", "link_host", "links: {deny: [ample.com]}", reply, nil},
	{"allowed host", "link_host", "links: {only_allowed: true, allow: [example.com]}", reply, nil},
	{"card number that is unlikely", "pii", "", reply, found("CREDIT_CARD", "possible")},
	{"e-mail address", "pii", "", reply, found("EMAIL", "certain")},
	{"known kind", "policy_error", "", reply, nil},
}

func TestEveryReasonRefusesAndIsAnsweredFirst(t *testing.T) {
	for _, c := range refusals {
		in := c.from()
		if c.change != nil {
			c.change(in)
		}
		d, err := engine(t, c.settings).Decide(t.Context(), in)
		if (err != nil) != (c.code == policy.CodePolicyError) {
			t.Errorf("%s: error %v", c.code, err)
		}
		if d.Effect != policy.Deny || len(d.Reasons) == 0 || d.Reasons[0].Code != c.code {
			t.Errorf("%s (%q): %v with %v", c.code, c.settings, d.Effect, codesOf(d.Reasons))
		}
		for _, r := range d.Reasons {
			if r.Sentence == "" || !strings.HasSuffix(r.Sentence, ".") || !strings.HasPrefix(r.Rule, "postern.") {
				t.Errorf("%s: reason %+v", c.code, r)
			}
		}
	}
}

func TestPermits(t *testing.T) {
	for _, c := range permits {
		in := c.from()
		if c.change != nil {
			c.change(in)
		}
		d, err := engine(t, c.settings).Decide(t.Context(), in)
		if err != nil || d.Effect != policy.Allow || len(d.Reasons) != 0 {
			t.Errorf("%s: %v, %v, %v", c.name, d.Effect, codesOf(d.Reasons), err)
		}
	}
}

// windowFor leaves so many seconds of the window.
func windowFor(seconds int64) func(*policy.Input) {
	return func(in *policy.Input) { in.Facts.Window = policy.Window{Open: true, Expires: in.Time.Now + seconds} }
}

// rests keeps what the number sends at a place.
func rests(kind, region string) func(*policy.Input) {
	return func(in *policy.Input) { in.Facts.Residency = policy.Residency{Kind: kind, Region: region} }
}

func restricted(in *policy.Input) { in.Facts.Account = "restricted" }
func stopped(in *policy.Input)    { in.Facts.OptOut = policy.OptOut{All: true, Source: "word"} }

func general(in *policy.Input) {
	in.Facts.Consent = map[string]policy.Consent{policy.CategoryGeneral: in.Facts.Consent[policy.CategoryMarketing]}
}

func status(s string) func(*policy.Input) {
	return func(in *policy.Input) { in.Message.Template.Status = s }
}

func parameters(p string) func(*policy.Input) {
	return func(in *policy.Input) { in.Message.Template.Parameters = p }
}

func consent(f func(*policy.Consent)) func(*policy.Input) {
	return func(in *policy.Input) {
		c := in.Facts.Consent[policy.CategoryMarketing]
		f(&c)
		in.Facts.Consent[policy.CategoryMarketing] = c
	}
}

func found(typ, level string) func(*policy.Input) {
	return func(in *policy.Input) {
		in.Findings = []policy.Found{{Type: typ, Level: level, Count: 1, Where: "text"}}
	}
}

func TestModes(t *testing.T) {
	const observe = "modes: {window_closed: observe until 2026-11-22}"
	closed := func() *policy.Input {
		return change(reply(), func(in *policy.Input) { in.Facts.Window = policy.Window{} })
	}
	e := engine(t, observe)
	d, err := e.Decide(t.Context(), closed())
	if err != nil || d.Effect != policy.Allow || !slices.Equal(codesOf(d.Observed), []string{"window_closed"}) {
		t.Errorf("observed: %v %v %v", d.Effect, codesOf(d.Observed), err)
	}
	d, err = e.Decide(t.Context(), change(closed(), func(in *policy.Input) {
		in.Time.Now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Unix()
	}))
	if err != nil || d.Effect != policy.Deny || len(d.Observed) != 0 {
		t.Errorf("after the day: %v %v %v", d.Effect, codesOf(d.Reasons), err)
	}
	d, err = e.Decide(t.Context(), change(closed(), restricted))
	if err != nil || d.Effect != policy.Deny || !slices.Equal(codesOf(d.Reasons), []string{"account_restricted"}) {
		t.Errorf("observing one rule weakens another: %v %v %v", d.Effect, codesOf(d.Reasons), err)
	}
}

func TestObligations(t *testing.T) {
	e := engine(t, "personal_data: {outbound: {IBAN: mask}}\nretention: {class: short, categories: {marketing: long}, keep_original: false}")
	d, err := e.Decide(t.Context(), reply())
	if err != nil {
		t.Fatal(err)
	}
	o := d.Obligations
	if o.Forward["IBAN"] != "mask" || o.Forward["*"] != "keep" || o.Forward["CREDIT_CARD"] != "keep" || o.Record["*"] != "redact" || o.Retention != "short" || o.Original {
		t.Errorf("obligations: %+v", o)
	}
	if d, _ := e.Decide(t.Context(), marketing()); d.Obligations.Retention != "long" {
		t.Errorf("retention of marketing: %q", d.Obligations.Retention)
	}
	if o.StripLocation {
		t.Error("places go although nobody asked for it")
	}
	if d, _ := engine(t, bare).Decide(t.Context(), upload()); !d.Obligations.StripLocation {
		t.Error("places stay")
	}
	if d, _ := e.Decide(t.Context(), &policy.Input{}); d.Obligations.Record["*"] != "redact" || d.Effect != policy.Deny {
		t.Errorf("the zero input: %+v", d)
	}
}

func frozen(in *policy.Input) { in.Facts.Restricted = true }
