package compliance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/metasim/sim"
)

// TestContent: what a message may hold.
func TestContent(t *testing.T) {
	t.Parallel()
	o := open(t)
	for name, f := range map[string]func(*testing.T, *office, string){
		"types": typesThatPass, "countries": countriesThatPass, "media": mediaThatPass, "links": linksThatPass,
		"cards": cardsLeaveNowhere, "in pieces": inPieces, "treatment": treatmentByType, "inbound": inboundReachesTheApp, "trail": trailHoldsLess, "kept by class": keptByClass, "never stored": neverStored, "packs": packsInForce,
	} {
		t.Run(name, func(t *testing.T) {
			o.rule(t, quietNever)
			to := o.member(t)
			o.wrote(t, to, time.Minute)
			f(t, o, to)
		})
	}
}

func typesThatPass(t *testing.T, o *office, to string) {
	o.rule(t, quietNever+"messages: {outbound: [text], inbound: [text]}\n")
	o.want(t, "a type of the list", text(to, "Hello"), "sent")
	o.want(t, "another type", `{"to":"+`+to+`","type":"image","image":{"id":"42"}}`, "type_not_allowed")
	o.hear(t, to, map[string]any{"type": "image", "image": map[string]any{"id": "1", "mime_type": "image/jpeg", "caption": "my passport"}})
	rec := o.last(t, "inbound")
	if rec.Effect != "deny" || !slices.Equal(rec.Reasons, []string{"type_not_allowed"}) {
		t.Errorf("an inbound type that is not delivered: %s %v", rec.Effect, rec.Reasons)
	}
	o.hear(t, to, says("the picture before is not for you"))
	o.Hooks.With(t, "the picture before")
	for _, h := range o.Hooks.All() {
		if strings.Contains(string(h.Body), "my passport") {
			t.Error("a type that is not delivered reached the app")
		}
	}
}

func countriesThatPass(t *testing.T, o *office, to string) {
	o.rule(t, quietNever+"recipients: {deny: [FR]}\n")
	french := o.resident(t, france)
	o.want(t, "denied", notice(french), "recipient_country")
	o.want(t, "not denied", notice(to), "sent")
	o.rule(t, quietNever+"recipients: {allow: [FR]}\n")
	o.want(t, "allowed", notice(french), "sent")
	o.want(t, "not allowed", notice(to), "recipient_country")
	o.want(t, "Canada is not the US", notice(o.resident(t, "141655501%02d")), "recipient_country")
}

func mediaThatPass(t *testing.T, o *office, to string) {
	send := func(kind, of string) string {
		return `{"to":"+` + to + `","type":"` + kind + `","` + kind + `":{` + of + `}}`
	}
	byID, byLink := `"id":"42"`, `"link":"https://files.shop.example/a"`
	o.rule(t, quietNever+"media: {kinds: {video: {max_bytes: 0}}}\n")
	o.want(t, "a kind that is off", send("video", byID), "media_kind")
	o.want(t, "the same by link", send("video", byLink), "media_kind")
	o.want(t, "a kind that is on", send("image", byID), "sent")
	o.want(t, "in a header of a message", `{"to":"+`+to+`","type":"interactive","interactive":{"type":"button","header":{"type":"video","video":{`+byID+`}},"body":{"text":"See"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}}]}}}`, "media_kind")
	o.rule(t, quietNever+"media: {kinds: {image: {max_bytes: 0}}}\n")
	o.want(t, "in a template's header", template(to, "parcel_photo", "en_US",
		`{"type":"header","parameters":[{"type":"image","image":{"id":"42"}}]},`+body(word("1"), word("2"))+`,{"type":"button","sub_type":"url","index":"0","parameters":[`+word("1")+`]}`), "media_kind")
	o.rule(t, quietNever+"media: {unknown_size: refuse}\n")
	o.want(t, "a link of unknown size", send("document", byLink), "media_size")
	o.want(t, "an id of unknown size", send("document", byID), "media_size")
}

