package shape

import (
	"strings"
	"unicode/utf8"
)

const (
	maxBefore  = 5  // words of a street before the number of the house
	maxStarted = 60 // bytes of them
)

// Within reads an address in the midst of a line around a number at i: a street that
// has a name, the number of a house, and behind a comma the code of a town beside its
// name: "please send it to 22 Harbour Road, Leith, Edinburgh EH6 7DZ". Where such as a
// shop or an office is spoken of before, it is theirs.
func Within(s string, i int) (Match, bool) {
	from := addressHead(s, i)
	if from == 0 || at(s, from-1) == '\n' { // Place reads those that begin a line
		return Match{}, false
	}
	comma := headed(s, from)
	if comma < 0 {
		return Match{}, false
	}
	if v := s[from:min(len(s), from+MaxAddress)]; !codeIn(v[comma:]) || !boxed(v) && !streetAmong(v, true) {
		return Match{}, false // nor has a part of it a street and a code
	}
	m, ok := Address(s, from)
	if !ok || m.Start != from || m.OneIn < 16 || m.End < i {
		return Match{}, false
	}
	v := s[m.Start:m.End]
	if comma >= len(v) || !houseIn(v) || !coded(v[comma+1:], false) || !boxed(v) && !streetAmong(v, true) || ofBusiness(s[:from]) {
		return Match{}, false
	}
	m.OneIn = 64
	return m, true
}

// codeIn reports three digits in a row or one behind a letter, as every code of a town
// has them.
func codeIn(v string) bool {
	row := 0
	for i := range len(v) {
		if class[v[i]]&isDigit == 0 {
			row = 0
			continue
		}
		if row++; row == 3 || row == 1 && i > 0 && (v[i-1] >= utf8.RuneSelf || class[v[i-1]]&isLetter != 0) {
			return true
		}
	}
	return false
}

// addressHead gives where an address begins that holds the number at i: the number
// itself before a word with a capital, else the words with capitals before it.
func addressHead(s string, i int) int {
	end, _ := addressToken(s, i)
	for at(s, end) == '/' || at(s, end) == '-' {
		end, _ = addressToken(s, end+1) // 5/88
	}
	from := i
	if strings.HasSuffix(s[:i], ", ") { // Av. Paulista, 1482
		from -= len(", ")
	}
	for range maxBefore {
		k := from
		for k > 0 && (s[k-1] == ' ' || s[k-1] == '.' || s[k-1] == '-') && from-k < 2 {
			k--
		}
		begin := k
		for begin > 0 && s[begin-1] != ' ' && s[begin-1] != '\n' && s[begin-1] != ',' && s[begin-1] != ':' && s[begin-1] != '(' {
			begin--
		}
		w := s[begin:k]
		if begin == k || k-begin > maxStarted || i-begin > maxStarted || !upperFirst(w) && !Particle(w) && !namedPlain(roads, w) {
			break
		}
		from = begin
	}
	for from < i { // particles begin none
		next := nameWord(s, from)
		if w := s[from:next]; next > from && (upperFirst(w) || namedPlain(roads, w)) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[from:])
		from += max(size, next-from)
	}
	if from < i && at(s, end) == ' ' && !streetAmong(s[from:i], true) && capitalAt(s, end) {
		return i // "Call Anna at 22 Harbour Road"
	}
	return from
}

// boxed reports the number of a box at the post.
func boxed(v string) bool {
	return hasFold(v, 0, "p.o. box ") || hasFold(v, 0, "po box ") || hasFold(v, 0, "postfach ")
}

// places of business, before whose address such a word stands.
var premises = setOf("store shop branch office clinic hospital showroom outlet restaurant hotel school university pharmacy library museum garage warehouse depot headquarters hq located venue visit café cafe bar pub gym salon studio bakery dealership company workshop parish church centre center " +
	"laden filiale geschäft geschaeft praxis klinik büro buero krankenhaus apotheke zentrale werkstatt lager messe veranstaltung rathaus " +
	"magasin agence boutique cabinet bureau mairie pharmacie clinique hôpital siège entrepôt " +
	"tienda sucursal oficina clínica local hospital farmacia sede almacén ayuntamiento taller " +
	"loja filial agência clínica escritório farmácia hospital negozio filiale ufficio ambulatorio ospedale farmacia magazzino officina " +
	"winkel filiaal kantoor ziekenhuis apotheek magazijn sklep oddział biuro przychodnia szpital apteka magazyn placówka " +
	"butik kontor klinik butiken kontoret kliniken affär butikken toimisto myymälä klinikka " +
	"obchod pobočka kancelář kancelária klinika üzlet iroda klinika magazin magazinul sediu sediul birou clinica mağaza şube ofis klinik hastane toko kantor cabang klinik " +
	"магазин офис филиал клиника отделение склад κατάστημα γραφείο")

// Those who speak for a house of business say "our", and those who speak of their home.
var (
	ours  = setOf("our unser unsere unserer unserem unseren notre nos nuestra nuestro nuestras nuestros nossa nosso nostra nostro ons onze nasz nasza nasze naszym naš naše náš vår vårt vores våre meidän наш наша наше наш наші a-nostra noastră nostru")
	homes = setOf("home house flat apartment apt place address cottage villa wohnung haus zuhause adresse anschrift maison appartement domicile casa piso domicilio dirección direccion apartamento morada endereço indirizzo abitazione huis woning adres mieszkanie dom byt bostad hem adress bolig hjem koti квартира дом адрес адреса") //nolint:misspell // Dutch, too
)

// premisesIn reports a word for premises and a small word behind it: "Unsere Filiale in
// der Hauptstraße 5", not "12 Hospital Road".
func premisesIn(v string) bool {
	for k := 0; k < len(v); {
		end, ok := addressToken(v, k)
		if !ok {
			k++
			continue
		}
		if namedPlain(premises, v[k:end]) && at(v, end) == ' ' && !is(v, end+1, isDigit) && !capitalAt(v, end) {
			return true
		}
		k = end
	}
	return false
}

// ofBusiness reports a word for premises among the last words before an address.
func ofBusiness(s string) bool {
	if len(s) > MaxAddress {
		s = s[len(s)-MaxAddress:]
	}
	we, home := false, false
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" ,.:;!?()\n'’", r) }) {
		if namedPlain(premises, w) {
			return true
		}
		we = we || namedPlain(ours, w)
		home = home || namedPlain(homes, w)
	}
	return we && !home
}
