package catalog

import "postern/policy/pii/check"

// benelux are rows of the Netherlands, Belgium and Luxembourg.
var benelux = []Row{
	{
		Name: "NL_BSN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "####.##.###", Check: check.BSN, OneIn: 11},
			{Shape: "### ### ###", Check: check.BSN, OneIn: 11},
			{Shape: "#### ## ###", Check: check.BSN, OneIn: 11},
			{Shape: "###.###.###", Check: check.BSN, OneIn: 11},
		},
		Labels: []string{"nl_bsn"}, Weak: []string{"id", "tax", "us_ssn"}, Needs: Prior,
		Example: "mijn BSN is 4278.52.249",
		Source:  "RvIG; Besluit burgerservicenummer",
	},
	{
		Name: "NL_BTW", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "NL#########B##", Check: check.DutchVAT, OneIn: 10},
			{Shape: "NL####.##.###.B##", Check: check.DutchVAT, OneIn: 10},
			{Shape: "NL ### ### ### B##", Check: check.DutchVAT, OneIn: 10},
		},
		Labels: []string{"nl_btw"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "btw-id NL241083370B28",
		Source:  "Belastingdienst",
	},
	{
		Name: "NL_RSIN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "#########", Check: check.BSN, OneIn: 11},
			{Shape: "#### ## ###", Check: check.BSN, OneIn: 11},
		},
		Labels: []string{"nl_rsin"}, Weak: []string{"tax"},
		Example: "RSIN 653960281",
		Source:  "KVK; Handelsregisterwet 2007",
	},
	{
		Name: "NL_KVK", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels:  []string{"nl_kvk"},
		Example: "KvK-nummer 12345678",
		Source:  "KVK; Handelsregisterwet 2007",
	},
	{
		Name: "NL_DOCUMENT", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "@@******#"},
		},
		Labels: []string{"nl_document"}, Weak: []string{"id"},
		Example: "documentnummer ID-kaart SPECI2014",
		Source:  "RvIG; PUN",
	},
	{
		Name: "NL_PASPOORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "@@******#"},
		},
		Labels: []string{"nl_paspoort"}, Weak: []string{"passport"},
		Example: "paspoortnummer NPR4K2B37",
		Source:  "RvIG; PUN",
	},
	{
		Name: "NL_RIJBEWIJS", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "##########"},
			{Shape: "#### ### ###"},
		},
		Labels: []string{"nl_rijbewijs"}, Weak: []string{"licence"},
		Example: "rijbewijsnummer 3123456789",
		Source:  "RDW",
	},
	{
		Name: "NL_VNUMMER", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "##########"},
			{Shape: "### ### ####"},
			{Shape: "###-###-####"},
		},
		Labels:  []string{"nl_vnummer"},
		Example: "V-nummer 2712345678",
		Source:  "IND",
	},
	{
		Name: "NL_REKENING", Type: BankAccount, Class: Supported, Tier: 3, Countries: []string{"NL"},
		Forms: []Form{
			{Shape: "##.##.##.###", Check: check.BSN, OneIn: 11},
			{Shape: "#########", Check: check.BSN, OneIn: 11},
		},
		Labels: []string{"nl_rekening"}, Weak: []string{"account"},
		Example: "rekeningnummer 09.79.30.994",
		Source:  "Betaalvereniging Nederland, elfproef",
	},
	{
		Name: "BE_NN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "##.##.##-###.##", Check: check.Rijksregister, OneIn: 582, Alone: true},
			{Shape: "##.##.## ###.##", Check: check.Rijksregister, OneIn: 582},
			{Shape: "###### ### ##", Check: check.Rijksregister, OneIn: 582},
			{Shape: "######-###-##", Check: check.Rijksregister, OneIn: 582},
			{Shape: "## ## ## ### ##", Check: check.Rijksregister, OneIn: 582},
		},
		Labels: []string{"be_nn"}, Weak: []string{"id", "us_ssn"}, Needs: Prior,
		Example: "Rijksregisternummer: 16.46.12-246.81",
		Source:  "KB/AR 3 april 1984; IBZ",
	},
	{
		Name: "BE_EID", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "###-#######-##", Check: check.Belgian97, OneIn: 101},
			{Shape: "### ####### ##", Check: check.Belgian97, OneIn: 101},
		},
		Labels: []string{"be_eid"}, Weak: []string{"id"}, Needs: Prior,
		Example: "identiteitskaart nr 668-6364138-05",
		Source:  "IBZ, eID",
	},
	{
		Name: "BE_KBO", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "0###.###.###", Check: check.BelgianEnterprise, OneIn: 99},
			{Shape: "1###.###.###", Check: check.BelgianEnterprise, OneIn: 100},
			{Shape: "0### ### ###", Check: check.BelgianEnterprise, OneIn: 99},
		},
		Labels: []string{"be_kbo"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "ondernemingsnummer 0601.639.431",
		Source:  "FOD Economie/SPF Économie, KBO-BCE",
	},
	{
		Name: "BE_BTW", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "BE0###.###.###", Check: check.BelgianEnterprise, OneIn: 98},
			{Shape: "BE1###.###.###", Check: check.BelgianEnterprise, OneIn: 100},
			{Shape: "BE 0### ### ###", Check: check.BelgianEnterprise, OneIn: 98},
			{Shape: "BE 0###.###.###", Check: check.BelgianEnterprise, OneIn: 98},
		},
		Labels: []string{"be_kbo"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "BTW BE0109.130.443",
		Source:  "FOD Financiën/SPF Finances",
	},
	{
		Name: "BE_PASPOORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "@@######"},
			{Shape: "@@ ######"},
		},
		Labels: []string{"be_paspoort"}, Weak: []string{"passport"},
		Example: "numéro de passeport GA123456",
		Source:  "FOD Buitenlandse Zaken",
	},
	{
		Name: "BE_RIJBEWIJS", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "##########"},
			{Shape: "####.###.###"},
		},
		Labels: []string{"be_rijbewijs"}, Weak: []string{"licence"},
		Example: "rijbewijs nr 1234567890",
		Source:  "FOD Mobiliteit/SPF Mobilité",
	},
	{
		Name: "BE_REKENING", Type: BankAccount, Class: Supported, Tier: 3, Countries: []string{"BE"},
		Forms: []Form{
			{Shape: "###-#######-##", Check: check.Belgian97, OneIn: 101},
		},
		Labels: []string{"be_rekening"}, Weak: []string{"account"},
		Example: "rekeningnummer 133-2305268-83",
		Source:  "Febelfin",
	},
	{
		Name: "LU_MATRICULE", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"LU"},
		Forms: []Form{
			{Shape: "#############", Check: check.Matricule, OneIn: 181269},
			{Shape: "#### ## ## ### ##", Check: check.Matricule, OneIn: 181269},
			{Shape: "########-###-##", Check: check.Matricule, OneIn: 181269},
			{Shape: "########-#####", Check: check.Matricule, OneIn: 181269},
			{Shape: "######## #####", Check: check.Matricule, OneIn: 181269},
		},
		Labels: []string{"lu_matricule"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "mon matricule national: 1935091862538",
		Source:  "Règlement grand-ducal du 28 novembre 2013",
	},
	{
		Name: "LU_TVA", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"LU"},
		Forms: []Form{
			{Shape: "LU########", Check: check.LuxembourgVAT, OneIn: 102},
			{Shape: "LU ########", Check: check.LuxembourgVAT, OneIn: 102},
			{Shape: "LU ## ## ## ##", Check: check.LuxembourgVAT, OneIn: 102},
		},
		Labels: []string{"lu_tva"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "TVA LU32051122",
		Source:  "AED",
	},
	{
		Name: "LU_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"LU"},
		Forms: []Form{
			{Shape: "@*******"},
			{Shape: "@@######"},
		},
		Labels: []string{"lu_passport"}, Weak: []string{"passport"},
		Example: "Reisepass JC123456",
		Source:  "Bureau des passeports; ICAO Doc 9303",
	},
}
