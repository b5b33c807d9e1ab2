package catalog

import "postern/policy/pii/check"

var france = []Row{
	{
		Name: "FR_NIR", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"FR", "GP", "MQ", "GF", "RE", "YT"},
		Forms: []Form{
			{Shape: "# ## ## ## ### ### ##", Check: check.NIR, OneIn: 196, Alone: true}, {Shape: "# ## ## #* ### ### ##", Check: check.NIR, OneIn: 690, Alone: true},
			{Shape: "# ## ## ## ### ###-##", Check: check.NIR, OneIn: 196, Alone: true}, {Shape: "#############-##", Check: check.NIR, OneIn: 196, Alone: true},
			{Shape: "###############", Check: check.NIR, OneIn: 196, Alone: true},
		},
		Labels: []string{"fr_nir"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "n° de sécu 2 55 08 14 168 025 38",
		Source:  "INSEE, Numéro d'inscription au répertoire; décret 82-103",
	},
	{
		Name: "FR_NIR_SHORT", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"FR"},
		Forms: []Form{{Shape: "# ## ## ## ### ###"}, {Shape: "# ## ## #* ### ###"}}, Labels: []string{"fr_nir"}, Weak: []string{"health"}, Needs: Label,
		Example: "sécu 1 84 12 76 451 089",
		Source:  "INSEE, without the key",
	},
	{
		Name: "FR_SPI", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"FR"},
		Forms: []Form{
			{Shape: "## ## ### ### ###", Check: check.SPI, OneIn: 2500}, {Shape: "# ### ### ### ###", Check: check.SPI, OneIn: 2500},
		},
		Labels: []string{"fr_spi"}, Weak: []string{"tax", "id"}, Needs: Prior,
		Example: "mon numéro fiscal : 30 23 217 600 053",
		Source:  "DGFiP, numéro fiscal de référence",
	},
	{
		Name: "FR_SIRET", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"FR"},
		Forms:  []Form{{Shape: "### ### ### #####", Check: check.SIRET, OneIn: 100}},
		Labels: []string{"fr_siret"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "SIRET 732 829 320 00074",
		Source:  "INSEE, système d'identification du répertoire des établissements",
	},
	{
		Name: "FR_SIREN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"FR"},
		Forms:  []Form{{Shape: "### ### ###", Check: check.SIREN, OneIn: 10}},
		Labels: []string{"fr_siren", "fr_siret"}, Weak: []string{"tax"}, Needs: Label,
		Example: "SIREN 732 829 320",
		Source:  "INSEE, système d'identification du répertoire des entreprises",
	},
	{
		Name: "FR_VAT", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"FR", "MC"},
		Forms:  []Form{{Shape: "FR ## ### ### ###", Check: check.FranceVAT, OneIn: 1000}, {Shape: "FR## ### ### ###", Check: check.FranceVAT, OneIn: 1000}, {Shape: "FR** ### ### ###", Check: check.FranceVAT, OneIn: 130}},
		Labels: []string{"fr_vat"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "TVA FR 40 303 265 045",
		Source:  "CGI art. 286 ter; DGFiP",
	},
	{
		Name: "FR_CNI", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"FR"},
		Forms: []Form{{Shape: "############"}, {Shape: "*********"}, {Shape: "####@#######"}}, Labels: []string{"fr_cni"}, Weak: []string{"id"}, Needs: Label,
		Example: "carte d'identité 880692310285",
		Source:  "Ministère de l'Intérieur; décret 55-1397. Check digits in the MRZ alone",
	},
	{
		Name: "FR_FOREIGNER", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"FR"},
		Forms: []Form{{Shape: "##########"}, {Shape: "*********"}}, Labels: []string{"fr_sejour"}, Weak: []string{"id"}, Needs: Label,
		Example: "titre de séjour numéro étranger 9920184736",
		Source:  "Ministère de l'Intérieur, AGDREF; no check is public",
	},
	{
		Name: "FR_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"FR"},
		Forms: []Form{{Shape: "##@@#####"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "passeport 12AB34567",
		Source:  "ANTS, passeport biométrique",
	},
	{
		Name: "FR_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"FR"},
		Forms: []Form{{Shape: "##@@#####"}, {Shape: "############"}, {Shape: "## ## ## ######"}}, Labels: []string{"fr_permis", "licence"}, Needs: Label,
		Example: "permis de conduire 19AB48201",
		Source:  "ANTS, permis de conduire",
	},
	{
		Name: "FR_RIB", Type: BankAccount, Class: SelfEvident, Tier: 2, Countries: []string{"FR", "MC"},
		Forms:  []Form{{Shape: "##### ##### ########### ##", Check: check.RIB, OneIn: 97}, {Shape: "##### ##### *********** ##", Check: check.RIB, OneIn: 97}},
		Labels: []string{"fr_rib"}, Weak: []string{"account"}, Needs: Prior,
		Example: "voici mon RIB 20041 01005 0500013M026 06",
		Source:  "CFONB, relevé d'identité bancaire",
	},
}
