package second

import (
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
)

// kind is one kind of personal data of the set: how it is made up and what
// people write beside it, as "language=word|word;language=word".
type kind struct {
	entity, kind, class, country string
	labels                       string
	make                         func(draw) string
}

// Domains that nobody can own, and common public ones.
const domains = "example.com|example.org|mail.example.net|gmail.com|hotmail.com|yahoo.co.uk|web.de|gmx.net|orange.fr|libero.it|uol.com.br|mail.ru|qq.com|naver.com|yahoo.co.jp|firma.example.de"

func email(d draw) string {
	first := d.one("anna|jose|marie|tom|li|yuki|omar|lena|k|sofia|peter|nadia|raj|eva")
	last := d.one("meier|garcia|dubois|smith|wei|tanaka|hassan|novak|rossi|silva|kumar|olsen")
	v := d.one(first+"."+last+"|"+first+last+"|"+first+"_"+last+"|"+last+first[:1]+"|"+first+"-"+last+"|"+first+"."+last+"+shop") + d.one("||"+d.digits(2)+"|"+d.digits(4)) + "@" + d.one(domains)
	if d.chance(10) {
		return strings.ToUpper(v[:1]) + v[1:]
	}
	return v
}

// card is a payment card number of a scheme: its prefixes and length.
func card(d draw, grouped bool) string {
	s := pick(d, []struct {
		prefix string
		length int
	}{{"4", 16}, {"4", 16}, {"4", 16}, {"51|52|53|54|55", 16}, {"51|52|53|54|55", 16}, {"2221|2350|2500|2720", 16}, {"34|37", 15}, {"6011|65", 16},
		{"3528|3540|3589", 16}, {"300|36|38", 14}, {"62", 16}, {"2200|2202|2204", 16}, {"652150|817200", 16}, {"9792", 16}, {"636368|504175", 16}, {"606282", 16}})
	v := d.one(s.prefix)
	v = luhn(v + d.digits(s.length-1-len(v)))
	if !grouped {
		return v
	}
	sep := pick(d, []string{" ", "-"})
	switch s.length {
	case 15:
		return group(v, sep, 4, 6)
	case 14:
		return group(v, sep, 4, 6)
	}
	return group(v, sep, 4, 4, 4)
}

// accounts are the national parts of IBANs: '#' digit, '@' letter.
var accounts = []struct{ country, pattern string }{
	{"DE", "##################"}, {"AT", "################"}, {"CH", "#################"}, {"FR", "##########@##########" + "##"}, {"ES", "####################"},
	{"IT", "@######################"}, {"NL", "@@@@##########"}, {"BE", "############"}, {"GB", "@@@@##############"}, {"IE", "@@@@##############"}, {"PT", "#####################"},
	{"PL", "########################"}, {"CZ", "####################"}, {"SK", "####################"}, {"HU", "########################"}, {"RO", "@@@@################"}, {"BG", "@@@@##############"},
	{"GR", "#######################"}, {"HR", "#################"}, {"SE", "####################"}, {"NO", "###########"}, {"DK", "##############"}, {"FI", "##############"},
	{"TR", "#####0################"}, {"SA", "####################"}, {"AE", "###################"}, {"IL", "###################"}, {"BR", "#######################@@"}, {"UA", "#########################"},
	{"KZ", "################"}, {"LT", "################"}, {"EE", "################"}, {"LV", "@@@@#############"}, {"LU", "################"}, {"CY", "########################"}, {"MT", "@@@@#######################"},
	{"PK", "@@@@################"}, {"KW", "@@@@######################"}, {"QA", "@@@@#####################"}, {"JO", "@@@@######################"}, {"EG", "#########################"}, {"GE", "@@################"}, {"CR", "0#################"}, {"DO", "@@@@####################"},
}

func account(d draw) (value, country string) {
	a := pick(d, accounts)
	v := iban(a.country, own(a.country, d.fill(a.pattern)))
	switch d.IntN(6) {
	case 0, 1:
		return v, a.country
	case 2:
		return strings.ToLower(v), a.country
	}
	return fours(v, " "), a.country
}

