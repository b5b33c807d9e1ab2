package pii

import (
	"math/bits"

	"postern/policy/pii/catalog"
	"postern/policy/pii/check"
)

// issuer is a range of issuer prefixes and the lengths it issues (bit n for
// n digits). Source: the schemes' published ranges.
type issuer struct {
	low, high uint32 // first six digits
	lengths   uint32
}

const (
	len16     = 1 << 16
	len16to19 = 1<<16 | 1<<17 | 1<<18 | 1<<19
	len12to19 = 1<<12 | 1<<13 | 1<<14 | 1<<15 | len16to19
)

// issuers are ordered by low and do not overlap.
var issuers = [...]issuer{
	{60400, 60499, len12to19},                       // Maestro, in older lists: 0604
	{180000, 180099, 1 << 15},                       // JCB until 2009, in older lists: 1800
	{213100, 213199, 1 << 15},                       // JCB until 2009, in older lists: 2131
	{220000, 220499, len16to19},                     // Mir
	{222100, 272099, len16},                         // Mastercard
	{300000, 305999, 1<<14 | len16to19},             // Diners
	{309500, 309599, 1<<14 | len16to19},             // Diners
	{340000, 349999, 1 << 15},                       // American Express
	{350000, 359999, len16to19},                     // JCB issues 3528 to 3589; the rest is taken along
	{360000, 369999, 1<<14 | len16to19},             // Diners
	{370000, 379999, 1 << 15},                       // American Express
	{380000, 399999, 1<<14 | len16to19},             // Diners
	{400000, 499999, 1<<13 | 1<<16 | 1<<18 | 1<<19}, // Visa, Elo
	{500000, 509999, len12to19},                     // Maestro, Elo, Verve, RuPay
	{510000, 559999, len16},                         // Mastercard
	{560000, 589999, len12to19},                     // Maestro
	{600000, 601099, len16},                         // RuPay
	{601100, 601199, len16to19},                     // Discover
	{603700, 603799, len16},                         // Shetab
	{603900, 609999, 1<<13 | len16to19},             // RuPay, Hipercard
	{620000, 629999, len16to19},                     // UnionPay, Elo
	{630400, 639999, len12to19},                     // Maestro, Elo, Hiper
	{644000, 659999, len16to19},                     // Discover, RuPay, Elo, Verve, Troy
	{675900, 676999, len12to19},                     // Maestro
	{810000, 829999, len16to19},                     // UnionPay, RuPay
	{860000, 860099, len16},                         // Uzcard
	{979200, 979299, len16},                         // Troy
	{986000, 986099, len16},                         // Humo
}

// issuerFrom gives by the first two digits where to begin in issuers.
var issuerFrom = func() (t [100]uint8) {
	for head := range t {
		for int(t[head]) < len(issuers) && issuers[t[head]].high < uint32(head)*10000 {
			t[head]++
		}
	}
	return t
}()

// issuedAll gives by the first two digits the lengths of an issuer that has all
// numbers that begin with them, 0 if nobody has one, else issuedSome.
var issuedAll = func() (t [100]uint32) {
	for head := range t {
		low := uint32(head) * 10000
		for _, x := range issuers {
			switch {
			case x.low <= low && x.high >= low+9999:
				t[head] = x.lengths
			case x.low <= low+9999 && x.high >= low:
				t[head] = issuedSome
			}
		}
	}
	return t
}()

const issuedSome = 1 << 31 // no length

// issued returns the lengths in use for a number beginning with d.
func issued(d []byte) uint32 {
	head := uint32(d[0])*10 + uint32(d[1])
	if all := issuedAll[head]; all != issuedSome {
		return all
	}
	for _, v := range d[2:6] {
		head = head*10 + uint32(v)
	}
	for _, x := range issuers[issuerFrom[head/10000]:] {
		if head <= x.high {
			if head >= x.low {
				return x.lengths
			}
			return 0
		}
	}
	return 0
}

// luhns are sums over the digits of a run, modulo 10, so that every part of it is
// checked in no time: for each place two over the digits before it, of which every
// second one is doubled as ISO/IEC 7812-1 says. The digit before the place counts once
// in the low half of a byte, twice in the high one.
type luhns struct {
	sum   [maxDigits + 1]uint8
	once  [16]uint64 // places by the low half
	ends  uint64     // places at which a group begins or the run ends
	known bool       // of the run in hand
}

// luhnStep gives by two sums those with a digit more.
var luhnStep = func() (t [256][16]uint8) {
	for sums := range t {
		for d, twice := range [...]int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9} {
			t[sums][d] = uint8((sums>>4+d)%10 | (sums&15+twice)%10<<4)
		}
	}
	return t
}()

