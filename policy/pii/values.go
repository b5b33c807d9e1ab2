package pii

import (
	"sort"
	"strings"

	"postern/policy/pii/catalog"
	"postern/policy/pii/shape"
	"postern/policy/pii/words"
)

// reader reads the value behind a label of a topic.
type reader struct {
	read    shape.Reader
	says    target
	person  bool         // the value is a name, to which words such as "de" may belong
	said    bool         // the value follows at once: "I am", "Mr"
	house   bool         // the value is an address
	site    bool         // the value is a password, what it is for may stand before it
	counted shape.Reader // read where a word for a number stands beside the label, nil if that says nothing more
	firm    int          // how rare a value has to be that does not stand directly behind the label
	far     int          // words that may stand between, if they say nothing, and the value is as rare as firm says
	clause  int          // words more that may stand between: "the password that I had was"
	before  shape.Reader // reads the value that ends where the label begins, nil if there is none
	whole   bool         // the value is a password, which ends at blanks and quotation marks only
	after   int          // the label may also stand behind the value and so many words that link less one, 0 if not
}

// trailing are topics whose labels stand behind their values too: "482913 is
// your code", "12/03/1984 (dob)". A password has to be called so: "x7Qm2 is the
// password".
var trailing = map[string]int{"otp": 1, "dob": 1, "plate": 1, "expiry": 1, "record": 2, "password": 2}

// firm are topics whose values look like much else.
var firm = map[string]int{"password": 32, "record": 8, "otp": 8, "dob": 64}

// far are topics whose values are told by their shape behind a few words.
var far = map[string]int{"otp": 5, "dob": 4}

// clause are topics whose values are told from words behind a clause.
var clause = map[string]int{"password": 1}

// person are topics whose values name somebody, introduced those whose value follows
// its label at once.
var (
	person     = map[string]bool{"name": true, "called": true, "role": true, "bearer": true, "title": true}
	introduced = map[string]bool{"intro": true, "title": true, "closing": true, "kin": true, "kinsman": true, "whom": true, "relative": true, "greeting": true}
)

// filed are topics of things that have numbers, which a word for a number calls.
var filed = map[string]bool{"filing": true, "process": true, "matter": true}

// readersOf gives the readers by topic.
func (t *table) readersOf() []reader {
	out := make([]reader, t.words.Topics())
	for name, read := range shape.Behind {
		if topic := t.words.Topic(name); topic != 0 {
			out[topic] = reader{read: read, says: target{exact: []words.Topic{topic}}, person: person[name], said: introduced[name], house: name == "address", site: name == "password", whole: name == "password", firm: firm[name], far: far[name], after: trailing[name], clause: clause[name]}
			if filed[name] {
				out[topic].counted = shape.Behind["record"]
			}
		}
	}
	for name, read := range shape.Before {
		if topic := t.words.Topic(name); topic != 0 {
			out[topic] = reader{before: read, says: target{exact: []words.Topic{topic}}}
		}
	}
	return out
}

// values reads what stands behind labels of things that have no number of
// their own: names, addresses, passwords, codes, days of birth.
func (p *pass) values() {
	if p.heard&heardValue == 0 {
		return
	}
	if len(p.marks) >= manyMarks {
		clear(p.answered[:])
	}
	for i := range p.marks {
		if !p.t.brief[p.marks[i].entry].reads {
			continue
		}
		for _, r := range p.t.said[p.marks[i].entry].readers {
			if r.read != nil {
				p.behindLabel(i, r)
			}
			if r.after > 0 {
				p.beforeLabel(i, r)
			}
			if r.before != nil {
				p.upToLabel(i, r)
			}
		}
	}
}

// behindLabel reads the value of mark i: behind words that link, else behind
// the next of them.
func (p *pass) behindLabel(i int, r *reader) {
	from, next := int(p.marks[i].end), i+1
	if byteAt(p.text, from) == '.' && (!r.person && !r.said || p.abbreviated(i)) {
		from++ // "geb."
	}
	for try := range maxTries {
		if !r.said {
			from, next = p.behindLinks(i, from, next, r.person)
		}
		if p.valueAt(i, from, r, try > 0, r.counted != nil && p.countedBy(i, next)) || r.said || r.person {
			return
		}
		next = p.idle(from, next, maxIdle+r.clause)
		if next < 0 {
			break
		}
		from = int(p.marks[next].at)
	}
	if r.site {
		p.behindSite(i, r)
	}
	if r.far > 0 {
		p.farther(i, r)
	}
}

// abbreviated reports that the dot behind mark i belongs to it, "pt." or "a.n.": behind
// a word that is written out a sentence ends, which the first word of the next one, in
// capitals everywhere, makes no name.
func (p *pass) abbreviated(i int) bool {
	w := p.text[p.marks[i].at:p.marks[i].end]
	return len(w) <= 2 || strings.IndexByte(w, '.') >= 0
}

// farther reads the first number behind mark i, a few words that say nothing
// between: "the code I just got is 482913".
func (p *pass) farther(i int, r *reader) {
	m := &p.marks[i]
	k := sort.Search(len(p.tokens), func(k int) bool { return p.tokens[k].at >= m.end })
	if k == len(p.tokens) || p.tokens[k].digit < 0 || p.tokens[k].pace-m.pace > int32(r.far)*paceWord || p.tokens[k].wall > m.at {
		return
	}
	at := int(p.tokens[k].at)
	for j := i + 1; j < len(p.marks) && int(p.marks[j].at) < at; j++ {
		if p.t.said[p.marks[j].entry].rest == against && p.verdict(p.marks[j].entry, &r.says) != named && !bySMS(p.text[p.marks[j].at:p.marks[j].end]) {
			return
		}
	}
	between := p.text[m.end:at]
	if head, ok := strings.CutSuffix(strings.TrimRight(between, " "), ":"); ok {
		between = head // "the code from the text: 482913"
	}
	for _, c := range []byte(between) {
		if c == ':' || c == '\n' || c != ',' && endsContext(c) {
			return
		}
	}
	again := !p.linked(k)
	if !p.valueAt(i, wordBefore(p.text, at), r, again, false) {
		p.valueAt(i, at, r, again, false)
	}
}

