package catalog

import "postern/policy/pii/check"

var unitedStates = []Row{
	{
		Name: "US_SSN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"US", "PR"},
		Forms: []Form{
			{Shape: "###-##-####", Check: check.SSN, OneIn: 1, Alone: true},
			{Shape: "### ## ####", Check: check.SSN, OneIn: 1},
		},
		Labels: []string{"us_ssn"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "my social is 536-22-8714",
		Source:  "SSA, POMS RM 10201.035",
	},
	{
		Name: "US_ITIN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"US"},
		Forms:  []Form{{Shape: "###-##-####", Check: check.ITIN, OneIn: 23}, {Shape: "### ## ####", Check: check.ITIN, OneIn: 23}},
		Labels: []string{"us_itin"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "ITIN: 912-74-3381",
		Source:  "IRS, Publication 4757",
	},
	{
		Name: "US_EIN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"US", "PR"},
		Forms:  []Form{{Shape: "##-#######", Check: check.EIN, OneIn: 1}},
		Labels: []string{"us_ein"}, Weak: []string{"tax"}, Needs: Label,
		Example: "our EIN is 45-2817360",
		Source:  "IRS, How EINs are assigned and valid EIN prefixes",
	},
	{
		Name: "US_PTIN", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"US"},
		Forms: []Form{{Shape: "P########"}}, Labels: []string{"us_ptin"}, Weak: []string{"tax"}, Needs: Label,
		Example: "preparer PTIN P01284567",
		Source:  "IRS, PTIN requirements for tax return preparers",
	},
	{
		Name: "US_MBI", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"US"},
		Forms:  []Form{{Shape: "#@*#-@*#-@@##", Check: check.MBI, OneIn: 5, Alone: true}},
		Labels: []string{"us_mbi"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "Medicare number 1EG4-TE5-MK73",
		Source:  "CMS, Understanding the MBI format",
	},
	{
		Name: "US_NPI", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"US"},
		Forms:  []Form{{Shape: "##########", Check: check.NPI, OneIn: 50}},
		Labels: []string{"us_npi"}, Needs: Label,
		Example: "NPI 1234567893",
		Source:  "45 CFR 162.406; CMS, check digit standard",
	},
	{
		Name: "US_DEA", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"US"},
		Forms:  []Form{{Shape: "@*#######", Check: check.DEA, OneIn: 14}},
		Labels: []string{"us_dea"}, Needs: Label,
		Example: "DEA number AB1234563",
		Source:  "21 CFR 1301.13; Diversion Control Division",
	},
	{
		Name: "US_ALIEN_NUMBER", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"US"},
		Forms: []Form{
			{Shape: "A###-###-###"}, {Shape: "A-###-###-###"}, {Shape: "A ### ### ###"}, {Shape: "A########"}, {Shape: "###-###-###"},
		},
		Labels: []string{"us_alien_number"}, Weak: []string{"id"}, Needs: Label,
		Example: "my A-Number is A204-881-736",
		Source:  "8 CFR 264.1; USCIS glossary",
	},
	{
		Name: "US_USCIS_RECEIPT", Type: RecordID, Class: SelfEvident, Tier: 2, Countries: []string{"US"},
		Forms: []Form{
			{Shape: "@@@##########", Check: check.USCISReceipt, OneIn: 1460},
			{Shape: "@@@-##-###-#####", Check: check.USCISReceipt, OneIn: 1460},
		},
		Labels: []string{"us_uscis_receipt"}, Weak: []string{"record"}, Needs: Nothing,
		Example: "receipt number IOE0912345678",
		Source:  "USCIS, Checking your case status online",
	},
	{
		Name: "US_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"US"},
		Forms: []Form{{Shape: "@########"}, {Shape: "#########"}}, Labels: []string{"us_passport", "passport"}, Needs: Label,
		Example: "US passport A10394857",
		Source:  "Department of State, Next Generation Passport",
	},
	{
		Name: "US_DRIVING_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"US"},
		Forms: []Form{
			{Shape: "@#######"}, {Shape: "########"}, {Shape: "#########"}, {Shape: "### ### ###"}, {Shape: "@##-##-####"},
			{Shape: "@###-###-##-###-#"}, {Shape: "@###-####-####"}, {Shape: "@####-####-####-##"}, {Shape: "@#### ##### #####"},
			{Shape: "@@@***@####*"}, {Shape: "@-###-###-###-###"}, {Shape: "##-###-####"}, {Shape: "*{6,13}"},
		},
		Labels: []string{"us_licence", "licence"}, Needs: Label,
		Example: "driver's license D4820173 (California)",
		Source:  "AAMVA, formats by state; no check is public for all",
	},
	{
		Name: "US_ABA", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"US"},
		Forms:  []Form{{Shape: "#########", Check: check.ABA, OneIn: 27}, {Shape: "####-####-#", Check: check.ABA, OneIn: 27}},
		Labels: []string{"us_aba"}, Weak: []string{"account"}, Needs: Prior,
		Example: "routing 011000015",
		Source:  "ABA, Routing Number Administrative Board policy",
	},
	{
		Name: "US_BANK_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"US"},
		Forms:  []Form{{Shape: "#{6,17}"}},
		Labels: []string{"us_account", "account"}, Needs: Label,
		Example: "checking account 000483920175",
		Source:  "Nacha, Operating Rules: DFI account number; no check is public",
	},
}