func (l *luhns) read(digits []byte) {
	l.once = [16]uint64{1}
	sums, place := uint8(0), uint64(1)
	for i, d := range digits[:min(len(digits), maxDigits)] {
		sums, place = luhnStep[sums][d&15], place<<1
		l.sum[i+1] = sums
		l.once[sums&15] |= place
	}
}

// fewGroups are so few that their sums are not worth a table.
const fewGroups = 8

// from gives the places at which a number ends that begins at one and whose last
// digit is right.
func (l *luhns) from(first int) uint64 {
	sums, even := l.sum[first], uint64(0x5555555555555555)<<(first&1)
	return l.once[sums&15]&even | l.once[sums>>4]&^even
}

// cards finds payment cards among the groups of a run and returns the group
// behind the last one. Groups before from are taken.
func (p *pass) cards(from int) (next int) {
	r := &p.run
	p.luhns.known = false
	var w weight
	for a := from; a < r.count && r.n-int(r.group[a]) >= 12; a++ {
		last, ok := p.cardAt(a, &w)
		if !ok {
			continue
		}
		p.phones(from, a-1)
		f := Finding{Type: CreditCard, Entity: "CREDIT_CARD", Start: int(r.at[a]), End: r.to(last)}
		if !p.decide(&f, &w) {
			continue
		}
		p.card = f.End
		from = p.behindCard(last) + 1
		a = from - 1
	}
	return from
}

// cardAt tries the numbers that begin with group a: the customary writing first, then the
// longest that passes.
func (p *pass) cardAt(a int, w *weight) (last int, ok bool) {
	r, l := &p.run, &p.luhns
	if a == 0 && r.plus {
		return 0, false
	}
	first, few := int(r.group[a]), r.count <= fewGroups
	lengths := issued(r.digit[first:r.n])
	if lengths == 0 {
		return 0, false
	}
	if !l.known {
		l.known, l.ends = true, r.ends()
		if !few {
			l.read(r.digit[:r.n])
		}
	}
	best, ends := -1, l.ends
	set := ends >> first & uint64(lengths)
	if !few {
		set &= l.from(first) >> first
	}
	for ; set != 0; set &= set - 1 {
		end := first + bits.TrailingZeros64(set)
		if few && !check.LuhnValues(r.digit[first:end]) {
			continue
		}
		b := bits.OnesCount64(ends&(1<<end-1)) - 1 // of the last digit, as many groups end before it
		if best < 0 || customary(r, a, b) || !customary(r, a, best) {
			best = b
		}
	}
	if best < 0 {
		return p.typo(a, lengths, w)
	}
	*w = p.blank()
	p.weighCard(w, a, best)
	if w.score < likelyFrom && w.why&DespiteLabel != 0 && p.heard&heardPhone != 0 {
		return 0, false // rather a phone: 63 905 123 1590
	}
	return best, true
}

// ends has a bit for each number of digits at which a group begins or the run ends.
func (r *run) ends() uint64 {
	set := uint64(0)
	for _, first := range r.group[:r.count+1] {
		set |= 1 << (first & 63)
	}
	return set
}

// typo reports what a label calls a card and looks like one in all but the
// check digit: a mistyped number is nearly as sensitive.
func (p *pass) typo(a int, lengths uint32, w *weight) (int, bool) {
	if p.heard&heardCard == 0 {
		return 0, false
	}
	b := p.run.likeCard(a, lengths)
	if b < 0 {
		return 0, false
	}
	v, l := p.callCard(a, b)
	if v != named {
		return 0, false
	}
	*w = p.blank()
	w.add(ByPrefix, 30, 0, 0)
	w.add(ByLabel, 90, l.at, l.end)
	w.add(BadChecksum, -60, 0, 0)
	return b, true
}

// likeCard gives the last group of what is as long as cards of an issuer, from
// group a on: in customary groups, else in one, else as long as most cards. It
// is -1 if there is none.
func (r *run) likeCard(a int, lengths uint32) int {
	best := -1
	for b := a; b < r.count; b++ {
		n := r.last(b) - int(r.group[a])
		if n > 19 {
			break
		}
		if n < 14 || lengths&(1<<n) == 0 {
			continue
		}
		if best < 0 || customary(r, a, b) || n == 16 && a < best && !customary(r, a, best) {
			best = b
		}
	}
	return best
}

