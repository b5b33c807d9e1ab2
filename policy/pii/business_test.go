package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// businesses are messages of offices and shops that sign, introduce themselves and
// fill in forms as people do.
var businesses = []struct{ country, text string }{
	{"US", "Hi, this is Northside Dental calling to confirm the slot on 4/18 at 2:15 PM."},
	{"US", "This is Blue Ridge. We moved to the second floor."},
	{"DE", "Guten Tag, hier ist Elektro Sommer, der Techniker kommt um 8:30"},
	{"CH", "Freundliche Grüsse Kantonsspital Aarau"},
	{"FR", "Cordialement,\nAgence Littoral"},
	{"FR", "Au nom de Groupe Pasteur, nous vous remercions"},
	{"ES", "En nombre de Grupo Quirón, gracias"},
	{"ES", "Huésped: Media Pensión"},
	{"NL", "Namens Woningstichting Haag bedankt"},
	{"NO", "Vennlig hilsen Oslo Universitetssykehus"},
	{"FI", "Ystävällisin terveisin\nHuolto Pohjola"},
	{"PL", "Z poważaniem Urząd Miasta Gdynia"},
	{"CZ", "S pozdravem,\nZákaznické Centrum"},
	{"RU", "С уважением, Городская Поликлиника"},
	{"BG", "С уважение, Община Варна"},
	{"GB", "Passenger: Adult 2, Child 1"},
	{"US", "Beneficiary: Red Cross Fund"},
	{"US", "Dr. Pepper 12-pack 2 for $11"},
	{"GB", "Ms Word crashes when I open it"},
	{"GB", "Policy 12-482 of our handbook says refunds within 14 days"},
	{"US", "Our return policy 30/60 applies"},
	{"FR", "Le contrat 448-12 avec le fournisseur finit en mars"},
	{"BR", "Atenciosamente,\nLaboratório Sabin"},
	{"IT", "Cordiali saluti, Poliambulatorio San Marco"},
	{"JO", "المستلم: قسم المشتريات"},
	{"IN", "मरीज: खाली पेट आएं"},
	{"CN", "收件人：仓库"},
	{"TH", "คำร้อง 5531-0098 กำลังดำเนินการ"},
	{"KE", "Ombi 5531-0098 linashughulikiwa"},
	{"US", "The PW 2400 pressure washer is back in stock"},
}

// TestBusinesses holds that they are left alone.
func TestBusinesses(t *testing.T) { leftAlone(t, businesses) }

// leftAlone holds that nothing likely is found in texts.
func leftAlone(t *testing.T, texts []struct{ country, text string }) {
	t.Helper()
	for _, c := range texts {
		for _, f := range scanner(t).Scan(c.text, pii.Hint{PeerCountry: c.country}, nil) {
			if f.Level >= pii.Likely {
				t.Errorf("%s %q: %s %q", c.country, c.text, f.Type, c.text[f.Start:f.End])
			}
		}
	}
}

// people sign and are written of in the same words, with given names of many
// countries, or beside what a label of another thing begins.
var people = []struct{ country, kind, text, value string }{
	{"GB", "NAME", "the flat is let to Oluwaseun Adeyemi", "Oluwaseun Adeyemi"},
	{"US", "NAME", "this is Marguerite from room 12", "Marguerite"},
	{"US", "NAME", "spouse: Anneliese Kruger", "Anneliese Kruger"},
	{"DE", "NAME", "Versicherte: Waltraud Finkenzeller", "Waltraud Finkenzeller"},
	{"DE", "ADDRESS", "Absender: Gunther Pfaff, Rosenweg 3, 31134 Hildesheim", "Rosenweg 3, 31134 Hildesheim"},
	{"FR", "NAME", "Patient : Jean-Baptiste Lefèvre, né le 12/11/1958", "Jean-Baptiste Lefèvre"},
	{"ES", "NAME", "Paciente: María Cruz", "María Cruz"},
	{"PL", "NAME", "Pozdrawiam,\nSylwester Gajda", "Sylwester Gajda"},
	{"DK", "NAME", "modtager Bodil Thomsen", "Bodil Thomsen"},
	{"VN", "NAME", "em là Phạm Thu Trang", "Phạm Thu Trang"},
	{"RU", "NAME", "С уважением,\nТамара Лисицына", "Тамара Лисицына"},
	{"US", "RECORD_ID", "Policyholder Rosalind Achterberg, policy no. HO-7712094", "HO-7712094"},
	{"US", "RECORD_ID", "employee number E-40912", "E-40912"},
	{"FR", "RECORD_ID", "contrat n° AS-447120", "AS-447120"},
	{"DE", "RECORD_ID", "Vertrag Nr. 448 2031", "448 2031"},
}

