package shape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxHead   = 48 // bytes in which the first comma of a lone address stands
	maxStreet = 6  // words in which its street does
)

// Place reads an address that begins a line without a label: a street with its
// number and, behind a comma, the code of a town with its name, "Schillerplatz 12b,
// 70173 Stuttgart", or to the end of the line a town alone, "Jr. Huallaga 441, Lima".
func Place(s string, from int) (Match, bool) {
	if at(s, from) >= 0xE3 {
		return quarter(s, from)
	}
	comma := headed(s, from)
	if comma < 0 || digitIn(s[from:from+comma]) < 0 && !streetAmong(s[from:from+comma], false) {
		return Match{}, false
	}
	if !mayBePlace(s[from:min(len(s), from+MaxAddress)], comma) {
		return Match{}, false
	}
	m, ok := Address(s, from)
	if !ok || m.Start != from || m.OneIn < 16 || m.End <= from+comma {
		return Match{}, false
	}
	v := s[m.Start:m.End]
	if !houseIn(v) || premisesIn(v[:comma]) {
		return Match{}, false
	}
	code := coded(v[comma+1:], false)
	street := streetAmong(v, code)
	m.OneIn = 256
	switch whole := lineEnds(s, m.End) && at(s, m.End) != '('; {
	case street && code:
		return m, true
	case street && whole:
		m.OneIn = 64
		return m, townEnds(v)
	case houseIn(v[:comma]) && coded(v[comma+1:], true):
		return m, whole && upperFirst(v) && !namedPlain(notNames, v[:nameWord(v, 0)])
	}
	return Match{}, false
}

// mayBePlace reports that what Place asks for may be there, without reading the address.
func mayBePlace(v string, comma int) bool {
	if codeIn(v[comma:]) {
		return houseIn(v[:comma]) || streetAmong(v, true)
	}
	return streetAmong(v, false)
}

// quarter reads an address of China or Japan that is a line of its own: 大阪市北区梅田
// 1-18-4, with the sign of a province or a city among its first ones.
func quarter(s string, from int) (Match, bool) {
	if !province(s, from) {
		return Match{}, false
	}
	m, ok := eastern(s, from)
	if !ok || m.Start != from || !lineEnds(s, m.End) || !strings.ContainsAny(s[from:m.End], "区區县縣郡路街町村") {
		return Match{}, false
	}
	m.OneIn = 64
	return m, true
}

// province reports the sign of a province or a city among the first ones from i on,
// a postal code passed.
func province(s string, i int) bool {
	from := i
	if strings.HasPrefix(s[i:], "〒") { // 〒150-0001 東京都
		i = span(s, i+len("〒"), 1, isSpace)
		for is(s, i, isDigit) || at(s, i) == '-' || at(s, i) == ' ' {
			i++
		}
	}
	for range 5 {
		r, size := runeAt(s, i)
		switch r {
		case '省', '市', '都', '道', '府', '県', '縣':
			if i > from+size {
				return true
			}
		}
		i += size
	}
	return false
}

// headed gives how far the first comma is from a beginning that an address may have: a
// capital, a number or a word for a street, with a digit not far from it. It is -1 if
// that begins otherwise.
func headed(s string, i int) int {
	head := s[i:min(len(s), i+maxHead)]
	if c := at(head, 0); c < utf8.RuneSelf && class[c]&isAlnum == 0 || class[c]&isLower != 0 && !namedPlain(roads, head[:nameWord(head, 0)]) {
		return -1
	}
	comma := strings.IndexByte(head, ',')
	if comma < 4 || decimals(head, comma) || digitIn(head) < 0 {
		return -1
	}
	if r, _ := utf8.DecodeRuneInString(head); r < utf8.RuneSelf || unicode.IsUpper(r) || namedPlain(roads, head[:nameWord(head, 0)]) {
		return comma
	}
	return -1
}

