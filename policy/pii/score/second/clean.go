package second

import (
	"strings"
)

// chat is a message without personal data: what orders, deliveries and small
// talk are full of.
func (w writer) chat(t tongue) Message {
	m := Message{Lang: t.code, Spans: []Span{}, Kind: "clean"}
	if c := planned(t); len(c) > 0 && w.chance(65) {
		m.Country = pick(w.draw, c)
	}
	switch w.IntN(12) {
	case 0:
		m.Text = w.one(t.lines["hi"]) + w.gap(t) + w.one(t.lines["bye"])
		return m
	case 1:
		m.Text = w.fillIn(t, w.snippet())
		return m
	}
	w.open(t, &m)
	if key := w.one("phone|email|card|password|otp|dob|name|address|passport"); t.has(key) && w.chance(8) {
		m.Text += w.careless(w.one(t.lines[key])) + w.one("?|??| ?|...?| 🙏") // asked for, not told
		return m
	}
	m.Text += w.fillIn(t, w.one(t.lines["clean"]))
	if w.chance(20) {
		m.Text += w.gap(t) + w.fillIn(t, w.one(t.lines["clean"]))
	}
	w.close(t, &m)
	return m
}

// snippet is what looks alike in every language.
func (w writer) snippet() string {
	return pick(w.draw, []string{
		"{t}", "{o}", "{i} {p}", "{k} x{n}", "{h}", "{s}", "v{v}", "{u}", "#{c}", "{m}", "{f} {h}", "{D} {h}-{h}", "lol 😂😂 {n}00%", "👍👍", "{p}!!!", "{{1}} {{2}}", "{x}",
		"1) {n}\n2) {n}\n3) {n}{n}", "iPhone 15 Pro Max 256GB {p}", "ISBN 978-3-16-148410-0", "EAN 4006381333931", "{n}+{n}={n}", "100/200/300 mg", "{b} -> {b} -> {b}",
		"550e8400-e29b-41d4-a716-44665544{n}{n}{n}{n}", "IMG-20261122-WA000{n}.jpg", "file_20260312_14302{n}.pdf", "icon@2x.png", "24/7", "1990-2005", "4 8 15 16 23 42", "10–12 h", "00:15:3{n}",
		"10.000.000", "8.{n}/10", "{n}x 1.5L", "1{n}.75% p.a.", "x^2 + y^2 = 2{n}", "commit 3f2a9c{n}", "{n}{n}°C / {n}{n}°F", "50/50", "2x4, 3x3, 1x{n}", "COVID-19, Windows 11, {y}", "{h} - {h}, {D}", "0{n}/{y}",
		"#sale #{y} #top{n}", "GTIN 0{o}", "SN {k}-{k}", "PO-{o}", "{%} {%} {%}", "{n}.{n}{n}.{n}", "RTX 4070, 32 GB, 1 TB", "{h} / {h} / {h}", "@shopname", "bit.ly", "{y}/{y}",
		"H7N9, B12, A4, USB3", "0-0-7", "3.14159265358979", "1,2,3,4,5,6,7,8,9,10", "{o} / {o}", "SKU {k}\nqty {n}\n{p}", "ref: {i}",
	})
}

func (w writer) fillIn(t tongue, text string) string {
	for {
		i := strings.IndexByte(text, '{')
		for i >= 0 && (strings.HasPrefix(text[i:], "{{") || i > 0 && text[i-1] == '{') {
			j := strings.IndexByte(text[i+2:], '{')
			if j < 0 {
				return text
			}
			i += 2 + j
		}
		if i < 0 || i+2 >= len(text) {
			return text
		}
		text = text[:i] + w.thing(t, text[i+1]) + text[i+3:]
	}
}

// thing is one number or code that means nobody.
func (w writer) thing(t tongue, what byte) string {
	switch what {
	case 'o':
		return w.fill(w.one("%#####|%########|%##-#######-#######|%#########|2026-0%##|ORD-%#####|%####|WEB%########"))
	case 'i':
		return w.fill(w.one("RE-2026-%####|INV-00%###|F%##/26|2026/%###|INV%########|A-%####"))
	case 't':
		return w.fill(w.one("1Z%##AA%#########|RR%########DE|JD0146000%########|9400 1%## #### #### #### ##|LX%########CN|SF%###########|JJD0099%########"))
	case 'p':
		return strings.Replace(w.one(t.lines["price"]), "{A}", w.amount(), 1)
	case 'h':
		return str(w.between(7, 22)) + w.one(":00|:15|:30|:45")
	case 'D':
		return w.date(t, born{w.between(2025, 2027), w.between(1, 12), w.between(1, 28)})
	case 'v':
		return w.fill(w.one("%.#.#|2.2%.%#.#|1#.%|2026.%.#"))
	case 's':
		return w.one("3:2|2-1|0:4|21-17, 19-21, 21-15|6-4 7-5|102:98")
	case 'k':
		return w.fill(w.one("@@-%###|@%##-##|%####-@@|AB%#####|XR@%##"))
	case 'f':
		return w.fill(w.one("LH|BA|TK|EK|AF|AA|SQ|QR")) + w.fill(pick(w.draw, []string{" %##", "%###", " %###"}))
	case 'b':
		return w.fill(w.one("%#|%##|M%|%#A|X%#"))
	case 'm':
		return w.fill(w.one("%##x##x## cm|%#.# kg|%##x%## mm|%#0 ml|1%# m²|5'1#\""))
	case '4':
		return w.digits(4)
	case '%':
		return w.fill("%#") + "%"
	case 'u':
		return w.one("https://shop.example.com/p/" + w.fill("%#####") + "|www.example.org/sale|https://example.net/blog/2026/03/how-to|https://maps.example.com/?q=cafe|https://example.com/a?ref=mail&utm_source=wa")
	case 'c':
		return w.one("SAVE20|SUMMER26|WELCOME10|BLACKFRIDAY|SPRING15|VIP30")
	case 'x':
		return w.one("**** 1111|xxxx-xxxx-xxxx-1234|+49****12|****56|[PHONE_1]|[EMAIL_1]|j***@e***.com|•••• 4242")
	case 'y':
		return str(w.between(2024, 2027))
	}
	return str(w.between(1, 9))
}

func (w writer) amount() string {
	return w.fill(w.one("%#,90|%#.99|%.###,00|%,###.50|%##|%#|%.###.000|%#,###|%###,5#|%00"))
}

// date writes a day as the language does.
func (w writer) date(t tongue, b born) string {
	layout := t.lines["date"]
	if layout == "" {
		layout = "d.m.y"
	}
	layout = w.one(layout)
	month := two(b.m)
	if strings.Contains(layout, "M") {
		month = strings.Split(t.lines["months"], "|")[b.m-1]
	}
	var out strings.Builder
	for i, c := range layout {
		alone := i+1 == len(layout) || !strings.ContainsRune(lower, rune(layout[i+1]))
		alone = alone && (i == 0 || !strings.ContainsRune(lower, rune(layout[i-1])))
		switch {
		case alone && c == 'd':
			out.WriteString(two(b.d))
		case alone && (c == 'm' || c == 'M'):
			out.WriteString(month)
		case alone && c == 'y':
			out.WriteString(str(b.y))
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
