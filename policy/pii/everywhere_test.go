package pii_test

import "testing"

// counted are numbers of what a business counts of its own doing, and others that look
// like those of phones, accounts and people.
var counted = []struct{ country, text string }{
	{"FR", "Sinistre 26-44813-B : l'expert passe jeudi entre 9h et 11h"}, //nolint:misspell // French
	{"ES", "El expediente 2026/0448 sigue en trámite"},
	{"IT", "Pratica 2026/00448 in lavorazione, 10 giorni"},
	{"NL", "Uw dossier 26/0448 is goedgekeurd"},
	{"DE", "Die Schadenmeldung S-88213 ist eingegangen"},
	{"US", "Case 5003k00001XyZ9 updated: status Waiting on customer"},
	{"SE", "Ärende 4481-2207 är löst"},
	{"HU", "A 5531-0098 bejelentés lezárva"},
	{"RU", "Счёт № 1184 от 02.10.2026 на сумму 45 000 руб."},
	{"EG", "موعدك مع الدكتور يوم الخميس ١٢ نوفمبر الساعة ٥:٣٠ مساء"},
	{"SK", "Vaša žiadosť č. 44812/2026 je v riešení"},
	{"SE", "Ditt ärendenummer är 2026-44812"},
	{"GB", "Best wishes\nSt Thomas Surgery"},
	{"FR", "Article 1240 du Code civil, alinéa 2"},
	{"GB", "Claim 24/118-B is with the loss adjuster, decision by Friday"},
	{"GB", "Our café is at 12 Castle Street, Lincoln LN1 3AA, open until 5pm"},
	{"US", "sort 204518 items by date"},
	{"PL", "Zam. nr 7740-11820 anulowane, zwrot 48,90 zł"},
	{"CZ", "Obj. č. 7740-11820 zrušena, vracíme 489 Kč"},
	{"VN", "Đơn số 7740-11820 đã hủy"},
	{"DE", "Störung gemeldet unter Nr. 4482190, Techniker kommt Di 8-12 Uhr"},
	{"CO", "Pico y placa hoy 3 y 4, de 6 a 9"},
	{"GB", "send to Victoria Station please"},
	{"GB", "Our shop is at 14 Market Street, Leeds LS1 6DT, open till 6"},
	{"DE", "Unsere Filiale in der Hauptstraße 5, 10115 Berlin schließt um 18 Uhr"},
}

// TestCounted holds that they are left alone.
func TestCounted(t *testing.T) { leftAlone(t, counted) }

