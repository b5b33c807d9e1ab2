package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// TestLetters: names and addresses as letters, forms and conversations have them.
func TestLetters(t *testing.T) {
	tests := []struct{ country, text, want string }{
		{"GB", "Regards, John Smith", "NAME:John Smith/likely"},
		{"DE", "Mit freundlichen Grüßen\nKatrin Böhmer\nTel. 030 4472918", "NAME:Katrin Böhmer/likely | PHONE:030 4472918"},
		{"FR", "Cordialement,\n\nHélène Marchetti", "NAME:Hélène Marchetti/likely"},
		{"PL", "Pozdrawiam, Tomasz Zieliński.", "NAME:Tomasz Zieliński/likely"},
		{"FR", "rappelez M. Dupont svp", "NAME:Dupont/likely"},
		{"GB", "Oliver Whitcombe is my name", "NAME:Oliver Whitcombe/likely"},
		{"DE", "Sandra Kuhn heiße ich", "NAME:Sandra Kuhn/likely"},
		{"GB", "22 Acacia Avenue, Swindon, SN1 4PQ is my new address", "ADDRESS:22 Acacia Avenue, Swindon, SN1 4PQ/likely"},
		{"GB", "From: Oliver Whitcombe <o.whitcombe@example.com>", "NAME:Oliver Whitcombe/likely | EMAIL:o.whitcombe@example.com"},
		{"DE", "meine Mutter Ingrid Pohl", "NAME:Ingrid Pohl/likely"},
		{"GB", "Hello Maria, your parcel has come", "NAME:Maria/likely"},
		{"FR", "rdv pour Julie Perrin demain", "NAME:Julie Perrin/likely"},
		{"PL", "proszę dzwonić 677 418 520, Anna Lewandowska", "PHONE:677 418 520 | NAME:Anna Lewandowska/likely"},
		{"DE", "gruß Markus Thiel 0160 7741852", "NAME:Markus Thiel/likely | PHONE:0160 7741852/likely"},
		{"HU", "Kovács Anna vagyok", "NAME:Kovács Anna/likely"},
		{"DE", "Code aus der SMS: 482193", "OTP:482193/likely"},
		{"FR", "le code reçu par sms est 739201", "OTP:739201/likely"},
		{"IT", "chiamatemi al 02 4829173 ufficio oppure 3398172645", "PHONE:02 4829173 | PHONE:3398172645"},
		{"US", "routing 011000015 acct 000482917355", "BANK_ACCOUNT:011000015 | BANK_ACCOUNT:000482917355"},
		// Clean, or no more than possible.
		{"GB", "Regards, the support team", ""},
		{"GB", "Kind regards,\nCustomer Care", ""},
		{"DE", "Mit freundlichen Grüßen\nIhr Serviceteam", ""},
		{"FR", "il reste 150 M. Merci", ""},
		{"GB", "From: Support Team <help@example.com>", "EMAIL:help@example.com"},
		{"GB", "lot 482917 exp 08/2025", "CARD_EXPIRY:08/2025/possible"},
		{"PT", "fatura de 1.482,90 venc 10/03", "CARD_EXPIRY:10/03/possible"},
		{"GB", "Hi May I ask what time you close?", ""},
		{"GB", "appointment for Blood Test on Monday", ""},
		{"DE", "Termin für Montag 14 Uhr", ""},
		{"GB", "talk to Best Buy about it", ""},
		{"GB", "job number 553019472", "PHONE:553019472/possible"},
		{"GB", "my wife will pick it up at 5", ""},
		{"GB", "Thanks,\nAccounts Payable", ""},
		{"HU", "a számla száma 30 482 9173", ""},
		{"DE", "Inventarnummer 100482917 ist ein Laptop", ""},
	}
	for _, tt := range tests {
		found := scanner(t).Scan(tt.text, pii.Hint{PeerCountry: tt.country}, nil)
		if got := hits(tt.text, found); got != tt.want {
			t.Errorf("%s %q\n got  %s\n want %s", tt.country, tt.text, got, tt.want)
		}
	}
}
