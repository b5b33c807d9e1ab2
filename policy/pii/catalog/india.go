package catalog

import "postern/policy/pii/check"

var india = []Row{
	{
		Name: "IN_AADHAAR", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"IN"},
		Forms: []Form{
			{Shape: "#### #### ####", Check: check.Aadhaar, OneIn: 12},
			{Shape: "####-####-####", Check: check.Aadhaar, OneIn: 12},
		},
		Labels: []string{"in_aadhaar"}, Weak: []string{"id"}, Needs: Prior,
		Example: "mera aadhaar number 2341 2341 2346 hai",
		Source:  "UIDAI, A UID Numbering Scheme",
	},
	{
		Name: "IN_AADHAAR_VID", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"IN"},
		Forms: []Form{
			{Shape: "#### #### #### ####", Check: check.AadhaarVID, OneIn: 12},
			{Shape: "####-####-####-####", Check: check.AadhaarVID, OneIn: 12},
		},
		Labels: []string{"in_vid"}, Weak: []string{"id", "in_aadhaar"}, Needs: Label,
		Example: "aadhaar virtual id 2341 2341 2341 2341",
		Source:  "UIDAI, circular K-11020/217/2018",
	},
	{
		Name: "IN_AADHAAR_ENROLMENT", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "####/#####/#####"}, {Shape: "####-#####-#####"}},
		Labels: []string{"in_enrolment"}, Weak: []string{"in_aadhaar"}, Needs: Label,
		Example: "enrolment id 1234/12345/12345",
		Source:  "UIDAI, acknowledgement slip; no check digit",
	},
	{
		Name: "IN_PAN", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"IN"},
		Forms: []Form{
			{Shape: "@@@@@####@", Check: check.IndianPAN, OneIn: 2},
			{Shape: "@@@@@ #### @", Check: check.IndianPAN, OneIn: 2},
		},
		Labels: []string{"in_pan"}, Weak: []string{"tax", "id"}, Needs: Nothing,
		Example: "PAN card ABCPE1234F",
		Source:  "Income Tax Rules 1962, rule 114",
	},
	{
		Name: "IN_GSTIN", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "##@@@@@####@***", Check: check.GSTIN, OneIn: 220}},
		Labels: []string{"in_gstin"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "our GSTIN is 27AAPFU0939F1ZV",
		Source:  "CGST Rules 2017, rule 10",
	},
	{
		Name: "IN_TAN", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "@@@@#####@"}},
		Labels: []string{"in_tan"}, Weak: []string{"tax"}, Needs: Label,
		Example: "TAN no. MUMA12345B",
		Source:  "Income Tax Rules 1962, rule 114A; no public check",
	},
	{
		Name: "IN_CIN", Type: NationalID, Class: SelfEvident, Tier: 3, Countries: []string{"IN"},
		Forms: []Form{
			{Shape: "U#####@@####@@@######", Check: check.IndianCompany, OneIn: 1_000_000},
			{Shape: "L#####@@####@@@######", Check: check.IndianCompany, OneIn: 1_000_000},
		},
		Labels: []string{"in_cin"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "CIN: U72200MH2009PLC123456",
		Source:  "Companies (Incorporation) Rules 2014",
	},
	{
		Name: "IN_VOTER_ID", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "@@@#######", Check: check.EPIC, OneIn: 10}},
		Labels: []string{"in_voter"}, Weak: []string{"id"}, Needs: Label,
		Example: "voter id WKH1186253",
		Source:  "Election Commission of India, EPIC",
	},
	{
		Name: "IN_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "@#######"}, {Shape: "@## #####"}},
		Labels: []string{"passport"}, Needs: Label,
		Example: "passport no. K1234567",
		Source:  "ICAO 9303 specimen of India; no public rule",
	},
	{
		Name: "IN_DRIVING_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"IN"},
		Forms: []Form{
			{Shape: "@@## ###########", Check: check.IndianLicence, OneIn: 1700},
			{Shape: "@@##-###########", Check: check.IndianLicence, OneIn: 1700},
			{Shape: "@@-##-####-#######", Check: check.IndianLicence, OneIn: 1700},
			{Shape: "@@-#############", Check: check.IndianLicence, OneIn: 1700},
			{Shape: "@@## #### #######", Check: check.IndianLicence, OneIn: 1700},
		},
		Labels: []string{"in_dl"}, Weak: []string{"licence"}, Needs: Prior,
		Example: "driving licence MH12 20110012345",
		Source:  "Ministry of Road Transport and Highways, Sarathi",
	},
	{
		Name: "IN_ABHA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "##-####-####-####"}, {Shape: "## #### #### ####"}},
		Labels: []string{"in_abha"}, Weak: []string{"health"}, Needs: Label,
		Example: "ABHA number 12-3456-7890-1234",
		Source:  "National Health Authority, ABDM; no public check",
	},
	{
		Name: "IN_UAN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "10##########"}, {Shape: "10## #### ####"}},
		Labels: []string{"in_uan"}, Needs: Label,
		Example: "my UAN is 100123456789",
		Source:  "Employees' Provident Fund Organisation; no public check",
	},
	{
		Name: "IN_PRAN", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "############"}, {Shape: "#### #### ####"}},
		Labels: []string{"in_pran"}, Needs: Label,
		Example: "PRAN 110012345678",
		Source:  "Pension Fund Regulatory and Development Authority; no public check",
	},
	{
		Name: "IN_CKYC", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "##############"}},
		Labels: []string{"in_ckyc"}, Needs: Label,
		Example: "ckyc no 12345678901234",
		Source:  "Central KYC Records Registry; no public check",
	},
	{
		Name: "IN_RATION_CARD", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "############"}, {Shape: "###############"}, {Shape: "##@#######"}, {Shape: "@@@########"}},
		Labels: []string{"in_ration"}, Needs: Label,
		Example: "ration card number 272012345678",
		Source:  "National Food Security Act 2013; numbers by state, no public rule",
	},
	{
		Name: "IN_IFSC", Type: BankAccount, Class: SelfEvident, Tier: 1, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "@@@@0******", Check: check.IFSC, OneIn: 300}},
		Labels: []string{"in_ifsc"}, Weak: []string{"account"}, Needs: Nothing,
		Example: "IFSC SBIN0001234",
		Source:  "Reserve Bank of India, list of NEFT branches",
	},
	{
		Name: "IN_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"IN"},
		Forms:  []Form{{Shape: "#{9,18}"}, {Shape: "#### #### #### ##"}, {Shape: "#### #### ####"}, {Shape: "#### #### #### ###"}},
		Labels: []string{"in_account"}, Weak: []string{"account", "in_ifsc", "in_bank"}, Needs: Label,
		Example: "a/c no 50100123456789",
		Source:  "National Payments Corporation of India; no public check",
	},
}
