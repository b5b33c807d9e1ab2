package second

import "strings"

// shaped are values that nothing but a word beside them tells apart.

var passports = map[string]string{
	"DE": "C%#@%#@##|L%@##@###", "US": "5########|A########", "GB": "5########", "FR": "1%@@#####", "IN": "K#######|Z#######", "ES": "AAB######|XDA######", "IT": "YA#######|AA#######",
	"BR": "FN######|GB######", "CN": "E########|EJ#######", "JP": "TR#######|MU#######", "KR": "M########", "TR": "U########", "RU": "45 1# ######|7%#######", "ID": "C#######|B#######",
	"NL": "NX%@#@##%", "PL": "EH#######", "UA": "FA######", "MX": "G########", "AR": "AAC######", "AE": "P########", "TH": "AA#######", "VN": "C#######", "PH": "P#######A",
}

func passport(d draw, country string) string {
	if p := passports[country]; p != "" {
		return d.fill(d.one(p))
	}
	return d.fill("@########")
}

var plates = map[string]string{
	"DE": "B-MK %###|M AB %##|HH-XY %###", "GB": "AB1% CDE|LK#% XYZ", "FR": "AB-%##-CD|FG-%##-HJ", "ES": "%### BCD|%###KLM", "IT": "AB %## CD|FX%##ZT", "BR": "ABC%D##|KLM-%###", "IN": "MH 12 AB %###|KA05MN%###",
	"NL": "%#-XKB-%|TX-%##-B", "PL": "WA %####|KR %##AB", "TR": "34 ABC %##|06 BT %###", "RU": "А%##ВС77|Е%##КХ199", "CN": "京A%####|沪B%####", "KR": "%#가 %###|1%#나%###", "JP": "品川 300 あ 1%-##",
	"ID": "B %### XYZ|D %### AB", "TH": "%กข %###", "US": "7ABC%##|ABC %###", "UA": "AA %### BB", "SE": "ABC %##", "MY": "WXY %###",
}

func plate(d draw, country string) string {
	if p := plates[country]; p != "" {
		return d.fill(d.one(p))
	}
	return d.fill("@@ %###")
}

func licence(d draw, country string) string {
	switch country {
	case "GB":
		return d.one("MORGA|SMITH|JONES") + d.fill("7") + d.one("01|06|12|56") + two(d.between(1, 28)) + d.digits(1) + d.many(upper, 1) + "9" + d.digits(1) + d.many(upper, 2)
	case "DE":
		return d.fill("B%#@@@#@##%")
	case "IN":
		return d.fill("MH12 20%#00#####")
	case "KR":
		return d.fill("11-%#-######-##")
	case "JP":
		return d.fill("30%#########")
	}
	return d.fill(d.one("@#######|@%########|%#########"))
}

func domestic(d draw) string {
	return d.fill(d.one("%#######|%#########|%###########|%### #### ####|%##-%##-######"))
}

func reference(d draw) string {
	return d.fill(d.one("POL-%#####|K-%######|MRN%######|@@%#######|%#######|%##-%##-%##|@%####/2#|C%#######"))
}

func password(d draw) string {
	return d.one("Sommer|Winter|tiger|Qwert|blue|Gato|casa|Paris") + d.one("_|!|#||-") + d.fill("%##") + d.one("!|x|?|Z|$")
}

func onetime(d draw) string { return d.fill(d.one("%#####|%###|%##-###|%## ###|%#######")) }

func bic(d draw, country string) string {
	return d.many("BCDFGHKLMNPRST", 4) + country + d.one("2L|FF|MM|33|XX") + d.one("|XXX|"+d.digits(3))
}

// everywhere are words that are the same in all languages.
var everywhere = map[string]string{"bic": "BIC|SWIFT|bic code|swift", "imei": "IMEI|imei|imei no", "vin": "VIN|vin|vin no"}

// vin is a vehicle's number with the check digit of ISO 3779 as used in North
// America.
func vin(d draw) string {
	const l = "ABCDEFGHJKLMNPRSTUVWXYZ"
	v := d.one("1HG|2T1|3VW|5YJ|1FA") + d.many(l+decimal, 5) + "0" + d.many(l, 2) + d.digits(6)
	sum := 0
	for i := range len(v) {
		n := strings.IndexByte("0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ", v[i]) % 10
		sum += n * [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}[i]
	}
	return v[:8] + string("0123456789X"[sum%11]) + v[9:]
}

// shapedKinds make the values by the key of their words in tongues.txt.
var shapedKinds = []struct {
	key, entity, kind string
	weight            int
	make              func(w writer, t tongue, country string) string
}{
	{"passport", "PASSPORT", "PASSPORT", 3, func(w writer, _ tongue, c string) string { return passport(w.draw, c) }},
	{"licence", "DRIVING_LICENCE", "DRIVING_LICENCE", 2, func(w writer, _ tongue, c string) string { return licence(w.draw, c) }},
	{"account", "BANK_ACCOUNT", "BANK_ACCOUNT", 3, func(w writer, _ tongue, _ string) string { return domestic(w.draw) }},
	{"record", "RECORD_ID", "RECORD_ID", 3, func(w writer, _ tongue, _ string) string { return reference(w.draw) }},
	{"dob", "BIRTH_DATE", "DATE_OF_BIRTH", 5, func(w writer, t tongue, _ string) string { return w.date(t, w.born()) }},
	{"otp", "OTP", "OTP", 4, func(w writer, _ tongue, _ string) string { return onetime(w.draw) }},
	{"password", "PASSWORD", "PASSWORD", 4, func(w writer, _ tongue, _ string) string { return password(w.draw) }},
	{"cvv", "CARD_CVV", "CARD_CVV", 2, func(w writer, _ tongue, _ string) string { return w.digits(3) }},
	{"plate", "PLATE", "LICENCE_PLATE", 2, func(w writer, _ tongue, c string) string { return plate(w.draw, c) }},
	{"imei", "IMEI", "DEVICE_ID", 1, func(w writer, _ tongue, _ string) string { return luhn("35" + w.digits(12)) }},
	{"vin", "VIN", "VEHICLE_ID", 1, func(w writer, _ tongue, _ string) string { return vin(w.draw) }},
	{"bic", "BIC", "BIC", 1, func(w writer, _ tongue, c string) string { return bic(w.draw, c) }},
}

// self is how one tells one's name or address.
func (w writer) self(t tongue, key string) item {
	if key == "name" {
		v := w.one(t.lines["names"])
		if w.chance(20) {
			v = strings.ToLower(v)
		}
		return item{value: v, kind: "NAME", entity: "NAME", class: "D"}
	}
	return item{value: w.fill(w.one(t.lines["addr"])), kind: "ADDRESS", entity: "ADDRESS", class: "D", label: w.one(t.lines["address"])}
}
