// Package second makes the second set of labelled messages: chat in more than
// fifty languages and eighty countries, with personal data written as people
// there write it, and without any. It shares nothing with the scanner: numbers
// are constructed from the published rules by code of its own, words and
// frames are its own, so that a scanner cannot be good at it by knowing it.
//
// The set is kept out of tuning: look at its counts, not at its messages. The
// same seed gives the same bytes; testdata/second.jsonl is the result:
//
//	go test ./policy/pii/score/second -run TestFile -update
package second

import (
	"slices"
	"strings"
)

// Seed of the set that is kept.
const Seed = 20261122

// Messages makes the set.
func Messages(seed uint64) []Message {
	w := writer{newDraw(seed), tongues()}
	var out []Message
	for _, part := range []func(writer) []Message{
		writer.evidentOnes, writer.ids, writer.cards, writer.phones, writer.labelled, writer.selves,
		writer.disguised, writer.mistyped, writer.several, writer.paid, writer.known, writer.linked, writer.chats,
	} {
		out = append(out, part(w)...)
	}
	w.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// way draws how a value stands, by weights in the order before, after, form,
// bare, whole.
func (w writer) way(weights ...int) string {
	sum := 0
	for _, x := range weights {
		sum += x
	}
	n := w.IntN(sum)
	for i, x := range weights {
		if n -= x; n < 0 {
			return []string{before, after, form, bare, whole}[i]
		}
	}
	return before
}

// words are the keys in tongues.txt for types that may stand alone.
var words = map[string]string{"EMAIL": "email", "CREDIT_CARD": "card", "IBAN": "iban", "PHONE": "phone"}

// evidentOne is a value of an evident kind with a tongue it may stand in.
func (w writer) evidentOne(k kind) (item, tongue) {
	t := pick(w.draw, w.all)
	it := item{kind: k.kind, entity: k.entity, class: k.class}
	switch k.kind {
	case "PHONE":
		it = w.phone(pick(w.draw, plans).country, true)
	case "IBAN":
		it.value, it.country = account(w.draw)
	default:
		it.value = k.make(w.draw)
	}
	if key := words[k.kind]; t.has(key) {
		it.label = w.one(t.lines[key])
	}
	return it, t
}

func (w writer) evidentOnes() []Message {
	var out []Message
	for range 28 {
		for _, k := range evident {
			it, t := w.evidentOne(k)
			way := bare
			if it.label != "" {
				way = w.way(4, 2, 2, 3, 1)
			}
			if touches[t.code] != "" && w.chance(40) {
				way = touching
			}
			out = append(out, w.say(t, way, it, w.maybe(t)))
		}
	}
	return append(out, w.bareIDs()...)
}

// bareIDs are WhatsApp ids beside a word.
func (w writer) bareIDs() []Message {
	var out []Message
	for range 60 {
		t := pick(w.draw, w.all)
		p := pick(w.draw, plans)
		it := item{value: p.bare(w.draw), kind: "PHONE", entity: "PHONE_E164", class: "A", country: p.country, label: w.one(t.lines["phone"])}
		if t.has("phone") {
			out = append(out, w.say(t, before, it, ""))
		}
	}
	return out
}

// maybe is a country of the language, or none.
func (w writer) maybe(t tongue) string {
	if c := planned(t); len(c) > 0 && w.chance(50) {
		return pick(w.draw, c)
	}
	return ""
}

// issued makes a number of a state or bank, with a word for it in one of the
// languages it is known in.
func (w writer) issued(k kind) (item, tongue) {
	lang, labels, _ := strings.Cut(pick(w.draw, strings.Split(k.labels, ";")), "=")
	it := item{value: k.make(w.draw), kind: k.kind, entity: k.entity, class: k.class, country: k.country, label: w.one(labels)}
	grouped := strings.ContainsAny(it.value, "./-")
	if grouped && slices.Contains([]string{"BR_CPF", "BR_CNPJ", "CL_RUT", "AR_CUIT"}, k.entity) {
		it.class = "A"
	}
	return it, speaking(w.all, lang)
}

// wordOnly are kinds that no country tells apart from any other number.
var wordOnly = []string{"US_ABA", "GB_UTR", "IT_PARTITA_IVA", "PT_NIF", "IN_GSTIN", "US_SSN", "PL_NIP", "GR_AFM"}

func (w writer) ids() []Message {
	var out []Message
	for _, k := range slices.Concat(europe, americas, asiaAfrica) {
		for range 12 {
			it, t := w.issued(k)
			country := ""
			if w.chance(60) {
				country = k.country
			}
			way := w.way(7, 2, 2)
			if k.class != "C" && w.chance(15) && !slices.Contains(wordOnly, k.entity) {
				way, country = hinted, k.country
			}
			out = append(out, w.say(t, way, it, country))
		}
	}
	return out
}

func (w writer) cards() []Message {
	var out []Message
	for range 140 {
		t := pick(w.draw, w.all)
		if !t.has("card") {
			continue
		}
		it := item{value: card(w.draw, false), kind: "CREDIT_CARD", entity: "CREDIT_CARD", class: "B", label: w.one(t.lines["card"])}
		out = append(out, w.say(t, w.way(6, 2, 2, 1), it, w.maybe(t)))
	}
	return out
}

func (w writer) phones() []Message {
	var out []Message
	for _, p := range plans {
		for range 7 {
			t := pick(w.draw, of(w.all, p.country))
			it := w.phone(p.country, false)
			it.label = w.one(t.lines["phone"])
			country := p.country
			way := w.way(5, 1, 1)
			if w.chance(35) {
				way = hinted
			}
			if touches[t.code] != "" && w.chance(20) {
				way = touching
			}
			out = append(out, w.say(t, way, it, country))
		}
	}
	return out
}

func (w writer) labelled() []Message {
	var out []Message
	for _, k := range shapedKinds {
		for range 22 * k.weight {
			t := pick(w.draw, w.all)
			country := "DE"
			if c := planned(t); len(c) > 0 {
				country = pick(w.draw, c)
			}
			label := everywhere[k.key]
			if label == "" {
				label = t.lines[k.key]
			}
			if label == "" {
				continue
			}
			it := item{value: k.make(w, t, country), kind: k.kind, entity: k.entity, class: "C", country: country, label: w.one(label)}
			hint := ""
			if w.chance(50) {
				hint = country
			}
			out = append(out, w.say(t, w.way(7, 1, 2), it, hint))
		}
	}
	return out
}

func (w writer) selves() []Message {
	var out []Message
	for range 4 {
		for _, t := range w.all {
			name := w.self(t, "name")
			m := Message{Lang: t.code, Country: w.maybe(t), Kind: "pii", Spans: []Span{}}
			name.family = "plain/said"
			w.open(t, &m)
			m.put(w.one(t.lines["myname"]), name)
			w.close(t, &m)
			out = append(out, m)
			way := before
			if w.chance(40) {
				way = form
			}
			out = append(out, w.say(t, way, w.self(t, "address"), w.maybe(t)))
		}
	}
	return out
}

// disguised writes values so that only a person sees them at once.
func (w writer) disguised() []Message {
	names := []string{"EMAIL", "CREDIT_CARD", "IBAN", "PHONE_E164", "BR_CPF", "US_SSN", "IN_AADHAAR", "PL_PESEL", "TR_TCKN"}
	var out []Message
	for _, x := range disguises {
		for range 4 {
			for _, name := range names {
				it, t := w.named(name)
				if it.label == "" || name == "EMAIL" && !slices.Contains([]string{"zero_width", "soft_hyphen", "bidi", "full_width", "homoglyph"}, x.name) {
					continue
				}
				if name == "US_SSN" && !strings.ContainsAny(it.value, " -") {
					it.value = group(it.value, "-", 3, 2) // nobody writes it in fours
				}
				if it.value = x.do(w.draw, strings.ReplaceAll(it.value, "\u00a0", " ")); x.name == "homoglyph" && name == "PHONE_E164" {
					continue
				}
				it.family = "obfuscated/" + x.name
				way := before
				if it.kind != "NATIONAL_ID" && w.chance(30) {
					way = bare
				}
				out = append(out, w.say(t, way, it, it.country))
			}
		}
	}
	for range 25 {
		it, t := w.named("EMAIL")
		it.value, it.family = spelled(w.draw, it.value), "obfuscated/spelled"
		out = append(out, w.say(t, bare, it, ""))
	}
	return out
}

// named makes a value of an entity.
func (w writer) named(entity string) (item, tongue) {
	for _, k := range slices.Concat(evident, europe, americas, asiaAfrica) {
		if k.entity == entity && k.labels != "" {
			return w.issued(k)
		}
		if k.entity == entity {
			return w.evidentOne(k)
		}
	}
	panic("no kind " + entity)
}

// mistyped are values with a wrong check digit beside their word.
func (w writer) mistyped() []Message {
	var out []Message
	for range 55 {
		for _, name := range []string{"CREDIT_CARD", "IBAN", "US_SSN"} {
			it, t := w.named(name)
			if it.label == "" {
				continue
			}
			it.family = "wrong_checksum/" + strings.ToLower(it.kind)
			if name == "US_SSN" {
				it.family = "wrong_checksum/ssn"
				it.value = w.fill(w.one("666-%#-####|000-%#-####|9%#-0#-####|%2%-00-####"))
			} else {
				it.value = breakChecksum(w.draw, it.value)
			}
			out = append(out, w.say(t, before, it, it.country))
		}
	}
	return out
}

// several are messages with more than one value.
func (w writer) several() []Message {
	var out []Message
	for range 150 {
		t := pick(w.draw, w.all)
		m := Message{Lang: t.code, Country: w.maybe(t), Kind: "pii", Spans: []Span{}}
		w.open(t, &m)
		for i := range w.between(2, 4) {
			k := pick(w.draw, evident[:13])
			it, _ := w.evidentOne(k)
			it.family = "plain/several"
			it.label = w.one(t.lines[words[k.kind]])
			if i > 0 {
				m.Text += pick(w.draw, []string{", ", " / ", "\n", "; ", " + ", " "})
			}
			if it.label != "" && w.chance(50) {
				m.put("{L} {V}", it)
			} else {
				m.put("{V}", it)
			}
		}
		w.close(t, &m)
		out = append(out, m)
	}
	return out
}

// paid are cards with what stands behind them on the card.
func (w writer) paid() []Message {
	var out []Message
	for range 60 {
		t := pick(w.draw, w.all)
		m := Message{Lang: t.code, Country: w.maybe(t), Kind: "pii", Spans: []Span{}}
		w.open(t, &m)
		sep := pick(w.draw, []string{" ", "\n", ", ", " / "})
		number := item{value: card(w.draw, true), kind: "CREDIT_CARD", entity: "CREDIT_CARD", class: "A", family: "plain/paid"}
		until := item{value: two(w.between(1, 12)) + "/" + str(w.between(27, 33)), kind: "CARD_EXPIRY", entity: "CARD_EXPIRY", class: "C", family: "plain/paid"}
		code := item{value: w.digits(3), kind: "CARD_CVV", entity: "CARD_CVV", class: "C", family: "plain/paid"}
		m.put("{V}"+sep, number)
		if w.chance(50) {
			m.Text += w.one("exp|valid thru|Exp.") + " "
		}
		m.put("{V}"+sep, until)
		if w.chance(60) {
			m.Text += w.one("cvv|CVC|cvv2") + " "
		}
		m.put("{V}", code)
		out = append(out, m)
	}
	return out
}

// known are messages that repeat the name of the person's profile.
func (w writer) known() []Message {
	var out []Message
	for range 2 {
		for _, t := range w.all {
			name := w.one(t.lines["names"])
			it := item{value: name, kind: "NAME", entity: "NAME", class: "D", family: "plain/echo"}
			m := Message{Lang: t.code, Country: w.maybe(t), Names: []string{name}, Kind: "pii", Spans: []Span{}}
			m.Text = w.fillIn(t, w.one(t.lines["clean"])) + w.gap(t) + w.one(t.lines["bye"]) + pick(w.draw, []string{" ", "\n", ", "})
			m.put("{V}", it)
			out = append(out, m)
		}
	}
	return out
}

// linked are links that hold a phone number, and numbers beside a sign.
func (w writer) linked() []Message {
	var out []Message
	for range 40 {
		t := pick(w.draw, w.all)
		p := pick(w.draw, plans)
		m := Message{Lang: t.code, Kind: "pii", Spans: []Span{}}
		w.open(t, &m)
		it := item{value: p.bare(w.draw), kind: "PHONE", entity: "PHONE_E164", class: "A", country: p.country, family: "plain/link"}
		if w.chance(50) {
			m.put(w.one("https://wa.me/{V}|wa.me/{V}|https://api.whatsapp.com/send?phone={V}|tel:+{V}"), it)
		} else {
			it = w.phone(p.country, false)
			it.family, m.Country = "plain/sign", p.country
			m.put(w.one("📞 {V}|📱{V}|☎️ {V}|📲: {V}"), it)
		}
		w.close(t, &m)
		out = append(out, m)
	}
	return out
}

func (w writer) chats() []Message {
	var out []Message
	seen := map[string]bool{}
	for len(out) < 2000 {
		m := w.chat(pick(w.draw, w.all))
		if !seen[m.Text] {
			seen[m.Text] = true
			out = append(out, m)
		}
	}
	return out
}
