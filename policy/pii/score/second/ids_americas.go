package second

var americas = []kind{
	{"US_SSN", "NATIONAL_ID", "B", "US", "en=ssn|SSN|social security number|social|soc sec no;es=seguro social", func(d draw) string {
		area := d.between(100, 665)
		v := str(area) + two(d.between(1, 99)) + d.fill("%###")
		switch d.IntN(4) {
		case 0:
			return v
		case 1:
			return group(v, " ", 3, 2)
		}
		return group(v, "-", 3, 2)
	}},
	{"US_ITIN", "NATIONAL_ID", "B", "US", "en=itin|ITIN number|tax id;es=itin|mi ITIN", func(d draw) string {
		v := "9" + d.digits(2) + "7" + d.digits(5)
		return group(v, "-", 3, 2)
	}},
	{"US_MBI", "NATIONAL_ID", "B", "US", "en=medicare number|medicare id|MBI", func(d draw) string {
		const l = "ACDEFGHJKMNPQRTUVWXY"
		v := d.from("123456789") + d.from(l) + d.from(l+decimal) + d.digits(1) + d.from(l) + d.from(l+decimal) + d.digits(1) + d.many(l, 2) + d.digits(2)
		if d.chance(50) {
			return group(v, "-", 4, 3)
		}
		return v
	}},
	{"US_ABA", "BANK_ACCOUNT", "B", "US", "en=routing|routing number|ABA|rtn", func(d draw) string {
		s := d.from("0123")[:1]
		switch s {
		case "0":
			s += d.from("123456789")
		case "1":
			s += d.from("012")
		case "2":
			s += d.from("123456789")
		default:
			s += d.from("012")
		}
		s += d.digits(6)
		return s + str((10-weighted(s, 3, 7, 1, 3, 7, 1, 3, 7)%10)%10)
	}},
	{"CA_SIN", "NATIONAL_ID", "B", "CA", "en=sin|SIN number|social insurance;fr=nas|numéro d'assurance sociale", func(d draw) string {
		v := luhn(d.from("1234567") + d.digits(7))
		switch d.IntN(3) {
		case 0:
			return v
		case 1:
			return group(v, "-", 3, 3)
		}
		return group(v, " ", 3, 3)
	}},
	{"BR_CPF", "NATIONAL_ID", "B", "BR", "pt=cpf|CPF|meu cpf|nº do cpf", func(d draw) string {
		v := until(func() (string, bool) {
			s := d.digits(9)
			s += brDigit(s, 10)
			s += brDigit(s, 11)
			return s, s[0] != s[1] || s[1] != s[5]
		})
		if d.chance(50) {
			return v[:3] + "." + v[3:6] + "." + v[6:9] + "-" + v[9:]
		}
		return v
	}},
	{"BR_CNPJ", "NATIONAL_ID", "B", "BR", "pt=cnpj|CNPJ|cnpj da empresa", func(d draw) string {
		s := d.digits(8) + "000" + d.from("12")
		s += brCompany(s, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
		s += brCompany(s, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
		if d.chance(60) {
			return s[:2] + "." + s[2:5] + "." + s[5:8] + "/" + s[8:12] + "-" + s[12:]
		}
		return s
	}},
	{"MX_CURP", "NATIONAL_ID", "A", "MX", "es=curp|CURP|mi curp", func(d draw) string {
		b := d.born()
		s := d.from("BCDFGLMR") + d.from("AEIOU") + d.from("BCDFGLMR") + d.from("BCDFGLMR") + b.ymd() + d.from("HM") +
			d.one("DF|JC|NL|PL|GT|VZ|OC|MC") + d.many("BCDFGLMNPRST", 3)
		if b.y < 2000 {
			s += d.digits(1)
		} else {
			s += d.from("ABC")
		}
		sum := 0
		for i := range 17 {
			sum += curpValue(s[i]) * (18 - i)
		}
		return s + str((10-sum%10)%10)
	}},
	{"MX_NSS", "NATIONAL_ID", "B", "MX", "es=nss|número de seguro social|imss", func(d draw) string {
		return luhn(two(d.between(1, 97)) + two(d.between(70, 99)) + two(d.between(50, 99)) + d.digits(4))
	}},
	{"MX_CLABE", "BANK_ACCOUNT", "B", "MX", "es=clabe|CLABE interbancaria|cuenta clabe", func(d draw) string {
		s := d.one("002|012|014|021|030|036|044|058|072|127") + "180" + d.digits(11)
		sum := 0
		for i := range 17 {
			sum += digit(s[i]) * [3]int{3, 7, 1}[i%3] % 10
		}
		return s + str((10-sum%10)%10)
	}},
	{"AR_CUIT", "NATIONAL_ID", "B", "AR", "es=cuit|cuil|CUIT nº", func(d draw) string {
		v := until(func() (string, bool) {
			s := d.one("20|23|24|27|30") + d.fill("%#######")
			c := (11 - weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
			return s + str(c%10), c != 10
		})
		if d.chance(60) {
			return group(v, "-", 2, 8)
		}
		return v
	}},
	{"AR_CBU", "BANK_ACCOUNT", "B", "AR", "es=cbu|CBU|cvu", func(d draw) string {
		one := d.one("007|011|014|017|027|034|072|285") + d.digits(4)
		one += str((10 - weighted(one, 7, 1, 3, 9, 7, 1, 3)%10) % 10)
		two := d.digits(13)
		two += str((10 - weighted(two, 3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3)%10) % 10)
		return one + two
	}},
	{"CL_RUT", "NATIONAL_ID", "B", "CL", "es=rut|RUT|mi rut|run", func(d draw) string {
		s := str(d.between(5000000, 25000000))
		sum := 0
		for i := range len(s) {
			sum += digit(s[len(s)-1-i]) * (2 + i%6)
		}
		check := string("0K987654321"[sum%11])
		if d.chance(30) {
			check = string("0k987654321"[sum%11])
		}
		if d.chance(50) {
			n := len(s)
			return s[:n-6] + "." + s[n-6:n-3] + "." + s[n-3:] + "-" + check
		}
		return s + "-" + check
	}},
	{"CO_NIT", "NATIONAL_ID", "B", "CO", "es=nit|NIT|nit de la empresa", func(d draw) string {
		s := d.one("8|9") + d.digits(8)
		r := weighted(s, 41, 37, 29, 23, 19, 17, 13, 7, 3) % 11
		if r > 1 {
			r = 11 - r
		}
		return group(s, ".", 3, 3) + "-" + str(r)
	}},
	{"CO_CEDULA", "NATIONAL_ID", "C", "CO", "es=cédula|cedula|c.c.|cédula de ciudadanía", func(d draw) string {
		if d.chance(50) {
			return group("10"+d.digits(8), ".", 1, 3, 3)
		}
		return "10" + d.digits(8)
	}},
	{"PE_RUC", "NATIONAL_ID", "B", "PE", "es=ruc|RUC|nº de ruc", func(d draw) string {
		s := d.one("10|20") + d.fill("%#######")
		return s + str((11-weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%10)
	}},
	{"PE_DNI", "NATIONAL_ID", "C", "PE", "es=dni|DNI|mi dni", func(d draw) string { return d.fill("4#######") }},
	{"EC_CI", "NATIONAL_ID", "B", "EC", "es=cédula|cedula|número de cédula|C.I.", func(d draw) string { return luhn(two(d.between(1, 24)) + d.from("012345") + d.digits(6)) }},
	{"UY_CI", "NATIONAL_ID", "B", "UY", "es=cédula|ci|cédula de identidad", func(d draw) string {
		s := d.from("12345") + d.digits(6)
		c := str((10 - weighted(s, 2, 9, 8, 7, 6, 3, 4)%10) % 10)
		if d.chance(60) {
			return group(s, ".", 1, 3) + "-" + c
		}
		return s + "-" + c
	}},
	{"DO_CEDULA", "NATIONAL_ID", "B", "DO", "es=cédula|cedula|mi cédula", func(d draw) string {
		v := luhn("001" + d.digits(7))
		if d.chance(70) {
			return group(v, "-", 3, 7)
		}
		return v
	}},
	{"VE_CI", "NATIONAL_ID", "C", "VE", "es=cédula|cedula|ci", func(d draw) string { return "V-" + group(str(d.between(10000000, 28000000)), ".", 2, 3) }},
	{"GT_DPI", "NATIONAL_ID", "C", "GT", "es=dpi|DPI|cui", func(d draw) string {
		s := d.fill("%#######")
		sum := weighted(s, 2, 3, 4, 5, 6, 7, 8, 9)
		for sum%11 == 10 {
			s = d.fill("%#######")
			sum = weighted(s, 2, 3, 4, 5, 6, 7, 8, 9)
		}
		return group(s+str(sum%11)+"0101", " ", 4, 5)
	}},
}

func brDigit(s string, first int) string {
	sum := 0
	for i := range len(s) {
		sum += digit(s[i]) * (first - i)
	}
	if r := sum % 11; r > 1 {
		return str(11 - r)
	}
	return "0"
}

func brCompany(s string, weights ...int) string {
	if r := weighted(s, weights...) % 11; r > 1 {
		return str(11 - r)
	}
	return "0"
}

// curpValue counts A to N, Ñ, O to Z after the digits.
func curpValue(c byte) int {
	n := letterValue(c)
	if c > 'N' {
		n++
	}
	return n
}
