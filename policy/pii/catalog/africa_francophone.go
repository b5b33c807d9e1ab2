package catalog

import "postern/policy/pii/check"

var francophoneAfrica = []Row{
	{
		Name: "SN_CNI", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"SN"},
		Forms:  []Form{{Shape: "# ### #### #####"}, {Shape: "#############"}, {Shape: "##############"}, {Shape: "# ## ######## #####"}},
		Labels: []string{"sn_cni"}, Weak: []string{"id"}, Needs: Label,
		Example: "CNI 1 751 1990 12345",
		Source:  "Loi 2005-28 (Sénégal); no public check",
	},
	{
		Name: "SN_NINEA", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"SN"},
		Forms: []Form{
			{Shape: "#######", Check: check.SenegaleseTax, OneIn: 10},
			{Shape: "#######*@#", Check: check.SenegaleseTax, OneIn: 140},
			{Shape: "#########", Check: check.SenegaleseTax, OneIn: 10},
			{Shape: "#########*@#", Check: check.SenegaleseTax, OneIn: 140},
		},
		Labels: []string{"sn_ninea"}, Weak: []string{"tax"}, Needs: Label,
		Example: "NINEA 30672212G2",
		Source:  "Agence nationale de la statistique et de la démographie",
	},
	{
		Name: "CI_CNI", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"CI"},
		Forms:  []Form{{Shape: "C##########"}, {Shape: "CI##########"}, {Shape: "###########"}},
		Labels: []string{"ci_cni"}, Weak: []string{"id"}, Needs: Label,
		Example: "carte nationale d'identité CI0012345678",
		Source:  "Office national de l'état civil; no public check",
	},
	{
		Name: "CM_CNI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CM"},
		Forms:  []Form{{Shape: "#########"}, {Shape: "#################"}, {Shape: "####################"}},
		Labels: []string{"cm_cni"}, Weak: []string{"id"}, Needs: Label,
		Example: "CNI 123456789",
		Source:  "Délégation générale à la sûreté nationale; no public check",
	},
	{
		Name: "CM_NIU", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"CM"},
		Forms:  []Form{{Shape: "@############@"}},
		Labels: []string{"cm_niu"}, Weak: []string{"tax"}, Needs: Label,
		Example: "NIU P012345678901A",
		Source:  "Direction générale des impôts; no public check",
	},
	{
		Name: "BJ_NPI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BJ"},
		Forms:  []Form{{Shape: "##########"}},
		Labels: []string{"bj_npi"}, Weak: []string{"id"}, Needs: Label,
		Example: "NPI 1234567890",
		Source:  "Agence nationale d'identification des personnes; no public check",
	},
	{
		Name: "BF_CNIB", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BF"},
		Forms:  []Form{{Shape: "B########"}, {Shape: "B##########"}},
		Labels: []string{"bf_cnib"}, Weak: []string{"id"}, Needs: Label,
		Example: "CNIB B12345678",
		Source:  "Office national d'identification; no public check",
	},
	{
		Name: "ML_NINA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"ML"},
		Forms:  []Form{{Shape: "#############@"}, {Shape: "##############@"}},
		Labels: []string{"ml_nina"}, Weak: []string{"id"}, Needs: Label,
		Example: "NINA 1890101234567A",
		Source:  "Direction nationale de l'état civil; no public check",
	},
	{
		Name: "TG_CNI", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"TG"},
		Forms:  []Form{{Shape: "####-###-####"}, {Shape: "###########"}},
		Labels: []string{"tg_cni"}, Weak: []string{"id"}, Needs: Label,
		Example: "carte d'identité togolaise 0123-456-7890",
		Source:  "Direction générale de la documentation nationale; no public check",
	},
	{
		Name: "GN_NIFP", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"GN"},
		Forms: []Form{
			{Shape: "#########", Check: check.GuineanTax, OneIn: 10},
			{Shape: "###-###-###", Check: check.GuineanTax, OneIn: 10},
		},
		Labels: []string{"gn_nifp"}, Weak: []string{"tax"}, Needs: Label,
		Example: "NIFP 693-770-885",
		Source:  "Direction nationale des impôts",
	},
	{
		Name: "CD_ID", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"CD"},
		Forms:  []Form{{Shape: "###########"}, {Shape: "############"}},
		Labels: []string{"cd_voter"}, Weak: []string{"id"}, Needs: Label,
		Example: "carte d'électeur 12345678901",
		Source:  "Commission électorale nationale indépendante; no public check",
	},
	{
		Name: "MG_CIN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"MG"},
		Forms:  []Form{{Shape: "### ### ### ###"}},
		Labels: []string{"mg_cin"}, Weak: []string{"id"}, Needs: Label,
		Example: "karapanondro 101 231 012 345",
		Source:  "Ministère de l'Intérieur; no public check",
	},
	{
		Name: "WAEMU_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"SN", "CI", "CM", "BJ", "BF", "ML", "TG", "GN", "NE", "CD", "MG", "GA", "CG"},
		Forms:  []Form{{Shape: "@@#######"}, {Shape: "##@@#####"}, {Shape: "@########"}, {Shape: "@#######"}},
		Labels: []string{"passport"}, Needs: Label,
		Example: "passeport 12AB34567",
		Source:  "CEDEAO common passport; no check digit",
	},
	{
		Name: "WAEMU_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"SN", "CI", "BJ", "BF", "ML", "TG", "NE", "GW"},
		Forms: []Form{
			{Shape: "@@### ##### ############ ##"}, {Shape: "##### ##### ############ ##"},
			{Shape: "@@###-#####-############-##"},
		},
		Labels: []string{"waemu_account"}, Weak: []string{"account"}, Needs: Label,
		Example: "RIB SN012 01001 012345678901 23",
		Source:  "BCEAO, Instruction 009-08-2013",
	},
}