// callCard asks the labels before group a, then those behind group b and the
// expiry or code that may follow it.
func (p *pass) callCard(a, b int) (verdict, label) {
	v, l := p.callGroup(a, &p.t.card)
	if v > against {
		return v, l
	}
	r := &p.run
	k := p.tokenAt(r.to(b) - 1)
	ends := [...]int{b, r.count - 1}
	for i, end := range ends {
		if i > 0 && (end == b || r.last(end)-r.last(b) > 9) {
			break
		}
		if u, m := p.callBehind(k, r.to(end), &p.t.card); u == named {
			return u, m
		}
	}
	return v, l
}

// weighCard weighs grouping, label and surroundings of a number that passes
// issuer and checksum.
func (p *pass) weighCard(w *weight, a, b int) {
	r := &p.run
	w.add(ByPrefix, 37, 0, 0)
	w.add(ByChecksum, 33, 0, 0)
	n := r.last(b) - int(r.group[a])
	switch {
	case customary(r, a, b):
		w.add(ByGrouping, 80, 0, 0)
	case a == b && (n == 15 || n == 16), r.size(a) <= 2:
		w.add(ByShape, 40, 0, 0)
	}
	if p.glued(a, b) && w.score >= likelyFrom {
		w.add(AsAmount, -50, 0, 0)
	}
	if p.run.expiryAt(b + 1) {
		w.add(ByNeighbour, 40, 0, 0)
	}
	switch v, l := p.callCard(a, b); v {
	case named:
		w.add(ByLabel, 100, l.at, l.end)
	case against:
		w.add(DespiteLabel, -50, l.at, l.end)
	}
}

// glued reports an ASCII letter directly at either side.
func (p *pass) glued(a, b int) bool {
	at, end := int(p.run.at[a]), p.run.to(b)
	return isLetter(byteAt(p.text, at-1)) || isLetter(byteAt(p.text, end))
}

// customary reports the ways cards are printed: fours with a shorter rest,
// 4-6-5 and 4-6-4.
func customary(r *run, a, b int) bool {
	if b-a < 2 || r.size(a) != 4 {
		return false
	}
	if b-a == 2 && r.size(a+1) == 6 {
		return r.size(b) == 5 || r.size(b) == 4
	}
	for g := a + 1; g < b; g++ {
		if r.size(g) != 4 {
			return false
		}
	}
	return r.size(b) <= 4
}

// behindCard reports the security code in "4111 1111 1111 1111 04/28 123" and
// returns the last group used, expiry included.
func (p *pass) behindCard(b int) int {
	r := &p.run
	g := b + 1
	switch {
	case g+1 < r.count && r.size(g) == 2 && month(r.value(g)) && (r.size(g+1) == 2 || r.size(g+1) == 4):
		p.expiry(g, g+1)
		g += 2
	case g < r.count && r.size(g) == 4 && month(r.value(g)/100):
		p.expiry(g, g)
		g++
	}
	if g < r.count && (r.size(g) == 3 || r.size(g) == 4 && g > b+1) && (g+1 == r.count || r.size(g+1) < 3) {
		w := p.blank()
		w.add(ByNeighbour, 120, p.card, p.card)
		p.decide(&Finding{Type: CardCVV, Entity: "CARD_CVV", Start: r.from(g), End: r.to(g)}, &w)
		return g
	}
	return g - 1
}

// expiryAt reports "04/28" or "04/2028" in the groups from g on.
func (r *run) expiryAt(g int) bool {
	return g+1 < r.count && r.sep[g+1] == '/' && r.size(g) == 2 && month(r.value(g)) && (r.size(g+1) == 2 || r.size(g+1) == 4)
}

// expiry reports the groups a to b, which stand behind a card, as its expiry.
func (p *pass) expiry(a, b int) {
	w := p.blank()
	w.add(ByNeighbour, 110, p.card, p.card)
	p.decide(&Finding{Type: catalog.CardExpiry, Entity: "CARD_EXPIRY", Start: p.run.from(a), End: p.run.to(b)}, &w)
}

// expiries looks for "04/28" or "04/2028" in a run of its own behind a card.
func (p *pass) expiries() {
	r := &p.run
	for g := 0; g+1 < r.count; g++ {
		if r.expiryAt(g) && p.expiryNear(int(r.at[g])) {
			p.expiry(g, g+1)
			p.rest(r.to(g + 1))
			return
		}
	}
}

// expiryNear reports a card near before a place, a word for "until" between perhaps.
func (p *pass) expiryNear(at int) bool {
	if p.nearCard(at) {
		return true
	}
	until := untilBefore(p.text, at)
	return until < at && p.nearCard(until)
}

func month(v int) bool { return v >= 1 && v <= 12 }