func linksThatPass(t *testing.T, o *office, to string) {
	button := `{"to":"+` + to + `","type":"interactive","interactive":{"type":"cta_url","body":{"text":"Pay"},"action":{"name":"cta_url","parameters":{"display_text":"Pay","url":"https://evil.example/pay"}}}}`
	o.rule(t, quietNever+"links: {deny: [evil.example, evil.com, bücher.example, xn--strae-oqa.example, 203.0.113.195]}\n")
	for _, said := range []string{
		"https://evil.example", "see http://evil.example/a?b#c", "EVIL.COM/x", "evil.com", "pay at evil.com.", "https://pay.evil.example:8443/", "https://user:secret@evil.example/",
		"https://bank.example@evil.example/", "https://evil.example./", "https://evil.example..", "(https://evil.example)", "*evil.com/*", "evil。com", "www.evil.example",
		"https://ｅｖｉｌ.example/", "https://evil。example/", "https://bücher.example", "https://BÜCHER.example/", "https://bu\u0308cher.example", "https://xn--bcher-kva.example/",
		"https://XN--BCHER-KVA.example", "https://straße.example", "https://203.0.113.195/x", "https://evil.example:port/", "https://ev%69l.example/", "https://[evil.example/",
	} {
		o.want(t, said, text(to, said), "link_host")
	}
	o.want(t, "a button", button, "link_host")
	o.want(t, "media by link", `{"to":"+`+to+`","type":"image","image":{"link":"https://cdn.evil.example/a.jpg"}}`, "link_host")
	for _, said := range []string{"https://notevil.example", "https://evil.example.org", "https://bank.example/?to=evil.example", "evil", "https://strasse.example", "file.pdf", "3.14"} {
		o.want(t, said, text(to, said), "sent")
	}
	o.rule(t, quietNever+"links: {only_allowed: true, allow: [bank.example, bücher.example], deny: [old.bank.example]}\n")
	for said, want := range map[string]string{
		"https://bank.example/x": "sent", "https://www.bank.example": "sent", "https://xn--bcher-kva.example": "sent", "no link at all": "sent",
		"https://old.bank.example": "link_host", "https://bank.example.evil.example": "link_host", "https://other.example": "link_host",
		"https://bank.example\\\\@evil.example/": "link_host", "https://203.0.113.7/": "link_host", "https://bank.example and shop.com": "link_host",
	} {
		o.want(t, said, text(to, said), want)
	}
	o.rule(t, quietNever)
	o.want(t, "any link by default", text(to, "https://evil.example:port/"), "sent")
}

const (
	card    = "4111 1111 1111 1111"
	iban    = "DE89 3704 0044 0532 0130 00"
	address = "ana@example.com"
	phone   = "+44 7700 900123"
)

// cardsLeaveNowhere: a card number is refused in every place that carries words.
func cardsLeaveNowhere(t *testing.T, o *office, to string) {
	interactive := func(inner string) string {
		return `{"to":"+` + to + `","type":"interactive","interactive":{` + inner + `}}`
	}
	buttons := `"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}}]}`
	list := func(title, description string) string {
		return interactive(`"type":"list","body":{"text":"Choose"},"action":{"button":"Open","sections":[{"title":"One","rows":[{"id":"1","title":"` + title + `","description":"` + description + `"}]}]}`)
	}
	for what, message := range map[string]string{
		"text":              text(to, "Your card "+card),
		"caption":           `{"to":"+` + to + `","type":"image","image":{"id":"42","caption":"` + card + `"}}`,
		"file name":         `{"to":"+` + to + `","type":"document","document":{"id":"42","filename":"` + card + `.pdf"}}`,
		"location":          `{"to":"+` + to + `","type":"location","location":{"latitude":1,"longitude":2,"name":"` + card + `","address":"x"}}`,
		"body":              interactive(`"type":"button","body":{"text":"` + card + `"},` + buttons),
		"header":            interactive(`"type":"button","header":{"type":"text","text":"` + card + `"},"body":{"text":"x"},` + buttons),
		"footer":            interactive(`"type":"button","body":{"text":"x"},"footer":{"text":"` + card + `"},` + buttons),
		"button":            interactive(`"type":"button","body":{"text":"x"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"` + card + `"}}]}`),
		"row":               list(card, "x"),
		"row's description": list("x", card),
		"parameter":         template(to, "order_update", "en_US", body(word(card))),
		"contact":           `{"to":"+` + to + `","type":"contacts","contacts":[{"name":{"formatted_name":"Ana ` + card + `","first_name":"Ana"}}]}`,
		"other digits":      text(to, "Karte ４１１１ １１１１ １１１１ １１１１"),
		"track":             text(to, "%B4111111111111111^DOE/JOHN^30011010000000000000?"),
	} {
		o.want(t, what, message, "pii")
		if rec := o.last(t, "admission"); strings.Contains(rec.Parts["body"], "1111 1111") || !strings.Contains(rec.Findings, "CREDIT_CARD") && !strings.Contains(rec.Findings, "TRACK_DATA") {
			t.Errorf("%s: on record %q as %s", what, rec.Findings, rec.Parts["body"])
		}
	}
	o.want(t, "a token", text(to, "EAAG"+strings.Repeat("aZ9bY8cX7d", 16)), "pii")
	for what, said := range map[string]string{"a number that is none": "Order 4111 1111 1111 1112", "an address": address, "an account": iban, "a phone": phone} {
		o.want(t, what, text(to, said), "sent")
	}
	o.rule(t, quietNever+"personal_data: {outbound: {CREDIT_CARD: keep, EMAIL: block}}\n")
	o.want(t, "cards kept", text(to, card), "sent")
	o.want(t, "addresses blocked", text(to, address), "pii")
}