// decimals reports a comma within a number, before one to three digits: 1.250,00.
func decimals(v string, comma int) bool {
	end := span(v, comma+1, 4, isDigit)
	return is(v, comma-1, isDigit) && end > comma+1 && end < comma+5 && !is(v, end, isAlnum)
}

// digitIn gives where the first digit stands, -1 if there is none.
func digitIn(v string) int {
	i := 0
	for ; i+8 <= len(v); i += 8 {
		x := eightOf(v[i:i+8]) ^ each*'0' // digits are below ten
		if low := x&^notASCII + each*(0x80-10); (low|x)&notASCII != notASCII {
			break
		}
	}
	for ; i < len(v); i++ {
		if class[v[i]]&isDigit != 0 {
			return i
		}
	}
	return -1
}

// roads are words for streets that hardly mean anything else; where they end a word,
// streetEnd knows them.
var roads = setOf("street st road rd avenue ave av avda lane ln drive dr boulevard blvd court ct way place pl square sq terrace close crescent cres highway hwy parkway pkwy grove gardens parade " +
	"rue bd chemin allée allee impasse quai chaussée chaussee route cours calle avenida carrera cra jirón jiron jr paseo plaza pasaje rua travessa praça praca alameda estrada largo via viale corso piazza piazzale vicolo lungomare " +
	"ul ulica aleja aleje al os osiedle pl str strada bulevardul calea șoseaua utca út tér körút ulice náměstí třída trg cesta jalan jl jln lorong cad caddesi cadde sokak sok sk bulvarı mah mahallesi " +
	"straße strasse gasse platz allee ufer weg damm gürtel ул улица вул вулиця пр проспект просп бул бульвар пер провулок οδός λεωφ λεωφόρος straat laan plein väg gata gatan vej veien")

// heights are words for streets, houses and parts of towns that name much else, and
// count beside the code of a town.
var heights = setOf("hill view mews walk row rise vale wharf quay heights apartments apts residency enclave vihar nagar colony marg circuit cct loop trail trl pike cove park gate green bend hollow glen run pass path landing crossing ridge creek meadow meadows")

// streetAmong reports a street among the first words of an address, with its name: a
// word with a capital behind the word for a street, small ones between, or before it;
// "Place 14" and "12 place settings" have none. Colombia numbers its streets. Wide takes
// heights for streets.
func streetAmong(v string, wide bool) bool {
	words, before := 0, false // a word with a capital that names something stands before
	for k := 0; k < len(v) && words < maxStreet; {
		end, ok := addressToken(v, k)
		if !ok {
			before = before && (v[k] == ' ' || v[k] == '-' || v[k] == '\'')
			k++
			continue
		}
		words++
		w := v[k:end]
		road := namedPlain(roads, w)
		switch {
		case road:
			if before || nameBehind(v, end) || strings.HasPrefix(v[span(v, end, 1, isSpace):], "#") || strings.Contains(v[end:min(len(v), end+6)], "#") {
				return true
			}
		case wide && before && namedPlain(heights, w):
			return true
		case (before || is(v, end+1, isDigit)) && compound(w):
			return true
		}
		before = !road && upperFirst(w) && !namedPlain(notNames, w)
		k = end
	}
	return false
}

// compound is streetEnd but for rings, which are jewels as well, and short words that
// end like the Finnish for a road, "Sortie".
func compound(w string) bool {
	return streetEnd(w) && !endsFold(w, len(w), 0, "ring") && (len(w) > 8 || !endsFold(w, len(w), 0, "tie"))
}

// nameBehind reports a word with a capital behind the word for a street that ends at
// i, a dot and up to three small words between: "av. de la Constitución".
func nameBehind(v string, i int) bool {
	i += dots(v, i)
	for range 4 {
		i = span(v, i, 1, isSpace)
		end, ok := addressToken(v, i)
		if !ok || is(v, i, isDigit) {
			return false
		}
		if w := v[i:end]; upperFirst(w) {
			return !namedPlain(notNames, w) && !namedPlain(roads, w)
		} else if !Particle(w) && len(w) > 3 {
			return false
		}
		i = end + dots(v, end)
	}
	return false
}

