package shape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Role reads the name behind what somebody is, "patient", "sender", where things are
// written with capitals too: a frequent given name has to be in it.
func Role(s string, from int) (Match, bool) { return role(s, from, true) }

// Bearer is Role in languages that write things without capitals, and behind "c/o":
// two words with them are enough, if none is a thing.
func Bearer(s string, from int) (Match, bool) { return role(s, from, false) }

// role wants two words in scripts without capitals, and a colon or the end of the
// clause in those without blanks: 患者安全 names nobody.
func role(s string, from int, known bool) (Match, bool) {
	i, marked := nameStart(s, from)
	for range 2 { // "account holder: Mme Odile Garnier"
		stop := nameWord(s, i)
		if stop == i || !namedPlain(honours, s[i:stop]) || at(s, stop) != ' ' && at(s, stop) != '.' {
			break
		}
		i = span(s, stop+dots(s, stop), 2, isSpace)
	}
	r, _ := utf8.DecodeRuneInString(s[min(i, len(s)):])
	dense := r >= 0x0E00 && r < 0x1000 || r >= 0x3040
	n := names{s: s, i: i, most: maxNameWords, strict: !marked || !dense, known: known && !dense && alphabetic(r), capital: true, marked: marked}
	m, ok := n.read()
	if !ok || thingIn(s[m.Start:m.End]) {
		return m, false
	}
	switch {
	case unicode.In(r, unicode.Han, unicode.Katakana):
		last, _ := utf8.DecodeLastRuneInString(s[:m.End])
		return m, !strings.ContainsRune(houses, last) && (marked || clauseEnds(s, m.End)) && (surname(s[m.Start:m.End], s[m.End:]) || surnamesHan.has(r)) && m.End-m.Start >= 6 && m.End-m.Start <= 15
	case unicode.Is(unicode.Hangul, r):
		return m, (marked || clauseEnds(s, m.End)) && m.End-m.Start == 9 && endsField(s, m.End)
	case !alphabetic(r) || dense:
		for w := range strings.FieldsSeq(s[m.Start:m.End]) {
			if namedPlain(plainThings, w) {
				return m, false
			}
		}
		return m, marked && strings.Contains(s[m.Start:m.End], " ")
	}
	return m, true
}

// things are words that stand behind a role and are no part of a name: mail, banks,
// rooms, kinds of guests.
var things = setOf("post poste poczta polska correos correios royal mail union western bank banco banque banca verein wohnung hausverwaltung room king queen deluxe suite double single twin wifi free front desk " +
	"camera doppia singola matrimoniale kantor pos setor financeiro visa mastercard oro gold silver cruz roja rouge red cross partita iva spel svenska deutsche station water vip service services kunden zimmer " +
	"adult adulte adulto adults child children enfant required field portal login information leaflet form card policy plan data details yes none not applicable department office team company firma " +
	"sociedad empresa société entreprise azienda società habitación chambre quarto doble doppel einzel почта россии банк взрослый ребёнок пошта україни hotel hostel centre center centrum centro zentrum " + //nolint:misspell // French, too
	"imss issste seguro social seguros assurance versicherung insurance nuevo nueva novo nova neu new standard premium basic menor mayor appartement apartamento")

// houses end words for shops, stores and offices in Chinese and Japanese.
const houses = "库庫台店部社司室处處局所院舗"

// plainThings are words of scripts without capitals for offices and stores, and of
// what patients are told.
var plainThings = setOf("قسم مكتب المستودع مستودع شركة بنك إدارة ادارة مركز مستشفى فرع الفرع صيدلية متجر عيادة صائم الرئيسي मरीज खाली रिपोर्ट दवा जांच कार्यालय गोदाम विभाग मुख्य מחסן משרד מחלקת חברת בנק בית מרכז סניף انبار شرکت دفتر بخش بانک")

// thingIn reports a word of things, or of an institution, among those of a name.
// Behind a given name things are none: Maria Cruz.
func thingIn(name string) bool {
	first, _, several := strings.Cut(name, " ")
	given := several && givenName(first)
	for w := range strings.FieldsSeq(name) {
		if !given && namedPlain(things, strings.Trim(w, ",.")) || institution(w, 0) {
			return true
		}
	}
	return false
}