// left is what the last send said when it reached upstream, and whether the app
// was told of a change.
func (o *office) left(t *testing.T, to, said string) (body string, changed bool) {
	t.Helper()
	return o.leftOf(t, text(to, said))
}

// leftOf is left for any message.
func (o *office) leftOf(t *testing.T, message string) (body string, changed bool) {
	t.Helper()
	before := len(o.taken())
	a := o.Cloud(t, message)
	all := o.taken()
	if a.Status != http.StatusOK || len(all) != before+1 {
		t.Fatalf("%s: %d %s, %d sends", message, a.Status, a.Body, len(all)-before)
	}
	return string(all[len(all)-1].Body), a.Header.Get("X-Postern-Changed") == "true"
}

func (o *office) taken() []sim.Accepted {
	var all []sim.Accepted
	for mark := int64(0); ; {
		list, next := o.Sim.Accepted(mark, 1000)
		if len(list) == 0 {
			return all
		}
		all, mark = append(all, list...), next
	}
}

func treatmentByType(t *testing.T, o *office, to string) {
	said := "Write to " + address + ", call " + phone + ", pay to " + iban
	if body, changed := o.left(t, to, said); !strings.Contains(body, said) || changed {
		t.Errorf("by default nothing changes: %v %s", changed, body)
	}
	for _, c := range []struct{ settings, want, gone string }{
		{"EMAIL: mask", "j***@|a***@", address}, {"EMAIL: redact", "[EMAIL", address}, {"EMAIL: hash", "[EMAIL:", address}, {"EMAIL: drop", "Write to ,|Write to, ", address},
		{"IBAN: mask", "DE** ", iban}, {"PHONE: mask", "+4477|4477", phone}, {"PHONE: redact", "[PHONE", phone},
	} {
		o.rule(t, quietNever+"personal_data: {outbound: {"+c.settings+"}}\n")
		body, changed := o.left(t, to, said)
		found := slices.ContainsFunc(strings.Split(c.want, "|"), func(w string) bool { return strings.Contains(body, w) })
		if !found || strings.Contains(body, c.gone) || !changed {
			t.Errorf("%s: %v %s", c.settings, changed, body)
		}
		for _, other := range []string{address, phone, iban} {
			if other != c.gone && !strings.Contains(body, other) {
				t.Errorf("%s changed %s, too: %s", c.settings, other, body)
			}
		}
		if rec := o.last(t, "admission"); !rec.Changed {
			t.Errorf("%s: the change is not on record", c.settings)
		}
	}
	titled := `{"to":"+` + to + `","type":"interactive","interactive":{"type":"button","body":{"text":"Call?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"` + phone + `"}}]}}}`
	o.rule(t, quietNever+"personal_data: {outbound: {PHONE: hash}}\n")
	if body, changed := o.leftOf(t, titled); !changed || !strings.Contains(body, `"title":"***"`) {
		t.Errorf("a title that its hash makes too long: %v %s", changed, body)
	}
	o.rule(t, quietNever+"personal_data: {outbound: {PHONE: drop}}\n")
	o.want(t, "a title of which nothing is left", titled, "pii_treatment")
	o.rule(t, quietNever+"personal_data: {outbound: {EMAIL: alert}}\n")
	if body, changed := o.left(t, to, said); !strings.Contains(body, said) || changed {
		t.Errorf("alert: %v %s", changed, body)
	}
}

