package pii

import (
	"sort"
	"unsafe"

	"postern/policy/pii/catalog"
	"postern/policy/pii/words"
)

// Digits are said in words, too: "nine eight one double four", "zéro six
// douze", "幺三八". The survey counts such words as it passes them; where four
// of them follow upon each other, the text is read once more with digits in
// their place.

const (
	fewestSaid = 4 // words of digits in a row, else nothing is read again
	fewestRead = 6 // digits that they come to, else they stay words
	saidGap    = 8 // bytes between two of them that belong together, a few digits among them
)

// What a word of digits says, less one. Below a hundred it is the number.
const (
	saidTwice  = 102
	saidThrice = 103
	saidAnd    = 104 // between tens and units: "vingt et un"
)

// saidTopics gives what the topics of spoken.txt say.
func saidTopics(s *words.Set) []uint8 {
	out := make([]uint8, s.Topics())
	names := map[string]uint8{"saidtwice": saidTwice, "saidthrice": saidThrice, "saidand": saidAnd}
	for n := range uint8(100) {
		names["said"+string([]byte{'0' + n/10, '0' + n%10})] = n + 1
	}
	for name, what := range names {
		if topic := s.Topic(name); topic != 0 {
			out[topic] = what
		}
	}
	return out
}

// spoke counts a word of digits at a place. It reports one that means nothing
// else, and is passed as words of no list are.
func (p *pass) spoke(entry uint32, at, end int) bool {
	if !p.t.brief[entry].digits {
		return false
	}
	if at-p.saidEnd > saidGap {
		p.saidRow = 0
	}
	p.saidEnd = end
	if p.saidRow++; p.saidRow >= fewestSaid {
		p.aloud = true
	}
	return p.t.said[entry].mute
}

// uttered is a byte of the second reading that is not the text's own: where it
// stands there, and the words of the text that say it.
type uttered struct{ at, start, end int32 }

// spoken reads the text a second time if the survey heard reason to. What is
// found there stands for the words that say it.
func (p *pass) spoken() {
	if p.aloud {
		p.readAloud()
	}
}

// readAloud reads the text a second time.
func (p *pass) readAloud() {
	second := passes.Get().(*pass)
	defer second.release()
	d := dictation{t: p.t, text: p.text, buf: second.plain.buf[:0], said: second.said[:0]}
	d.take()
	second.plain.buf, second.said = d.buf, d.said
	if len(d.said) == 0 {
		return
	}
	second.reset(p.s, unsafe.String(&d.buf[0], len(d.buf)), &p.hint) // the buffer rests until the next text
	second.survey()
	second.judge()
	for _, f := range resolve(second.found, 0) {
		if f.Type == catalog.Name || f.Type == catalog.Address || !d.utters(f) {
			continue
		}
		f.Start, f.End = d.from(f.Start), d.to(f.End)
		w := p.blank()
		w.add(f.Reasons, f.Score, f.Start, f.End)
		if f.Type == Phone && f.Reasons&ByCountry != 0 {
			w.add(Spoken, 45, f.Start, f.End) // who says a number that long digit by digit says one to dial
		} else {
			w.add(Spoken, 0, f.Start, f.End)
		}
		p.decide(&f, &w)
	}
}

// dictation writes a text with digits in place of the words that say them.
type dictation struct {
	t    *table
	text string
	buf  []byte
	said []uttered

	// of the row in hand
	row   []uttered // at is the byte itself
	words int
	tens  int // 20 to 90 if the last word may be followed by units, else 0
	times int // what the word before says, one if nothing
}

// take writes the whole text.
func (d *dictation) take() {
	t := d.text
	for i := 0; i < len(t); {
		kind, size := words.KindAt(t, i)
		if kind == words.Separator {
			d.buf = append(d.buf, t[i:i+size]...)
			i += size
			continue
		}
		end := d.read(i)
		if d.words >= fewestSaid && d.digits() >= fewestRead {
			d.write()
		} else {
			if end == i {
				if end = i + size; kind == words.Spaced {
					end = max(end, words.WordEnd(t, i))
				}
			}
			d.buf = append(d.buf, t[i:end]...)
		}
		i = end
	}
}

// read takes the row of digits, in words or not, at i, and gives where it ends;
// i if there is none.
func (d *dictation) read(i int) (end int) {
	d.row, d.words, d.tens, d.times, end = d.row[:0], 0, 0, 1, i
	for at := i; at < len(d.text); {
		stop, value := d.word(at)
		if stop == at {
			return end
		}
		if value {
			end = stop
		}
		at = stop + gapOf(d.text, stop)
		if at-stop > 3 {
			return end
		}
		if value && at > stop && d.text[stop] != ' ' && d.tens == 0 {
			d.part(stop)
		}
	}
	return end
}

