package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// TestChatsOfAsia holds what chats written by hand, which no rule had seen,
// taught about Asia, Africa and Oceania: wallets, names, orders, cards.
func TestChatsOfAsia(t *testing.T) {
	s, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ country, text, kind, value string }{
		{"PK", "jazzcash account 03451122907", "PHONE", "03451122907"},
		{"BD", "bkash number 01819440271 e taka pathan", "PHONE", "01819440271"},
		{"TH", "พร้อมเพย์ 0914412903", "PHONE", "0914412903"},
		{"PH", "gcash 09054412903", "PHONE", "09054412903"},
		{"GH", "momo 024 441 2903", "PHONE", "024 441 2903"},
		{"CN", "银行卡号6222021001123456789，开户行工商银行", "CREDIT_CARD", "6222021001123456789"},
		{"IR", "شماره کارت ۶۰۳۷ ۹۹۷۱ ۲۳۴۵ ۶۷۸۳", "CREDIT_CARD", "۶۰۳۷ ۹۹۷۱ ۲۳۴۵ ۶۷۸۳"},
		{"PK", "acc no 0441290313001 Meezan Bank", "BANK_ACCOUNT", "0441290313001"},
		{"IN", "your loan a/c 00441290313377", "BANK_ACCOUNT", "00441290313377"},
		{"ZA", "my ID 8804125129087", "NATIONAL_ID", "8804125129087"},
		{"IN", "ration card no 077441290313", "NATIONAL_ID", "077441290313"},
		{"TZ", "NIDA 19880412-14129-00003-17", "NATIONAL_ID", "19880412-14129-00003-17"},
		{"TH", "ทะเบียนรถ 1กก 4412", "LICENCE_PLATE", "1กก 4412"},
		{"AU", "rego CXK44B", "LICENCE_PLATE", "CXK44B"},
		{"ZA", "medical aid no 44129031", "RECORD_ID", "44129031"},
		{"VN", "Tôi tên Nguyễn Văn Hùng", "NAME", "Nguyễn Văn Hùng"},
		{"BD", "amar nam Rafiqul Islam", "NAME", "Rafiqul Islam"},
		{"MA", "smiti Youssef El Amrani", "NAME", "Youssef El Amrani"},
		{"JP", "氏名：高橋美咲\n電話", "NAME", "高橋美咲"},
		{"IN", "nominee Anjali Sharma age 34", "NAME", "Anjali Sharma"},
		{"IN", "Please courier to Flat 302, Sai Residency, Baner Road, Pune 411045", "ADDRESS", "Flat 302, Sai Residency, Baner Road, Pune 411045"},
		{"NP", "अर्डर नम्बर ४४१२९०३ कहिले आउँछ", "", ""},
		{"ET", "የትዕዛዝ ቁጥር 4412903", "", ""},
		{"SA", "رقم المعاملة 441290313", "", ""},
		{"CN", "流水号 20241122143012345678", "", ""},
		{"CN", "会议号 441 290 313", "", ""},
		{"IN", "sr no 8820147 closed without resolution", "", ""},
		{"IN", "batch B2/2024 mfg 02/2024 exp 08/2026 tablets", "", ""},
		{"IN", "hsn code 85171300", "", ""},
		{"IN", "pin code 560038 not serviceable?", "", ""},
		{"IN", "exp date 08/27 on the strip of tablets", "", ""},
		{"IN", "exp date 08/27", "CARD_EXPIRY", "08/27"},
		{"ZA", "faktuur nommer 5508774", "", ""},
		{"ZA", "my nommer is 083 441 2903", "PHONE", "083 441 2903"},
		{"CN", "紧急联系人 13688201477", "PHONE", "13688201477"},
		{"KR", "이름 변경은 어떻게 하나요", "", ""},
		{"SA", "اسمي مكتوب غلط في التذكرة", "", ""},
	} {
		var got []pii.Finding
		for _, f := range s.Scan(c.text, pii.Hint{PeerCountry: c.country}, nil) {
			if f.Level >= pii.Likely {
				got = append(got, f)
			}
		}
		switch {
		case c.kind == "" && len(got) == 0:
		case len(got) == 1 && string(got[0].Type) == c.kind && c.text[got[0].Start:got[0].End] == c.value:
		default:
			t.Errorf("%q: %d findings, want %s %q", c.text, len(got), c.kind, c.value)
			for _, f := range got {
				t.Logf("%s %v %q", f.Type, f.Level, c.text[f.Start:f.End])
			}
		}
	}
}