// linked reports a word such as "is" directly before token k.
func (p *pass) linked(k int) bool {
	tok := &p.tokens[k]
	if tok.marks == 0 {
		return false
	}
	m := &p.marks[tok.marks-1]
	return m.end+1 == tok.at && p.links(label{entry: m.entry})
}

// bySMS reports the word for the way a code comes, which names a phone elsewhere.
func bySMS(w string) bool { return strings.EqualFold(w, "sms") }

// valueAt reads the value of mark i from a place on and reports whether there
// is one. Again says that words stand between, counted that a word for a number
// stands beside the label.
func (p *pass) valueAt(i, from int, r *reader, again, counted bool) bool {
	m := p.marks[i]
	var found shape.Match
	var ok bool
	switch {
	case counted:
		found, ok = r.counted(p.text, from)
	case r.house:
		found, ok = r.read(p.text[:p.sameBehind(i, from)], from)
	case r.after > 0:
		found, ok = p.ask(r, from)
	default:
		found, ok = r.read(p.text, from)
	}
	if !ok || again && found.OneIn < r.firm || found.End <= found.Start || holdsLabel(p.text[found.Start:min(len(p.text), found.End+1)]) {
		return false
	}
	row, ok := p.t.number[found.Row]
	if !ok {
		return false
	}
	w := p.blank()
	l := label{entry: m.entry, at: int(m.at), end: int(m.end)}
	switch v := p.verdict(l.entry, &r.says); {
	case v == named && counted:
		w.add(ByLabel, 125, l.at, l.end)
	case v == named && !p.links(l):
		w.add(ByLabel, 90, l.at, l.end)
	case v == named, v == shared: // "ini" introduces a name, and much else
		w.add(ByWeakLabel, 50, l.at, l.end)
	}
	w.add(ByShape, min(rarity(found.OneIn), 70), found.Start, found.End)
	if i > 0 {
		if before := p.marks[i-1]; m.pace-before.pace <= paceWord && p.weakly(label{entry: before.entry}) {
			w.add(DespiteLabel, -60, int(before.at), int(before.end)) // "order code"
		}
	}
	e := &p.t.rows[row].row
	switch {
	case e.Type == catalog.CardPIN && p.postal(l, found.End-found.Start):
		return false
	case e.Type == catalog.CardExpiry && p.card < 0:
		p.bestBefore(i, &w)
	case e.Type == catalog.Password && (p.stuck(l, found.Start) || p.queued(l, found.Start, found.End) || p.everyday(l, found.Start, found.End) || p.modelled(l, found.Start, found.End)):
		return false
	}
	if p.decide(&Finding{Type: e.Type, Entity: e.Name, Start: found.Start, End: found.End}, &w) {
		p.behindValue(e.Type, found.Start, found.End)
	}
	return true
}

// sameBehind gives where the label of mark i stands once more behind a place, else the end
// of the text: what follows there is another address, and is not read twice.
func (p *pass) sameBehind(i, from int) int {
	word := p.text[p.marks[i].at:p.marks[i].end]
	for j := i + 1; j < len(p.marks) && int(p.marks[j].at) < from+shape.MaxAddress; j++ {
		if m := &p.marks[j]; int(m.at) >= from && p.text[m.at:m.end] == word {
			return int(m.at)
		}
	}
	return len(p.text)
}

// bestBefore counts words of goods before the label of mark i against an expiry
// that follows no card, or such as "strip of tablets" behind it: "batch B2/2024
// exp 08/2026".
func (p *pass) bestBefore(i int, w *weight) {
	m := &p.marks[i]
	for k := i - 1; k >= 0 && m.pace-p.marks[k].pace <= maxPace && p.marks[k].at >= m.at-reach; k-- {
		l := label{entry: p.marks[k].entry, at: int(p.marks[k].at), end: int(p.marks[k].end)}
		if p.verdict(l.entry, &p.t.card) == named {
			return
		}
		if p.weakly(l) || p.t.said[l.entry].goods {
			w.add(DespiteLabel, -60, l.at, l.end)
			return
		}
	}
	for k := i + 1; k < len(p.marks) && p.marks[k].pace-m.pace <= maxPace; k++ {
		l := label{entry: p.marks[k].entry, at: int(p.marks[k].at), end: int(p.marks[k].end)}
		if strings.ContainsAny(p.text[m.end:l.at], ",;\n") {
			return
		}
		if p.t.said[l.entry].goods {
			w.add(DespiteLabel, -60, l.at, l.end)
			return
		}
	}
}

// rest reads the security code behind an expiry that ends at a place.
func (p *pass) rest(end int) {
	m, ok := shape.CardRest(p.text, end)
	if !ok {
		return
	}
	i := p.markFrom(end)
	for ; i < len(p.marks) && int(p.marks[i].at) < m.Start; i++ {
		if p.weakly(label{entry: p.marks[i].entry}) {
			return // "04/28, order 123"
		}
	}
	p.beside(CardCVV, "CARD_CVV", m, 90, end)
}
