package pii

import "postern/policy/pii/words"

// said is what an entry of the word lists says about values, worked out once for
// all targets, so that a scan asks for a bit where it would compare lists.
type said struct {
	named, shared rowSet  // targets, by their bit: a word of their own, one they have in common
	rest          verdict // about all other targets
	rows          rowSet  // both together; nil if no row is among them
	able          rowSet  // those of them that need nothing else beside the word
	words         uint64  // of able, those that have rows
	owns          bool    // some of the rows are named by a word of their own
	links         bool    // it may stand between a label and its value
	weakly        bool    // it speaks against values, and says nothing else
	heard         heard   // which judges need to look, because it stands somewhere
	readers       []*reader
	at            uint8 // surelyAt or vaguelyAt: a word for the sign of an address of mail
	digits        uint8 // what a word of digits says, see saidTopics; 0 if it is none
	goods         bool  // it names what one buys
	mute          bool  // it says digits and nothing else
	of            bool  // it says whose the thing named before is
	site          bool  // a password is for it
	series        bool  // the first part of a document's number follows
}

// brief is what a survey asks of every word, apart from the rest, so that all of it
// stays close by.
type brief struct {
	heard  heard
	at     uint8
	reads  bool // it has readers
	calls  bool // it has rows
	owns   bool // and some by a name that is theirs alone
	digits bool // it says digits
}

func briefs(all []said) []brief {
	out := make([]brief, len(all))
	for i := range all {
		s := &all[i]
		out[i] = brief{s.heard, s.at, len(s.readers) > 0, s.rows != nil, s.owns, s.digits != 0}
	}
	return out
}

// heard tells which kinds of words stand in a text at all: without them some
// judges have nothing to find.
type heard uint8

const (
	heardCode   heard = 1 << iota // of a security code or a PIN
	heardPhone                    // of a phone, or of any number
	heardCard                     // of a card
	heardSeries                   // of a series that a number follows
	heardValue                    // before or behind which a value is read
)

// hear notes what is heard with an entry.
func (t *table) hear(s *said) {
	for _, x := range [...]*target{&t.code, &t.pin} {
		if s.named.has(x.bit) {
			s.heard |= heardCode
		}
	}
	if s.named.has(t.card.bit) {
		s.heard |= heardCard
	}
	if s.series {
		s.heard |= heardSeries
	}
	if len(s.readers) > 0 {
		s.heard |= heardValue
	}
	if s.named.has(t.phone.bit) || s.rest == generic && !s.shared.has(t.phone.bit) {
		s.heard |= heardPhone
	}
}

// Words for @, such as "arroba", and such as "et", which mean much else.
const (
	surelyAt uint8 = iota + 1
	vaguelyAt
)

// say works out what every entry says, when all rows and targets are known.
func (t *table) say(targets []*target) {
	for bit, x := range targets {
		x.bit = bit
	}
	t.said = t.saidFrom(0, targets)
	t.brief = briefs(t.said)
	width := (len(targets) + 63) / 64
	t.always.widen(width)
	for n := range t.forms {
		if t.forms[n].widen(t.always); len(t.forms[n].list) > 0 {
			t.longest = n
		}
	}
}

// saidFrom is what the entries from a first one on say.
func (t *table) saidFrom(first int, targets []*target) []said {
	exact, weak := t.byTopic(targets)
	width := (len(targets) + 63) / 64
	out := make([]said, t.words.Entries()-first)
	room := make(rowSet, 4*width*len(out))
	able := t.ableShared()
	able.widen(width)
	roles := t.special()
	for i := range out {
		s := &out[i]
		s.named, s.shared = room[:width:width], room[width:2*width:2*width]
		senses := t.words.Senses(uint32(first + i)) //nolint:gosec // a number of an entry
		opposed, silent := t.roleOf(s, senses)
		s.mute = len(senses) > 0
		for _, topic := range senses {
			if what := t.spoken[topic]; what != 0 {
				s.digits = what
				continue
			}
			s.mute = false
			s.named.join(exact[topic])
			s.shared.join(weak[topic])
			if len(t.named[topic]) > 0 {
				s.rows, s.able = room[2*width:3*width:3*width], room[3*width:4*width:4*width]
			}
			if is := roles[topic]; is != nil {
				is(s)
			}
			if r := &t.readers[topic]; r.read != nil || r.before != nil {
				s.readers = append(s.readers, r)
			}
		}
		if opposed { // names it in one language, speaks against it in another
			s.shared.join(s.named)
			clear(s.named)
		}
		if s.rest == against && silent {
			s.rest = unnamed
		}
		t.hear(s)
		s.sum(able, len(t.rows))
		room = room[4*width:]
	}
	return out
}