// gapOf is how many bytes between words stand at i.
func gapOf(t string, i int) (n int) {
	for i+n < len(t) && (t[i+n] == ' ' || t[i+n] == ',' || t[i+n] == '-' || t[i+n] == '.' || t[i+n] == '\n') {
		n++
	}
	return n
}

// word takes one word or token of digits and gives where it ends, at itself if
// it is none. Value tells that the row may end with it.
func (d *dictation) word(at int) (stop int, value bool) {
	t := d.text
	for stop = at; stop < len(t) && isDigit(t[stop]); stop++ {
		d.put(t[stop]-'0', at, stop+1)
		d.row[len(d.row)-1].start = int32(stop) //nolint:gosec // a place in a text of a message
	}
	if stop > at {
		d.tens, d.times = 0, 1
		return stop, true
	}
	entry, stop := d.t.words.Match(t, at)
	what := d.t.said[entry].digits
	switch {
	case entry == 0 || what == 0:
		return at, false
	case what == saidTwice, what == saidThrice:
		d.words++
		d.tens, d.times = 0, int(what)-saidTwice+2
		return stop, false
	case what == saidAnd:
		if d.tens == 0 {
			return at, false
		}
		return stop, false
	}
	d.words++
	d.number(int(what)-1, at, stop)
	return stop, true
}

// number takes a number of up to 99 that the words from at to stop say.
func (d *dictation) number(n, at, stop int) {
	switch {
	case d.tens > 0 && n > 0 && n < 10, (d.tens == 60 || d.tens == 80) && n >= 10 && n < 20: // soixante-douze, quatre-vingt-douze
		d.tens += n
		last := d.row[len(d.row)-2:]
		last[0].at, last[1].at = int32('0'+d.tens/10), int32('0'+d.tens%10) //nolint:gosec // digits
		last[0].end, last[1].end = int32(stop), int32(stop)                 //nolint:gosec // a place in a text of a message
		d.tens = 0
		d.part(stop)
		return
	case n < 10:
		d.tens = 0
		for range d.times {
			d.put(byte(n), at, stop)
		}
	default:
		d.part(at)
		d.put(byte(n/10), at, stop)
		d.put(byte(n%10), at, stop)
		if d.tens = 0; n >= 20 && n%10 == 0 {
			d.tens = n
		} else {
			d.part(stop)
		}
	}
	d.times = 1
}

func (d *dictation) put(digit byte, at, stop int) {
	d.row = append(d.row, uttered{int32('0' + digit), int32(at), int32(stop)}) //nolint:gosec // places in a text of a message
}

// part parts groups of digits, as a speaker does.
func (d *dictation) part(at int) {
	if n := len(d.row); n > 0 && d.row[n-1].at != ' ' {
		d.row = append(d.row, uttered{' ', int32(at), int32(at)}) //nolint:gosec // a place in a text of a message
	}
}

func (d *dictation) digits() (n int) {
	for _, u := range d.row {
		if u.at != ' ' {
			n++
		}
	}
	return n
}

// write writes the row.
func (d *dictation) write() {
	for len(d.row) > 0 && d.row[len(d.row)-1].at == ' ' {
		d.row = d.row[:len(d.row)-1]
	}
	for _, u := range d.row {
		d.said = append(d.said, uttered{int32(len(d.buf)), u.start, u.end}) //nolint:gosec // a place in a text of a message
		d.buf = append(d.buf, byte(u.at))                                   //nolint:gosec // a digit or a blank
	}
}

// upTo gives how many uttered bytes stand up to a place.
func (d *dictation) upTo(at int) int {
	return sort.Search(len(d.said), func(i int) bool { return int(d.said[i].at) > at })
}

// utters reports that words of digits are a part of a finding.
func (d *dictation) utters(f Finding) bool { return d.upTo(f.End-1) > d.upTo(f.Start-1) }

// from maps where something begins in the second reading to the text.
func (d *dictation) from(at int) int {
	n := d.upTo(at)
	if n == 0 {
		return at
	}
	u := d.said[n-1]
	if int(u.at) == at {
		return int(u.start)
	}
	return int(u.end) + at - int(u.at) - 1
}

// to maps where something ends.
func (d *dictation) to(end int) int {
	n := d.upTo(end - 1)
	if n == 0 {
		return end
	}
	u := d.said[n-1]
	return int(u.end) + end - int(u.at) - 1
}