func TestPeople(t *testing.T) { read(t, people) }

// read holds that each text has its value.
func read(t *testing.T, texts []struct{ country, kind, text, value string }) {
	t.Helper()
	for _, c := range texts {
		found := false
		for _, f := range scanner(t).Scan(c.text, pii.Hint{PeerCountry: c.country}, nil) {
			found = found || f.Level >= pii.Likely && string(f.Type) == c.kind && c.text[f.Start:f.End] == c.value
		}
		if !found {
			t.Errorf("%s %q: no %s %q", c.country, c.text, c.kind, c.value)
		}
	}
}

// TestLoneAddresses holds addresses that begin a line without a label, and what
// looks like them.
func TestLoneAddresses(t *testing.T) {
	for _, c := range []struct {
		country, text string
		size          int // bytes of it that are the address, 0 for none
	}{
		{"GB", "3 Bramble Close, Reading RG6 1NB", 32},
		{"US", "77 Peachtree Pl NE, Atlanta, GA 30309 is where the truck should go", 37},
		{"AU", "Unit 7/22 Banksia Street, Mitcham VIC 3132", 42},
		{"DE", "Schillerplatz 12b, 70173 Stuttgart", 34},
		{"AT", "Mariahilfer Straße 88/12, 1070 Wien", 36},
		{"FR", "112 boulevard Voltaire, 75011 Paris", 35},
		{"NL", "Keizersgracht 441, 1016 DK Amsterdam", 36},
		{"SE", "Hej!\nStorgatan 44, 903 26 Umeå", 26},
		{"PL", "al. Jerozolimskie 144, 02-305 Warszawa", 38},
		{"CZ", "Národní 44, 110 00 Praha 1", 28},
		{"PE", "Jr. Huallaga 441, Lima", 22},
		{"GB", "7 Quarry Hill, Exeter EX2 4NP", 29},
		{"JP", "大阪府大阪市北区梅田1-18-4", 36},
		{"CO", "Carrera 15 # 93-47, Bogotá", 27},
		{"FR", "12 place settings, 4500 Euro", 0},
		{"FR", "Place 61, voiture 12, TGV 8412", 0},
		{"US", "Route 66, Exit 1200 Oklahoma", 0},
		{"US", "Court 5, Monday, 2026 session", 0},
		{"DE", "Ohrring 12, 4500 Punkte", 0},
		{"DE", "Goldring 750, Größe 54", 0},
		{"FR", "Route 12, Sortie 8, Lyon", 0},
		{"IT", "Corso base 12, 2026 Milano", 0},
		{"US", "Sun 4, 2026 Place bets", 0},
		{"CZ", "Os 3, 2000 Kč", 0},
	} {
		size := 0
		for _, f := range scanner(t).Scan(c.text, pii.Hint{PeerCountry: c.country}, nil) {
			if f.Level >= pii.Likely {
				size += f.End - f.Start
			}
		}
		if size != c.size {
			t.Errorf("%s %q: %d bytes found, want %d", c.country, c.text, size, c.size)
		}
	}
}