// works reports that a name begins with a word for an institution or for a kind of
// customer, and has no given name behind it: "Grupo Quirón", "Adult 2".
func works(name string) bool {
	first, rest, _ := strings.Cut(name, " ")
	if !namedPlain(bodies, first) {
		return false
	}
	for w := range strings.FieldsSeq(rest) {
		if givenName(w) {
			return false
		}
	}
	return true
}

// bodies are words with which institutions begin, or kinds of passengers.
var bodies = setOf("grupo groupe gruppo group gruppe grupa grupp fundación fundacion fundação fondation fondazione stiftung stichting instituto institut istituto ministerio ministério ministère ministero " + //nolint:misspell // Dutch, too
	"ayuntamiento prefeitura mairie comune gemeinde gemeente kommun kommune universidad universidade université università universität red adult adults adulte adulto adulta child children enfant niño criança bambino kind infant senior " +
	"asociación associação association associazione verein cooperativa coopérative sindicato syndicat sociedad sociedade société società empresa entreprise azienda drogaria droguería farmacias pharmacie obra")

// honours stand between the word for a role and the name.
var honours = setOf("mr mrs ms miss dr prof mme mlle m sr sra srta sig dott avv herr frau hr fru pan pani")

// clauseEnds reports that nothing goes on at i: an end, a blank or a comma.
func clauseEnds(s string, i int) bool {
	return endsField(s, i) || strings.HasPrefix(s[i:], "，") || strings.HasPrefix(s[i:], "、") || strings.HasPrefix(s[i:], "。")
}

// relates are verbs, or begin a clause, behind the name of a member of a family.
var relates = setOf("is has was will needs wants can had would went got broke lives and a est va veut doit peut aura et tiene está quiere va fue necesita y tem está quer vai foi precisa e " +
	"è ha vuole deve va har er är ska skal kan vil blev heeft is wil gaat moet kan was en ma jest chce był była ej og och")

// Relative reads one word with a capital behind "my son", before a verb or a mark:
// "my son Kayden has a fever". Not for German, where things have capitals too.
func Relative(s string, from int) (Match, bool) {
	i := from + 1
	if at(s, from) != ' ' {
		return Match{}, false
	}
	end := nameWord(s, i)
	word := s[i:end]
	if utf8.RuneCountInString(word) < 3 || !upperFirst(word) || allCapitals(word) || namedPlain(notNames, word) {
		return Match{}, false
	}
	m := Match{Row: rowName, Start: i, End: end, OneIn: 8}
	if c := at(s, end); c == ',' || c == ')' {
		return m, true
	}
	if at(s, end) != ' ' {
		return Match{}, false
	}
	return m, namedPlain(relates, s[end+1:nameWord(s, end+1)])
}

// honouredBefore reads the name that a title follows, up to end: Ayşe Hanım, 田中様,
// 김민수님, 王先生.
func honouredBefore(s string, end int) (Match, bool) {
	if r, _ := utf8.DecodeLastRuneInString(s[:end]); r == ' ' {
		end--
	}
	r, _ := utf8.DecodeLastRuneInString(s[:end])
	m := Match{Row: rowName, End: end, OneIn: 8}
	switch {
	case unicode.Is(unicode.Hangul, r):
		m.Start = koreanBefore(s, end)
	case unicode.In(r, unicode.Han, unicode.Katakana):
		m.Start = hanBefore(s, end)
	case unicode.IsLetter(r):
		m.Start = casedBefore(s, end)
	default:
		return m, false
	}
	return m, m.Start < end
}

// runBefore gives where the run of runes of a script begins that ends at end, and
// how many they are.
func runBefore(s string, end int, of ...*unicode.RangeTable) (begin, runes int) {
	for begin = end; begin > 0 && runes < 8; runes++ {
		r, size := utf8.DecodeLastRuneInString(s[:begin])
		if !unicode.In(r, of...) {
			break
		}
		begin -= size
	}
	return begin, runes
}

// koreanBefore wants a surname and two syllables that are a word of their own, and
// no word for what somebody does: 구매자님, 변호사님.
func koreanBefore(s string, end int) int {
	begin, runes := runBefore(s, end, unicode.Hangul)
	first, _ := utf8.DecodeRuneInString(s[begin:])
	last, _ := utf8.DecodeLastRuneInString(s[:end])
	if runes != 3 || !strings.ContainsRune(hangulSurnames, first) || strings.ContainsRune("자사인객장님원들", last) && last != '원' {
		return end
	}
	for _, w := range [...]string{"조합원", "상담원", "안내원", "연구원", "선생", "공무원", "이용원"} {
		if strings.HasPrefix(s[begin:end], w) {
			return end
		}
	}
	return begin
}

