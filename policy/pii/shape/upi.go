package shape

// upiHandles are the handles behind the @ of payment addresses in India's UPI
// (National Payments Corporation of India, list of UPI handles of banks and
// apps).
var upiHandles = setOf("okaxis okhdfcbank okicici oksbi ybl ibl axl paytm ptaxis pthdfc ptsbi ptyes upi apl yapl rapl waaxis " +
	"wahdfcbank waicici wasbi axisb axisbank axisgo icici icicibank sbi hdfcbank hdfcbankjd kotak kotak811 pnb barodampay boi cnrb " +
	"unionbank uboi idbi indus indianbank iob yesbank yesbankltd ypbiz yespay federal fbl fifederal fbpe freecharge ikwik mobikwik " +
	"jupiteraxis fam timecosmos slice sliceaxis sliceit airtel jio postbank dbs idfcbank idfcfirst aubank rbl rblbank hsbc citi " +
	"citigold sc scb mahb uco ucobank psb centralbank cbin kbl kvb tmb dlb csbpay sib equitas utkarshbank ujjivan esaf nsdl finobank " +
	"pingpay niyoicici goaxb tapicici amazonpay razor rzp razorpay juspay payzapp pockets eazypay imobile mairtel goldmoney " +
	"shriramhdfcbank superyes naviaxis axisnavi oneyes omni dhani trans myicici abfspay bpunity yescred cred credpay zoicici " +
	"yesg yespop ptys inhdfc seyes pz pingpay abcdicici timecosmos tmaxis")

const maxHandle = 24

// upi reads name@handle around the @ at i. An unknown handle is none: people
// call each other @name.
func upi(s string, start, i int) (Match, bool) {
	end := span(s, i+1, maxHandle, isAlnum)
	if end == i+1 || i-start < 2 || is(s, end, isAlnum) || at(s, end) == '.' && is(s, end+1, isAlnum) {
		return Match{}, false
	}
	if !named(upiHandles, s[i+1:end]) {
		return Match{}, false
	}
	return Match{Row: rowUPI, Start: start, End: end, Checked: true, OneIn: 1 << 10}, true
}