// houseIn reports the number of a house: up to four digits that begin a word.
func houseIn(v string) bool {
	for k := 0; k < len(v); {
		end, ok := addressToken(v, k)
		if !ok {
			k++
			continue
		}
		if n := span(v, k, 5, isDigit) - k; n > 0 && n < 5 && end-k <= n+1 {
			return true
		}
		k = end
	}
	return false
}

// coded reports the code of a town beside a word with a capital: 70173 Stuttgart,
// 1016 DK Amsterdam, 903 26 Umeå, Harrogate HG1 4PL, Boise ID 83704. Grouped wants
// one that is written in groups as few other numbers are.
func coded(v string, grouped bool) bool {
	for k := 0; k < len(v); {
		end, ok := addressToken(v, k)
		if !ok {
			k++
			continue
		}
		if stop := codeEnd(v, k, end, grouped); stop > k && !yearAt(v, k, stop) && !money(v, stop) && (capitalAt(v, stop) || !grouped && capitalBefore(v, k)) {
			return true
		}
		k = end
	}
	return false
}

// codeEnd gives where the code of a town ends that begins with the word from k to end,
// k if there is none.
func codeEnd(v string, k, end int, grouped bool) int {
	next := span(v, k, 7, isDigit)
	follow := func(n int) bool { return span(v, next+1, n+1, isDigit) == next+1+n }
	switch c := at(v, next); {
	case next-k == 3 && c == ' ' && follow(2): // 903 26
		return next + 3
	case next-k == 2 && c == '-' && follow(3), next-k == 4 && c == '-' && follow(3): // 60-837, 1200-018
		return next + 4
	case next-k == 5 && c == '-' && follow(3): // 01311-200
		return next + 4
	case next-k == 4 && c == ' ' && is(v, next+1, isUpper) && is(v, next+2, isUpper) && !is(v, next+3, isAlnum): // 1016 DK
		return next + 3
	case !grouped && next-k >= 4 && next-k <= 6 && end == next:
		return end
	case !grouped && isle(v, k):
		last, _ := addressToken(v, end+1)
		return last
	}
	return k
}

// isle reports codes of letters and digits in two groups: HG1 4PL, M4Y 1G7, T12 X4P7.
func isle(v string, k int) bool {
	end, _ := addressToken(v, k)
	if end-k < 2 || end-k > 4 || !is(v, k, isUpper) || back(v, end, k, isDigit) == end && span(v, k, 4, isUpper) == end || at(v, end) != ' ' {
		return false
	}
	last, _ := addressToken(v, end+1)
	n := last - end - 1
	return (n == 3 || n == 4) && span(v, end+1, 4, isUpper) < last && span(v, end+1, 4, isDigit) < last && strings.ContainsAny(v[k:end], "0123456789")
}

func capitalAt(v string, i int) bool {
	i = span(v, i, 1, isSpace)
	return i < len(v) && upperFirst(v[i:])
}

// yearAt reports a year of these: "Sun 4, 2026".
// "Bondi NSW 2022" has none.
func yearAt(v string, k, end int) bool {
	return end-k == 4 && v[k:k+2] == "20" && v[k+2] <= '3' && !(k > 3 && is(v, k-2, isUpper) && is(v, k-3, isUpper))
}

// capitalBefore reports that the word before i begins with a capital.
func capitalBefore(v string, i int) bool {
	end := i
	for end > 0 && (v[end-1] == ' ' || v[end-1] == ',') {
		end--
	}
	begin := strings.LastIndexAny(v[:end], " ,") + 1
	return begin < end && upperFirst(v[begin:end])
}

// townEnds reports that a word with a capital stands behind the last comma, and no
// more than two others and a number do.
func townEnds(v string) bool {
	last := strings.TrimSpace(v[strings.LastIndexByte(v, ',')+1:])
	return upperFirst(last) && strings.Count(last, " ") <= 3 && !namedPlain(notNames, last[:nameWord(last, 0)])
}
