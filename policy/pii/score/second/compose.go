package second

import "strings"

// Span is one labelled value: bytes [Start, End) of the text.
type Span struct {
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Type    string `json:"type"`
	Entity  string `json:"entity"`
	Class   string `json:"class"`
	Country string `json:"country,omitempty"`
	Family  string `json:"family"`
}

// Message is one line of the set.
type Message struct {
	Lang    string   `json:"lang"`
	Country string   `json:"country,omitempty"`
	Names   []string `json:"names,omitempty"` // the person's profile
	Text    string   `json:"text"`
	Spans   []Span   `json:"spans"`
	Kind    string   `json:"kind"`
}

// item is a value on its way into a message.
type item struct {
	value, kind, entity, class, country, family string
	label                                       string // the word for it, "" for none
}

func (i item) span(start int) Span {
	return Span{Start: start, End: start + len(i.value), Type: i.kind, Entity: i.entity, Class: i.class, Country: i.country, Family: i.family}
}

// put writes text, with the value where {V} stands.
func (m *Message) put(frame string, it item) {
	frame = strings.ReplaceAll(frame, "{L}", it.label)
	before, after, ok := strings.Cut(frame, "{V}")
	m.Text += before
	if ok {
		m.Spans = append(m.Spans, it.span(len(m.Text)))
		m.Text += it.value
	}
	m.Text += after
}

// How a value stands in its message.
const (
	before   = "before" // the word before the value
	after    = "after"  // the word behind it
	form     = "form"   // lines of a form
	bare     = "bare"   // no word; it speaks for itself
	hinted   = "hint"   // no word; the person's country is known
	touching = "touching"
	whole    = "whole" // nothing else in the message
)

// touches are frames in which letters stand right beside the value.
var touches = map[string]string{
	"zh": "我把{V}发给你|请看{V}的信息|用{V}吧", "zh-Hant": "我把{V}傳給你|用{V}吧", "ja": "{V}でお願いします|これ{V}です",
	"th": "ส่ง{V}ให้แล้ว|นี่{V}นะ", "ar": "هذا{V}تمام|على{V}شكرا", "ko": "{V}로 해주세요|여기{V}입니다",
}

// writer writes messages.
type writer struct {
	draw
	all []tongue
}

// say puts a value into chat in one of the ways.
func (w writer) say(t tongue, way string, it item, country string) Message {
	m := Message{Lang: t.code, Country: country, Kind: "pii", Spans: []Span{}}
	if it.family == "" {
		it.family = "plain/" + way
	}
	it.label = w.careless(it.label)
	switch way {
	case whole:
		m.put("{V}", it)
		return m
	case form:
		return w.form(t, it, m)
	}
	w.open(t, &m)
	switch way {
	case before:
		m.put(w.one(t.lines["is"]), it)
	case after:
		m.put(w.one(t.lines["after"]), it)
	case touching:
		m.put(w.one(touches[t.code]), it)
	default:
		m.put(w.one("{V}|{V} 👍|👉 {V}|{V}?|({V})|*{V}*|-> {V}"), it)
	}
	w.close(t, &m)
	return m
}

// plainLetters writes letters without their accents, as on a keyboard that has
// none.
var plainLetters = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ã", "a", "ă", "a", "ą", "a", "å", "a", "ä", "a", "ç", "c", "č", "c", "ć", "c", "é", "e", "è", "e", "ê", "e", "ě", "e", "ę", "e",
	"ë", "e", "í", "i", "î", "i", "ı", "i", "ì", "i", "ñ", "n", "ň", "n", "ń", "n", "ó", "o", "ô", "o", "õ", "o", "ö", "o", "ő", "o", "ø", "o", "ř", "r", "š", "s", "ş", "s", "ș", "s", "ś", "s", "ť", "t", "ț", "t",
	"ú", "u", "ü", "u", "ů", "u", "ű", "u", "ý", "y", "ž", "z", "ź", "z", "ż", "z", "ł", "l", "đ", "d", "ğ", "g", "ß", "ss", "ё", "е", "ά", "α", "έ", "ε", "ή", "η", "ί", "ι", "ό", "ο", "ύ", "υ", "ώ", "ω",
	"ố", "o", "ộ", "o", "ồ", "o", "ế", "e", "ệ", "e", "ấ", "a", "ậ", "a", "ả", "a", "ạ", "a", "ị", "i", "ủ", "u", "ứ", "u", "ề", "e", "ẩ", "a", "ẫ", "a", "ư", "u", "ơ", "o", "ợ", "o", "ở", "o")

// careless writes a label as people type: at times in small or in capital
// letters, or without accents.
func (w writer) careless(label string) string {
	switch w.IntN(10) {
	case 0:
		return strings.ToUpper(label)
	case 1, 2:
		return strings.ToLower(label)
	case 3:
		return plainLetters.Replace(label)
	}
	return label
}

func (w writer) open(t tongue, m *Message) {
	if w.chance(45) {
		m.Text += w.one(t.lines["hi"]) + w.gap(t)
	}
}

func (w writer) close(t tongue, m *Message) {
	if w.chance(45) {
		m.Text += w.gap(t) + w.one(t.lines["bye"])
	}
}

func (w writer) gap(t tongue) string {
	if t.tight() {
		return pick(w.draw, []string{"，", "。", " ", "\n", ""})
	}
	return []string{", ", " ", "\n", ". ", " - ", "... "}[w.IntN(6)]
}

// form writes the value among the lines of a form, with a name and, at times,
// a phone number.
func (w writer) form(t tongue, it item, m Message) Message {
	items := []item{it}
	if it.kind != "NAME" && t.has("name") && w.chance(60) {
		items = append([]item{w.name(t)}, items...)
	}
	if it.kind != "PHONE" && t.has("phone") && w.chance(40) {
		p := w.phone(pick(w.draw, planned(t)), true)
		p.label = w.one(t.lines["phone"])
		items = append(items, p)
	}
	sep := []string{": ", ":", " - ", " : "}[w.IntN(4)]
	for i, x := range items {
		if i > 0 {
			m.Text += "\n"
		}
		if x.family == "" {
			x.family = "plain/form"
		}
		m.put("{L}"+sep+"{V}", x)
	}
	return m
}

// planned are the countries of a tongue with a numbering plan here.
func planned(t tongue) []string {
	var out []string
	for _, c := range t.countries() {
		for _, p := range plans {
			if p.country == c {
				out = append(out, c)
			}
		}
	}
	return out
}

func (w writer) name(t tongue) item {
	return item{value: w.one(t.lines["names"]), kind: "NAME", entity: "NAME", class: "D", family: "plain/form", label: w.one(t.lines["name"])}
}

func (w writer) phone(country string, international bool) item {
	p := planOf(country)
	if international {
		return item{value: p.international(w.draw), kind: "PHONE", entity: "PHONE_E164", class: "A", country: country}
	}
	return item{value: p.national(w.draw), kind: "PHONE", entity: "PHONE_NATIONAL", class: "B", country: country}
}
