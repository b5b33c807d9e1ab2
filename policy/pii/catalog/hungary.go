package catalog

import "postern/policy/pii/check"

// hungary are rows of Hungary, Romania and Moldova.
var hungary = []Row{
	{
		Name: "HU_TAJ", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "### ### ###", Check: check.TAJ, OneIn: 10},
			{Shape: "###-###-###", Check: check.TAJ, OneIn: 10},
		},
		Labels: []string{"hu_taj"}, Weak: []string{"health", "id", "us_ssn", "ca_sin"}, Needs: Prior,
		Example: "TAJ szám: 312 351 191",
		Source:  "1996. évi XX. törvény",
	},
	{
		Name: "HU_ADOAZONOSITO", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "8#########", Check: check.Adoazonosito, OneIn: 22},
			{Shape: "8### ### ###", Check: check.Adoazonosito, OneIn: 22},
			{Shape: "8###-###-###", Check: check.Adoazonosito, OneIn: 22},
		},
		Labels: []string{"hu_adoazonosito"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "adóazonosító jelem 8229807531",
		Source:  "1996. évi XX. törvény; NAV",
	},
	{
		Name: "HU_SZEMELYI_SZAM", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "#-######-####", Check: check.Szemelyi, OneIn: 257},
			{Shape: "# ###### ####", Check: check.Szemelyi, OneIn: 257},
		},
		Labels: []string{"hu_szemelyi_szam"}, Weak: []string{"id"}, Needs: Prior,
		Example: "személyi szám: 4-970727-0627",
		Source:  "1996. évi XX. törvény, melléklet",
	},
	{
		Name: "HU_SZIG", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "######@@"},
			{Shape: "###### @@"},
			{Shape: "@@######"},
			{Shape: "@@ ######"},
		},
		Labels: []string{"hu_szig"}, Weak: []string{"id"},
		Example: "személyi igazolvány száma 123456AB",
		Source:  "414/2015. (XII. 23.) Korm. rendelet",
	},
	{
		Name: "HU_UTLEVEL", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@@######"},
		},
		Labels: []string{"hu_utlevel"}, Weak: []string{"passport"},
		Example: "útlevélszámom BA1234567",
		Source:  "1998. évi XII. törvény",
	},
	{
		Name: "HU_JOGOSITVANY", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "@@######"},
			{Shape: "@@ ######"},
		},
		Labels: []string{"hu_jogositvany"}, Weak: []string{"licence"},
		Example: "jogosítvány száma CJ123456",
		Source:  "326/2011. (XII. 28.) Korm. rendelet",
	},
	{
		Name: "HU_ADOSZAM", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "########-#-##", Check: check.Adoszam, OneIn: 47},
		},
		Labels: []string{"hu_adoszam"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "adószám: 72654420-1-16",
		Source:  "NAV; 2017. évi CL. törvény",
	},
	{
		Name: "HU_VAT", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "HU########", Check: check.HungarianVAT, OneIn: 10},
			{Shape: "HU ########", Check: check.HungarianVAT, OneIn: 10},
		},
		Labels: []string{"hu_adoszam"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "közösségi adószám HU25756454",
		Source:  "NAV",
	},
	{
		Name: "HU_SZAMLASZAM", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"HU"},
		Forms: []Form{
			{Shape: "########-########-########", Check: check.HungarianAccount, OneIn: 98},
			{Shape: "########-########", Check: check.HungarianAccount, OneIn: 102},
			{Shape: "######## ######## ########", Check: check.HungarianAccount, OneIn: 98},
		},
		Labels: []string{"hu_szamlaszam"}, Weak: []string{"account"}, Needs: Prior,
		Example: "bankszámlaszám 57659349-90260078-39320557",
		Source:  "MNB; GIRO",
	},
	{
		Name: "RO_CNP", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"RO"},
		Forms: []Form{
			{Shape: "#############", Check: check.CNP, OneIn: 554},
			{Shape: "# ###### ######", Check: check.CNP, OneIn: 554},
		},
		Labels: []string{"ro_cnp"}, Weak: []string{"id"}, Needs: Prior,
		Example: "CNP 3100818093878",
		Source:  "OUG 97/2005; Legea 105/1996",
	},
	{
		Name: "RO_CI", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"RO"},
		Forms: []Form{
			{Shape: "@@ ######"},
			{Shape: "@@######"},
		},
		Labels: []string{"ro_ci"}, Weak: []string{"id"},
		Example: "CI seria RX nr 123456",
		Source:  "OUG 97/2005",
	},
	{
		Name: "RO_PASAPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"RO"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "########"},
		},
		Labels: []string{"ro_pasaport"}, Weak: []string{"passport"},
		Example: "pașaport nr 054321987",
		Source:  "Legea 248/2005",
	},
	{
		Name: "RO_PERMIS", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"RO"},
		Forms: []Form{
			{Shape: "@########@"},
			{Shape: "@#########"},
		},
		Labels: []string{"ro_permis"}, Weak: []string{"licence"},
		Example: "permis de conducere B00123456C",
		Source:  "DRPCIV",
	},
	{
		Name: "RO_CUI", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"RO"},
		Forms: []Form{
			{Shape: "########", Check: check.CUI, OneIn: 11},
			{Shape: "#######", Check: check.CUI, OneIn: 11},
			{Shape: "######", Check: check.CUI, OneIn: 11},
			{Shape: "#########", Check: check.CUI, OneIn: 11},
			{Shape: "##########", Check: check.CUI, OneIn: 11},
		},
		Labels: []string{"ro_cui"}, Weak: []string{"tax"},
		Example: "CUI 50990460",
		Source:  "ANAF; Codul fiscal",
	},
	{
		Name: "RO_CIF", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"RO"},
		Forms: []Form{
			{Shape: "RO########", Check: check.CUI, OneIn: 11},
			{Shape: "RO#######", Check: check.CUI, OneIn: 11},
			{Shape: "RO#########", Check: check.CUI, OneIn: 11},
			{Shape: "RO##########", Check: check.CUI, OneIn: 11},
			{Shape: "RO ########", Check: check.CUI, OneIn: 11},
		},
		Labels: []string{"ro_cui"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "CIF RO90571380",
		Source:  "ANAF; Codul fiscal",
	},
	{
		Name: "MD_IDNP", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"MD"},
		Forms: []Form{
			{Shape: "2############", Check: check.IDNP, OneIn: 10},
		},
		Labels: []string{"md_idnp"}, Weak: []string{"id"}, Needs: Prior,
		Example: "IDNP 2293296215146",
		Source:  "Hotărârea Guvernului 333/2002",
	},
}
