package catalog

import "postern/policy/pii/check"

// centralEurope are rows of Poland, Czechia and Slovakia.
var centralEurope = []Row{
	{
		Name: "PL_PESEL", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "###########", Check: check.PESEL, OneIn: 55},
		},
		Labels: []string{"pl_pesel"}, Weak: []string{"id"}, Needs: Prior,
		Example: "mój PESEL to 02220783053",
		Source:  "Ustawa o ewidencji ludności, art. 15",
	},
	{
		Name: "PL_NIP", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "###-###-##-##", Check: check.NIP, OneIn: 11},
			{Shape: "###-##-##-###", Check: check.NIP, OneIn: 11},
			{Shape: "### ### ## ##", Check: check.NIP, OneIn: 11},
		},
		Labels: []string{"pl_nip"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "NIP 194-227-13-14",
		Source:  "Ministerstwo Finansów; ustawa z 13.10.1995",
	},
	{
		Name: "PL_VAT", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "PL##########", Check: check.NIP, OneIn: 11},
			{Shape: "PL ##########", Check: check.NIP, OneIn: 11},
			{Shape: "PL ###-###-##-##", Check: check.NIP, OneIn: 11},
		},
		Labels: []string{"pl_nip"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "VAT UE PL4618800545",
		Source:  "Ministerstwo Finansów",
	},
	{
		Name: "PL_REGON", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "#########", Check: check.REGON, OneIn: 10},
			{Shape: "##############", Check: check.REGON, OneIn: 100},
		},
		Labels:  []string{"pl_regon"},
		Example: "REGON 195372760",
		Source:  "GUS",
	},
	{
		Name: "PL_DOWOD", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "@@@ ######", Check: check.Dowod, OneIn: 10},
			{Shape: "@@@######", Check: check.Dowod, OneIn: 10},
		},
		Labels: []string{"pl_dowod"}, Weak: []string{"id"}, Needs: Prior,
		Example: "dowód osobisty SLD 044280",
		Source:  "MSWiA; ICAO Doc 9303",
	},
	{
		Name: "PL_PASZPORT", Type: Passport, Class: Supported, Tier: 1, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "@@ #######", Check: check.PolishPassport, OneIn: 10},
			{Shape: "@@#######", Check: check.PolishPassport, OneIn: 10},
		},
		Labels: []string{"pl_paszport"}, Weak: []string{"passport"},
		Example: "numer paszportu XH 3988613",
		Source:  "MSWiA; ICAO Doc 9303",
	},
	{
		Name: "PL_PRAWO_JAZDY", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "#####/##/####"},
		},
		Labels: []string{"pl_prawo_jazdy"}, Weak: []string{"licence"},
		Example: "prawo jazdy nr 00123/15/1465",
		Source:  "Rozporządzenie MI, wzory dokumentów",
	},
	{
		Name: "PL_KW", Type: RecordID, Class: Supported, Tier: 3, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "@@#@/########/#"},
		},
		Labels: []string{"pl_kw"}, Weak: []string{"record"}, Needs: Prior,
		Example: "księga wieczysta WA1M/00012345/6",
		Source:  "Rozporządzenie MS z 15.02.2016, księgi wieczyste",
	},
	{
		Name: "PL_NRB", Type: BankAccount, Class: SelfEvident, Tier: 1, Countries: []string{"PL"},
		Forms: []Form{
			{Shape: "## #### #### #### #### #### ####", Check: check.PolishAccount, OneIn: 97},
			{Shape: "##-####-####-####-####-####-####", Check: check.PolishAccount, OneIn: 97},
		},
		Labels: []string{"pl_nrb"}, Weak: []string{"account"}, Needs: Nothing,
		Example: "nr konta 81 9757 6102 6068 5854 3917 2028",
		Source:  "NBP, Zarządzenie 7/2017",
	},
	{
		Name: "CZ_RC", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"CZ", "SK"},
		Forms: []Form{
			{Shape: "######/####", Check: check.RodneCislo, OneIn: 98, Alone: true},
			{Shape: "######/###", Check: check.RodneCislo, OneIn: 26},
			{Shape: "###### ####", Check: check.RodneCislo, OneIn: 98},
			{Shape: "######-####", Check: check.RodneCislo, OneIn: 98},
		},
		Labels: []string{"cz_rc"}, Weak: []string{"id"}, Needs: Prior,
		Example: "rodné číslo 600131/4638",
		Source:  "Zákon 133/2000 Sb.; zákon 301/1995 Z. z.",
	},
	{
		Name: "CZ_ICO", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"CZ", "SK"},
		Forms: []Form{
			{Shape: "########", Check: check.ICO, OneIn: 10},
			{Shape: "### ## ###", Check: check.ICO, OneIn: 10},
			{Shape: "## ### ###", Check: check.ICO, OneIn: 10},
		},
		Labels: []string{"cz_ico"}, Weak: []string{"tax"},
		Example: "IČO 22373802",
		Source:  "ČSÚ; ŠÚ SR",
	},
	{
		Name: "CZ_DIC", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"CZ"},
		Forms: []Form{
			{Shape: "CZ########", Check: check.CzechVAT, OneIn: 11},
			{Shape: "CZ#########", Check: check.CzechVAT, OneIn: 20},
			{Shape: "CZ##########", Check: check.CzechVAT, OneIn: 97},
			{Shape: "CZ ##########", Check: check.CzechVAT, OneIn: 97},
			{Shape: "CZ ########", Check: check.CzechVAT, OneIn: 11},
		},
		Labels: []string{"cz_dic"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "DIČ CZ29080088",
		Source:  "Finanční správa ČR",
	},
	{
		Name: "CZ_OP", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CZ"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "######@@##"},
			{Shape: "### ### ###"},
		},
		Labels: []string{"cz_op"}, Weak: []string{"id"},
		Example: "číslo občanského průkazu 123456789",
		Source:  "Zákon 269/2021 Sb.",
	},
	{
		Name: "CZ_PAS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"CZ"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"cz_pas"}, Weak: []string{"passport"},
		Example: "číslo pasu 12345678",
		Source:  "Zákon 329/1999 Sb.",
	},
	{
		Name: "CZ_RIDICAK", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"CZ"},
		Forms: []Form{
			{Shape: "@@ ######"},
			{Shape: "@@######"},
		},
		Labels: []string{"cz_ridicak"}, Weak: []string{"licence"},
		Example: "řidičák číslo EA 123456",
		Source:  "Vyhláška 31/2001 Sb.",
	},
	{
		Name: "CZ_POJISTENEC", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"CZ", "SK"},
		Forms: []Form{
			{Shape: "##########", Check: check.RodneCislo, OneIn: 97},
			{Shape: "######/####", Check: check.RodneCislo, OneIn: 97},
		},
		Labels: []string{"cz_pojistenec"}, Weak: []string{"health"},
		Example: "číslo pojištěnce 1232268818",
		Source:  "VZP; zákon 592/1992 Sb.",
	},
	{
		Name: "CZ_UCET", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"CZ", "SK"},
		Forms: []Form{
			{Shape: "##########/####", Check: check.CzechAccount, OneIn: 1394},
			{Shape: "#########/####", Check: check.CzechAccount, OneIn: 1345},
			{Shape: "########/####", Check: check.CzechAccount, OneIn: 1395},
			{Shape: "#######/####", Check: check.CzechAccount, OneIn: 1411},
			{Shape: "######/####", Check: check.CzechAccount, OneIn: 1415},
			{Shape: "######-##########/####", Check: check.CzechAccountPrefixed, OneIn: 15450},
			{Shape: "##-##########/####", Check: check.CzechAccountPrefix2, OneIn: 15217},
			{Shape: "###-##########/####", Check: check.CzechAccountPrefix3, OneIn: 15288},
			{Shape: "#####-##########/####", Check: check.CzechAccountPrefix5, OneIn: 15082},
		},
		Labels: []string{"cz_ucet"}, Weak: []string{"account"}, Needs: Prior,
		Example: "číslo účtu 4510035818/6363",
		Source:  "ČNB, vyhláška 169/2011 Sb.",
	},
	{
		Name: "SK_IC_DPH", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"SK"},
		Forms: []Form{
			{Shape: "SK##########", Check: check.SlovakVAT, OneIn: 18},
			{Shape: "SK ##########", Check: check.SlovakVAT, OneIn: 18},
		},
		Labels: []string{"sk_ic_dph"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "IČ DPH SK5998737008",
		Source:  "Finančná správa SR",
	},
	{
		Name: "SK_DIC", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"SK"},
		Forms: []Form{
			{Shape: "##########"},
		},
		Labels: []string{"sk_dic"}, Weak: []string{"tax"},
		Example: "DIČ 2020123456",
		Source:  "Finančná správa SR",
	},
	{
		Name: "SK_OP", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"SK"},
		Forms: []Form{
			{Shape: "@@######"},
			{Shape: "@@ ######"},
		},
		Labels: []string{"sk_op"}, Weak: []string{"id"},
		Example: "občiansky preukaz EA123456",
		Source:  "Zákon 395/2019 Z. z.",
	},
	{
		Name: "SK_PAS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"SK"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@@######"},
		},
		Labels: []string{"sk_pas"}, Weak: []string{"passport"},
		Example: "cestovný pas BA1234567",
		Source:  "Zákon 647/2007 Z. z.",
	},
	{
		Name: "SK_VODICAK", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"SK"},
		Forms: []Form{
			{Shape: "@#######"},
			{Shape: "@@######"},
		},
		Labels: []string{"sk_vodicak"}, Weak: []string{"licence"},
		Example: "vodičský preukaz A1234567",
		Source:  "Ministerstvo vnútra SR",
	},
}