func inboundReachesTheApp(t *testing.T, o *office, from string) {
	said := "my card is " + card + " CVV 737, mail " + address
	o.hear(t, from, says("unchanged: "+said))
	o.Hooks.With(t, "unchanged: "+said)
	rec := o.last(t, "inbound")
	for _, secret := range []string{card, "737", address} {
		if strings.Contains(rec.Parts["body"], secret) {
			t.Errorf("the trail shows %s: %s", secret, rec.Parts["body"])
		}
	}
	o.rule(t, quietNever+"personal_data: {inbound: {CREDIT_CARD: mask}}\n")
	o.hear(t, from, says("masked: "+said))
	hook := string(o.Hooks.With(t, "masked: ").Body)
	if strings.Contains(hook, card) || !strings.Contains(hook, "**** 1111") || !strings.Contains(hook, address) {
		t.Errorf("masked inbound: %s", hook)
	}
	if rec := o.last(t, "inbound"); !rec.Changed {
		t.Error("the change is not on record")
	}
	o.rule(t, quietNever+"personal_data: {inbound: {CREDIT_CARD: block}}\n")
	o.hear(t, from, says("blocked: "+said))
	if rec := o.last(t, "inbound"); rec.Effect != "deny" || !slices.Equal(rec.Reasons, []string{"pii"}) {
		t.Errorf("blocked inbound: %s %v", rec.Effect, rec.Reasons)
	}
	o.hear(t, from, says("blocked no more"))
	o.Hooks.With(t, "blocked no more")
	for _, h := range o.Hooks.All() {
		if strings.Contains(string(h.Body), "blocked: ") {
			t.Error("a message with a blocked type reached the app")
		}
	}
	o.want(t, "a refused message opens the window, too", text(from, "Please send no cards"), "sent")
}

func trailHoldsLess(t *testing.T, o *office, to string) {
	said := "Write to " + address + ", call " + phone + ", pay to " + iban
	for _, c := range []struct {
		settings     string
		shown, never []string
	}{
		{"", []string{"a***@", "[IBAN"}, []string{address, phone, iban}},
		{"personal_data: {record: {IBAN: mask, EMAIL: redact}}\n", []string{"[EMAIL", "DE** "}, []string{address, phone, iban}},
		{"personal_data: {record: {\"*\": keep, EMAIL: keep, PHONE: hash}}\n", []string{address, iban, "[PHONE:"}, []string{phone}},
	} {
		o.rule(t, quietNever+c.settings)
		if body, changed := o.left(t, to, said); !strings.Contains(body, said) || changed {
			t.Errorf("%q changes what leaves: %s", c.settings, body)
		}
		rec := o.last(t, "admission")
		for _, w := range c.shown {
			if !strings.Contains(rec.Parts["body"], w) {
				t.Errorf("%q: the trail lacks %s: %s", c.settings, w, rec.Parts["body"])
			}
		}
		for _, w := range c.never {
			if strings.Contains(rec.Parts["body"], w) {
				t.Errorf("%q: the trail shows %s: %s", c.settings, w, rec.Parts["body"])
			}
		}
		if !slices.Contains(rec.Sealed, "original") {
			t.Errorf("%q: the original is not kept sealed: %v", c.settings, rec.Sealed)
		}
	}
	o.rule(t, quietNever+"retention: {keep_original: false, class: short, categories: {utility: long}}\n",
		"retention.yaml", "classes:\n  short: {keep: original, clock: record, action: erase}\n  long: {keep: redacted, clock: record, action: purge, days: 9}\n")
	o.left(t, to, said)
	if rec := o.last(t, "admission"); slices.Contains(rec.Sealed, "original") || rec.Retention != "short" {
		t.Errorf("without originals: %v %s", rec.Sealed, rec.Retention)
	}
	o.want(t, "a notice", notice(to), "sent")
	if rec := o.last(t, "admission"); rec.Retention != "long" {
		t.Errorf("class of a notice: %s", rec.Retention)
	}
}

