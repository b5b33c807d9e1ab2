package catalog

import "postern/policy/pii/check"

var britain = []Row{
	{
		Name: "GB_NHS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"GB"},
		Forms:  []Form{{Shape: "### ### ####", Check: check.NHSNumber, OneIn: 11}, {Shape: "###-###-####", Check: check.NHSNumber, OneIn: 11}},
		Labels: []string{"gb_nhs"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "my NHS number is 943 476 5919",
		Source:  "NHS Data Dictionary, NHS number",
	},
	{
		Name: "GB_CHI", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"GB"},
		Forms:  []Form{{Shape: "######-####", Check: check.CHI, OneIn: 300}, {Shape: "###### ####", Check: check.CHI, OneIn: 300}},
		Labels: []string{"gb_chi"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "CHI number 010190 1232",
		Source:  "Public Health Scotland, CHI number",
	},
	{
		Name: "GB_NINO", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"GB"},
		Forms: []Form{
			{Shape: "@@ ## ## ## @", Check: check.NINO, OneIn: 12, Alone: true}, {Shape: "@@######@", Check: check.NINO, OneIn: 12},
			{Shape: "@@-##-##-##-@", Check: check.NINO, OneIn: 12}, {Shape: "@@ ###### @", Check: check.NINO, OneIn: 12},
		},
		Labels: []string{"gb_nino"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "National Insurance AB 12 34 56 C",
		Source:  "HMRC, National Insurance Manual NIM39110",
	},
	{
		Name: "GB_UTR", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"GB"},
		Forms:  []Form{{Shape: "##### #####", Check: check.UTR, OneIn: 10}},
		Labels: []string{"gb_utr"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "UTR 19558 39661",
		Source:  "HMRC, unique taxpayer reference",
	},
	{
		Name: "GB_LICENCE", Type: Licence, Class: SelfEvident, Tier: 1, Countries: []string{"GB"},
		Forms: []Form{
			{Shape: "@****######*****", Check: check.GBLicence, OneIn: 170}, {Shape: "@****-######-*****", Check: check.GBLicence, OneIn: 170},
			{Shape: "@**** ###### *****", Check: check.GBLicence, OneIn: 170}, {Shape: "@****######***** ##", Check: check.GBLicence, OneIn: 170},
			{Shape: "@**** ###### ***** ##", Check: check.GBLicence, OneIn: 170},
		},
		Labels: []string{"gb_licence", "licence"}, Needs: Nothing,
		Example: "MORGA657054SM9IJ",
		Source:  "DVLA, driver number format",
	},
	{
		Name: "GB_PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"GB"},
		Forms: []Form{{Shape: "#########"}}, Labels: []string{"gb_passport", "passport"}, Needs: Label,
		Example: "British passport 533810294",
		Source:  "HM Passport Office",
	},
	{
		Name: "GB_BRP", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"GB"},
		Forms: []Form{{Shape: "@@#######"}, {Shape: "@@*######"}}, Labels: []string{"gb_brp"}, Weak: []string{"id"}, Needs: Label,
		Example: "BRP RF5810294",
		Source:  "UK Visas and Immigration, biometric residence permits",
	},
	{
		Name: "GB_SHARE_CODE", Type: RecordID, Class: Labelled, Tier: 2, Countries: []string{"GB"},
		Forms:  []Form{{Shape: "@** *** ***", Check: check.ShareCode, OneIn: 49}},
		Labels: []string{"gb_share_code"}, Needs: Label,
		Example: "share code W4R 9TX 3JL",
		Source:  "Home Office, view and prove your immigration status",
	},
	{
		Name: "GB_VAT", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"GB"},
		Forms: []Form{
			{Shape: "GB### #### ##", Check: check.GBVAT, OneIn: 51}, {Shape: "### #### ##", Check: check.GBVAT, OneIn: 51},
		},
		Labels: []string{"gb_vat"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "VAT no GB980 7806 84",
		Source:  "HMRC, VAT Notice 700 and modulus 97 with 55",
	},
	{
		Name: "GB_ACCOUNT", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"GB", "IE", "GG", "JE", "IM"},
		Forms: []Form{
			{Shape: "##-##-## ########", Check: check.SortCodeAccount, OneIn: 1}, {Shape: "## ## ## ########", Check: check.SortCodeAccount, OneIn: 1},
			{Shape: "###### ########", Check: check.SortCodeAccount, OneIn: 1}, {Shape: "##-##-##-########", Check: check.SortCodeAccount, OneIn: 1},
		},
		Labels: []string{"gb_sort_code", "gb_account"}, Weak: []string{"account"}, Needs: Prior,
		Example: "sort code and account 20-45-45 73152596",
		Source:  "Pay.UK; which accounts a sort code has is not public",
	},
	{
		Name: "GB_SORT_CODE", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"GB", "IE", "GG", "JE", "IM"},
		Forms: []Form{{Shape: "##-##-##"}, {Shape: "## ## ##"}, {Shape: "######"}}, Labels: []string{"gb_sort_code"}, Needs: Label,
		Example: "sort code 20-45-45",
		Source:  "Pay.UK, Industry sorting code directory",
	},
	{
		Name: "GB_ACCOUNT_NUMBER", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"GB", "IE", "GG", "JE", "IM"},
		Forms: []Form{{Shape: "########"}, {Shape: "#### ####"}, {Shape: "#######"}}, Labels: []string{"gb_account", "account"}, Needs: Label,
		Example: "acc no 73152596",
		Source:  "Pay.UK; no check is public without the sort code table",
	},
}

var ireland = []Row{
	{
		Name: "IE_PPSN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"IE"},
		Forms: []Form{
			{Shape: "#######@", Check: check.PPSN, OneIn: 26}, {Shape: "#######@@", Check: check.PPSN, OneIn: 113},
			{Shape: "#######-@", Check: check.PPSN, OneIn: 26}, {Shape: "####### @", Check: check.PPSN, OneIn: 26},
			{Shape: "####### @@", Check: check.PPSN, OneIn: 113},
		},
		Labels: []string{"ie_ppsn"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "PPS number 6433435F",
		Source:  "Department of Social Protection, Ireland",
	},
	{
		Name: "IE_VAT", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"IE"},
		Forms:  []Form{{Shape: "IE#######@", Check: check.IrelandVAT, OneIn: 26}, {Shape: "IE#######@@", Check: check.IrelandVAT, OneIn: 75}},
		Labels: []string{"gb_vat"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "VAT number IE6433435F",
		Source:  "Revenue, VAT registration numbers",
	},
	{
		Name: "IE_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IE"},
		Forms: []Form{{Shape: "@@#######"}, {Shape: "@########"}, {Shape: "P#######"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "passport no. PA4820175",
		Source:  "Department of Foreign Affairs, Ireland",
	},
	{
		Name: "IE_LICENCE", Type: Licence, Class: Labelled, Tier: 3, Countries: []string{"IE"},
		Forms: []Form{{Shape: "### ### ###"}, {Shape: "#########"}}, Labels: []string{"gb_licence", "licence"}, Needs: Label,
		Example: "driver number 482 017 536 on my licence",
		Source:  "National Driver Licence Service",
	},
}