// own puts in the check digits that some countries have within the account.
func own(country, v string) string {
	switch country {
	case "BE":
		r := rest97(v[:10])
		if r == 0 {
			r = 97
		}
		return v[:10] + two(r)
	case "ES":
		check := func(sum int) string { return string("01987654321"[sum%11]) }
		return v[:8] + check(weighted(v[:8], 4, 8, 5, 10, 9, 7, 3, 6)) + check(weighted(v[10:], 1, 2, 4, 8, 5, 10, 9, 7, 3, 6)) + v[10:]
	case "NO":
		// Where the digit would be 10 there is no such account; another sequence number has one.
		for n := digit(v[9]); ; n++ {
			s := v[:9] + str(n%10)
			if c := (11 - weighted(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11; c < 10 {
				return s + str(c)
			}
		}
	}
	return v
}

func fours(v, sep string) string { return group(v, sep, 4, 4, 4, 4, 4, 4, 4, 4) }

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58check writes version and twenty drawn bytes with four bytes of their
// double SHA-256.
func base58check(d draw, version byte) string {
	raw := []byte{version}
	for range 20 {
		raw = append(raw, byte(d.IntN(256)))
	}
	one := sha256.Sum256(raw)
	two := sha256.Sum256(one[:])
	n := new(big.Int).SetBytes(append(raw, two[:4]...))
	var out []byte
	for rest := new(big.Int); n.Sign() > 0; {
		n.DivMod(n, big.NewInt(58), rest)
		out = append([]byte{base58[rest.Int64()]}, out...)
	}
	if version == 0 {
		out = append([]byte{'1'}, out...)
	}
	return string(out)
}

// bech32 writes a version 0 witness of twenty bytes as BIP-173 does.
func bech32(d draw, prefix string) string {
	const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	data := []int{0}
	for range 32 {
		data = append(data, d.IntN(32))
	}
	values := []int{}
	for _, c := range []byte(prefix) {
		values = append(values, int(c>>5))
	}
	values = append(values, 0)
	for _, c := range []byte(prefix) {
		values = append(values, int(c&31))
	}
	sum := 1
	for _, v := range append(append(values, data...), 0, 0, 0, 0, 0, 0) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ v
		for i, g := range [5]int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	sum ^= 1
	for i := range 6 {
		data = append(data, sum>>(5*(5-i))&31)
	}
	var b strings.Builder
	for _, v := range data {
		b.WriteByte(charset[v])
	}
	return prefix + "1" + b.String()
}

const (
	alnum = upper + lower + decimal
	url64 = alnum + "-_"
)

func jwt(d draw) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc([]byte(`{"sub":"`+d.digits(10)+`","iat":17`+d.digits(8)+`}`)) + "." + d.many(url64, 43)
}

func pem(d draw) string {
	var b strings.Builder
	b.WriteString("-----BEGIN PRIVATE KEY-----\n")
	for range 3 {
		b.WriteString(d.many(alnum+"+/", 64) + "\n")
	}
	b.WriteString("-----END PRIVATE KEY-----")
	return b.String()
}

// messageID is a WhatsApp message id: a small binary record with the phone
// number in it, in Base64.
func messageID(d draw) string {
	phone := pick(d, plans).bare(d)
	raw := "\x1c\x18" + string(rune(len(phone))) + phone + "\x15\x02\x00\x12\x18\x14" + d.many("0123456789ABCDEF", 20) + "\x00"
	return "wamid." + base64.StdEncoding.EncodeToString([]byte(raw))
}

// passportZone is the machine readable zone of a passport, two lines.
func passportZone(d draw) string {
	b := d.born()
	country := d.one("UTO|GBR|ESP|ITA|MEX|BRA|JPN")
	head := "P<" + country + d.one("MEIER<<ANNA|GARCIA<LOPEZ<<MARIA|SILVA<<JOAO|TANAKA<<YUKI|ROSSI<<PAOLO<LUCA")
	head += strings.Repeat("<", 44-len(head))
	number := d.from(upper) + d.digits(8)
	birth, expiry := b.ymd(), two(d.between(27, 34))+two(b.m)+two(b.d)
	rest := strings.Repeat("<", 14)
	tail := number + mrzDigit(number) + country + birth + mrzDigit(birth) + d.from("FM") + expiry + mrzDigit(expiry) + rest + "0"
	return head + "\n" + tail + mrzDigit(number+mrzDigit(number)+birth+mrzDigit(birth)+expiry+mrzDigit(expiry)+rest+"0")
}

func address4(d draw) string {
	return d.one("81|93|145|185|203|84") + "." + str(d.between(1, 254)) + "." + str(d.between(1, 254)) + "." + str(d.between(1, 254))
}

func tokenURL(d draw) string {
	host := "https://" + d.one("login.example.com|pay.example.org|app.example.net|konto.example.de|id.example.co")
	switch d.IntN(5) {
	case 0:
		return host + "/reset?token=" + d.many(alnum, 32)
	case 1:
		return host + "/magic/" + d.many(url64, 40)
	case 2:
		return "https://" + d.one("anna|ops|root") + ":" + d.many(alnum, 10) + "@" + host[len("https://"):] + "/"
	case 3:
		return host + "/verify?uid=" + d.digits(6) + "&code=" + d.many(alnum, 20)
	}
	return host + "/file.pdf?X-Signature=" + d.many("0123456789abcdef", 40) + "&sig=" + d.many(alnum, 24)
}

// evident are kinds that need no word beside them.
var evident = []kind{
	{"EMAIL", "EMAIL", "A", "", "", email},
	{"EMAIL", "EMAIL", "A", "", "", email},
	{"EMAIL", "EMAIL", "A", "", "", email},
	{"CREDIT_CARD", "CREDIT_CARD", "A", "", "", func(d draw) string { return card(d, true) }},
	{"CREDIT_CARD", "CREDIT_CARD", "A", "", "", func(d draw) string { return card(d, true) }},
	{"CREDIT_CARD", "CREDIT_CARD", "A", "", "", func(d draw) string { return card(d, true) }},
	{"IBAN", "IBAN", "A", "", "", nil},
	{"IBAN", "IBAN", "A", "", "", nil},
	{"IBAN", "IBAN", "A", "", "", nil},
	{"PHONE_E164", "PHONE", "A", "", "", nil},
	{"PHONE_E164", "PHONE", "A", "", "", nil},
	{"PHONE_E164", "PHONE", "A", "", "", nil},
	{"PHONE_E164", "PHONE", "A", "", "", nil},
	{"IP", "IP_ADDRESS", "A", "", "", address4},
	{"IPV6", "IP_ADDRESS", "A", "", "", func(d draw) string {
		return "2a02:" + d.many("123456789abcdef", 3) + ":" + d.many("123456789abcdef", 4) + "::" + d.many("123456789abcdef", 4) + ":" + d.many("123456789abcdef", 2)
	}},
	{"MAC", "MAC_ADDRESS", "A", "", "", func(d draw) string { return group(d.many("0123456789ABCDEF", 12), ":", 2, 2, 2, 2, 2) }},
	{"WALLET_BTC", "CRYPTO_WALLET", "A", "", "", func(d draw) string { return base58check(d, 0) }},
	{"WALLET_BTC", "CRYPTO_WALLET", "A", "", "", func(d draw) string { return bech32(d, "bc") }},
	{"WALLET_ETH", "CRYPTO_WALLET", "A", "", "", func(d draw) string { return "0x" + d.many("0123456789abcdef", 40) }},
	{"WALLET_TRX", "CRYPTO_WALLET", "A", "", "", func(d draw) string { return base58check(d, 0x41) }},
	{"WALLET_LTC", "CRYPTO_WALLET", "A", "", "", func(d draw) string { return bech32(d, "ltc") }},
	{"CLOUD_KEY", "SECRET", "A", "", "", func(d draw) string { return "AKIA" + d.many(upper+"234567", 16) }},
	{"CLOUD_KEY", "SECRET", "A", "", "", func(d draw) string { return "ghp_" + d.many(alnum, 36) }},
	{"CLOUD_KEY", "SECRET", "A", "", "", func(d draw) string { return "AIza" + d.many(url64, 35) }},
	{"CLOUD_KEY", "SECRET", "A", "", "", func(d draw) string { return "glpat-" + d.many(alnum, 20) }},
	{"JWT", "SECRET", "A", "", "", jwt},
	{"PRIVATE_KEY", "SECRET", "A", "", "", pem},
	{"META_TOKEN", "META_TOKEN", "A", "", "", func(d draw) string { return "EAA" + d.many(alnum, 120) }},
	{"WAMID", "WAMID", "A", "", "", messageID},
	{"MRZ", "MRZ", "A", "", "", passportZone},
	{"URL_TOKEN", "URL", "A", "", "", tokenURL},
	{"URL_TOKEN", "URL", "A", "", "", tokenURL},
}
