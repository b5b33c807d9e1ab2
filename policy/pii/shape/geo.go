package shape

const (
	rowGeo       = "GEO"
	rowPlus      = "PLUS_CODE"
	rowPlusShort = "PLUS_CODE_SHORT"
	rowMap       = "MAP_LINK"
	rowWords     = "WHAT3WORDS"
)

// geo reads "52.520008, 13.404954" whose first dot stands at i: latitude and
// longitude with four decimals or more (about ten metres).
func geo(s string, i, floor int) (Match, bool) {
	start := back(s, i, max(floor, i-3), isDigit)
	lat, end := decimal(s, start, 90)
	if end == 0 || start > floor && (is(s, start-1, isAlnum) || s[start-1] == '.' || s[start-1] == ',') {
		return Match{}, false
	}
	k := end
	for k < len(s) && k-end < 3 && (s[k] == ',' || s[k] == ' ' || s[k] == ';') {
		k++
	}
	if at(s, k) == '-' || at(s, k) == '+' {
		k++
	}
	lon, stop := decimal(s, k, 180)
	if k == end || stop == 0 || is(s, stop, isAlnum) || at(s, stop) == '.' && is(s, stop+1, isDigit) {
		return Match{}, false
	}
	if start > floor && (s[start-1] == '-' || s[start-1] == '+') {
		start--
	}
	m := Match{Row: rowGeo, Start: start, End: stop, OneIn: 1 << 6}
	if lat+lon >= 10 {
		m.OneIn = 1 << 8
	}
	return m, true
}

const leastDecimals = 4

// decimal reads up to three digits no larger than limit, a dot, and at least
// four decimals. It gives their number.
func decimal(s string, i, limit int) (decimals, end int) {
	dot := span(s, i, 4, isDigit)
	if dot == i || dot-i > 3 || at(s, dot) != '.' {
		return 0, 0
	}
	whole := 0
	for k := i; k < dot; k++ {
		whole = whole*10 + int(s[k]-'0')
	}
	end = span(s, dot+1, 18, isDigit)
	if end-dot-1 < leastDecimals || whole > limit {
		return 0, 0
	}
	return end - dot - 1, end
}

// degrees reads 48°51'24"N 2°21'03"E whose first degree sign stands at i.
func degrees(s string, i, floor int) (Match, bool) {
	start := back(s, i, max(floor, i-2), isDigit)
	end := angle(s, start, 'N', 'S')
	if end == 0 || start > floor && is(s, start-1, isAlnum) {
		return Match{}, false
	}
	k := end
	for k < len(s) && k-end < 3 && (s[k] == ' ' || s[k] == ',') {
		k++
	}
	if end = angle(s, k, 'E', 'W'); end == 0 {
		return Match{}, false
	}
	return Match{Row: rowGeo, Start: start, End: end, OneIn: 1 << 10}, true
}

// angle reads degrees, minutes and perhaps seconds and one of two letters.
func angle(s string, i int, a, b byte) int {
	k := span(s, i, 3, isDigit)
	if k == i || !hasFold(s, k, "\u00b0") {
		return 0
	}
	k += len("\u00b0")
	for n := 0; k < len(s) && n < 24; n++ {
		c := s[k]
		switch {
		case c == a || c == b:
			return k + 1
		case class[c]&isDigit == 0 && c != '.' && c != ' ' && c != '\'' && c != '"' && c < 0x80:
			return 0
		}
		k++
	}
	return 0
}

const plusLetters = "23456789CFGHJMPQRVWX" // Open Location Code, specification

var isPlus = func() (t [256]bool) {
	for _, c := range []byte(plusLetters) {
		t[c] = true
	}
	return t
}()

// plusCode reads an Open Location Code around the plus at i: eight characters
// before it, or four where the locality follows.
func plusCode(s string, i, floor int) (Match, bool) {
	if i == floor || !isPlus[s[i-1]] {
		return Match{}, false
	}
	start, end := i, i+1
	for start > floor && i-start < 9 && isPlus[s[start-1]] {
		start--
	}
	for end < len(s) && end-i < 5 && isPlus[s[end]] {
		end++
	}
	n := i - start
	if end-i < 3 || n != 8 && n != 4 || start > floor && is(s, start-1, isAlnum) || is(s, end, isAlnum) {
		return Match{}, false
	}
	m := Match{Row: rowPlus, Start: start, End: end, OneIn: 1 << 9}
	if n == 4 {
		m.Row, m.OneIn = rowPlusShort, 16
		return m, varied(s[start:end])
	}
	return m, s[start] <= 'C' && s[start+1] <= 'V'
}

// threeWords reads ///word.word.word, the writing of what3words.
func threeWords(s string, i, floor int) (Match, bool) {
	start := back(s, i, max(floor, i-32), isLower)
	if start == i || start-3 < floor || s[start-3:start] != "///" {
		return Match{}, false
	}
	second := span(s, i+1, 32, isLower)
	end := span(s, second+1, 32, isLower)
	if second == i+1 || at(s, second) != '.' || end == second+1 {
		return Match{}, false
	}
	return Match{Row: rowWords, Start: start - 3, End: end, OneIn: 1 << 10}, true
}

// mapHosts are hosts, or hosts and beginnings of paths, of links that show a
// place on a map.
var mapHosts = [...]string{
	"maps.app.goo.gl/", "goo.gl/maps/", "maps.google.", "www.google.com/maps", "google.com/maps", "maps.apple.com/", "waze.com/ul",
	"www.waze.com/ul", "ul.waze.com/", "www.openstreetmap.org/", "osm.org/go/", "yandex.ru/maps", "yandex.com/maps", "2gis.", "w3w.co/",
	"what3words.com/", "plus.codes/", "share.here.com/", "j.map.baidu.com/", "surl.amap.com/", "map.naver.com/", "naver.me/", "kko.to/",
}

var mapHostsBy = leads(mapHosts[:])

// linkPlace finds links that show a place, and coordinates in any other.
func linkPlace(s string, l *link) (Match, bool) {
	m := Match{Row: rowMap, Start: l.start, End: l.end, OneIn: 1 << 8}
	if l.end-l.path < 3 {
		return m, false
	}
	for _, h := range mapHostsBy[fold(at(s, l.host))] {
		if hasFold(s[:l.end], l.host, h) {
			return m, true
		}
	}
	for i := upTo(s, l.path, l.end, '.'); i < l.end; i = upTo(s, i+1, l.end, '.') {
		if is(s, i-1, isDigit) {
			if p, ok := geo(s[:l.end], i, l.path); ok {
				m.Checked = p.OneIn > 1<<6
				return m, true
			}
		}
	}
	return m, false
}
