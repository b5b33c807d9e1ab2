package second

import (
	"strconv"
	"strings"
)

// born is a made-up day of birth, long enough ago and not too long.
type born struct{ y, m, d int }

func (d draw) born() born { return born{d.between(1945, 2005), d.between(1, 12), d.between(1, 28)} }

func (b born) ymd() string { return two(b.y%100) + two(b.m) + two(b.d) }
func (b born) dmy() string { return two(b.d) + two(b.m) + two(b.y%100) }

func spaced(d draw, v string, sizes ...int) string {
	if d.chance(50) {
		return v
	}
	return group(v, " ", sizes...)
}

// until draws until the check digit exists.
func until(f func() (string, bool)) string {
	for {
		if s, ok := f(); ok {
			return s
		}
	}
}

var europe = []kind{
	{"GB_NHS", "NATIONAL_ID", "B", "GB", "en=nhs|nhs no|NHS number|nhs num", func(d draw) string {
		v := until(func() (string, bool) {
			s := d.from("4679") + d.digits(8)
			c := 11 - weighted(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11
			return s + str(c%11), c != 10
		})
		return spaced(d, v, 3, 3)
	}},
	{"GB_NINO", "NATIONAL_ID", "B", "GB", "en=ni number|NI no|national insurance|nino", func(d draw) string {
		v := d.from("ABCEHJLMPRSTWXY") + d.from("ABCEHJLMPRSTWXYZ") + d.digits(6) + d.from("ABCD")
		if strings.HasPrefix(v, "BG") || v[:2] == "GB" || v[:2] == "TN" || v[:2] == "ZZ" {
			v = "AB" + v[2:]
		}
		return spaced(d, v, 2, 2, 2, 2)
	}},
	{"GB_UTR", "NATIONAL_ID", "B", "GB", "en=utr|UTR number|unique taxpayer reference", func(d draw) string {
		s := d.digits(9)
		return string("21987654321"[weighted(s, 6, 7, 8, 9, 10, 5, 4, 3, 2)%11]) + s
	}},
	{"IE_PPSN", "NATIONAL_ID", "B", "IE", "en=pps|pps number|PPSN", func(d draw) string {
		s := "1" + d.digits(6)
		return s + string("WABCDEFGHIJKLMNOPQRSTUV"[weighted(s, 8, 7, 6, 5, 4, 3, 2)%23])
	}},
	{"DE_STEUER_ID", "NATIONAL_ID", "B", "DE", "de=steuer-id|Steuer-IdNr.|steuerliche identifikationsnummer|IdNr;en=german tax id", func(d draw) string {
		// Ten digits of which one stands twice and one is missing.
		p := d.Perm(10)
		digits := p[:9:9]
		digits = append(digits, digits[d.IntN(9)])
		d.Shuffle(10, func(i, j int) { digits[i], digits[j] = digits[j], digits[i] })
		if digits[0] == 0 {
			for i, n := range digits {
				if n != 0 {
					digits[0], digits[i] = n, 0
					break
				}
			}
		}
		var b strings.Builder
		for _, n := range digits {
			b.WriteString(str(n))
		}
		return spaced(d, iso1110(b.String()), 2, 3, 3)
	}},
	{"DE_KVNR", "NATIONAL_ID", "B", "DE", "de=krankenversichertennummer|versichertennr|KVNR|krankenkassennummer", func(d draw) string {
		letter, s := d.IntN(26), d.digits(8)
		sum := 0
		for i, c := range []byte(two(letter+1) + s) {
			n := digit(c) * (1 + i%2)
			sum += n/10 + n%10
		}
		return string(upper[letter]) + s + str(sum%10)
	}},
	{"AT_SVNR", "NATIONAL_ID", "B", "AT", "de=svnr|sozialversicherungsnummer|SV-Nummer|vers.nr.", func(d draw) string {
		v := until(func() (string, bool) {
			s, day := d.fill("%##"), d.born().dmy()
			c := (weighted(s, 3, 7, 9) + weighted(day, 5, 8, 4, 2, 1, 6)) % 11
			return s + str(c%10) + day, c != 10
		})
		return spaced(d, v, 4)
	}},
	{"CH_AHV", "NATIONAL_ID", "B", "CH", "de=ahv|AHV-Nummer|ahv nr;fr=avs|numéro avs;it=numero avs", func(d draw) string {
		v := ean("756" + d.digits(9))
		if d.chance(70) {
			return group(v, ".", 3, 4, 4)
		}
		return v
	}},
	{"FR_NIR", "NATIONAL_ID", "A", "FR", "fr=numéro de sécu|sécurité sociale|n° secu|nir", func(d draw) string {
		b := d.born()
		s := d.from("12") + two(b.y%100) + two(b.m) + two(d.between(1, 19)) + d.fill("%##") + d.fill("%##")
		v := s + two(97-rest97(s))
		if d.chance(60) {
			return group(v, " ", 1, 2, 2, 2, 3, 3)
		}
		return v
	}},
	{"ES_DNI", "NATIONAL_ID", "A", "ES", "es=dni|DNI nº|nif|documento;ca=dni|el meu dni", func(d draw) string {
		n := d.between(10000000, 79999999)
		letter := string("TRWAGMYFPDXBNJZSQVHLCKE"[n%23])
		switch d.IntN(3) {
		case 0:
			return str(n) + "-" + letter
		case 1:
			return group(str(n), ".", 2, 3) + "-" + letter
		}
		return str(n) + letter
	}},
	{"ES_NIE", "NATIONAL_ID", "A", "ES", "es=nie|número de extranjero|NIE;en=my nie", func(d draw) string {
		p, n := d.IntN(3), d.between(1000000, 9999999)
		return string("XYZ"[p]) + str(n) + string("TRWAGMYFPDXBNJZSQVHLCKE"[(p*10000000+n)%23])
	}},
	{"ES_NUSS", "NATIONAL_ID", "B", "ES", "es=nº seguridad social|número de afiliación|nuss", func(d draw) string {
		s := two(d.between(1, 50)) + d.fill("%#######")
		v := s + two(rest97(s))
		if d.chance(50) {
			return group(v, "/", 2, 8)
		}
		return v
	}},
	{"PT_NIF", "NATIONAL_ID", "B", "PT", "pt=nif|contribuinte|nº de contribuinte", func(d draw) string {
		s := d.from("12") + d.digits(7)
		c := 11 - weighted(s, 9, 8, 7, 6, 5, 4, 3, 2)%11
		if c > 9 {
			c = 0
		}
		return spaced(d, s+str(c), 3, 3)
	}},
	{"IT_CODICE_FISCALE", "NATIONAL_ID", "A", "IT", "it=codice fiscale|cod. fisc.|cf|C.F.", func(d draw) string {
		b := d.born()
		day := b.d
		if d.chance(50) {
			day += 40
		}
		s := d.many("BCDFGLMNPRSTVZ", 6) + two(b.y%100) + string("ABCDEHLMPRST"[b.m-1]) + two(day) + d.from("ABCDEFGHIL") + d.fill("%##")
		return fiscal(s)
	}},
	{"IT_PARTITA_IVA", "NATIONAL_ID", "B", "IT", "it=p.iva|partita iva|P. IVA", func(d draw) string {
		return luhn("0" + d.fill("%#####") + "0" + d.fill("%#"))
	}},
	{"NL_BSN", "NATIONAL_ID", "B", "NL", "nl=bsn|burgerservicenummer|BSN nr|sofinummer", func(d draw) string {
		return until(func() (string, bool) {
			s := d.fill("%#######")
			c := weighted(s, 9, 8, 7, 6, 5, 4, 3, 2) % 11
			return s + str(c%10), c != 10
		})
	}},
	{"BE_NN", "NATIONAL_ID", "B", "BE", "nl=rijksregisternummer|rijksregisternr|rrn;fr=numéro national|registre national|n° national", func(d draw) string {
		b := d.born()
		s := b.ymd() + two(d.between(1, 9)) + d.digits(1)
		lead := ""
		if b.y >= 2000 {
			lead = "2"
		}
		v := s + two(97-rest97(lead+s))
		if d.chance(70) {
			return v[:2] + "." + v[2:4] + "." + v[4:6] + "-" + v[6:9] + "." + v[9:]
		}
		return v
	}},
	{"PL_PESEL", "NATIONAL_ID", "B", "PL", "pl=pesel|nr pesel|PESEL", func(d draw) string {
		b := d.born()
		m := b.m
		if b.y >= 2000 {
			m += 20
		}
		s := two(b.y%100) + two(m) + two(b.d) + d.digits(4)
		return s + str((10-weighted(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10)
	}},
	{"PL_NIP", "NATIONAL_ID", "B", "PL", "pl=nip|numer nip|NIP", func(d draw) string {
		v := until(func() (string, bool) {
			s := d.fill("%%%######")
			c := weighted(s, 6, 5, 7, 2, 3, 4, 5, 6, 7) % 11
			return s + str(c%10), c != 10
		})
		if d.chance(50) {
			return group(v, "-", 3, 3, 2)
		}
		return v
	}},
	{"CZ_RC", "NATIONAL_ID", "B", "CZ", "cs=rodné číslo|rodne cislo|rč", birthNumber},
	{"CZ_RC", "NATIONAL_ID", "B", "SK", "sk=rodné číslo|rodne cislo", birthNumber},
	{"HU_TAJ", "NATIONAL_ID", "B", "HU", "hu=taj|taj szám|TAJ-számom", func(d draw) string {
		s := d.fill("%#######")
		return spaced(d, s+str(weighted(s, 3, 7, 3, 7, 3, 7, 3, 7)%10), 3, 3)
	}},
	{"RO_CNP", "NATIONAL_ID", "B", "RO", "ro=cnp|cod numeric personal|CNP-ul meu", func(d draw) string {
		b := d.born()
		g := d.between(1, 2)
		if b.y >= 2000 {
			g += 4
		}
		s := str(g) + b.ymd() + two(d.between(1, 46)) + d.fill("##%")
		c := weighted(s, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
		if c == 10 {
			c = 1
		}
		return s + str(c)
	}},
	{"BG_EGN", "NATIONAL_ID", "B", "BG", "bg=егн|ЕГН|единен граждански номер", func(d draw) string {
		b := d.born()
		m := b.m
		if b.y >= 2000 {
			m += 40
		}
		s := two(b.y%100) + two(m) + two(b.d) + d.digits(3)
		return s + str(weighted(s, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10)
	}},
	{"GR_AMKA", "NATIONAL_ID", "B", "GR", "el=αμκα|ΑΜΚΑ|amka", func(d draw) string { return luhn(d.born().dmy() + d.digits(4)) }},
	{"GR_AFM", "NATIONAL_ID", "B", "GR", "el=αφμ|ΑΦΜ|afm", func(d draw) string {
		s := d.from("01") + d.fill("%######")
		return s + str(weighted(s, 256, 128, 64, 32, 16, 8, 4, 2)%11%10)
	}},
	{"HR_OIB", "NATIONAL_ID", "B", "HR", "hr=oib|OIB", func(d draw) string { return iso1110(d.fill("%#########")) }},
	{"SI_EMSO", "NATIONAL_ID", "B", "SI", "sl=emšo|emso|EMŠO", func(d draw) string { return citizen(d, "50") }},
	{"RS_JMBG", "NATIONAL_ID", "B", "RS", "sr=јмбг|jmbg|матични број|matični broj", func(d draw) string { return citizen(d, str(d.between(71, 79))) }},
	{"SE_PERSONNUMMER", "NATIONAL_ID", "B", "SE", "sv=personnummer|personnr|pnr", func(d draw) string {
		b := d.born()
		v := luhn(b.ymd() + d.digits(3))
		switch d.IntN(3) {
		case 0:
			return str(b.y/100) + v[:6] + "-" + v[6:]
		case 1:
			return str(b.y/100) + v
		}
		return v[:6] + "-" + v[6:]
	}},
	{"NO_FNR", "NATIONAL_ID", "B", "NO", "nb=fødselsnummer|fnr|personnummer|fødselsnr", func(d draw) string {
		v := until(func() (string, bool) {
			b := d.born()
			b.y = d.between(1945, 1999)
			s := b.dmy() + two(d.between(0, 49)) + d.digits(1)
			k1 := (11 - weighted(s, 3, 7, 6, 1, 8, 9, 4, 5, 2)%11) % 11
			if k1 == 10 {
				return "", false
			}
			s += str(k1)
			k2 := (11 - weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
			return s + str(k2%10), k2 != 10
		})
		return spaced(d, v, 6)
	}},
	{"DK_CPR", "NATIONAL_ID", "B", "DK", "da=cpr|cpr-nummer|cpr nr|personnummer", func(d draw) string {
		b := d.born()
		b.y = d.between(1945, 1999)
		s := b.dmy() + d.from("0123") + d.digits(3)
		return s[:6] + "-" + s[6:]
	}},
	{"FI_HETU", "NATIONAL_ID", "B", "FI", "fi=henkilötunnus|hetu|sotu|henkilötunnukseni", func(d draw) string {
		b := d.born()
		s, sign := d.from("12345678")+d.digits(2), "-"
		if b.y >= 2000 {
			sign = "A"
		}
		n, err := strconv.Atoi(b.dmy() + s)
		if err != nil {
			panic(err)
		}
		return b.dmy() + sign + s + string("0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31])
	}},
	{"IS_KENNITALA", "NATIONAL_ID", "B", "IS", "is=kennitala|kt|kennitalan mín", func(d draw) string {
		v := until(func() (string, bool) {
			b := d.born()
			s := b.dmy() + two(d.between(20, 99))
			c := (11 - weighted(s, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
			century := "9"
			if b.y >= 2000 {
				century = "0"
			}
			return s + str(c%10) + century, c != 10
		})
		return v[:6] + "-" + v[6:]
	}},
	{"EE_ISIKUKOOD", "NATIONAL_ID", "B", "EE", "et=isikukood|ik", baltic},
	{"LT_ASMENS_KODAS", "NATIONAL_ID", "B", "LT", "lt=asmens kodas|a.k.", baltic},
	{"RU_INN", "NATIONAL_ID", "B", "RU", "ru=инн|ИНН|мой инн", func(d draw) string {
		s := two(d.between(1, 79)) + d.fill("%#######")
		s += str(weighted(s, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10)
		return s + str(weighted(s, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10)
	}},
	{"RU_SNILS", "NATIONAL_ID", "B", "RU", "ru=снилс|СНИЛС|номер снилс", func(d draw) string {
		s := d.fill("1%#######")
		c := weighted(s, 9, 8, 7, 6, 5, 4, 3, 2, 1) % 101 % 100
		v := s + two(c)
		if d.chance(75) {
			return v[:3] + "-" + v[3:6] + "-" + v[6:9] + " " + v[9:]
		}
		return v
	}},
	{"UA_RNOKPP", "NATIONAL_ID", "B", "UA", "uk=іпн|рнокпп|ідентифікаційний код|ІПН", func(d draw) string {
		s := d.fill("2%#######")
		neg := -digit(s[0]) + weighted(s[1:], 5, 7, 9, 4, 6, 10, 5, 7)
		return s + str((neg%11+11)%11%10)
	}},
	{"KZ_IIN", "NATIONAL_ID", "B", "KZ", "kk=жсн|ЖСН;ru=иин|ИИН", func(d draw) string {
		return until(func() (string, bool) {
			b := d.born()
			b.y = d.between(1945, 1999)
			s := b.ymd() + d.from("34") + d.digits(4)
			c := weighted(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) % 11
			if c == 10 {
				c = weighted(s, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2) % 11
			}
			return s + str(c%10), c != 10
		})
	}},
	{"TR_TCKN", "NATIONAL_ID", "B", "TR", "tr=tc kimlik|tckn|T.C. no|kimlik numaram|tc no", func(d draw) string {
		s := d.fill("%########")
		odd := digit(s[0]) + digit(s[2]) + digit(s[4]) + digit(s[6]) + digit(s[8])
		even := digit(s[1]) + digit(s[3]) + digit(s[5]) + digit(s[7])
		tenth := ((odd*7-even)%10 + 10) % 10
		return s + str(tenth) + str((odd+even+tenth)%10)
	}},
}

// fiscal appends the check letter of the Italian codice fiscale.
func fiscal(s string) string {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range len(s) {
		n := int(s[i] - '0')
		if s[i] >= 'A' {
			n = int(s[i] - 'A')
		}
		if i%2 == 0 {
			n = odd[n]
		}
		sum += n
	}
	return s + string(upper[sum%26])
}

// birthNumber is the Czech and Slovak rodné číslo of ten digits: divisible by 11.
func birthNumber(d draw) string {
	return until(func() (string, bool) {
		b := d.born()
		b.y = d.between(1954, 2005)
		m := b.m
		if d.chance(50) {
			m += 50
		}
		n, err := strconv.Atoi(two(b.y%100) + two(m) + two(b.d) + d.digits(3))
		if err != nil {
			panic(err)
		}
		c := (11 - n*10%11) % 11
		v := "000" + strconv.Itoa(n*10+c)
		v = v[len(v)-10:]
		if d.chance(70) {
			v = v[:6] + "/" + v[6:]
		}
		return v, c != 10
	})
}

// citizen is the number of Yugoslavia's successors: date, region, sequence.
func citizen(d draw, region string) string {
	return until(func() (string, bool) {
		b := d.born()
		s := two(b.d) + two(b.m) + str(b.y)[1:] + region + d.digits(3)
		c := 11 - weighted(s, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
		return s + str(c%11), c != 10
	})
}

// baltic is the number of Estonia and Lithuania: century and sex, date, sequence.
func baltic(d draw) string {
	b := d.born()
	g := d.between(3, 4)
	if b.y >= 2000 {
		g += 2
	}
	s := str(g) + b.ymd() + d.digits(3)
	c := weighted(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if c == 10 {
		c = weighted(s, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11
	}
	return s + str(c%10)
}
