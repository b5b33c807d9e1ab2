package sim

import "strings"

// place is a calling code with the country it stands for.
type place struct{ code, iso string }

// places lists calling codes of one and two digits in full and of three digits
// where a country is worth naming (ITU-T E.164 assignments). A shared code
// stands for its largest country.
const places = "1US 7RU 20EG 27ZA 30GR 31NL 32BE 33FR 34ES 36HU 39IT 40RO 41CH 43AT 44GB 45DK 46SE 47NO 48PL 49DE " +
	"51PE 52MX 53CU 54AR 55BR 56CL 57CO 58VE 60MY 61AU 62ID 63PH 64NZ 65SG 66TH 81JP 82KR 84VN 86CN " +
	"90TR 91IN 92PK 93AF 94LK 95MM 98IR " +
	"212MA 213DZ 216TN 218LY 221SN 225CI 226BF 228TG 229BJ 230MU 231LR 233GH 234NG 237CM 243CD 244AO 249SD " +
	"250RW 251ET 252SO 254KE 255TZ 256UG 258MZ 260ZM 263ZW 264NA 265MW 267BW 351PT 352LU 353IE 354IS 355AL " +
	"356MT 357CY 358FI 359BG 370LT 371LV 372EE 373MD 374AM 375BY 380UA 381RS 382ME 385HR 386SI 387BA 389MK " +
	"420CZ 421SK 502GT 503SV 504HN 505NI 506CR 507PA 509HT 591BO 593EC 595PY 598UY 852HK 853MO 855KH 856LA " +
	"880BD 886TW 960MV 961LB 962JO 963SY 964IQ 965KW 966SA 967YE 968OM 971AE 972IL 973BH 974QA 975BT 976MN " +
	"977NP 992TJ 993TM 994AZ 995GE 996KG 998UZ"

// isoByCode is places by calling code.
var isoByCode = func() map[string]string {
	byCode := make(map[string]string)
	for entry := range strings.FieldsSeq(places) {
		byCode[entry[:len(entry)-2]] = entry[len(entry)-2:]
	}
	return byCode
}()

// country returns the calling code at the head of a number; a code that is not
// listed is taken as three digits of the country ZZ.
func country(phone string) place {
	for n := 1; n <= 3 && n <= len(phone); n++ {
		if iso, ok := isoByCode[phone[:n]]; ok {
			return place{code: phone[:n], iso: iso}
		}
	}
	return place{code: phone[:min(3, len(phone))], iso: "ZZ"}
}
