package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// asked are values in answers, beside labels of many forms, and as lists of other
// makers write them; the value stands between bars.
var asked = []struct {
	kind          pii.Type
	country, text string
}{
	{"PHONE", "AG", "|2684632127|\nthats my phone"},
	{"PHONE", "KW", "ما هو رقم الجوال؟\n|96550012208|"},
	{"PHONE", "TC", "number is: |001 649-231-1512|"},
	{"PHONE", "", "phone |63 905 123 1590|"},
	{"PHONE", "FI", "numero |041.2195932|"},
	{"PHONE", "DK", "hej, mobil |34.41.28.97| tak"},
	{"PHONE", "", "They're not answering at |780-555-0142|"},
	{"PHONE", "", "try |(604) 555-0142|, it is open late"},
	{"PHONE", "", "desk: |+1-604-555-0142x565|"},
	{"PHONE", "", "office |(604)555-0142 ext. 12| or by mail"},
	{"NATIONAL_ID", "", "|71-0291404| is my EIN"},
	{"NATIONAL_ID", "ES", "|1024918425| ese es el C.I."},
	{"NATIONAL_ID", "", "|008858243BA022| é o meu BI"},
	{"NATIONAL_ID", "BO", "CI |5089725 LP|"},
	{"NATIONAL_ID", "", "|MG-58.881.983| é o meu rg"},
	{"NATIONAL_ID", "CU", "CI |91021027775|"},
	{"NATIONAL_ID", "", "here is my ID number |27629936| thanks"},
	{"NATIONAL_ID", "", "my ID card |P689651(4)| thanks"},
	{"NATIONAL_ID", "IT", "CI n. |AS7571349|"},
	{"NATIONAL_ID", "MO", "我的身份證號碼是|5047971(4)|"},
	{"PASSPORT", "FR", "Quel est votre n° passeport ?\n|59BC62655|"},
	{"BANK_ACCOUNT", "", "Hi, I need to update my a/c no. The new one is |14776981140|"},
	{"BANK_ACCOUNT", "", "the account number on file should be |62033631|"},
	{"BANK_ACCOUNT", "", "खाता नंबर क्या है?\n|65625211658|"},
	{"BANK_ACCOUNT", "", "普通|7293908|"},
	{"OTP", "", "ما هو الكود؟\n|539-505|"},
	{"OTP", "", "인증번호 알려주세요\n|709-328|"},
	{"PASSWORD", "", "|qwerty12|がパスワードです"},
	{"PASSWORD", "", "mật khẩu của tôi là |tr0ub4dor|"},
	{"CARD_EXPIRY", "", "有効期限を教えてください\n|12/30|"},
	{"DATE_OF_BIRTH", "", "আমার জন্ম তারিখ |11071967|"},
	{"CREDIT_CARD", "", "I have lost my card |180016070420458|, please block it"},
	{"NATIONAL_ID", "SG", "nric#=|S8820501D|"},
	{"NATIONAL_ID", "", "identity card is: |LR7XR5T5C|"},
	{"NATIONAL_ID", "ZA", "my traffic register is |285322500757|"},
	{"NATIONAL_ID", "", "pls note taxid no is |978-95-8457|"},
	{"NATIONAL_ID", "KR", "Foreigner Registration Number |880917-6425418|"},
	{"RECORD_ID", "DE", "arztnummer: |407857189|"},
	{"RECORD_ID", "", "my prescription number is |2925438|"},
	{"ADDRESS", "", "please send it to |6013 Webb Crest, Port Tony, BC V7G 9L6|"},
	{"ADDRESS", "", "my new address is |224 Bond Street\n Suite 413\n Warwick\n United States|"},
	{"LICENCE_PLATE", "", "|EIC-O-85| ist mein Kennzeichen"},
	{"LICENCE_PLATE", "", "placa |WTFP-50|"},
	{"LICENCE_PLATE", "", "מספר רכב: |85-255-37|"},
	{"LICENCE_PLATE", "", "moje EČV je |TO102CM|"},
	{"NATIONAL_ID", "", "What is your SSN?\n```|536-22-8714|```"},
	{"NATIONAL_ID", "", "¿Cuál es tu CUIT? (|27492093799|)"},
	{"NATIONAL_ID", "LK", "NIC |93O455877V|"},
	{"NATIONAL_ID", "", "mi CURP es |HEGG56O427MVZRRL04|"},
	{"CARD_EXPIRY", "", "我的有效期是|12/28|"},
	{"CARD_EXPIRY", "", "有効期限は|08/2030|となります。"},
	{"PHONE", "", "|07700 063 966|-Fax"},
	{"PHONE", "BT", "phone is: |17.12.37.18|"},
	{"PHONE", "PH", "the whatsapp on file should be |63 905 123 1590|"},
	{"PHONE", "DO", "le paso mi número: |80 92 34 22 76|"},
	{"SECRET", "", "stagingToken = \"|k3v9lq7xw2mzp8rt5hcd|\""},
	{"SECRET", "", "billingWebhookToken: |9f86d081-884c-4d65-9a2f-eaa0c55ad015|"},
	{"SECRET", "", "pls use this key |9f86d081884c7d659a2feaa0c55ad015| for now"},
	{"SECRET", "", "|dckr_pat_k3V9lQ7xW2mZp8Rt5hcDa1b2C3d| works"},
	{"SECRET", "", "|rubygems_9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d65| works"},
	{"URL", "", "post to |https://hooks.slack.com/workflows/k3v9lq7xw2mzp8rt5hcd|"},
	{"CREDIT_CARD", "", "the last bill for cc |503802053770| please"},
}

// TestAsked holds that they are found whole.
func TestAsked(t *testing.T) {
	s := scanner(t)
	for _, c := range asked {
		text, start, end := barred(t, c.text)
		found := false
		for _, f := range s.Scan(text, pii.Hint{PeerCountry: c.country}, nil) {
			found = found || f.Type == c.kind && f.Level >= pii.Likely && f.Start <= start && f.End >= end
		}
		if !found {
			t.Errorf("%s %s: not found in %q", c.kind, c.country, c.text)
		}
	}
}

// TestExtension holds that the digits of a switchboard belong to a finding and not to
// the number by which it is known, and that two of something are none.
func TestExtension(t *testing.T) {
	s := scanner(t)
	for _, text := range []string{"call 5551234 x2 boxes", "size 800x600 please"} {
		for _, f := range s.Scan(text, pii.Hint{}, nil) {
			if f.End > len("call 5551234") {
				t.Errorf("%q: %s reaches %q", text, f.Type, text[f.Start:f.End])
			}
		}
	}
	got, _ := s.Treat("call +1 604-555-0142 or +1 604-555-0142x565", pii.Hint{}, pii.Treatment{Sink: pii.Record}, &pii.Labels{}, nil)
	if want := "call [PHONE_1] or [PHONE_1]"; got.Text != want {
		t.Errorf("got %q, want %q", got.Text, want)
	}
}
