package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

// labelled are values that a word beside them names, as people write them; the
// value stands between bars.
var labelled = []struct {
	kind pii.Type
	text string
}{
	{"NAME", "my name is |Tyrone van Buren|"},
	{"NAME", "Name: |Maria de la Cruz|"},
	{"NAME", "mijn naam is |Jan van den Berg|"},
	{"NAME", "naam: |van den Berg|"},
	{"NAME", "a nombre de |Alma Gutiérrez|"},
	{"NAME", "我的名字是|何小明|"},
	{"NAME", "mi chiamo |Giulia De Luca|"},
	{"NAME", "my name is |Megan O’Brien|"},
	{"NAME", "name: |al-Rashid|"},
	{"NAME", "Mr. |van der Berg|"},
	{"NAME", "Herr |von der Leyen|, guten Tag"},
	{"NAME", "soy |María de los Ángeles Gómez|"},
	{"NAME", "My name is |O'Brien|"},
	{"IP_ADDRESS", "my ip is |8.8.4.4|"},
	{"IP_ADDRESS", "ping |10.0.0.1| works"},
	{"ADDRESS", "meu endereço é |Rua de Santa Catarina 123, 4000-447 Porto|"},
	{"PASSWORD", "login: maria / |tr0ub4dor|"},
	{"PASSWORD", "use |Gato9876x| as the password"},
	{"PASSWORD", "password: \"|correct horse 9|\""},
	{"PASSWORD", "the pw's |zebra-91x|"},
	{"PASSWORD", "user: maria pass: |kx7Qm2Lp|"},
	{"OTP", "OTP |G-482913|"},
	{"OTP", "my code? |482913|"},
	{"OTP", "the code is |48 29 13|"},
	{"RECORD_ID", "claim # |88213-A|"},
	{"RECORD_ID", "claim: |4482193|"},
	{"RECORD_ID", "numer szkody |448219/2023|"},
	{"RECORD_ID", "|4482193| is my claim number"},
	{"RECORD_ID", "номер страхового полиса |4482193|"},
	{"RECORD_ID", "number of the contract |4482193|"},
	{"PASSPORT", "pasas |LB482193|"},
	{"LICENCE_PLATE", "rekisterinumero |ABC-123|"},
	{"LICENCE_PLATE", "|ABC-1234| is my plate"},
	{"DATE_OF_BIRTH", "|March 12, 1984| is my date of birth"},
	{"BANK_ACCOUNT", "|4829103847| is my account number"},
	{"DATE_OF_BIRTH", "geboren op |12-3-'84|"},
	{"DATE_OF_BIRTH", "født d. |12/3-84|"},
	{"DATE_OF_BIRTH", "я родился |12 марта 1984 года|"},
	{"DATE_OF_BIRTH", "生年月日：|昭和59.3.12|"},
	{"DATE_OF_BIRTH", "נולדתי ב-|12.3.1984|"},
	{"DATE_OF_BIRTH", "gimimo data: |1984 kovo 12|"},
	{"CARD_CVV", "4111111111111111 exp 04/28 - |123|"},
	{"CARD_CVV", "срок действия 04/28, код |123|"},
	{"CARD_CVV", "der Sicherheitscode ist |123|"},
	{"OTP", "der Sicherheitscode ist |482913|"},
	{"PASSWORD", "kelmet el ser |tr0ub4dor|"},
	{"ADDRESS", "العنوان: |48 شارع التحرير، الدقي، الجيزة|"},
	{"ADDRESS", "adresim |Atatürk Cad. No:12 D:4, Kadıköy/İstanbul|"},
	{"ADDRESS", "주소: |서울특별시 강남구 테헤란로 123, 4층|"},
	{"ADDRESS", "住址|106台北市信義區松仁路48號3樓之2|"},
	{"ADDRESS", "wohnhaft |Bahnhofstr. 48, 3. OG, 80335 München|"},
	{"ADDRESS", "heimilisfang: |Hafnarstræti 48, 600 Akureyri|"},
	{"NAME", "ég heiti |Guðrún Jónsdóttir|"},
	{"NAME", "igama lami ngu |Sipho Dlamini|"},
	{"NAME", "私は|田中太郎|です"},
	{"NAME", "मैं |राजेश कुमार| हूँ"},
	{"OTP", "the code I just got is |482913|"},
	{"OTP", "|G-482913| is your code"},
	{"DATE_OF_BIRTH", "nacida en Madrid el |12 de marzo de 1984|"},
	{"VEHICLE_ID", "หมายเลขตัวถัง: |1M8GDM9AXKP042788|"},
	{"PASSPORT", "паспорт серия |4509 номер 123456|"},
	{"PASSPORT", "Паспорт: серия |45 09 № 123456|, выдан ОВД"},
	{"PASSPORT", "паспорт серії |КВ № 123456|"},
	{"PASSPORT", "паспорт серія |КВ номер 123456|"},
	{"NATIONAL_ID", "C.I. seria |RX nr. 123456| eliberată de SPCLEP"},
	{"NATIONAL_ID", "cartea de identitate seria |RX, numărul 123456|"},
	{"NATIONAL_ID", "dowód osobisty seria |ABA nr 300000|"},
	{"NATIONAL_ID", "dowód seria i numer: |ABA 300000|"},
	{"NATIONAL_ID", "carta d'identità serie |AX n. 1234567|"},
	{"NATIONAL_ID", "ZZZS številka |031234567|"},
	{"NATIONAL_ID", "RAMQ |TREM 8557 0411|"},
	{"CARD_PIN", "il pin della carta |4821|"},
	{"CARD_PIN", "el pin de mi tarjeta es |4821|"},
	{"CARD_PIN", "the pin for my card is |4821|"},
	{"CARD_PIN", "pin van mijn kaart is |4821|"},
	{"CARD_CVV", "the cvv of my card is |456|"},
	{"CARD_CVV", "le cryptogramme de ma carte est |456|"},
	{"CARD_EXPIRY", "the expiry date of my card is |12/27|"},
	{"BANK_ACCOUNT", "the sort code of my bank is |20-00-00|"},
	{"PASSWORD", "la password del mio conto è |Pippo123!|"},
	{"PASSWORD", "la contraseña de mi cuenta es |Kx7mQ2|"},
	{"LICENCE_PLATE", "the licence plate of my car is |AB12 CDE|"},
	{"NAME", "meine Frau heißt |Anna Schmidt|"},
	{"NAME", "mio figlio si chiama |Luca Bianchi|"},
	{"NAME", "名前は|佐藤花子|、生年月日は"},
	{"NAME", "お名前は|田中一郎|、電話は"},
	{"PHONE", "rekening NL91ABNA0417164300, |+31 6 12345678|"},
}

