package shape

const rowSpelled = "EMAIL_SPELLED"

// Words that people write for the two signs of an address of mail.
var (
	atWords  = [...]string{"at", "arroba", "chiocciola", "arobase", "arobas", "klammeraffe", "apenstaartje", "snabel-a", "snabela", "malpa"}
	dotWords = [...]string{"dot", "punto", "ponto", "punkt", "point", "punt", "nokta", "kropka", "titik", "tecka", "pont", "piste", "prik"}
)

// foreignDots are words for the dot that stand behind the word for @ only: ASCII
// ones that mean too much elsewhere, and those of other scripts.
var foreignDots = [...]string{
	"punktum", "tačka", "tacka", "točka", "tocka", "tečka", "bodka", "pika", "taškas", "punkts", "chấm", "cham", "pont",
	"точка", "крапка", "кропка", "τελεία", "τελεια", "נקודה", "نقطة", "نقطه", "دوت", "ڈاٹ", "डॉट", "डाट", "बिंदु", "ডট", "டாட்", "డాట్", "จุด", "ดอท",
	"ドット", "どっと", "점", "닷", "点", "點", "ነጥብ",
}

// foreignAt are signs and words for @ beyond ASCII letters.
var foreignAt = [...]string{"małpa", "ät", "zavináč", "собака", "собачка", "кучка", "@"}

// spelledWord tells whether the token s[i:to] may be one of them, by its first two
// letters and its length, before it is compared.
func spelledWord(s string, i, to int) bool {
	n := to - i
	return n > 1 && n < 16 && spelledBy[s[i]&31][s[i+1]&31]>>n&1 != 0
}

// spelledBy holds a bit for each length, by the first two letters.
var spelledBy = func() (t [32][32]uint16) {
	for _, list := range [...][]string{atWords[1:], dotWords[:]} {
		for _, w := range list {
			t[w[0]&31][w[1]&31] |= 1 << span(w, 0, len(w), isAlnum)
		}
	}
	return t
}()

// The words by their first bytes; spelledAt leaves out "at", which means too much.
var (
	atBy, spelledAt = leads(atWords[:]), leads(atWords[1:])
	dotBy, otherDot = leads(dotWords[:]), leads(foreignDots[:])
)

// wordAt gives the end of a word of a list that stands at i, set apart from
// letters behind it; 0 if there is none.
func wordAt(s string, i int, list *[256][]string) int {
	for _, w := range list[fold(at(s, i))] {
		if hasFold(s, i, w) && !is(s, i+len(w), isAlnum) {
			return i + len(w)
		}
	}
	return 0
}

// spelled reads "anna at example dot org" at its first spelled dot, and "anna
// arroba example.org" at the word for @.
func spelled(s string, i, to, floor int) (Match, bool) {
	if end := wordAt(s, i, &spelledAt); end > 0 {
		return spelledAround(s, i, end, floor, 1<<8)
	}
	if wordAt(s, i, &dotBy) != to {
		return Match{}, false
	}
	k := backGap(s, i, floor)
	host := back(s, k, max(floor, k-maxLabel), isAlnum|isLocal)
	k = backGap(s, host, floor)
	if host == i || k == host {
		return Match{}, false
	}
	for _, w := range foreignAt {
		if endsFold(s, k, floor, w) {
			return spelledAround(s, k-len(w), k, floor, 1<<8)
		}
	}
	sign := back(s, k, max(floor, k-12), isLetter)
	if wordAt(s, sign, &atBy) != k {
		return Match{}, false
	}
	return spelledAround(s, sign, k, floor, 2)
}

// bracketed reads "anna (at) example.org" and "anna[at]example[dot]org" at the
// opening bracket.
func bracketed(s string, i, floor int) (Match, bool) {
	end := wordAt(s, span(s, i+1, 1, isSpace), &atBy)
	if end == 0 {
		return Match{}, false
	}
	return spelledAround(s, i, end, floor, 1<<9)
}

// spelledAround reads what stands before and behind the word s[i:end] for @.
func spelledAround(s string, i, end, floor, oneIn int) (Match, bool) {
	k := backGap(s, i, floor)
	start := back(s, k, max(floor, k-maxLocal), isAlnum|isLocal)
	for start < k && !is(s, start, isAlnum) {
		start++
	}
	if start == k {
		return Match{}, false
	}
	if p := backGap(s, start, floor); p < start { // "anna dot meier at"
		w := back(s, p, max(floor, p-6), isLetter)
		q := backGap(s, w, floor)
		first := back(s, q, max(floor, q-maxLocal), isAlnum|isLocal)
		if wordAt(s, w, &dotBy) == p && q < w && first < q {
			start = first
		}
	}
	stop := spelledDomain(s, gap(s, end))
	if stop == 0 {
		return Match{}, false
	}
	return Match{Row: rowSpelled, Start: start, End: stop, Checked: true, OneIn: oneIn}, true
}

// spelledDomain reads labels with dots or words for them between; the last one
// is a top level domain.
func spelledDomain(s string, i int) (end int) {
	for n := 0; n < 5; n++ {
		stop := readLabel(s, i)
		if stop == i {
			break
		}
		if n > 0 && isTLD(s[i:stop]) {
			end = stop
		}
		if at(s, stop) == '.' {
			i = stop + 1
			continue
		}
		next := dotBehind(s, stop)
		if next == 0 {
			break
		}
		i = next
	}
	return end
}

// dotBehind gives where the label behind a spelled dot begins, 0 if none is
// spelled at i.
func dotBehind(s string, i int) int {
	i = gap(s, i)
	if at(s, i) == '.' && at(s, i+1) == ' ' {
		return i + 2
	}
	word := wordAt(s, i, &dotBy)
	if word == 0 {
		word = wordAt(s, i, &otherDot)
	}
	if word == 0 {
		return 0
	}
	return gap(s, word)
}

// Spelled reads "anna kukac example.org" around a word s[i:end] for @ that a
// list names; vague says that it may mean much else, so that the dot has to be
// spelled as well or the word has to stand in brackets.
func Spelled(s string, i, end, floor int, vague bool) (Match, bool) {
	m, ok := spelledAround(s, i, end, floor, 1<<8)
	if ok && vague && !gapMark(at(s, i-1)) && dotless(s[end:m.End]) {
		host := gap(s, end)
		return m, named(providers, s[host:span(s, host, maxName, isAlnum)])
	}
	return m, ok
}

// gapMark reports brackets.
func gapMark(c byte) bool { return gapByte(c) && c != ' ' && c != '-' && c != '_' }

// dotless reports that no dot is spelled in a domain.
func dotless(domain string) bool {
	for i := range len(domain) {
		if i > 0 && gapByte(domain[i]) && class[domain[i-1]]&isAlnum != 0 {
			return false
		}
	}
	return true
}

// gap passes blanks and brackets, three at most.
func gap(s string, i int) int {
	for n := 0; n < 3 && i < len(s) && gapByte(s[i]); n++ {
		i++
	}
	return i
}

func backGap(s string, i, floor int) int {
	for n := 0; n < 3 && i > floor && gapByte(s[i-1]); n++ {
		i--
	}
	return i
}

func gapByte(c byte) bool {
	switch c {
	case ' ', '(', ')', '[', ']', '{', '}', '<', '>', '_', '-', '*':
		return true
	}
	return false
}
