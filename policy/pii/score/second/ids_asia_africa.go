package second

import "strings"

var asiaAfrica = []kind{
	{"IL_ID", "NATIONAL_ID", "B", "IL", "he=ת.ז|תעודת זהות|ת״ז|מספר זהות", func(d draw) string { return luhn(d.from("0123") + d.digits(7)) }},
	{"AE_EMIRATES_ID", "NATIONAL_ID", "A", "AE", "ar=رقم الهوية|هوية الإمارات|رقم الهويه;en=emirates id|EID", func(d draw) string {
		v := luhn("784" + str(d.between(1950, 2005)) + d.digits(7))
		if d.chance(60) {
			return group(v, "-", 3, 4, 7)
		}
		return v
	}},
	{"SA_ID", "NATIONAL_ID", "B", "SA", "ar=رقم الهوية|الهوية الوطنية|رقم الإقامة|إقامتي;en=iqama|iqama no", func(d draw) string { return luhn(d.from("12") + d.digits(8)) }},
	{"EG_NID", "NATIONAL_ID", "B", "EG", "ar=الرقم القومي|رقم البطاقة|رقم قومي", func(d draw) string {
		b := d.born()
		c := "2"
		if b.y >= 2000 {
			c = "3"
		}
		return c + b.ymd() + d.one("01|02|12|14|16|21|22") + d.digits(5)
	}},
	{"KW_CIVIL_ID", "NATIONAL_ID", "B", "KW", "ar=البطاقة المدنية|الرقم المدني;en=civil id", func(d draw) string {
		return until(func() (string, bool) {
			b := d.born()
			c := "2"
			if b.y >= 2000 {
				c = "3"
			}
			s := c + b.ymd() + d.digits(4)
			k := 11 - weighted(s, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)%11
			return s + str(k%10), k < 10
		})
	}},
	{"IR_MELLI", "NATIONAL_ID", "B", "IR", "fa=کد ملی|کدملی|شماره ملی", func(d draw) string {
		s := "0" + d.fill("%#######")
		c := weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11
		if c > 1 {
			c = 11 - c
		}
		return s + str(c)
	}},
	{"IN_AADHAAR", "NATIONAL_ID", "B", "IN", "en=aadhaar|aadhar no|Aadhaar number|adhar card;hi=आधार|आधार नंबर|आधार कार्ड;ta=ஆதார் எண்;te=ఆధార్ నంబర్;bn=আধার নম্বর", func(d draw) string {
		v := verhoeff(d.from("23456789") + d.digits(10))
		switch d.IntN(5) {
		case 0, 1:
			return v
		case 2:
			return group(v, "-", 4, 4)
		}
		return group(v, " ", 4, 4)
	}},
	{"IN_PAN", "NATIONAL_ID", "B", "IN", "en=pan|PAN|pan card|pan no;hi=पैन|पैन कार्ड|PAN", func(d draw) string {
		v := d.many(upper, 3) + d.from("PCHF") + d.from(upper) + d.fill("###%") + d.from(upper)
		if d.chance(25) {
			return strings.ToLower(v)
		}
		return v
	}},
	{"IN_GSTIN", "NATIONAL_ID", "B", "IN", "en=gst|gstin|GST no", func(d draw) string {
		s := d.one("07|09|19|24|27|29|33|36") + d.many(upper, 3) + "C" + d.from(upper) + d.fill("####") + d.from(upper) + "1Z"
		sum := 0
		for i := range len(s) {
			n := letterValue(s[i]) * (1 + i%2)
			sum += n/36 + n%36
		}
		return s + string((decimal + upper)[(36-sum%36)%36])
	}},
	{"IN_IFSC", "BANK_ACCOUNT", "B", "IN", "en=ifsc|IFSC code|ifsc;hi=आईएफएससी|IFSC", func(d draw) string {
		return d.one("SBIN|HDFC|ICIC|UTIB|PUNB|KKBK|BARB|CNRB") + "0" + d.digits(6)
	}},
	{"IN_UPI", "BANK_ACCOUNT", "B", "IN", "en=upi|upi id|gpay;hi=यूपीआई|UPI", func(d draw) string {
		return d.one("ravi|meena|sunil|asha|kiran|deepa") + d.digits(3) + "@" + d.one("okaxis|oksbi|okhdfcbank|okicici|ybl|paytm|ibl|upi")
	}},
	{"PK_CNIC", "NATIONAL_ID", "B", "PK", "ur=شناختی کارڈ|شناختی کارڈ نمبر;en=cnic|CNIC no|nic", func(d draw) string {
		v := d.one("35202|42101|61101|17301|36302|37405") + d.digits(8)
		if d.chance(80) {
			return group(v, "-", 5, 7)
		}
		return v
	}},
	{"LK_NIC", "NATIONAL_ID", "B", "LK", "en=nic|NIC no|national id;si=හැඳුනුම්පත් අංකය;ta=அடையாள அட்டை எண்", func(d draw) string {
		day := d.between(1, 360)
		if d.chance(50) {
			day += 500
		}
		return two(d.between(50, 99)) + str(1000 + day)[1:] + d.digits(4) + d.from("VX")
	}},
	{"CN_RESIDENT_ID", "NATIONAL_ID", "A", "CN", "zh=身份证|身份证号|身份证号码|证件号;en=chinese id", func(d draw) string {
		b := d.born()
		s := d.one("110101|110105|310104|310115|440103|440106|440305|330106|510104|420106|320102|370202") + str(b.y) + two(b.m) + two(b.d) + d.digits(3)
		w := weighted(s, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
		last := string("10X98765432"[w%11])
		if d.chance(30) {
			last = strings.ToLower(last)
		}
		return s + last
	}},
	{"HK_ID", "NATIONAL_ID", "B", "HK", "zh-Hant=身份證|身份證號碼|香港身份證;en=hkid|HKID no", func(d draw) string {
		l, s := d.from("ABCDEGHKMPRVYZ"), d.digits(6)
		sum := 36*9 + letterValue(l[0])*8 + weighted(s, 7, 6, 5, 4, 3, 2)
		c := string("0A987654321"[sum%11])
		if d.chance(75) {
			return l + s + "(" + c + ")"
		}
		return l + s + c
	}},
	{"TW_ID", "NATIONAL_ID", "B", "TW", "zh-Hant=身分證|身分證字號|身分證號", func(d draw) string {
		const order = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
		i := d.IntN(len(order))
		n, s := i+10, d.from("12")+d.digits(7)
		sum := n/10 + n%10*9 + weighted(s, 8, 7, 6, 5, 4, 3, 2, 1)
		return string(order[i]) + s + str((10-sum%10)%10)
	}},
	{"JP_MY_NUMBER", "NATIONAL_ID", "B", "JP", "ja=マイナンバー|個人番号|マイナンバーカード", func(d draw) string {
		s := d.fill("%##########")
		r := weighted(s, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
		c := 0
		if r > 1 {
			c = 11 - r
		}
		v := s + str(c)
		switch d.IntN(4) {
		case 0:
			return group(v, "-", 4, 4)
		case 1:
			return group(v, " ", 4, 4)
		}
		return v
	}},
	{"KR_RRN", "NATIONAL_ID", "B", "KR", "ko=주민번호|주민등록번호|주민 번호", func(d draw) string {
		b := d.born()
		g := d.between(1, 2)
		if b.y >= 2000 {
			g += 2
		}
		s := b.ymd() + str(g) + two(d.between(0, 95)) + d.digits(3)
		v := s + str((11-weighted(s, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11)%10)
		if d.chance(75) {
			return group(v, "-", 6)
		}
		return v
	}},
	{"SG_NRIC", "NATIONAL_ID", "A", "SG", "en=nric|NRIC|ic no|fin;zh=身份证", func(d draw) string {
		p, s := d.from("STFG"), d.digits(7)
		sum := weighted(s, 2, 7, 6, 5, 4, 3, 2)
		if p == "T" || p == "G" {
			sum += 4
		}
		if p == "S" || p == "T" {
			return p + s + string("JZIHGFEDCBA"[sum%11])
		}
		return p + s + string("XWUTRQPNMLK"[sum%11])
	}},
	{"MY_MYKAD", "NATIONAL_ID", "B", "MY", "ms=no ic|no. kad pengenalan|ic saya|mykad;en=ic number|mykad", func(d draw) string {
		v := d.born().ymd() + d.one("01|03|05|07|08|10|12|13|14") + d.fill("####")
		if d.chance(75) {
			return group(v, "-", 6, 2)
		}
		return v
	}},
	{"ID_NIK", "NATIONAL_ID", "B", "ID", "id=nik|NIK|no ktp|nomor ktp|ktp saya", func(d draw) string {
		b := d.born()
		if d.chance(50) {
			b.d += 40
		}
		return d.one("3171|3174|3273|3578|1271|5171|3374|6471|7371") + two(d.between(1, 10)) + b.dmy() + d.fill("00#%")
	}},
	{"TH_ID", "NATIONAL_ID", "B", "TH", "th=เลขบัตรประชาชน|บัตรประชาชน|เลขประจำตัวประชาชน", func(d draw) string {
		s := d.from("135") + d.digits(11)
		v := s + str((11-weighted(s, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11)%10)
		if d.chance(50) {
			return group(v, "-", 1, 4, 5, 2)
		}
		return v
	}},
	{"VN_CCCD", "NATIONAL_ID", "B", "VN", "vi=cccd|căn cước|số căn cước|căn cước công dân|so cccd", func(d draw) string {
		b := d.born()
		g := d.between(0, 1)
		if b.y >= 2000 {
			g += 2
		}
		return d.one("001|079|048|031|092|038|040") + str(g) + two(b.y%100) + d.digits(6)
	}},
	{"PH_TIN", "NATIONAL_ID", "C", "PH", "en=tin|TIN no;fil=tin|tin number ko", func(d draw) string { return d.fill("%##-###-###-000") }},
	{"AU_TFN", "NATIONAL_ID", "B", "AU", "en=tfn|tax file number|TFN", func(d draw) string {
		v := until(func() (string, bool) {
			s := d.fill("%#######")
			// The last weight is 10, which is -1 modulo 11.
			c := weighted(s, 1, 4, 3, 7, 5, 8, 6, 9) % 11
			return s + str(c%10), c != 10
		})
		return spaced(d, v, 3, 3)
	}},
	{"AU_MEDICARE", "NATIONAL_ID", "B", "AU", "en=medicare|medicare card|medicare no", func(d draw) string {
		s := d.from("23456") + d.digits(7)
		v := s + str(weighted(s, 1, 3, 7, 9, 1, 3, 7, 9)%10) + d.from("1234")
		return spaced(d, v, 4, 5)
	}},
	{"AU_ABN", "NATIONAL_ID", "B", "AU", "en=abn|ABN", func(d draw) string {
		s := d.digits(9)
		// 89 - sum over the nine digits gives the two leading ones, plus 10.
		r := 0
		for i, w := range [9]int{3, 5, 7, 9, 11, 13, 15, 17, 19} {
			r += digit(s[i]) * w
		}
		return spaced(d, str(89-r%89+10)+s, 2, 3, 3)
	}},
	{"NZ_IRD", "NATIONAL_ID", "B", "NZ", "en=ird|IRD number|ird no", func(d draw) string {
		v := until(func() (string, bool) {
			s := "0" + d.fill("4######")
			c := weighted(s, 3, 2, 7, 6, 5, 4, 3, 2) % 11
			if c != 0 {
				c = 11 - c
			}
			return s[1:] + str(c%10), c != 10
		})
		if d.chance(60) {
			return group(v, "-", 2, 3)
		}
		return v
	}},
	{"NZ_NHI", "NATIONAL_ID", "B", "NZ", "en=nhi|NHI number", func(d draw) string {
		return until(func() (string, bool) {
			const l = "ABCDEFGHJKLMNPQRSTUVWXYZ"
			s := d.many(l, 3) + d.digits(3)
			sum := 0
			for i := range 6 {
				n := digit(s[i])
				if i < 3 {
					n = strings.IndexByte(l, s[i]) + 1
				}
				sum += n * (7 - i)
			}
			c := 11 - sum%11
			return s + str(c%10), sum%11 != 0
		})
	}},
	{"ZA_ID", "NATIONAL_ID", "B", "ZA", "en=id number|sa id|ID no;af=id nommer|identiteitsnommer;zu=inombolo kamazisi", func(d draw) string {
		return spaced(d, luhn(d.born().ymd()+d.digits(4)+d.from("01")+"8"), 6, 4, 2)
	}},
	{"NG_NIN", "NATIONAL_ID", "C", "NG", "en=nin|my NIN|national identity number;yo=nin mi;ha=lambar nin", func(d draw) string { return d.fill("%##########") }},
	{"NG_BVN", "NATIONAL_ID", "C", "NG", "en=bvn|BVN|my bvn", func(d draw) string { return "22" + d.digits(9) }},
	{"KE_ID", "NATIONAL_ID", "C", "KE", "sw=nambari ya kitambulisho|kitambulisho;en=id no|national id", func(d draw) string { return d.fill("%#######") }},
	{"KE_KRA_PIN", "NATIONAL_ID", "C", "KE", "en=kra pin|KRA PIN;sw=kra pin", func(d draw) string { return "A0" + d.digits(8) + d.from(upper) }},
	{"GH_CARD", "NATIONAL_ID", "B", "GH", "en=ghana card|ghana card no", func(d draw) string { return "GHA-" + d.fill("7########") + "-" + d.digits(1) }},
	{"TZ_NIDA", "NATIONAL_ID", "C", "TZ", "sw=nida|namba ya nida", func(d draw) string {
		b := d.born()
		return str(b.y) + two(b.m) + two(b.d) + "-" + d.fill("1####") + "-" + d.fill("0000#") + "-" + d.digits(2)
	}},
	{"MA_CIN", "NATIONAL_ID", "C", "MA", "fr=cin|n° cin|carte nationale;ar=رقم البطاقة الوطنية", func(d draw) string { return d.one("AB|BE|BK|D|J|K|EE") + d.digits(6) }},
}