// unlabelled have words of labels and no value of theirs.
var unlabelled = []string{
	"Ich bin Kunde seit 2015", "umowa do 2026 roku", "policy update 2024", "claim your prize in 3 steps", "case closed after 45 minutes",
	"Please pass the password policy test", "order code 482913", "login: use the app", "user/pass is required", "this is great news", "私は元気です", "ชื่อเสียงดีมาก", "hier ist Montag Feiertag", "reg fee 1200 is due",
	"seria 2 nr 123456", "сериал 4 серия номер 8", "серия 3 номер 12",
	"the pin for my card is not working", "the cvv of my card is not accepted, error 403", "das heißt Montag passt", "my son is called to the office",
	"la clave de la cuenta es ser constante", "CEP 01310-100",
	"the code for the fair on Monday costs 4821 euros", "born leaders meet 50 times a year", "we should address the issue by 12 March 2024",
}

func TestLabelled(t *testing.T) {
	s := scanner(t)
	for _, c := range labelled {
		text, start, end := barred(t, c.text)
		found := false
		for _, f := range s.Scan(text, pii.Hint{}, nil) {
			found = found || f.Type == c.kind && f.Level >= pii.Likely && f.Start <= start && f.End >= end
		}
		if !found {
			t.Errorf("%s: not found in %q", c.kind, c.text)
		}
	}
}

func TestUnlabelled(t *testing.T) {
	s := scanner(t)
	for _, text := range unlabelled {
		for _, f := range s.Scan(text, pii.Hint{}, nil) {
			if f.Level >= pii.Likely {
				t.Errorf("%q: %s %q", text, f.Type, text[f.Start:f.End])
			}
		}
	}
}

// barred takes the bars out and gives where they stood.
func barred(t *testing.T, marked string) (text string, start, end int) {
	t.Helper()
	before, rest, ok := strings.Cut(marked, "|")
	value, after, two := strings.Cut(rest, "|")
	if !ok || !two {
		t.Fatalf("%q has no value between bars", marked)
	}
	return before + value + after, len(before), len(before) + len(value)
}