// hanBefore wants one of Japan's frequent surnames at the beginning of the run, or a
// surname of China and at most two signs.
func hanBefore(s string, end int) int {
	begin, runes := runBefore(s, end, unicode.Han)
	last, _ := utf8.DecodeLastRuneInString(s[:end])
	if strings.ContainsRune("県市区町村部課社店院者", last) || strings.HasPrefix(s[end+min(6, len(s)-end):], "们") {
		return end // 石川県様, 先生们
	}
	if runes >= 2 && runes <= 5 && surname(s[begin:end], s[end:]) {
		return begin
	}
	chinese := strings.HasPrefix(s[end:], "先生") || strings.HasPrefix(s[end:], "女士") || strings.HasPrefix(s[end:], "小姐") || strings.HasPrefix(s[end:], "太太")
	first, _ := utf8.DecodeRuneInString(s[begin:])
	if beginsRun(s[begin:], thingsHan) {
		return end
	}
	if chinese && runes >= 1 && runes <= 3 && surnamesHan.has(first) {
		return begin
	}
	return end
}

// offices stand before a title that follows: Müdür Bey, Doktor Hanım.
var offices = setOf("müdür doktor memur başkan hoca öğretmen avukat şoför komşu şef usta hemşire eczacı savcı hakim kaptan")

// casedBefore wants a word with a capital, and takes a given name before it.
func casedBefore(s string, end int) int {
	begin := wordBegin(s, end)
	if w := s[begin:end]; utf8.RuneCountInString(w) < 2 || !upperFirst(w) || namedPlain(notNames, w) || namedPlain(honours, w) || namedPlain(offices, w) || allCapitals(w) {
		return end
	}
	if begin > 1 && s[begin-1] == ' ' {
		if k := wordBegin(s, begin-1); k < begin-1 && upperFirst(s[k:]) && givenName(s[k:begin-1]) {
			begin = k
		}
	}
	return begin
}

// wordBegin gives where the letters before end begin, end itself where they are more
// than any name has.
func wordBegin(s string, end int) int {
	begin := end
	for begin > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:begin])
		if !unicode.IsLetter(r) {
			break
		}
		if begin -= size; end-begin > maxBack {
			return end
		}
	}
	return begin
}

// orgParts are in words for institutions, behind a name and "of".
var orgParts = [...]string{"bank", "banc", "kasse", "poste", "telecom", "telekom", "versicher", "assur", "segur", "assicura", "clini", "hospi", "correos", "correios", "vivienda", "allianz", "generali", "vodafone"}

// institution reports that the words from i on, small ones passed, begin with the
// name of an institution: "Davide di Poste Italiane" is Davide.
func institution(s string, i int) bool {
	for range 3 {
		stop := nameWord(s, i)
		w := s[i:stop]
		if w == "" {
			return false
		}
		for _, part := range orgParts {
			for k := range w {
				if hasFold(w, k, part) {
					return true
				}
			}
		}
		if upperFirst(w) || at(s, stop) != ' ' {
			return false
		}
		i = stop + 1
	}
	return false
}

// codes follow a name in capitals and a comma, and are no given names.
var codes = setOf("iban bic pnr ssn ref seat visa cvv exp otp vat tax nhs pin dob id no tel")

// inverted gives the end of "MUELLER, HANS PETER", of which the first part stands
// from i to end: all in capitals, or a frequent given name behind the comma.
func inverted(s string, i, end int) int {
	if at(s, end) != ',' || at(s, end+1) != ' ' || at(s, end+2) < utf8.RuneSelf && !is(s, end+2, isUpper) {
		return end
	}
	full, capitals := end, allCapitals(s[i:end])
	for k := end + 2; k < len(s); {
		stop := nameWord(s, k)
		w := s[k:stop]
		upper := capitals && allCapitals(w) && len(w) > 1
		if w == "" || namedPlain(codes, w) || namedPlain(notNames, w) || !upper && !(upperFirst(w) && givenName(w)) {
			break
		}
		full = stop
		if at(s, stop) != ' ' {
			break
		}
		k = stop + 1
	}
	if full > end && givenName(s[i:end]) {
		return end
	}
	return full
}
