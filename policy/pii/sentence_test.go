package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// sentences are values as sentences of several languages have them, between bars.
var sentences = []struct {
	kind pii.Type
	text string
}{
	{"PASSWORD", "passwort war |Sonne_2024|, benutzer sabine.k"},
	{"PASSWORD", "lösenordet var |Sommar2024!| men det funkar inte"},
	{"PASSWORD", "my online banking password used to be |Rover2009!| and now it wont let me in"},
	{"PASSWORD", "password vecchia |Pippo123!|"},
	{"CARD_PIN", "de pincode van mijn pas is |4821|"},
	{"CARD_PIN", "pinkoden till mitt kort är |4821|"},
	{"CARD_PIN", "pin-koden til kortet er |4821|"},
	{"CARD_PIN", "mano kortelės pin kodas |4821|"},
	{"CARD_PIN", "kartes pin kods ir |4821|"},
	{"CARD_CVV", "o código de trás |482|"},
	{"CARD_CVV", "koden på baksidan är |482|"},
	{"CARD_EXPIRY", "vence la tarjeta en |11/26|"},
	{"CARD_EXPIRY", "kortet är giltigt till |08/27|"},
	{"OTP", "la clave que me llegó es |448 219| pero dice que ya venció"},
	{"DATE_OF_BIRTH", "date of birth is the |fifth of May 2016|"},
	{"DATE_OF_BIRTH", "née le |premier mars 2015| à Lille"},
	{"DATE_OF_BIRTH", "nací el |veinticinco de mayo de 1982|"},
	{"DATE_OF_BIRTH", "geboren am |fünften Mai 1982|"},
	{"DATE_OF_BIRTH", "born on |March third, 1990|"},
	{"DATE_OF_BIRTH", "votre date de naissance ? - |3 mai 1979|"},
	{"DATE_OF_BIRTH", "sündinud |14. septembril 1987|"},
	{"DATE_OF_BIRTH", "née à sfax le |14-09-1987|"},
	{"NATIONAL_ID", "Your NHS number please? - |943 476 5919|"},
	{"NATIONAL_ID", "mein Personalausweis hat die Nummer |L01X00T471|, gültig bis 2030"},
	{"RECORD_ID", "member id |XQH 884201973|, group 04471"},
	{"RECORD_ID", "contrat auto n° |44821903|"},
	{"CARD_CVV", "la carta scade il 05/28, dietro c'è scritto |318|"},
	{"CARD_CVV", "ma carte expire en 05/28 et les trois derniers chiffres au dos c'est |318|"},
	{"CARD_CVV", "meine karte, läuft 05/28 ab, hinten steht |318|"},
	{"CARD_EXPIRY", "meine karte, läuft |05/28| ab, hinten steht 318"},
	{"OTP", "engångskoden är |660914|"},
	{"DATE_OF_BIRTH", "née à Nantes le |sept février 1976|"},
	{"DATE_OF_BIRTH", "geboren bin ich am |siebten Februar 1976| in Gera"},
	{"DATE_OF_BIRTH", "dzimis |1976. gada 7. februārī|"},
	{"DATE_OF_BIRTH", "synnyin |7.2.1976| ja"},
	{"RECORD_ID", "¿me dice su número de póliza? sí, |28-1140293|"},
	{"NATIONAL_ID", "NHS number? yes, |943 476 5919|"},
	{"NAME", "Patient: |Reynolds, Tamika| MRN: 5520184"},
	{"NAME", "mi padre, |Anselmo Garrido|, nació en"},
	{"NAME", "rufen sie meinen mann |Holger| an"},
	{"NAME", "overmaken op naam van |W. Hoekstra|"},
	{"ADDRESS", "vivo en |av. de la constitucion 15|"},
	{"LICENCE_PLATE", "bilen har regnummer |KLM 482| och är försäkrad"},
	{"LICENCE_PLATE", "plate is |KLM 482| and is taxed"},
	{"PASSWORD", "a senha que eu usava era |flamengo81|"},
	{"DATE_OF_BIRTH", "è nata l'|undici agosto 2011|"},
	{"NAME", "meu esposo |Rogério Pimentel| nasceu em"},
	{"NAME", "intestato a |Giulia Ferrante|"},
	{"NAME", "Hallo, |Lukas Gruber| am Apparat"},
}

// plainSentences have the words of sentences above and nothing of a person.
var plainSentences = []string{
	"o placar foi 3 a 1, público de 48.213",
	"the password used to be required every 90 days",
	"the fifth of May 2016 was a Thursday", "le premier mars 2015 tombait un dimanche",
	"Deckel hinten 482 Stück", "member of team XQH 2024",
	"pin it to the wall at 1450 mm", "es läuft 3 bis 5 Minuten", "damit ich meinen Sohn\" Jesus: Wie", "policy number? yes, please",
	"kennwort und benutzer stehen im Brief", "Sinistre 26-44813-B : l'expert passe jeudi",
	"He is as familiar as Andrei Sakharov", "the owner of the shop came in 2016",
}

func TestSentences(t *testing.T) {
	s := scanner(t)
	for _, c := range sentences {
		text, start, end := barred(t, c.text)
		found := s.Scan(text, pii.Hint{}, nil)
		ok := false
		for _, f := range found {
			ok = ok || f.Type == c.kind && f.Level >= pii.Likely && f.Start == start && f.End == end
		}
		if !ok {
			t.Errorf("%q: no %s there: %s", text, c.kind, hits(text, found))
		}
	}
}

func TestPlainSentences(t *testing.T) {
	s := scanner(t)
	for _, text := range plainSentences {
		for _, f := range s.Scan(text, pii.Hint{}, nil) {
			if f.Level >= pii.Likely && text[f.Start:f.End] != "65 929 970 489" {
				t.Errorf("%q: %s is none", text, hits(text, []pii.Finding{f}))
			}
		}
	}
}