// sum puts together what the topics of an entry say about so many rows.
func (s *said) sum(able rowSet, rows int) {
	if s.rows == nil {
		return
	}
	s.owns = s.named.below(rows)
	s.rows.join(s.named)
	s.rows.join(s.shared)
	for i := range s.able {
		s.able[i] = s.named[i] | s.shared[i]&able[i]
	}
	s.words = s.able.words()
}

// specials are topics of words that stand around values of many kinds.
var specials = map[string]func(*said){
	"mailat":  func(s *said) { s.at = surelyAt },
	"maybeat": func(s *said) { s.at = vaguelyAt },
	"goods":   func(s *said) { s.goods = true },
	"of":      func(s *said) { s.of = true },
	"site":    func(s *said) { s.site = true },
	"series":  func(s *said) { s.series = true },
}

// special gives what specials say, by the number of the topic.
func (t *table) special() map[words.Topic]func(*said) {
	out := map[words.Topic]func(*said){}
	for name, is := range specials {
		if topic := t.words.Topic(name); topic != 0 {
			out[topic] = is
		}
	}
	return out
}

// ableShared gives the rows for which a word that they share with others may be
// enough, without a country; see enough.
func (t *table) ableShared() rowSet {
	var able rowSet
	for n := range t.forms {
		for i := range t.forms[n].list {
			f := &t.forms[n].list[i]
			e := &t.rows[f.row]
			if f.alone || enough(e.row.Needs, f, shared, false, len(e.says.exact) > 0) {
				able.put(int(f.row))
			}
		}
	}
	return able
}

// roleOf notes what the senses of an entry say about values that they do not
// name.
func (t *table) roleOf(s *said, senses []words.Topic) (opposed, silent bool) {
	s.weakly = true
	for _, topic := range senses {
		if t.spoken[topic] != 0 {
			continue
		}
		r := t.roles[topic]
		opposed = opposed || r == roleAgainst
		silent = silent || r > roleGeneric
		s.weakly = s.weakly && r == roleAgainst
		s.links = s.links || r == roleLink
		switch {
		case r == roleGeneric:
			s.rest = generic
		case r <= roleAgainst && s.rest == unnamed:
			s.rest = against
		}
	}
	return opposed, silent
}

// byTopic gives the targets that a topic names, exactly or among others.
func (t *table) byTopic(targets []*target) (exact, weak []rowSet) {
	exact, weak = make([]rowSet, t.words.Topics()), make([]rowSet, t.words.Topics())
	for bit, x := range targets {
		for _, topic := range x.exact {
			exact[topic].put(bit)
		}
		for _, topic := range x.weak {
			weak[topic].put(bit)
		}
	}
	return exact, weak
}

// targets are all that values are named by: those of the rows come first, by
// the number of the row.
func (t *table) targets() []*target {
	out := make([]*target, 0, len(t.rows)+len(t.readers))
	for i := range t.rows {
		out = append(out, &t.rows[i].says)
	}
	out = append(out, &t.phone, &t.card, &t.code, &t.pin, &t.account)
	for i := range t.readers {
		if t.readers[i].read != nil {
			out = append(out, &t.readers[i].says)
		}
	}
	return out
}