// ownClass is a retention.yaml that describes a class.
func ownClass(name, keep string) string {
	return "classes: {" + name + ": {keep: " + keep + ", clock: record, action: erase}}\n"
}

// keptByClass: of the content is kept what the retention class keeps, both ways.
func keptByClass(t *testing.T, o *office, to string) {
	const said = "see you on Monday"
	for _, c := range []struct {
		settings, retention string
		body, original      bool
	}{
		{"", "", true, true},
		{"", "classes: {messages: {keep: redacted}}\n", true, false},
		{"", "classes: {messages: {keep: nothing}}\n", false, false},
		{"retention: {class: short}\n", ownClass("short", "redacted"), true, false},
		{"", older, true, false},
	} {
		o.rule(t, quietNever+c.settings, "retention.yaml", c.retention)
		o.left(t, to, said)
		o.hear(t, to, says(said))
		for _, kind := range []string{"admission", "inbound"} {
			rec := o.last(t, kind)
			if _, body := rec.Parts["body"]; body != c.body || slices.Contains(rec.Sealed, "original") != c.original {
				t.Errorf("%s by %q: parts %v, sealed %v", kind, c.retention, rec.Parts, rec.Sealed)
			}
		}
	}
	for bad, want := range map[string]string{
		"classes: {messages: {keep: redacted}}\npresets: [mifid]\n": "asks for the message as it was",
		"presets: [gdpr]\n": "names no number of days",
	} {
		o.Write(t, "policies/retention.yaml", bad) // among o.files, so the next rule takes it away
		if err := o.TryAdmin(t, "config.reload", admin.None{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is taken over: %v", bad, err)
		}
	}
	o.rule(t, quietNever)
}

// older is a file of the older form.
const older = `{"retention_policy":{"message_storage_days":30,"media_storage_days":14,"pii_redaction":true,"encryption_algorithm":"AES-256-GCM","backup_frequency_hours":6},"compliance_logging":{"log_level":"info","destination":"s3://bucket/prefix/","include_payload":false}}`

// asText finds a secret where text or a string of its own would show it. Three
// digits are also in every other hash, and a minute of the day.
func asText(secret string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^0-9a-zA-Z:])` + regexp.QuoteMeta(secret) + `($|[^0-9a-zA-Z])`)
}

// neverStored: card codes, PINs and track data are in no record, sealed or not,
// whatever the settings say.
func neverStored(t *testing.T, o *office, to string) {
	o.rule(t, quietNever+"personal_data: {outbound: {\"*\": keep, CREDIT_CARD: keep, CARD_CVV: keep, CARD_PIN: keep, TRACK_DATA: keep}, record: {\"*\": keep, CARD_CVV: keep}}\n",
		"retention.yaml", "presets: [finra, sec-17a-4]\n")
	for secret, said := range map[string]string{
		"737": "Karte " + card + " CVV 737", "4932": "your PIN is 4932", "30011010000000000000": "%B4111111111111111^DOE/JOHN^30011010000000000000?",
	} {
		if body, _ := o.left(t, to, said); !strings.Contains(body, secret) {
			t.Errorf("kept, yet it did not leave: %s", body)
		}
		o.hear(t, to, says(said))
		for _, kind := range []string{"admission", "inbound"} {
			rec := o.last(t, kind)
			for name, part := range rec.Parts {
				if asText(secret).MatchString(part) {
					t.Errorf("%s of %q: part %s holds it: %s", kind, said, name, part)
				}
			}
			if slices.Contains(rec.Sealed, "original") {
				t.Errorf("%s of %q: the original is sealed and kept", kind, said)
			}
		}
	}
}