// written are values as people of a country write them, with nothing else beside them
// than is written here.
var written = []struct{ country, kind, text, value string }{
	{"US", "RECORD_ID", "its about my claim CLM/2291-48", "CLM/2291-48"},
	{"US", "RECORD_ID", "claim no. 88213-A", "88213-A"},
	{"FR", "RECORD_ID", "dossier n° D-4471-20", "D-4471-20"},
	{"US", "ADDRESS", "send the check to P.O. Box 4471, Boise, ID 83701", "P.O. Box 4471, Boise, ID 83701"},
	{"AU", "ADDRESS", "we're at 5/88 Bronte Rd, Bondi Junction NSW 2022", "5/88 Bronte Rd, Bondi Junction NSW 2022"},
	{"AT", "ADDRESS", "ich bin jetzt in der Mariahilfer Gürtel 11/2/8, 1150 Wien", "Mariahilfer Gürtel 11/2/8, 1150 Wien"},
	{"BR", "ADDRESS", "entrega na Av. Paulista, 1482, cj 91, Bela Vista, São Paulo - SP, 01310-100", "Av. Paulista, 1482, cj 91, Bela Vista, São Paulo - SP, 01310-100"},
	{"DE", "ADDRESS", "liefern Sie an Sybille Rottmann, Elbchaussee 212, 22605 Hamburg", "Elbchaussee 212, 22605 Hamburg"},
	{"DE", "NAME", "liefern Sie an Sybille Rottmann, Elbchaussee 212, 22605 Hamburg", "Sybille Rottmann"},
	{"JP", "ADDRESS", "〒530-0001 大阪府大阪市北区梅田3-1-3", "〒530-0001 大阪府大阪市北区梅田3-1-3"},
	{"US", "ADDRESS", "Could you resend the forms to 3307 Sycamore Bend, Plano, TX 75074? Thanks", "3307 Sycamore Bend, Plano, TX 75074"},
	{"IT", "ADDRESS", "abitiamo in Via dei Mille 12, 10123 Torino", "Via dei Mille 12, 10123 Torino"},
	{"US", "NAME", "name on the account is Priscilla Ortega-Muñoz", "Priscilla Ortega-Muñoz"},
	{"DE", "NAME", "Guten Tag, mein Name: Wolfgang Hinterseer", "Wolfgang Hinterseer"},
	{"FR", "NAME", "Bonne journée,\nThibault Marchand", "Thibault Marchand"},
	{"GR", "NATIONAL_ID", "ΑΔΤ ΑΒ 482190", "ΑΒ 482190"},
	{"US", "OTP", "Enter 661043 to finish signing in", "661043"},
	{"GB", "ADDRESS", "our house is at 12 Castle Street, Lincoln LN1 3AA", "12 Castle Street, Lincoln LN1 3AA"},
	{"GB", "NAME", "Best,\nHarriet Ashdown", "Harriet Ashdown"},
	{"IN", "NAME", "call on +91 90048 21903 Shalini Deshpande", "Shalini Deshpande"},
	{"FR", "PHONE", "Port. 06.11.82.04.48", "06.11.82.04.48"},
	{"DE", "LICENCE_PLATE", "Kennz. HH-AB 1482", "HH-AB 1482"},
	{"FR", "NATIONAL_ID", "n° de sécurité sociale 255081416802538", "255081416802538"},
	{"US", "NATIONAL_ID", "my medicare 1EG4-TE5-MK73", "1EG4-TE5-MK73"},
	{"ES", "NATIONAL_ID", "número de seguridad social 281234567840", "281234567840"},
	{"CL", "NATIONAL_ID", "run 11.111.111-1", "11.111.111-1"},
	{"SA", "CREDIT_CARD", "رقم البطاقة 4111 1111 1111 1111", "4111 1111 1111 1111"},
	{"GB", "BANK_ACCOUNT", "pay into 30-90-89 12345678", "30-90-89 12345678"},
	{"JP", "NAME", "氏名：高橋 由美子", "高橋 由美子"},
	{"IN", "NAME", "Anil Kumar Bhardwaj, +91 98110 48219", "Anil Kumar Bhardwaj"},
	{"CA", "NAME", "call Jean-Sébastien Tremblay 438-555-0142", "Jean-Sébastien Tremblay"},
	{"ZA", "NAME", "Thandeka Dlamini ID 9202200720087", "Thandeka Dlamini"},
	{"NL", "NAME", "Naam: W.J. van der Velden", "W.J. van der Velden"},
	{"SN", "NAME", "je suis Aminata Diallo", "Aminata Diallo"},
	{"BR", "NAME", "aqui é a mãe do Enzo", "Enzo"},
	{"US", "NAME", "Signed,\nDeshawn Pruitt\nclaims adjuster", "Deshawn Pruitt"},
	{"GB", "BANK_ACCOUNT", "acct number 55779911 s/c 200000", "55779911"},
	{"CA", "BANK_ACCOUNT", "transit 00482 institution 004 account 5528190", "00482"},
	{"BR", "BANK_ACCOUNT", "ag 0482 cc 19033-7 itaú", "0482"},
	{"BR", "BANK_ACCOUNT", "ag 0482 cc 19033-7 itaú", "19033-7"},
	{"SE", "BANK_ACCOUNT", "clearing 8327-9 konto 482 190 337-1", "8327-9"},
	{"DK", "BANK_ACCOUNT", "reg 4821 konto 0004821903", "4821"},
	{"AR", "BANK_ACCOUNT", "mi alias es perro.luna.mate", "perro.luna.mate"},
	{"CA", "NATIONAL_ID", "Health card 6847-203-118-KL", "6847-203-118-KL"},
	{"CA", "NATIONAL_ID", "SIN: 046 454 286", "046 454 286"},
	{"AZ", "NATIONAL_ID", "FIN 4K8L21M", "4K8L21M"},
	{"GB", "DRIVING_LICENCE", "licence MORGA 657054 SM9IJ", "MORGA 657054 SM9IJ"},
	{"CN", "NAME", "我叫欧阳振华", "欧阳振华"},
	{"JP", "NAME", "お世話になっております。佐々木健太郎と申します", "佐々木健太郎"},
}

// TestWritten holds that they are found whole.
func TestWritten(t *testing.T) { read(t, written) }
