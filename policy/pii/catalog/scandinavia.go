package catalog

import "postern/policy/pii/check"

// scandinavia are rows of Sweden and Norway.
var scandinavia = []Row{
	{
		Name: "SE_PERSONNUMMER", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "######-####", Check: check.Personnummer, OneIn: 139},
			{Shape: "########-####", Check: check.Personnummer, OneIn: 4595},
			{Shape: "######## ####", Check: check.Personnummer, OneIn: 4595},
			{Shape: "###### ####", Check: check.Personnummer, OneIn: 139},
		},
		Labels: []string{"se_personnummer"}, Weak: []string{"id", "us_ssn"}, Needs: Prior,
		Example: "mitt personnummer är 820765-9692",
		Source:  "Folkbokföringslagen 18 §; Skatteverket",
	},
	{
		Name: "SE_ORGNR", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "######-####", Check: check.Orgnr, OneIn: 14},
		},
		Labels: []string{"se_orgnr"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "org.nr 589593-6176",
		Source:  "Lag 1974:174; Skatteverket",
	},
	{
		Name: "SE_MOMSNR", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "SE##########01", Check: check.Orgnr, OneIn: 14},
			{Shape: "SE ##########01", Check: check.Orgnr, OneIn: 14},
			{Shape: "SE ###### ####01", Check: check.Orgnr, OneIn: 14},
		},
		Labels: []string{"se_momsnr"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "momsreg.nr SE414555124001",
		Source:  "Skatteverket",
	},
	{
		Name: "SE_PASS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "########"},
			{Shape: "@@#######"},
		},
		Labels: []string{"nordic_passport"}, Weak: []string{"passport"},
		Example: "passnummer 91234567",
		Source:  "Polisen",
	},
	{
		Name: "SE_BANKGIRO", Type: BankAccount, Class: Supported, Tier: 2, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "####-####", Check: check.Giro, OneIn: 11},
			{Shape: "###-####", Check: check.Giro, OneIn: 11},
		},
		Labels: []string{"se_bankgiro"}, Weak: []string{"account"},
		Example: "bankgiro 5759-6314",
		Source:  "Bankgirot",
	},
	{
		Name: "SE_PLUSGIRO", Type: BankAccount, Class: Supported, Tier: 3, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "######-#", Check: check.Giro, OneIn: 11},
			{Shape: "## ## ##-#", Check: check.Giro, OneIn: 11},
			{Shape: "### ## ##-#", Check: check.Giro, OneIn: 11},
			{Shape: "###### #-#", Check: check.Giro, OneIn: 11},
		},
		Labels: []string{"se_plusgiro"}, Weak: []string{"account"},
		Example: "plusgiro 914580-6",
		Source:  "PlusGirot",
	},
	{
		Name: "SE_KONTO", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "####-#######"},
			{Shape: "####-## ### ##"},
			{Shape: "####-### ### ###"},
			{Shape: "####-#########"},
			{Shape: "####-##########"},
		},
		Labels: []string{"se_konto"}, Weak: []string{"account"},
		Example: "kontonummer 5012-1234567, clearing först",
		Source:  "Bankinfrastruktur i Sverige",
	},
	{
		Name: "SE_CLEARING", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"SE"},
		Forms:  []Form{{Shape: "####"}, {Shape: "####-#"}},
		Labels: []string{"se_clearing"}, Needs: Label,
		Example: "clearingnr 8327-9",
		Source:  "Bankinfrastruktur i Sverige, Clearingnummer till institut",
	},
	{
		Name: "SE_SWISH", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"SE"},
		Forms: []Form{
			{Shape: "123 ### ## ##"},
			{Shape: "123#######"},
		},
		Labels: []string{"se_swish"}, Weak: []string{"account"},
		Example: "Swish 123 456 78 90",
		Source:  "Getswish",
	},
	{
		Name: "NO_FNR", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "###### #####", Check: check.Fodselsnummer, OneIn: 958},
			{Shape: "######-#####", Check: check.Fodselsnummer, OneIn: 958},
			{Shape: "## ## ## #####", Check: check.Fodselsnummer, OneIn: 958},
		},
		Labels: []string{"no_fnr"}, Weak: []string{"id", "us_ssn"}, Needs: Prior,
		Example: "fødselsnummer 101090 20694",
		Source:  "Folkeregisterforskriften § 2-2-1; Skatteetaten",
	},
	{
		Name: "NO_FNR_2032", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "###### #####", Check: check.Fodselsnummer2032, OneIn: 202},
		},
		Labels: []string{"no_fnr"}, Weak: []string{"id", "us_ssn"},
		Example: "fødselsnummer 070209 44409",
		Source:  "Skatteetaten, ny personidentifikator",
	},
	{
		Name: "NO_ORGNR", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "### ### ###", Check: check.NorwegianOrg, OneIn: 56},
		},
		Labels: []string{"no_orgnr"}, Weak: []string{"tax"},
		Example: "org.nr 911 142 716",
		Source:  "Brønnøysundregistrene",
	},
	{
		Name: "NO_MVA", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "NO#########MVA", Check: check.NorwegianOrg, OneIn: 56},
			{Shape: "NO ### ### ### MVA", Check: check.NorwegianOrg, OneIn: 56},
		},
		Labels: []string{"no_orgnr"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "mva-nr NO880354949MVA",
		Source:  "Skatteetaten",
	},
	{
		Name: "NO_KONTO", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "####.##.#####", Check: check.NorwegianAccount, OneIn: 11},
			{Shape: "#### ## #####", Check: check.NorwegianAccount, OneIn: 11},
		},
		Labels: []string{"no_konto"}, Weak: []string{"account"}, Needs: Prior,
		Example: "kontonummer 0511.00.73455",
		Source:  "Bits",
	},
	{
		Name: "NO_PASS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "########"},
			{Shape: "@@@#####"},
		},
		Labels: []string{"nordic_passport"}, Weak: []string{"passport"},
		Example: "passnummer CCC12345",
		Source:  "Politiet; PRADO",
	},
	{
		Name: "NO_FORERKORT", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"NO"},
		Forms: []Form{
			{Shape: "## ## ###### #"},
			{Shape: "## ## ######"},
			{Shape: "###########"},
		},
		Labels: []string{"nordic_licence"}, Weak: []string{"licence"},
		Example: "førerkort nr 07 15 123456 1",
		Source:  "Statens vegvesen",
	},
}
