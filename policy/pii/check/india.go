package check

import (
	_ "embed"
	"sort"
	"strings"
)

// Aadhaar checks the Indian resident's number: 12 digits, the first 2 to 9,
// Verhoeff's digit, no palindrome (UIDAI, A UID Numbering Scheme, 2010).
func Aadhaar(v []byte) bool { return len(v) == 12 && uidai(v) }

// AadhaarVID checks the virtual id that may stand for an Aadhaar number: 16
// digits by the same rule (UIDAI, circular K-11020/217/2018).
func AadhaarVID(v []byte) bool { return len(v) == 16 && uidai(v) }

func uidai(v []byte) bool {
	return v[0] >= '2' && verhoeff(v) && !palindrome(v)
}

func palindrome(v []byte) bool {
	for i := range len(v) / 2 {
		if v[i] != v[len(v)-1-i] {
			return false
		}
	}
	return true
}

// IndianPAN checks an income tax number: five letters, of which the fourth
// says what kind of holder, four digits from 0001, a letter whose rule is not
// public (Income Tax Department, Rule 114).
func IndianPAN(v []byte) bool {
	return len(v) == 10 && letters(v[:5]) && strings.IndexByte("ABCFGHJKLPT", v[3]) >= 0 &&
		digits(v[5:9]) && number(v[5:9]) > 0 && letters(v[9:])
}

// GSTIN checks an Indian tax registration: state, income tax number, number of
// the registration, kind of taxpayer, Luhn's rule in base 36 (CGST Rules 2017,
// rule 10).
func GSTIN(v []byte) bool {
	if len(v) != 15 || !alnum(v) || !digits(v[:2]) || !IndianPAN(v[2:12]) || v[12] == '0' {
		return false
	}
	state := number(v[:2])
	return state >= 1 && (state <= 38 || state == 97 || state == 99) && luhn36(v)
}

func luhn36(v []byte) bool {
	sum := 0
	for i := range v {
		d := value(v[len(v)-1-i])
		if i%2 == 1 {
			d *= 2
			d = d/36 + d%36
		}
		sum += d
	}
	return sum%36 == 0
}

// EPIC checks a voter's card: three letters of the constituency, six digits
// and Luhn's (Election Commission of India).
func EPIC(v []byte) bool { return len(v) == 10 && letters(v[:3]) && Luhn(v[3:]) }

// indianBanks holds the four letters of every bank that has branches with an
// IFSC, sorted, a line each: the codes of the Reserve Bank of India's lists of
// NEFT and RTGS branches and of the NPCI's members, as gathered in release
// 2.0.50 of github.com/razorpay/ifsc (MIT).
//
//go:embed india_banks.txt
var indianBanks string

// IFSC checks the code of a bank's branch: a bank of the list, a zero, six
// letters or digits (Reserve Bank of India).
func IFSC(v []byte) bool {
	if len(v) != 11 || v[4] != '0' || !alnum(v[5:]) {
		return false
	}
	n := len(indianBanks) / 5
	i := sort.Search(n, func(i int) bool { return indianBanks[5*i:5*i+4] >= string(v[:4]) })
	return i < n && indianBanks[5*i:5*i+4] == string(v[:4])
}

// indianStates are the letters of vehicle and driving authorities and of
// company registers, two each, old ones too.
const indianStates = "ANAPARASBRCGCHCTDDDLDNGAGJHPHRJHJKKAKLLALDLHMHMLMNMPMZNLODORPBPYRJSKTGTNTRTSTZUAUKUPUTWB"

// IndianLicence checks a driving licence: state, two digits of the office, the
// year of issue, seven digits (Ministry of Road Transport, Sarathi).
func IndianLicence(v []byte) bool {
	return len(v) == 15 && pair(indianStates, v[:2]) && digits(v[2:]) && between(number(v[4:8]), 1950, lastYear)
}

// IndianCompany checks a corporate identity number: listed or not, industry,
// state, year, kind of company, six digits (Companies Act 2013).
func IndianCompany(v []byte) bool {
	return len(v) == 21 && (v[0] == 'L' || v[0] == 'U') && digits(v[1:6]) && pair(indianStates, v[6:8]) &&
		digits(v[8:12]) && between(number(v[8:12]), 1850, lastYear) &&
		companyKind(v[12:15]) && digits(v[15:])
}

func companyKind(v []byte) bool {
	switch string(v) {
	case "FLC", "FTC", "GAP", "GAT", "GOI", "NPL", "OPC", "PLC", "PTC", "SGC", "ULL", "ULT":
		return true
	}
	return false
}
