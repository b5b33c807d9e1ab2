package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

// TestNamesBesideRoles holds names behind what people are in a form, before the
// titles that follow them, and addresses behind names; and what looks like them.
func TestNamesBesideRoles(t *testing.T) {
	for _, tt := range []struct{ country, text, want string }{
		{"US", "Recipient: Luz Maria Ortega", "NAME:Luz Maria Ortega"},
		{"US", "Beneficiary: MUELLER, HANS", "NAME:MUELLER, HANS"},
		{"US", "Name: SMITH, DOB unknown", "NAME:SMITH"},
		{"GB", "c/o Henrietta Blackwood, 4 Mill Lane, Oxford OX4 2QJ", "NAME:Henrietta Blackwood ADDRESS:4 Mill Lane, Oxford OX4 2QJ"},
		{"ES", "Paciente: María del Carmen Ruiz Ortega", "NAME:María del Carmen Ruiz Ortega"},
		{"DK", "Kontohaver Birthe Kjærgaard", "NAME:Birthe Kjærgaard"},
		{"TR", "Hesap sahibi: Hüseyin Karadağ", "NAME:Hüseyin Karadağ"},
		{"TR", "Ayşe Hanım aradı", "NAME:Ayşe"},
		{"TR", "Mehmet Ali Bey'e iletin", "NAME:Mehmet Ali"},
		{"JP", "田中健一様", "NAME:田中健一"},
		{"JP", "佐藤さんに電話してください", "NAME:佐藤"},
		{"KR", "김민수님 안녕하세요", "NAME:김민수"},
		{"TW", "林志明先生您好", "NAME:林志明"},
		{"DK", "min datter Freja er syg", "NAME:Freja"},
		{"IT", "sono Davide di Poste Italiane", "NAME:Davide"},
		{"CO", "Soy Yuliana de Bancolombia", "NAME:Yuliana"},
		{"SA", "اسم العميل: عبدالرحمن القحطاني", "NAME:عبدالرحمن القحطاني"},
		{"UA", "паспорт КМ 482917", "PASSPORT:КМ 482917"},
		{"DE", "Aktenzeichen 12 C 482/23", "RECORD_ID:12 C 482/23"},
		{"AE", "plate Dubai K 44129", "LICENCE_PLATE:Dubai K 44129"},
		{"US", "Mailing address: PO Box 4417, Boise, ID 83702", "ADDRESS:PO Box 4417, Boise, ID 83702"},
		{"GB", "my wife Barclays card", ""},
		{"GB", "my son Monday is off", ""},
		{"DE", "Patient Termin Montag", ""},
		{"JP", "お客様へのご案内", ""},
		{"KR", "구매자님 안녕하세요", ""},
		{"KR", "고객님 안녕하세요", ""},
		{"CN", "患者安全很重要", ""},
		{"CN", "先生您好", ""},
	} {
		var likely []string
		for _, f := range scanner(t).Scan(tt.text, pii.Hint{PeerCountry: tt.country}, nil) {
			if f.Level >= pii.Likely {
				likely = append(likely, string(f.Type)+":"+tt.text[f.Start:f.End])
			}
		}
		if got := strings.Join(likely, " "); got != tt.want {
			t.Errorf("%s %q\n got  %s\n want %s", tt.country, tt.text, got, tt.want)
		}
	}
}
