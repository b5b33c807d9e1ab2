package catalog

import "postern/policy/pii/check"

// gulf are rows of the Arab states of the Gulf.
var gulf = []Row{
	{
		Name: "AE_EMIRATES_ID", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"AE"},
		Forms: []Form{
			{Shape: "784-####-#######-#", Check: check.EmiratesID, OneIn: 10},
			{Shape: "784 #### ####### #", Check: check.EmiratesID, OneIn: 10},
		},
		Labels: []string{"ae_emirates_id"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "Emirates ID 784-3336-3523865-9",
		Source:  "ICP",
	},
	{
		Name: "AE_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"AE"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "@@#######"},
			{Shape: "#########"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم جواز السفر A12345678",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "AE_UID", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AE"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "###############"},
			{Shape: "##########"},
		},
		Labels: []string{"ae_uid"}, Weak: []string{"id"},
		Example: "UID number 123456789",
		Source:  "ICP",
	},
	{
		Name: "AE_VISA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AE"},
		Forms: []Form{
			{Shape: "###/####/#######"},
			{Shape: "###/####/#/#######"},
		},
		Labels: []string{"ae_visa"}, Weak: []string{"passport", "id"},
		Example: "visa file no 201/2023/1234567",
		Source:  "GDRFA",
	},
	{
		Name: "AE_TRN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AE"},
		Forms: []Form{
			{Shape: "100############"},
			{Shape: "100-####-####-####"},
		},
		Labels: []string{"ae_trn"}, Weak: []string{"tax"},
		Example: "TRN 100123456700003",
		Source:  "FTA",
	},
	{
		Name: "AE_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"AE"},
		Forms: []Form{
			{Shape: "#######"},
			{Shape: "######"},
		},
		Labels: []string{"arab_licence"}, Weak: []string{"licence"},
		Example: "رخصة القيادة 1234567",
		Source:  "RTA",
	},
	{
		Name: "SA_ID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"SA"},
		Forms: []Form{
			{Shape: "1#########", Check: check.SaudiID, OneIn: 10},
			{Shape: "2#########", Check: check.SaudiID, OneIn: 10},
		},
		Labels: []string{"arab_id", "sa_id"}, Weak: []string{"id"}, Needs: Prior,
		Example: "رقم الهوية 1553776145",
		Source:  "وزارة الداخلية، أبشر",
	},
	{
		Name: "SA_BORDER", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"SA"},
		Forms: []Form{
			{Shape: "3#########"},
			{Shape: "4#########"},
			{Shape: "5#########"},
		},
		Labels: []string{"sa_border"}, Weak: []string{"id"},
		Example: "رقم الحدود 3123456789",
		Source:  "وزارة الداخلية، المديرية العامة للجوازات",
	},
	{
		Name: "SA_VAT", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"SA"},
		Forms: []Form{
			{Shape: "3#############3"},
		},
		Labels: []string{"arab_tax"}, Weak: []string{"tax"},
		Example: "الرقم الضريبي 310123456700003",
		Source:  "ZATCA",
	},
	{
		Name: "SA_CR", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"SA"},
		Forms: []Form{
			{Shape: "##########"},
		},
		Labels: []string{"sa_cr"}, Weak: []string{"tax"},
		Example: "السجل التجاري 1010123456",
		Source:  "وزارة التجارة",
	},
	{
		Name: "SA_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"SA"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "@######"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز V12345678",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "KW_CIVIL_ID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"KW"},
		Forms: []Form{
			{Shape: "############", Check: check.KuwaitCivil, OneIn: 1273},
			{Shape: "### ### ### ###", Check: check.KuwaitCivil, OneIn: 1273},
		},
		Labels: []string{"kw_civil_id"}, Weak: []string{"id"}, Needs: Prior,
		Example: "الرقم المدني 263060903556",
		Source:  "PACI",
	},
	{
		Name: "KW_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"KW"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "#########"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز P01234567",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "ARAB_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"AE", "SA", "KW", "QA", "BH", "OM", "EG", "JO", "IQ", "LB", "LY"},
		Forms: []Form{
			{Shape: "#{8,16}"},
		},
		Labels: []string{"arab_account"}, Weak: []string{"account"},
		Example: "رقم الحساب 0123456789012",
		Source:  "no common rule",
	},
	{
		Name: "QA_QID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"QA"},
		Forms: []Form{
			{Shape: "###########", Check: check.QatarID, OneIn: 25},
		},
		Labels: []string{"qa_qid"}, Weak: []string{"id"},
		Example: "QID 28110857086",
		Source:  "وزارة الداخلية",
	},
	{
		Name: "QA_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"QA"},
		Forms: []Form{
			{Shape: "@#######"},
			{Shape: "@########"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز R1234567",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "BH_CPR", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"BH"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"bh_cpr"}, Weak: []string{"id"},
		Example: "الرقم الشخصي 850112345",
		Source:  "iGA",
	},
	{
		Name: "BH_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"BH"},
		Forms: []Form{
			{Shape: "#######"},
			{Shape: "@######"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز 1234567",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "OM_CIVIL_ID", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"OM"},
		Forms: []Form{
			{Shape: "########"},
			{Shape: "#########"},
		},
		Labels: []string{"kw_civil_id", "arab_id"}, Weak: []string{"id"},
		Example: "الرقم المدني 12345678",
		Source:  "شرطة عمان السلطانية",
	},
	{
		Name: "OM_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"OM"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "@#######"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز A1234567",
		Source:  "ICAO Doc 9303",
	},
}
